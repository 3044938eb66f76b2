"""What an administrator must look at, in one list: what is critical, then what is about to happen
by its time, then what has happened, the latest first. Each line leads where one can act."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.oversight.queries.board import CriticalLimit, Stance, Standing
from desk.oversight.queries.duties import Duty, Kind
from desk.oversight.queries.offers import OpenOffer
from desk.staff.control.rows import row, url
from desk.tickets.queries import lines
from desk.web.deadlines import Deadline

LINES_MAX = 40


@dataclass(frozen=True, slots=True)
class Trouble:
    """One line. `at` is the instant of the limit; `deadline` counts down where it is a ticket's.
    `short` and `who` are for the wall, where subjects and partners are not; "" stays off it."""

    at: datetime
    icon: str
    title: str
    note: str
    url: str
    who: str = ""
    short: str = ""
    critical: bool = False
    deadline: Deadline | None = None
    passed: bool = field(default=False)


def found(
    board: lines.Board,
    standing: Standing,
    duties: tuple[Duty, ...],
    offers: tuple[OpenOffer, ...],
) -> tuple[list[Trouble], int]:
    """The lines in the order of urgency, and how many there are besides."""
    # A critical claim's acceptance is a limit of clause 5.1 already.
    accepts = {one.ticket for one in standing.criticals if one.what == "critical_accept"}
    offered = {one.ticket for one in offers}
    every = [
        *(_critical(one) for one in standing.criticals),
        *(
            _ticket(one, _("to be accepted"), "inbox")
            for one in board.acceptances
            if one.number not in accepts
        ),
        *(_ticket(one, _("the promise is at risk"), "hourglass") for one in board.at_risk),
        *(_offer(one, standing.at) for one in offers),
        *(each for one in standing.stances for each in _stance(one, standing.at, offered)),
        *_duties(duties, standing.at),
    ]
    every.sort(key=_urgency)
    return every[:LINES_MAX], max(len(every) - LINES_MAX, 0)


def _urgency(one: Trouble) -> tuple[int, float]:
    moment = one.at.timestamp()
    if one.critical:
        return 0, moment
    return (2, -moment) if one.passed else (1, moment)


def _critical(one: CriticalLimit) -> Trouble:
    words = {
        "critical_accept": _("a critical error must be accepted"),
        "critical_begin": _("work on a critical error must begin"),
        "escalate_production": _("a critical error must go to production"),
        "escalate_administrator": _("a critical error must come to you"),
    }
    what = words.get(one.what, one.what)
    return Trouble(
        at=one.limit_at,
        icon="bolt",
        title=f"{one.ticket} {one.subject}",
        note=f"{what} · {one.person} · {one.clause}",
        url=url(one.ticket),
        who=one.person,
        short=f"{one.ticket} · {what}",
        critical=True,
        passed=one.passed,
    )


def _ticket(one: lines.TicketLine, what: str, icon: str) -> Trouble:
    shown = row(one)
    deadline: Deadline = shown["deadline"]
    due_at = one.deadline.due_at or one.submitted_at
    who = one.executor.name if one.executor else _("nobody yet")
    return Trouble(
        at=due_at,
        icon="bolt" if one.critical_claim else icon,
        title=f"{one.number} {one.subject}",
        note=f"{what} · {who} · {one.partner_name}",
        url=url(one.number),
        who=who,
        short=f"{one.number} · {what}",
        critical=one.critical_claim and one.deadline.phase.value != "late",
        deadline=deadline,
        passed=one.deadline.phase.value == "late",
    )


def _offer(one: OpenOffer, at: datetime) -> Trouble:
    """What its lead is forecast to miss, as long as no cover has taken it."""
    offered = _("offered to %(cover)s") % {"cover": one.cover.name}
    missed = _("%(lead)s is forecast to miss it") % {"lead": one.lead.name}
    return Trouble(
        at=one.limit_at,
        icon="users",
        title=f"{one.ticket} {one.subject}",
        note=f"{missed} · {offered} · {one.partner}",
        url=reverse("capacity:index"),
        who=one.cover.name,
        short=f"{one.ticket} · {_('offered to the cover')}",
        passed=one.limit_at < at,
    )


def _stance(one: Stance, at: datetime, offered: Collection[str]) -> Iterator[Trouble]:
    """A plan that is not confirmed or does not fit, an edition that was not read. Of a ticket that
    is offered to the cover already the offer's line says it."""
    seat = reverse("workplace:person", args=[one.person_id])
    if one.plan_due_at is not None and one.is_present:
        what = _("the day plan is not confirmed")
        yield _of_person(one, at, one.plan_due_at, ("list-check", what, seat))
    for each in (misfit for misfit in one.misfits if misfit.ticket not in offered):
        what = _("does not fit into the day of %(name)s") % {"name": one.name}
        yield Trouble(
            at=each.due_at,
            icon="calendar-time",
            title=f"{each.ticket} {each.subject}",
            note=f"{what} · {_('hand over, split, ask for help or promise anew')}",
            url=url(each.ticket),
            who=one.name,
            short=f"{each.ticket} · {_('does not fit into the day')}",
        )
    for number in one.unread:
        what = _("edition %(number)s is not acknowledged") % {"number": number}
        yield _of_person(one, at, one.since_at, ("book", what, seat))


