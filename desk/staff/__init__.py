"""Screens of our own people."""
