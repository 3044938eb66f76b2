"""What a reader is shown of one ticket: frozen values, complete, in no language.

Screens, API and mails take these and add words (`desk.web.labels`); nothing here loads lazily.
All instants are UTC; `_seconds` is working time, of work sessions real time; people who left
no trace but "the desk did it" are None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from desk.deposits.values import Balance, Cost
from desk.rules.lifecycle import Actor, Verb
from desk.tickets.queries.clockwork import (
    BreachView,
    CalendarView,
    ClockView,
    DeadlineMove,
    DeadlineView,
    MoveKind,
    Phase,
    PromiseView,
    WarningView,
    WorkRule,
)
from desk.tickets.queries.persons import PersonCard, PersonRef, Presence, Side, Window

# One place for who draws a page; people and clocks have modules of their own.
__all__ = [
    "Approval",
    "BreachView",
    "CalendarView",
    "ClockView",
    "ConsultationView",
    "DeadlineMove",
    "DeadlineView",
    "DisputeView",
    "EstimateView",
    "FileView",
    "Handover",
    "Head",
    "HistoryView",
    "HoursView",
    "MessageView",
    "Money",
    "MoveKind",
    "PartView",
    "PartnerView",
    "People",
    "PersonCard",
    "PersonRef",
    "Phase",
    "Presence",
    "PromiseView",
    "RePromiseView",
    "Side",
    "StaffView",
    "WarningView",
    "Window",
    "WorkRule",
]


@dataclass(frozen=True, slots=True)
class PartView:
    """One part. `offered`: added by `split`, free until the partner approves it (L6)."""

    number: int
    title: str
    state: str
    offered: bool
    refused: bool
    due_at: datetime | None
    finished_at: datetime | None
    finished_by: PersonRef | None
    result: str
    worked_seconds: int
    work: WorkRule | None


@dataclass(frozen=True, slots=True)
class FileView:
    """An attached file; `token` is the unguessable part of its address."""

    token: str
    name: str
    size: int
    at: datetime
    internal: bool


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message. `kind`: partner, staff, question, handover, or (staff only) note."""

    id: int
    at: datetime
    kind: str
    author: PersonRef | None
    side: Side
    mine: bool
    channel: str
    text: str
    files: tuple[FileView, ...]
    moved_from: str


@dataclass(frozen=True, slots=True)
class HistoryView:
    """One entry of the history. `state_from` "" when new; `facts` is what the reader may know.

    `about` is a person it names: the new executor, or who heard what was said on the phone."""

    id: int
    at: datetime
    by: PersonRef | None
    verb: str
    channel: str
    state_from: str
    state_to: str
    cycle: int
    about: PersonRef | None
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class EstimateView:
    """Production's offer. `status`: open, outdated, approved, refused, expired. `due_at` is the
    deadline if it were approved at this instant; None once answered."""

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
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Approval:
    """What the partner is asked to approve. `kind`: parts, extra_parts, estimate, supplement.

    `units` and `titles` are of the parts asked for, `kopecks` what they or the hours cost at most.
    `renewable`: past its date, the partner may ask for the estimate again (expire).
    """

    kind: str
    units: int
    titles: tuple[str, ...]
    kopecks: int
    estimate: EstimateView | None
    expires_at: datetime | None
    renewable: bool


@dataclass(frozen=True, slots=True)
class RePromiseView:
    """A new date that was proposed; `agreed` None while open."""

    id: int
    due_at: datetime
    reason: str
    proposed_by: PersonRef | None
    proposed_at: datetime
    agreed: bool | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class DisputeView:
    """A contest or a doubt, and its ruling once there is one (`upheld` None before)."""

    id: int
    kind: str
    about: str
    pause_id: int | None
    text: str
    raised_by: PersonRef | None
    raised_at: datetime
    due_at: datetime
    upheld: bool | None
    ruling: str
    clause: str
    ruled_by: PersonRef | None
    ruled_at: datetime | None


@dataclass(frozen=True, slots=True)
class ConsultationView:
    """That production is asked: since when, until when, and what was released (partner); our own
    people also see question, answer and who (None and "" for a partner)."""

    id: int
    kind: str
    asked_at: datetime
    due_at: datetime | None
    answered_at: datetime | None
    withdrawn_at: datetime | None
    released: str
    late: bool
    pauses: bool
    part: int | None
    question: str
    answer: str
    asked_by: PersonRef | None
    answered_by: PersonRef | None


