"""A form that was sent twice does what it asks for once, also where the deed keeps no account."""

from __future__ import annotations

from collections.abc import Callable

from django.db import IntegrityError, transaction

from desk.journal import queries as journal
from desk.journal.cause import Cause


def once(cause: Cause, deed: Callable[[], object]) -> None:
    """Do it, unless the form's key stands in the journal already (L3)."""
    if _is_done(cause):
        return
    try:
        with transaction.atomic():
            deed()
    except IntegrityError:
        # The same form at the same moment: the other one was first, and it is done.
        if not _is_done(cause):
            raise


def _is_done(cause: Cause) -> bool:
    return cause.key is not None and journal.by_key(cause.key) is not None
