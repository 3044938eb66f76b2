"""What the API shows of a ticket: of `tickets.queries.partner_view`, or of our own `staff_view`."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime
from typing import Any

from django.conf import settings
from pydantic import Field

from desk.channels.api.paging import Page
from desk.channels.api.shapes import (
    Colleague,
    Deadline,
    File,
    Maybe,
    Message,
    PersonName,
    Shown,
    Windows,
)
from desk.tickets.queries import PartnerView, StaffView
from desk.tickets.queries.values import FileView, Head, MessageView, People


class TicketRow(Shown):
    """A ticket in a list."""

    number: str
    subject: str
    partner_id: int
    partner_name: str
    project_id: int
    project_name: str
    state: str
    turn: str = Field(description="Whose turn it is: specialist, partner, production, nobody.")
    my_turn: bool
    type: Maybe
    step: Maybe
    critical_claim: bool
    executor: PersonName | None
    author: PersonName | None
    deadline: Deadline
    rating: int | None
    submitted_at: datetime
    changed_at: datetime
    delivered_at: datetime | None
    version: int


class TicketPage(Page[TicketRow]):
    """A page of tickets."""


class Tickets(Shown):
    """Some tickets."""

    items: list[TicketRow]


class Part(Shown):
    """One part of the work, at most an hour. `offered`: free until the partner approves it."""

    number: int
    title: str
    state: str
    offered: bool
    refused: bool
    due_at: datetime | None
    finished_at: datetime | None
    finished_by: PersonName | None
    result: Maybe
    worked_seconds: int


class Parts(Shown):
    """The parts of a ticket."""

    items: list[Part]


class Promise(Shown):
    """What was promised when a cycle began; it never changes."""

    cycle: int
    made_at: datetime
    due_at: datetime | None
    target_seconds: int
    executor: PersonName | None
    type: str
    units: int
    kopecks: int


class Estimate(Shown):
    """Production's offer."""

    id: int
    kind: str
    status: str
    hours_max: int
    hour_kopecks: int
    kopecks_max: int
    working_seconds: int
    includes: str
    made_at: datetime
    valid_until: datetime
    answered_at: datetime | None
    due_at: datetime | None = Field(description="The deadline if it were approved now.")


class Approval(Shown):
    """What the partner is asked to approve."""

    kind: str = Field(description="`parts`, `extra_parts`, `estimate` or `supplement`.")
    units: int
    titles: list[str]
    kopecks: int
    estimate: Estimate | None
    expires_at: datetime | None
    renewable: bool


class ProposedDate(Shown):
    """Another date that was proposed; `agreed` is null while it is open."""

    id: int
    due_at: datetime
    reason: str
    proposed_by: PersonName | None
    proposed_at: datetime
    agreed: bool | None
    answered_at: datetime | None


class Handover(Shown):
    """The result as handed over. Silence confirms at `confirms_at`."""

    solution: str
    changes: str
    checking: str
    delivered_at: datetime
    confirms_at: datetime | None
    reopen_until_at: datetime | None
    rating: int | None
    rating_comment: Maybe


class Cost(Shown):
    """Held and charged so far; units are consultations."""

    units_held: int
    units_charged: int
    units_reversed: int
    kopecks_held: int
    kopecks_charged: int
    uncovered_units: int
    uncovered_kopecks: int


class TicketMoney(Shown):
    """What it costs: no more than `units_max`, or `hours_max`, without a new approval."""

    units_max: int
    hours_max: int
    hour_kopecks_max: int
    minutes_logged: int
    cost: Cost


class Consultation(Shown):
    """That production is asked; question and answer are for the desk's own people."""

    id: int
    kind: str
    asked_at: datetime
    due_at: datetime | None
    answered_at: datetime | None
    withdrawn_at: datetime | None
    released: Maybe
    late: bool
    pauses: bool
    part: int | None
    question: Maybe
    answer: Maybe
    asked_by: PersonName | None
    answered_by: PersonName | None


class Dispute(Shown):
    """A contest or a doubt, and its ruling once there is one."""

    id: int
    kind: str
    about: str
    pause_id: int | None
    text: str
    raised_by: PersonName | None
    raised_at: datetime
    due_at: datetime
    upheld: bool | None
    ruling: Maybe
    clause: Maybe
    ruled_by: PersonName | None
    ruled_at: datetime | None


class Calendar(Shown):
    """The calendar that the clocks of the ticket follow."""

    name: str
    timezone: str
    today: Windows
    is_open: bool
    opens_at: datetime | None
    closes_at: datetime | None


