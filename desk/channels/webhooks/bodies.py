"""The JSON of an event: the ticket or deposit as its partner may see it, and what happened.

Everything comes from `tickets.queries.partner_view`, which leaves out what is internal; the keys
are chosen here one by one, so that a new field of a view is not published by accident.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from desk.deposits import queries as deposits
from desk.journal.models import Entry
from desk.partners.models import Membership, PartnerRole, Person, StaffMembership, StaffRole
from desk.tickets import queries as tickets
from desk.tickets.models import Message, MessageKind, Ticket
from desk.tickets.queries import PartnerView
from desk.tickets.queries.clockwork import DeadlineView
from desk.tickets.queries.persons import PersonCard, PersonRef
from desk.tickets.queries.values import HistoryView, MessageView

Json = dict[str, Any]
TEXT_MAX = 4000
DEPOSIT_FACTS = frozenset(
    {
        "bought",
        "captured",
        "commodity",
        "delta",
        "expires_on",
        "filled",
        "kopecks",
        "memo",
        "on_credit",
        "paid_kopecks",
        "quantity",
        "quantity_each",
        "released",
        "rest_kopecks",
        "unit_price_kopecks",
    }
)


def of(entry: Entry, name: str, sequence: int, at: datetime) -> str:
    """The body of the event that an entry is; `at` is the moment that the view is of."""
    data: Json = {"sequence": sequence, "partner_id": entry.partner_id}
    kind = name.partition(".")[0]
    if kind == "ticket":
        data |= _of_ticket(entry, at)
    elif kind == "deposit":
        data |= _of_deposit(entry)
    body = {"type": name, "timestamp": _moment(entry.at), "data": data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _of_ticket(entry: Entry, at: datetime) -> Json:
    rows = Ticket.objects.select_related("partner", "project", "calendar_version__calendar")
    found = rows.get(pk=entry.subject.partition(":")[2])
    view = tickets.partner_view(found, _reader(found.partner_id), at)
    return {"ticket": ticket(view), "move": _move(entry, view), "message": _message(entry, view)}


def ticket(view: PartnerView) -> Json:
    """The ticket as a partner's systems know it. Moments are ISO 8601 in UTC."""
    head = view.head
    return {
        "number": head.number,
        "subject": head.subject,
        "partner": head.partner_code,
        "project": {"id": head.project_id, "name": head.project_name},
        "state": head.state,
        "turn": head.turn,
        "is_open": head.is_open,
        "type": head.type or None,
        "step": head.step or None,
        "cycle": head.cycle,
        "version": head.version,
        "channel": head.channel,
        "critical_claim": head.critical_claim,
        "billable": head.billable,
        "returns": head.returns,
        "decline_reason": head.decline_reason or None,
        "merged_into": head.merged_into or None,
        "submitted_at": head.submitted_at,
        "accepted_at": head.accepted_at,
        "delivered_at": head.delivered_at,
        "resolved_at": head.resolved_at,
        "changed_at": head.changed_at,
        "author": _person(view.people.author),
        "executor": _person(view.people.executor),
        "deadline": _deadline(view.deadline),
        "acceptance": _deadline(view.acceptance),
        "parts": [
            {"number": p.number, "title": p.title, "state": p.state, "due_at": p.due_at}
            for p in view.parts
        ],
        **_offers(view),
    }


def _offers(view: PartnerView) -> Json:
    """What was handed over, what is to be approved, what another date was proposed, what it
    costs."""
    done, asked, date = view.handover, view.approval, view.re_promise
    return {
        "handover": done
        and {
            "solution": _cut(done.solution),
            "changes": _cut(done.changes),
            "checking": _cut(done.checking),
            "delivered_at": done.delivered_at,
            "confirms_at": done.confirms_at,
            "reopen_until_at": done.reopen_until_at,
            "rating": done.rating,
        },
        "approval": asked
        and {
            "kind": asked.kind,
            "units": asked.units,
            "kopecks_max": asked.kopecks,
            "expires_at": asked.expires_at,
        },
        "proposed_date": date
        and {"due_at": date.due_at, "reason": _cut(date.reason), "proposed_at": date.proposed_at},
        "cost": {
            "units_max": view.money.units_max,
            "units_held": view.money.cost.units_held,
            "units_charged": view.money.cost.units_charged,
            "kopecks_held": view.money.cost.kopecks_held,
            "kopecks_charged": view.money.cost.kopecks_charged,
        },
    }


def _deadline(found: DeadlineView | None) -> Json | None:
    """A clock without what changes by the minute."""
    if found is None:
        return None
    return {
        "phase": found.phase,
        "due_at": found.due_at,
        "started_at": found.started_at,
        "target_seconds": found.target_seconds,
        "stands_since_at": found.since_at,
        "waits_for": found.waits_for or None,
        "ended_at": found.ended_at,
        "breached_at": found.breached_at,
    }


def _move(entry: Entry, view: PartnerView) -> Json:
    """What happened; from the history as a partner reads it, where it is part of that."""
    told: HistoryView | None = next((row for row in view.history if row.id == entry.pk), None)
    return {
        "verb": entry.verb,
        "at": entry.at,
        "channel": entry.channel,
        "state_from": entry.facts.get("from"),
        "state_to": entry.facts.get("to"),
        "by": _person(told.by) if told else None,
        "facts": dict(told.facts) if told else {},
    }


def _message(entry: Entry, view: PartnerView) -> Json | None:
    """What was written with the move; looked up twice, so that a note can never slip through."""
    rows = Message.objects.filter(entry_id=entry.pk).exclude(kind=MessageKind.NOTE)
    written = set(rows.values_list("pk", flat=True))
    found: MessageView | None = next((m for m in view.messages if m.id in written), None)
    if found is None:
        return None
    return {
        "id": found.id,
        "kind": found.kind,
        "author": _person(found.author),
        "text": _cut(found.text),
        "is_cut": len(found.text) > TEXT_MAX,
        "files": [{"name": file.name, "bytes": file.size} for file in found.files],
    }


def _of_deposit(entry: Entry) -> Json:
    assert entry.partner_id is not None, "a deposit belongs to a partner"
    subject = entry.facts.get("ticket")
    known = {key: value for key, value in entry.facts.items() if key in DEPOSIT_FACTS}
    return {
        "movement": {
            "verb": entry.verb,
            "at": entry.at,
            "ticket": _number(subject if isinstance(subject, str) else ""),
            **known,
        },
        "balance": asdict(deposits.balance(entry.partner_id)),
    }


def _number(subject: str) -> str | None:
    """The number of the ticket that a subject ("ticket:42/part:1") belongs to."""
    kind, _, key = subject.partition("/")[0].partition(":")
    if kind != "ticket" or not key.isdigit():
        return None
    found = Ticket.objects.select_related("partner").filter(pk=key).first()
    return tickets.number(found) if found else None


def _reader(partner_id: int) -> Person:
    """Through whose eyes the view is made: an owner of the partner, or whoever is there."""
    present = Membership.objects.filter(partner=partner_id, until_at=None)
    people = list(present.select_related("person").order_by("id")[:100])
    owners = [row.person for row in people if row.role == PartnerRole.OWNER]
    if owners or people:
        return owners[0] if owners else people[0].person
    ours = StaffMembership.objects.filter(role=StaffRole.VENDOR, until_at=None)
    return ours.select_related("person").order_by("id")[0].person


def _person(found: PersonRef | PersonCard | None) -> Json | None:
    return {"id": found.id, "name": found.name} if found else None


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_MAX else f"{text[: TEXT_MAX - 1]}…"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, Iterable):
        return list(value)
    return str(value)
