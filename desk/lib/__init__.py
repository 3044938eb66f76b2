"""Small helpers that know nothing of desks."""