class Clock(Shown):
    """One clock, for the desk's own people; `id` is what an excuse names."""

    id: int
    cycle: int
    subject: Maybe
    outcome: Maybe
    deadline: Deadline


class Breach(Shown):
    """A broken clock."""

    clock_id: int
    clock: str
    cycle: int
    breached_at: datetime
    noticed_after_seconds: int
    by_ruling: bool
    excused_at: datetime | None
    excused_by: PersonName | None
    excuse: Maybe


class WorkRule(Shown):
    """The one-hour rule: `within`, `warning`, `over` or `exempt`."""

    worked_seconds: int
    warning_seconds: int
    max_seconds: int
    level: str


class Hours(Shown):
    """Programmers' work on a customisation."""

    worked_on: date
    minutes: int
    note: Maybe
    person: PersonName | None


class Balance(Shown):
    """The partner's deposit."""

    consultations_available: int
    consultations_held: int
    money_available_kopecks: int
    money_held_kopecks: int


class Internal(Shown):
    """What only the desk's own people see."""

    clocks: list[Clock]
    breaches: list[Breach]
    work: WorkRule
    hours: list[Hours]
    balance: Balance
    reader_works_on: Maybe = Field(description="What your own session runs on: ticket:42/part:1.")
    reader_works_since_at: datetime | None


class AcceptancePreview(Shown):
    """What accepting would promise and charge. `outcome` is the state the ticket would enter."""

    outcome: str
    due_at: datetime | None
    target_seconds: int | None
    part_dues_at: list[datetime]
    units: int
    kopecks: int
    available: int
    available_after: int
    needs_approval: bool
    needs_estimate: bool
    deposit_low: bool
    on_credit: int
    uncovered: int


class Ticket(Shown):
    """A ticket as the token's person may know it."""

    number: str
    version: int
    external_id: str | None
    subject: str
    partner_id: int
    partner_code: str
    partner_name: str
    project_id: int
    project_name: str
    state: str
    turn: str
    my_turn: bool
    is_open: bool
    type: Maybe
    step: Maybe
    cycle: int
    channel: str
    critical_claim: bool
    wanted_by_on: date | None
    billable: bool
    returns: int
    decline_reason: Maybe
    merged_into: Maybe
    merged_here: list[str]
    submitted_at: datetime
    received_at: datetime
    accepted_at: datetime | None
    delivered_at: datetime | None
    resolved_at: datetime | None
    changed_at: datetime
    author: PersonName | None
    filed_by: PersonName | None
    executor: Colleague | None
    lead: Colleague | None
    cover: Colleague | None
    followers: list[PersonName]
    reader_follows: bool
    deadline: Deadline
    acceptance: Deadline | None
    promises: list[Promise]
    parts: list[Part]
    worked_seconds: int
    money: TicketMoney
    handover: Handover | None
    approval: Approval | None
    estimates: list[Estimate]
    proposed_date: ProposedDate | None
    consultations: list[Consultation]
    disputes: list[Dispute]
    calendar: Calendar
    allowed: list[str] = Field(description="What the token's person may do now: verbs.")
    internal: Internal | None = Field(description="Null for a partner's people.")


def _shared(shape: type[Shown], source: type[Any]) -> tuple[str, ...]:
    """What the shape shows of the source, by the same name."""
    known = {each.name for each in fields(source)}
    return tuple(name for name in shape.model_fields if name in known)


OF_HEAD, OF_PEOPLE = _shared(Ticket, Head), _shared(Ticket, People)
OF_VIEW = _shared(Ticket, PartnerView)


def ticket(view: PartnerView, external_id: str | None) -> Ticket:
    """The ticket of a view; with `internal` exactly when the view is our own people's."""
    found: dict[str, Any] = {
        **{name: getattr(view.head, name) for name in OF_HEAD},
        **{name: getattr(view.people, name) for name in OF_PEOPLE},
        **{name: getattr(view, name) for name in OF_VIEW},
        "external_id": external_id,
        "proposed_date": view.re_promise,
        "allowed": [verb.value for verb in view.verbs],
        "internal": view if isinstance(view, StaffView) else None,
    }
    return Ticket.model_validate(found)


def message(found: MessageView) -> Message:
    """One message with the addresses of its files."""
    values = {name: getattr(found, name) for name in Message.model_fields if name != "files"}
    return Message.model_validate({**values, "files": [file(one) for one in found.files]})


def file(found: FileView) -> File:
    """A file with its address."""
    return File(
        name=found.name,
        size=found.size,
        at=found.at,
        internal=found.internal,
        url=f"{settings.BASE_URL}/api/v1/files/{found.token}",
    )
