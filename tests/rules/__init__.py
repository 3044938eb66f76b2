"""Rules tests."""
