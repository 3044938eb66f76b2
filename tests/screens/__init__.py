"""Screens tests."""
