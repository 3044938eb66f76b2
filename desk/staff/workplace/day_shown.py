"""A specialist's day as the templates draw it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from desk.rules.dayplan import Slot
from desk.staff.workplace import shown, words
from desk.tickets.models import Ticket
from desk.tickets.queries import number
from desk.tickets.queries.lines import Queue, Queued, Why
from desk.web import formats
from desk.workdays.models import Absence, Activity, Interval

Context = dict[str, Any]
Window = tuple[datetime, datetime]
# Where pieces of the line lie, from the top, and how high they are.
UPPER, LOWER, WHOLE = (3, 15), (22, 15), (4, 32)
GAP_MIN = timedelta(minutes=5)
# So much before the shift the line of the day begins at most.
BEFORE_MAX = timedelta(hours=2)
SHORTCUTS = {Activity.BREAK: "w", Activity.LUNCH: "l", Activity.PLANNING: "p"}
ICONS = {
    "work": "play",
    "planning": "list-check",
    "intake": "inbox",
    "break": "coffee",
    "lunch": "coffee",
    "meeting": "users",
    "training": "book",
}


@dataclass(frozen=True, slots=True)
class Day:
    """What was read for the page."""

    at: datetime
    queue: Queue
    intervals: tuple[Interval, ...]
    hours: tuple[Window, ...]
    absence: Absence | None
    planned: tuple[Slot, ...] = ()


def context(day: Day) -> Context:
    """Everything on the page but its buttons."""
    first, rest = day.queue.work[:1], day.queue.work[1:]
    counted = [row for row in day.intervals if row.struck_at is None]
    tickets = _tickets(counted)
    return {
        "first": _first(first[0]) if first else None,
        "rest": [_queued(one) for one in rest],
        "acceptances": shown.rows(day.queue.acceptances),
        "at_risk": shown.rows(day.queue.at_risk),
        # The state of each says whom it waits for.
        "waiting": [{**row, "turn": ""} for row in shown.rows(day.queue.waiting)],
        "cut": day.queue.cut,
        "running": next((_entry(r, tickets, day.at) for r in counted if not r.until_at), None),
        "entries": [_entry(row, tickets, day.at) for row in reversed(counted)],
        "bar": line(counted, day.hours, day.planned, day.at),
        "gaps": [_gap(*gap) for gap in gaps(counted, day.hours, day.at)],
        "worked": worked(counted, day.at),
        "hours": ", ".join(
            f"{formats.clock_time(start)}–{formats.clock_time(end)}" for start, end in day.hours
        ),
        "absence": _absence(day.absence),
    }


def topics(person_id: int, day: Day) -> str:
    """What the page must hear of: the specialist, and the tickets it shows."""
    lines = [one.line for one in day.queue.work] + list(day.queue.waiting)
    return " ".join([f"person:{person_id}", *(f"ticket:{line.id}" for line in lines)])


def _first(one: Queued) -> Context:
    row = shown.row(one.line)
    return {
        **row,
        "why": str(words.WHY[one.why]),
        "do": words.do_now(one.line.state),
        "project": one.line.project_name,
        "partner": one.line.partner_name,
    }


def _queued(one: Queued) -> Context:
    """A row of the own queue: everything in it is the reader's turn, by its deadline."""
    why = "" if one.why == Why.DUE else str(words.SHORT_WHY[one.why])
    return {**shown.row(one.line, why), "turn": ""}


def _absence(found: Absence | None) -> str:
    if found is None:
        return ""
    names = {"kind": words.absence_label(found.kind), "until": formats.moment(found.until_at)}
    return _("You are noted as absent: %(kind)s, until %(until)s.") % names


def buttons(activities: Sequence[Activity], day: Day) -> list[Context]:
    """What may be begun now, but what runs already."""
    running = next((r.activity for r in day.intervals if not r.until_at and not r.struck_at), "")
    return [
        {
            "label": words.activity_label(activity),
            "url": reverse("workplace:begin", args=[activity.value]),
            "icon": ICONS[activity],
            "key": SHORTCUTS.get(activity, ""),
        }
        for activity in activities
        if activity != running
    ]


def ticket_id(subject: str) -> int | None:
    """The ticket of a subject "ticket:42/part:3"."""
    kind, _colon, rest = subject.partition(":")
    digits = rest.partition("/")[0]
    return int(digits) if kind == "ticket" and digits.isdigit() else None


def _tickets(rows: Iterable[Interval]) -> dict[int, Ticket]:
    ids = {found for row in rows if (found := ticket_id(row.subject)) is not None}
    if not ids:
        return {}
    return {row.pk: row for row in Ticket.objects.filter(pk__in=ids).select_related("partner")}


def entries(
    rows: Sequence[Interval], at: datetime, names: Mapping[str, str] | None = None
) -> list[Context]:
    """Lines of the record, as given; `names` says who has entered or struck them. Who entered
    the own day is not named."""
    tickets, known = _tickets(rows), names or {}
    return [
        {
            **_entry(row, tickets, at),
            "by": known.get(row.entered_by, "") if row.late and not _is_own(row) else "",
            "struck_by": known.get(row.struck_by, ""),
            "struck_at": row.struck_at,
        }
        for row in rows
    ]


