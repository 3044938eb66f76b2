"""Violations, what is said to them, rulings, complaints."""
