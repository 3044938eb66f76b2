"""Which named promise of the database was about to be broken."""

from django.db import IntegrityError


def broken(error: IntegrityError) -> str:
    """Return the name of the constraint that refused the row, or "" where there is none."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None) or ""
