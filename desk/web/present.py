"""From what tickets.queries answers to what the components draw; shared by all who show tickets.

Nothing is looked up here: frozen views in, plain values for templates out, in the reader's
language and zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from desk.rules.lifecycle import State, Step
from desk.tickets.queries import lines, values
from desk.web import charts, formats, labels, originals, told
from desk.web.deadlines import Deadline

Context = dict[str, Any]
MESSAGE_KINDS = {
    "partner": "partner",
    "staff": "specialist",
    "question": "specialist",
    "handover": "specialist",
    "note": "note",
}
PRESENCE = {"online": "here", "away": "away", "absent": "away"}


def deadline(view: values.DeadlineView | None, name: str = "", side: str = "partner") -> Deadline:
    """The deadline component's value; `name` says which clock it is."""
    assert view is not None, "a ticket always has a deadline view, if only with no date"
    phase = view.phase.value
    waits = labels.waits_label(view.waits_for, side) if view.waits_for else ""
    closed = "" if view.is_open or view.opens_at is None else _closed(view.opens_at)
    return Deadline(
        name=name or clock_name(view.kind, side),
        state="none" if phase == "void" else phase,
        at=view.at,
        kind=view.kind,
        due_at=None if phase == "void" else view.due_at,
        remaining_seconds=view.remaining_seconds,
        target_seconds=view.target_seconds,
        soon_seconds=view.soon_seconds,
        windows=view.windows,
        since_at=view.since_at,
        ended_at=view.ended_at,
        reason=waits if phase == "standing" else "",
        note=closed if phase in ("calm", "soon", "late") else "",
        is_void=phase == "void",
    )


def clock_name(kind: str, side: str = "partner") -> str:
    """What a clock measures, as a heading for the partner, or for our own people ("staff")."""
    ours = _("To be accepted by") if side == "staff" else _("We accept it by")
    names = {
        "acceptance": ours,
        "resolution": _("To be done by"),
        "production": _("Production answers by"),
        "ruling": _("Ruling by"),
    }
    return names.get(kind, kind)


def row(line: lines.TicketLine, url: str, reason: str = "", side: str = "partner") -> Context:
    """A ticket in a list (components/ticket_row.html)."""
    return {
        "number": line.number,
        "subject": line.subject,
        "url": url,
        "state": line.state,
        "turn": line.turn,
        "step": line.step,
        "type": line.type,
        "parts": line.promised,
        "partner": line.partner_name if side == "staff" else "",
        "project": line.project_name,
        "deadline": None
        if line.deadline.phase.value == "void"
        else deadline(line.deadline, side=side),
        "reason": reason,
        "unread": False,
    }


def person(card: values.PersonCard | None, role: str = "") -> Context | None:
    """One of our people as a card (components/person.html)."""
    if card is None:
        return None
    hours = ", ".join(
        f"{formats.clock_time(start)}–{formats.clock_time(end)}" for start, end in card.hours
    )
    return {
        "name": card.name,
        "role": role or card.position,
        "photo_url": "",
        "presence": PRESENCE.get(card.presence.value, ""),
        "presence_text": presence_text(card),
        "hours": _("Today %(hours)s") % {"hours": hours} if hours else "",
        "note": "",
        "phone": card.phone,
        "email": card.email,
    }


def presence_text(card: values.PersonCard) -> str:
    """Whether somebody is there, in words."""
    if card.absent_until_at is not None:
        return _("Absent until %(day)s") % {"day": formats.day(card.absent_until_at)}
    return _("At the desk now") if card.presence.value == "online" else _("Not at the desk")


def messages(view: values.PartnerView) -> list[Context]:
    """The conversation, oldest first (components/messages.html)."""
    staff = isinstance(view, values.StaffView)
    asked: dict[str, list[int]] = {}
    for one in view.messages:
        # What one of our people sent may quote what only our people were told.
        if staff or one.side == values.Side.PARTNER:
            asked.setdefault(one.channel, []).append(one.id)
    known = originals.of(asked)
    return [message(one) | {"original": known.get(one.id)} for one in view.messages]


