"""Words for the scenarios of the Standard: the first edition in force, and what control found."""

from __future__ import annotations

from datetime import datetime, timedelta

from desk.oversight.actions import control
from desk.oversight.models import Edition, EditionState, Violation
from desk.rules.standard import first_edition
from tests.language import KYIV, OPENED, Desk


def publishes(
    effective_at: datetime, number: int = 1, content: dict[str, object] | None = None
) -> Edition:
    """The first edition, in force from a moment on; with other content, such as the texts and
    questions that it is shipped with, where that is given."""
    published_at = min(OPENED, effective_at)
    return Edition.objects.create(
        number=number,
        title=f"Edition {number}",
        content=content or first_edition.clauses({}).to_dict(),
        state=EditionState.PUBLISHED,
        drafted_at=published_at,
        published_at=published_at,
        effective_at=effective_at,
    )


def ticks(desk: Desk, until: str, every: timedelta = timedelta(minutes=30)) -> None:
    """Let the worker go round until a moment, as often as that."""
    last = desk.now
    end = desk.at(until)
    while last < end:
        last = min(last + every, end)
        while control.tick(last):
            pass


def found(**of: object) -> list[tuple[str, str]]:
    """Key without its person, and local time, of the violations."""
    rows = Violation.objects.filter(**of).order_by("at", "key")
    return [
        (f"{row.clause} {row.key.split(':', 2)[2]}", f"{row.at.astimezone(KYIV):%d %H:%M}")
        for row in rows
    ]