def _of_person(one: Stance, at: datetime, limit_at: datetime, how: tuple[str, str, str]) -> Trouble:
    icon, what, link = how
    return Trouble(
        at=limit_at,
        icon=icon,
        title=one.name,
        note=what,
        url=link,
        who=one.name,
        short=what,
        passed=limit_at < at,
    )


def _duties(found: tuple[Duty, ...], at: datetime) -> Iterator[Trouble]:
    """What the reader owes: one line of each kind, with what is due first of it."""
    by_kind: dict[Kind, list[Duty]] = {}
    for one in found:
        if one.mine:
            by_kind.setdefault(one.kind, []).append(one)
    for mine in by_kind.values():
        first = mine[0]
        shown = duty(first, at)
        count = len(mine)
        more = ngettext("and %(count)s more", "and %(count)s more", count - 1)
        words = [shown["what"], _("yours")]
        words += [more % {"count": count - 1}] if count > 1 else []
        yield Trouble(
            at=first.due_at,
            icon=shown["icon"],
            title=shown["title"],
            note=" · ".join(words),
            url=shown["url"] if count == 1 else reverse("control:morning"),
            short="",
            passed=first.due_at < at,
        )


def duty(one: Duty, at: datetime) -> dict[str, Any]:
    """Something that waits for an administrator's word, as a line."""
    words = {
        Kind.VIOLATION: (_("A violation to rule on"), "flag"),
        Kind.CONTEST: (_("A contest to rule on"), "scale"),
        Kind.DOUBT: (_("“Is this right?”"), "help"),
        Kind.COMPLAINT: (_("A complaint to answer"), "message"),
        Kind.AUDIT: (_("A ticket to audit"), "list-check"),
    }
    what, icon = words[one.kind]
    clause = _("Clause %(number)s") % {"number": one.title}
    title = clause if one.kind == Kind.VIOLATION else one.title
    return {
        "what": what,
        "icon": icon,
        "title": " · ".join(filter(None, [title, one.about])),
        "url": _leads_to(one),
        "due_at": one.due_at,
        "late": one.due_at < at,
        "mine": one.mine,
    }


def _leads_to(one: Duty) -> str:
    match one.kind:
        case Kind.VIOLATION:
            return reverse("rulings:detail", args=[one.id])
        case Kind.COMPLAINT:
            return reverse("complaints:index")
        case Kind.AUDIT:
            return reverse("audits:sheet", args=[one.id])
        case _:
            return f"{reverse('control:disputes')}#dispute-{one.id}"