def _is_own(row: Interval) -> bool:
    return row.entered_by == f"person:{row.person_id}"


def _entry(row: Interval, tickets: dict[int, Ticket], at: datetime) -> Context:
    ticket = tickets.get(ticket_id(row.subject) or 0)
    until = row.until_at or at
    return {
        "id": row.pk,
        "label": words.activity_label(row.activity),
        "icon": ICONS.get(row.activity, "dot"),
        "activity": row.activity,
        "number": number(ticket) if ticket else "",
        "subject": ticket.subject if ticket else "",
        "part": row.subject.partition("/part:")[2],
        "url": reverse("workplace:ticket", args=[number(ticket)]) if ticket else "",
        "since_at": row.since_at,
        "until_at": row.until_at,
        "seconds": int((until - row.since_at).total_seconds()),
        "late": row.late,
        "reason": row.reason,
        "struck": row.struck_at is not None,
        "struck_reason": row.struck_reason,
        "runs": row.until_at is None,
    }


def _gap(since_at: datetime, until_at: datetime) -> Context:
    pairs = {"since": since_at.isoformat(), "until": until_at.isoformat()}
    url = f"{reverse('workplace:record')}?{urlencode(pairs)}"
    return {"since_at": since_at, "until_at": until_at, "url": url}


def worked(rows: Iterable[Interval], at: datetime) -> str:
    """How long was worked on tickets in these rows."""
    counted = [row for row in rows if row.activity == Activity.WORK]
    total = sum(((row.until_at or at) - row.since_at for row in counted), timedelta())
    return formats.duration(total.total_seconds())


@dataclass(frozen=True, slots=True)
class Scale:
    """Where moments lie on the line of a day, a thousand units wide."""

    start: datetime
    end: datetime

    def x(self, moment: datetime) -> str:
        return f"{1000 * (moment - self.start).total_seconds() / self._whole():.1f}"

    def piece(
        self, kind: str, since_at: datetime, until_at: datetime, lane: tuple[int, int]
    ) -> tuple[str, str, str, str, int, int]:
        """Class, place, width, what its title says, and where its lane lies."""
        width = 1000 * (until_at - since_at).total_seconds() / self._whole()
        span = f"{formats.clock_time(since_at)}–{formats.clock_time(until_at)}"
        return kind, self.x(since_at), f"{max(width, 2):.1f}", span, *lane

    def _whole(self) -> float:
        return max((self.end - self.start).total_seconds(), 1)


def line(
    rows: Sequence[Interval], hours: Sequence[Window], planned: Sequence[Slot], at: datetime
) -> SafeString:
    """The day from left to right: shifts, what was planned above what was done, and now; the lists
    beside say the same."""
    # What runs since yesterday must not press the day together.
    first = hours[0][0] - BEFORE_MAX if hours else min((row.since_at for row in rows), default=at)
    done = [
        (row.activity, max(row.since_at, first), row.until_at or at)
        for row in rows
        if (row.until_at or at) > first
    ]
    spans = [*hours, *((since, until) for _, since, until in done)]
    edges = [edge for span in spans for edge in span] + [slot.until_at for slot in planned]
    scale = Scale(min([*edges, at]), max([*edges, at]))
    upper, lower = (UPPER, LOWER) if planned else (WHOLE, WHOLE)
    pieces = [scale.piece("shift", *window, WHOLE) for window in hours]
    pieces += [
        scale.piece(f"slot {slot.kind}", slot.since_at, slot.until_at, upper) for slot in planned
    ]
    pieces += [scale.piece(f"did {kind}", since, until, lower) for kind, since, until in done]
    return format_html(
        '<svg class="day-bar" viewBox="0 0 1000 40" preserveAspectRatio="none" role="img"'
        ' aria-label="{}">{}<path class="now" d="M{} 0V40"/></svg>',
        _("The line of the day: planned above, done below") if planned else _("Today so far"),
        format_html_join(
            "",
            '<g><title>{3}</title><rect class="{0}" x="{1}" y="{4}" width="{2}" height="{5}"/></g>',
            pieces,
        ),
        scale.x(at),
    )


def gaps(rows: Iterable[Interval], hours: Iterable[Window], at: datetime) -> list[Window]:
    """Working time until now of which nothing is on record: it was idle, or was forgotten."""
    found = []
    spans = sorted((row.since_at, row.until_at or at) for row in rows)
    for start, end in hours:
        free_at, end_at = start, min(end, at)
        for since_at, until_at in [*spans, (end_at, end_at)]:
            if min(since_at, end_at) - free_at >= GAP_MIN:
                found.append((free_at, min(since_at, end_at)))
            free_at = max(free_at, until_at)
    return found


def look_by(
    rows: Iterable[Interval], hours: Iterable[Window], at: datetime, minutes: int
) -> datetime | None:
    """Until when to look at what came in: so many minutes after the last look of this window."""
    for start, end in hours:
        if start <= at < end:
            looks = [row.until_at or at for row in rows if row.activity == Activity.INTAKE]
            return max([start, *looks]) + timedelta(minutes=minutes)
    return None
