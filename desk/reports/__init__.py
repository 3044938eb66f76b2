"""Figures for partner, specialist, administrator, accountant: queries only."""
