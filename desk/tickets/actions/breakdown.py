"""The parts of a ticket when its type or number of parts changes (T4, L6)."""

from __future__ import annotations

from collections.abc import Sequence

from desk.rules import promises
from desk.rules.lifecycle import Type
from desk.tickets.actions.engine import Incomplete, text
from desk.tickets.models import Part, PartState, Ticket

TITLE_MAX = 200
UNFINISHED = (PartState.OPEN, PartState.WAITING)


def titles(ticket: Ticket, kind: Type, given: Sequence[str]) -> list[str]:
    """The titles of what is left to do under the new type, or `Incomplete`. N never falls below
    the finished parts, so that a customisation, which has none, cannot follow a finished part."""
    cleaned = [text("parts", title, longest=TITLE_MAX) for title in given]
    finished = sum(part.state == PartState.FINISHED for part in _counted(ticket))
    if kind == Type.COMPLEX:
        if not 2 <= finished + len(cleaned) <= promises.PARTS_MAX:
            raise Incomplete("parts", "too_many" if len(cleaned) > 1 else "two_or_more")
        return cleaned
    if cleaned:
        raise Incomplete("parts", "only_complex")
    if finished > (0 if kind == Type.CUSTOMISATION else 1):
        raise Incomplete("parts", "fewer_than_finished")
    return [] if finished or kind == Type.CUSTOMISATION else [ticket.subject[:TITLE_MAX]]


def arrange(ticket: Ticket, wanted: Sequence[str]) -> int:
    """Let the unfinished parts be the wanted ones; the number of parts that now count.

    A part of the same title is kept, then others are renamed in their order, so that holds and
    work on record stay with a part; what is left over is released, never deleted.
    """
    counted = _counted(ticket)
    free = [part for part in counted if part.state in UNFINISHED]
    kept = {part.title: part for part in free if part.title in wanted}
    others = [part for part in free if kept.get(part.title) is not part]
    for title in wanted:
        if title in kept:
            kept.pop(title)
        elif others:
            part = others.pop(0)
            part.title = title
            part.save(update_fields=["title"])
        else:
            _add(ticket, title)
    _release([*others, *kept.values()])
    return len(_counted(ticket))


def approve_within(ticket: Ticket, units: int) -> None:
    """Let no more parts than `units` be approved: the finished first, then in their order."""
    counted = sorted(_counted(ticket), key=lambda p: (p.state != PartState.FINISHED, p.number))
    for place, part in enumerate(counted):
        part.approved = place < units
        part.save(update_fields=["approved"])


def release_unfinished(ticket: Ticket) -> None:
    """Nobody will work on what was not finished."""
    _release(list(ticket.parts.filter(state__in=UNFINISHED)))


def _counted(ticket: Ticket) -> list[Part]:
    """The parts that make up N: neither given up nor refused by the partner."""
    return list(ticket.parts.exclude(state=PartState.RELEASED).filter(refused=False))


def _add(ticket: Ticket, title: str) -> None:
    last = ticket.parts.order_by("-number").values_list("number", flat=True).first() or 0
    Part.objects.create(ticket=ticket, number=last + 1, title=title, approved=False)


def _release(parts: Sequence[Part]) -> None:
    for part in parts:
        part.state, part.due_at = PartState.RELEASED, None
        part.save(update_fields=["state", "due_at"])