@dataclass(frozen=True, slots=True)
class HoursView:
    """Programmers' work on a customisation (T8)."""

    worked_on: date
    minutes: int
    note: str
    person: PersonRef | None


@dataclass(frozen=True, slots=True)
class Head:
    """What a ticket is. `my_turn`: the present turn is the reader's side's (for our people: the
    specialist's, for production: production's). `steps` are the four steps that stay visible with
    whether each is done. `reader` says what the reader is to the ticket."""

    id: int
    number: str
    subject: str
    partner_id: int
    partner_code: str
    partner_name: str
    project_id: int
    project_name: str
    project_client: str
    project_address: str
    state: str
    turn: str
    my_turn: bool
    is_open: bool
    type: str
    step: str
    steps: tuple[tuple[str, bool], ...]
    cycle: int
    version: int
    channel: str
    critical_claim: bool
    wanted_by_on: date | None
    billable: bool
    returns: int
    decline_reason: str
    merged_into: str
    merged_here: tuple[str, ...]
    submitted_at: datetime
    received_at: datetime
    accepted_at: datetime | None
    delivered_at: datetime | None
    resolved_at: datetime | None
    changed_at: datetime
    reader: frozenset[Actor]


@dataclass(frozen=True, slots=True)
class People:
    """Who is concerned. Lead and cover are of the project at the instant of the view."""

    author: PersonRef | None
    filed_by: PersonRef | None
    executor: PersonCard | None
    lead: PersonCard | None
    cover: PersonCard | None
    followers: tuple[PersonRef, ...]
    reader_follows: bool


@dataclass(frozen=True, slots=True)
class Handover:
    """The result as handed over. `confirms_at`: silence confirms then, None when it does not;
    `reopen_until_at`: until then the partner may reopen."""

    solution: str
    changes: str
    checking: str
    delivered_at: datetime
    remind_at: datetime | None
    confirms_at: datetime | None
    reopen_until_at: datetime | None
    rating: int | None
    rating_comment: str


@dataclass(frozen=True, slots=True)
class Money:
    """What it costs: `units_max` consultations at most without a new approval (T2, L6); `cost` is
    held and charged so far; `hours_max`, `minutes_logged` are of a customisation."""

    units_max: int
    cost: Cost
    hours_max: int
    hour_kopecks_max: int
    minutes_logged: int


@dataclass(frozen=True, slots=True)
class PartnerView:
    """All that a partner's person may know of a ticket. The one place where what is internal is
    left out: notes, questions to production and their answers, facts of the desk's own affairs."""

    at: datetime
    head: Head
    people: People
    deadline: DeadlineView
    acceptance: DeadlineView | None
    promises: tuple[PromiseView, ...]
    moves: tuple[DeadlineMove, ...]
    parts: tuple[PartView, ...]
    parts_finished: int
    messages: tuple[MessageView, ...]
    messages_cut: bool
    history: tuple[HistoryView, ...]
    files: tuple[FileView, ...]
    worked_seconds: int
    money: Money
    handover: Handover | None
    approval: Approval | None
    estimates: tuple[EstimateView, ...]
    re_promise: RePromiseView | None
    consultations: tuple[ConsultationView, ...]
    disputes: tuple[DisputeView, ...]
    calendar: CalendarView
    verbs: tuple[Verb, ...]


@dataclass(frozen=True, slots=True)
class StaffView(PartnerView):
    """The same for our own people, with what is internal: `messages` hold notes, `consultations`
    their texts, `history` every fact. `reader_works_on` ("ticket:42/part:1") and since when, while
    the reader's own session runs on it. `dossier`: where knowledge keeps it ("project:5")."""

    clocks: tuple[ClockView, ...]
    breaches: tuple[BreachView, ...]
    work: WorkRule
    hours: tuple[HoursView, ...]
    re_promises: tuple[RePromiseView, ...]
    external_id: str
    balance: Balance
    dossier: str
    reader_works_since_at: datetime | None
    reader_works_on: str
