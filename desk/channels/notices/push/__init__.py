"""Notices that a browser shows, also while the desk is not open (web push)."""