def message(one: values.MessageView) -> Context:
    role = {"question": _("asks"), "handover": _("hands over")}.get(one.kind, "")
    if one.moved_from:
        role = _("from %(number)s") % {"number": one.moved_from}
    return {
        "id": one.id,
        "kind": MESSAGE_KINDS.get(one.kind, "system"),
        "author": one.author.name if one.author else _("The desk"),
        "role": role,
        "photo_url": "",
        "at": one.at,
        "channel": one.channel,
        "text": one.text,
        "files": files(one.files),
    }


def files(found: Iterable[values.FileView]) -> list[Context]:
    """Attachments with their addresses (components/files.html)."""
    return [
        {
            "name": one.name,
            "url": reverse("web:attachment", args=[one.token, one.name]),
            "bytes": one.size,
            "note": _("internal") if one.internal else "",
        }
        for one in found
    ]


def parts(view: values.PartnerView) -> list[Context]:
    """Parts with their progress (components/parts.html)."""
    found = []
    works = view.head.state == State.IN_WORK
    running = next((p.number for p in view.parts if works and p.state == "open"), None)
    for part in view.parts:
        state = "done" if part.state == "finished" else "next"
        found.append(
            {
                "position": part.number,
                "title": part.title,
                "state": "now" if part.number == running else state,
                "note": _part_note(part),
                "worked_seconds": part.worked_seconds,
                "due_at": part.due_at,
            }
        )
    return found


def _part_note(part: values.PartView) -> str:
    if part.offered:
        return _("added later, free until you approve it")
    if part.state == "waiting":
        return _("waits for an answer")
    return part.result


def steps(view: values.PartnerView) -> list[Context]:
    """The four steps of the personal manager, which stay visible on the way."""
    head = view.head
    reached = [name for name, done in head.steps if done]
    found = []
    for name, done in head.steps:
        state = "done" if done else "next"
        if name == head.step and head.state == "in_work":
            state = "now"
        if name == Step.IMPLEMENTING and not done and "handed_over" in reached:
            state = "skipped"
        found.append({"label": labels.step_label(name), "state": state, "at": None})
    return found


def events(history: Sequence[values.HistoryView]) -> list[Context]:
    """The history, newest first (components/timeline.html)."""
    return told.events(history)


def explanation(account: lines.ClockAccount, side: str = "partner") -> Context:
    """Explain the clock (components/explain.html): every span, by whom and why, and the sum."""
    spans = [_span(span, account, side) for span in account.spans]
    stretches = [
        charts.Stretch(
            span["kind"],
            max(1, span["seconds"]),
            f"{formats.moment(span['since_at'])}: {formats.duration(span['seconds'])}",
        )
        for span in spans
    ]
    return {
        "name": clock_name(account.kind, side),
        "deadline": deadline(account.deadline, side=side),
        "chart": charts.clock_bar(stretches, clock_name(account.kind, side)),
        "spans": spans,
        "sum_seconds": account.elapsed_seconds,
        "target_seconds": account.target_seconds,
        "remaining_seconds": account.deadline.remaining_seconds,
        "due_at": account.deadline.due_at,
        "cycle": account.cycle,
    }


def _span(span: lines.SpanView, account: lines.ClockAccount, side: str) -> Context:
    kind = {"running": "ran", "paused": "paused", "closed": "closed"}[span.what.value]
    due_at = account.deadline.due_at
    if kind == "ran" and due_at is not None and span.from_at >= due_at:
        kind = "over"
    # The result that was handed over stands on the ticket's page; here it would be in the way.
    reason = "" if span.state == State.DELIVERED else span.reason
    return {
        "kind": kind,
        "since_at": span.from_at,
        "until_at": span.until_at,
        "seconds": span.working_seconds,
        "by": span.by.name if span.by else "",
        "why": labels.state_label(span.state, side) if span.state else "",
        "reason": reason,
        "pause_id": span.pause_id,
    }


def _closed(opens_at: datetime) -> str:
    return _("We are closed now, the clock goes on %(moment)s") % {
        "moment": formats.moment(opens_at)
    }
