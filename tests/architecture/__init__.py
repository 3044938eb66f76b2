"""Architecture tests."""
