"""Kills and cuts parts of the desk while they work, then counts; too slow to be a test."""
