"""`desk clock explain TICKET`: how the deadlines of a ticket came about, span by span (R11).

Instants carry the offset of the calendar's zone; sums are working time, to the second. With --json
the same as one JSON object.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from desk.tickets.queries.lines import ClockAccount, Explanation, SpanView

HELP = "how the deadlines of a ticket came about"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the subcommand."""
    parser.set_defaults(action=explain, needs_database=True)
    parser.add_argument("ticket", metavar="TICKET", help="its number, such as OLH-42")
    parser.add_argument("--full", action="store_true", help="nights and breaks too")
    parser.add_argument("--json", action="store_true", help="answer as one JSON object")


def explain(options: argparse.Namespace) -> int:
    """Print the account; 1 when there is no such ticket."""
    from desk.lib import clock
    from desk.tickets import queries
    from desk.tickets.models import Ticket

    try:
        ticket = queries.by_number_for_operator(options.ticket)
    except Ticket.DoesNotExist:
        print(f"desk clock explain: there is no ticket {options.ticket!r}.", file=sys.stderr)
        return 1
    told = queries.explain_to(ticket, clock.now(), internal=True)
    if options.json:
        print(json.dumps(dataclasses.asdict(told), default=_plain, ensure_ascii=False))
    else:
        print("\n".join(_lines(told, full=options.full)))
    return 0


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    assert isinstance(value, Mapping), f"{value!r} is not expected here"
    return dict(value)


def _lines(told: Explanation, *, full: bool) -> list[str]:
    zone = ZoneInfo(told.calendar.timezone)
    lines = [
        f"{told.number} {told.subject}: {told.state}",
        f"calendar {told.calendar.name}, {told.calendar.timezone}",
    ]
    for clock in told.clocks:
        lines += ["", *_clock(clock, zone, full=full)]
    return lines


def _clock(clock: ClockAccount, zone: ZoneInfo, *, full: bool) -> list[str]:
    target = "no target yet"
    if clock.target_seconds is not None:
        target = f"target {_time(clock.target_seconds)}"
    due_at = clock.deadline.due_at
    due = f"due {_at(due_at, zone)}" if due_at else "no date"
    name = " ".join(filter(None, [clock.kind, clock.subject, f"cycle {clock.cycle}"]))
    lines = [f"{name}: {clock.deadline.phase}, {target}, {due}"]
    lines += [_span(span, zone) for span in (clock.spans_full if full else clock.spans)]
    lines += [
        f"  struck   {_at(struck.opened_at, zone)} {_at(struck.closed_at, zone)}"
        f"  {_time(struck.working_seconds)} {struck.state} counts"
        for struck in clock.struck
    ]
    lines += [
        f"  target   {_at(change.at, zone)}  {change.verb}: "
        f"{_time(change.target_before_seconds)} -> {_time(change.target_after_seconds)}"
        for change in clock.retargets
    ]
    lines.append(f"  elapsed  {_time(clock.elapsed_seconds)}, spared {_time(clock.paused_seconds)}")
    return lines


def _span(span: SpanView, zone: ZoneInfo) -> str:
    text = (
        f"  {span.what:<8} {_at(span.from_at, zone)} {_at(span.until_at, zone)}"
        f"  {_time(span.working_seconds)}  sum {_time(span.sum_seconds)}"
    )
    if span.state:
        by = span.by.name if span.by else "the desk"
        text += f"  {span.state} by {by}"
    return f"{text}: {' '.join(span.reason.split())}" if span.reason else text


def _at(at: datetime | None, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds") if at else "still"


def _time(seconds: int | None) -> str:
    if seconds is None:
        return "none"
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
