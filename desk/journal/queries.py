"""Reading what happened."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from desk.journal.models import Entry

HISTORY_MAX = 500


def of(subject: str) -> QuerySet[Entry]:
    """The entries of one subject, oldest first."""
    return Entry.objects.filter(subject=subject).order_by("id")


def of_many(subjects: Sequence[str]) -> QuerySet[Entry]:
    return Entry.objects.filter(subject__in=subjects).order_by("id")


def by_key(key: str) -> Entry | None:
    # Raw, because every action asks: building the query costs more than running it.
    found = Entry.objects.raw("SELECT * FROM journal_entry WHERE key = %s", [key])
    return next(iter(found), None)


def by_id(entry_id: int) -> Entry:
    return Entry.objects.get(pk=entry_id)
