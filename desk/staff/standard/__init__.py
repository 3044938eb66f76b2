"""Editions of the Standard: written, compared, published, read."""
