"""Who is told of what: one table, verb → people.

Each person is told once, for the first reason of the table that fits; never the one who did it;
never somebody who may not see the ticket; and of what is internal no partner at all. Mail is for
what asks for something or ends something; the bell has the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from desk.channels import controlled, standing, topics
from desk.channels.reasons import Only, Rule, Told, Why
from desk.journal.models import Entry
from desk.oversight.queries import complaints, manager_requests
from desk.partners import queries as partners
from desk.partners.models import (
    Membership,
    PartnerRole,
    Person,
    StaffMembership,
    StaffRole,
)
from desk.rules.lifecycle import State
from desk.tickets import queries as tickets
from desk.tickets.models import ClockKind, Dispute, Follower, Ticket

WAITS_FOR_MONEY = (State.AWAITING_APPROVAL, State.AWAITING_DEPOSIT)
W, O = Why, Only  # noqa: E741  the table is read more often than this line
PARTNER = (Rule(W.AUTHOR), Rule(W.FOLLOWER))
PARTNER_BELL = (Rule(W.AUTHOR, mail=False), Rule(W.FOLLOWER, mail=False))
EXECUTOR = (Rule(W.EXECUTOR),)
EXECUTOR_BELL = (Rule(W.EXECUTOR, mail=False),)
PAYS = (Rule(W.PAYS, only=O.FOR_MONEY),)
PRODUCTION = (Rule(W.PRODUCTION, only=O.FOR_PRODUCTION),)
ADMINISTRATORS = (Rule(W.ADMINISTRATOR),)

RULES: dict[str, tuple[Rule, ...]] = {
    "submit": (
        *EXECUTOR,
        Rule(W.ADMINISTRATOR, only=O.POOL),
        Rule(W.AUTHOR, only=O.ON_BEHALF),
    ),
    "accept": (*PAYS, *PARTNER, *PRODUCTION),
    "decline": (*PARTNER, *EXECUTOR_BELL),
    "estimate": (*PAYS, *PARTNER, *EXECUTOR_BELL),
    "supplement": (*PAYS, *PARTNER, *EXECUTOR_BELL),
    "hours_warning": (Rule(W.PAYS), Rule(W.PRODUCTION, mail=False), *EXECUTOR_BELL),
    "approve": (*EXECUTOR, *PARTNER),
    "refuse": (*EXECUTOR, *PARTNER_BELL),
    "expire": (*PARTNER, *EXECUTOR_BELL, *PRODUCTION),
    "fund": (*EXECUTOR, *PARTNER),
    "ask": PARTNER,
    "answer": (*EXECUTOR, *PARTNER_BELL),
    "resume": PARTNER_BELL,
    "message": (*EXECUTOR, *PARTNER),
    "note": (*EXECUTOR_BELL, Rule(W.FOLLOWER, mail=False)),
    "consult": (Rule(W.PRODUCTION),),
    "escalate": (Rule(W.HELP), *PARTNER_BELL),
    "reply": (*EXECUTOR, *PARTNER_BELL),
    "build": EXECUTOR,
    "finish_part": PARTNER_BELL,
    "split": (Rule(W.PAYS), *PARTNER_BELL),
    "deliver": PARTNER,
    "recall": PARTNER,
    "confirm": (
        Rule(W.SPOKE, only=O.HEARD),
        *EXECUTOR_BELL,
        Rule(W.AUTHOR, only=O.BY_SYSTEM),
        Rule(W.FOLLOWER, only=O.BY_SYSTEM),
        *PARTNER_BELL,
    ),
    "return": (*EXECUTOR, Rule(W.ADMINISTRATOR, only=O.ESCALATED)),
    "reopen": (*EXECUTOR, *PARTNER_BELL),
    "redo": (*EXECUTOR, *PARTNER),
    "re_promise": PARTNER,
    "agree": EXECUTOR_BELL,
    "disagree": EXECUTOR,
    "reclassify": (*PAYS, *PARTNER, *PRODUCTION, *EXECUTOR_BELL),
    "confirm_defect": (*PARTNER, *EXECUTOR_BELL),
    "cancel": (*EXECUTOR, *PARTNER, Rule(W.PRODUCTION, mail=False, only=O.OF_PRODUCTION)),
    "merge": PARTNER,
    "hand_over": (
        *EXECUTOR,
        Rule(W.ADMINISTRATOR, only=O.POOL),
        *PARTNER,
        Rule(W.BEFORE, mail=False),
    ),
    "contest": (*ADMINISTRATORS, *EXECUTOR_BELL),
    "doubt": ADMINISTRATORS,
    "rule": (Rule(W.RAISER), *EXECUTOR_BELL, *PARTNER_BELL),
    "excuse": (Rule(W.EXECUTOR, mail=False, only=O.OF_WORK),),
    "breach": (
        Rule(W.EXECUTOR, only=O.OF_WORK),
        *ADMINISTRATORS,
        Rule(W.PRODUCTION, mail=False, only=O.OF_PRODUCTION),
    ),
    "warn": (
        Rule(W.PRODUCTION, mail=False, only=O.OF_PRODUCTION),
        Rule(W.ADMINISTRATOR, mail=False, only=O.OF_RULING),
        Rule(W.EXECUTOR, mail=False, only=O.OF_WORK),
        Rule(W.COVER, mail=False, only=O.FROM_75),
        Rule(W.ADMINISTRATOR, only=O.FROM_90),
    ),
    "work_warning": EXECUTOR_BELL,
    "work_limit": EXECUTOR_BELL,
    "end_of_shift": EXECUTOR_BELL,
    "replan_day": EXECUTOR_BELL,
    "misfit": (*EXECUTOR_BELL, *ADMINISTRATORS),
    "rescue": (Rule(W.ADMINISTRATOR, mail=False),),
    "surplus": (Rule(W.ADMINISTRATOR, mail=False),),
    "watch_failed": ADMINISTRATORS,
    "remind": (*PAYS, *PARTNER),
    "overhear": EXECUTOR_BELL,
    "undelivered": (*EXECUTOR_BELL, Rule(W.ADMINISTRATOR, mail=False)),
    "buy": (Rule(W.PAYS),),
    "top_up": (Rule(W.PAYS),),
    "refund": (Rule(W.PAYS),),
    "pay_refund": (Rule(W.PAYS),),
    "announce_expiry": (Rule(W.PAYS),),
    "tell_expiry": (Rule(W.PAYS),),
    "low_balance": (Rule(W.PAYS),),
    "issue_invoice": (Rule(W.PAYS),),
    "issue_act": (Rule(W.PAYS),),
    "issue_reconciliation": (Rule(W.PAYS),),
    "issue_correction": (Rule(W.PAYS),),
    "reverse_online": (Rule(W.ACCOUNTANT),),
    "disable_webhook": (Rule(W.OWNER), Rule(W.VENDOR)),
    "ask_review": (*ADMINISTRATORS, Rule(W.VENDOR)),
    "review_edition": (Rule(W.VENDOR, mail=False),),
    "publish_edition": (Rule(W.SPECIALIST), *ADMINISTRATORS, Rule(W.VENDOR, mail=False)),
    "miss_call": (Rule(W.ON_CALL),),
    "escalate_call": (Rule(W.ON_CALL),),
    # The hour of a mail that waits for a person is the administrators'.
    "trouble": (Rule(W.VENDOR), Rule(W.ADMINISTRATOR, only=O.OF_MAIL)),
    "trouble_over": (Rule(W.VENDOR, mail=False),),
    "lose_way": (Rule(W.OWN),),
    "remind_standard": (Rule(W.OWN, mail=False),),
    "violation": (
        Rule(W.OWN, only=O.OF_CRITICAL),
        Rule(W.ADMINISTRATOR, only=O.OF_CRITICAL),
        Rule(W.OWN, mail=False, only=O.UNEXCUSED),
    ),
    "control_failed": (Rule(W.ADMINISTRATOR), Rule(W.VENDOR)),
    "note_outage": (Rule(W.ADMINISTRATOR, mail=False, only=O.BY_SYSTEM),),
    "rule_violation": (Rule(W.OWN, mail=False),),
    "draw_audits": (Rule(W.ADMINISTRATOR, mail=False),),
    "answer_audit": (Rule(W.AUDITED, mail=False),),
    "digest_control": ADMINISTRATORS,
    "summary_control": ADMINISTRATORS,
    "complain": (*ADMINISTRATORS, Rule(W.OWNER, mail=False)),
    "answer_complaint": (Rule(W.RAISER), Rule(W.OWNER, mail=False)),
    "ask_manager": (*ADMINISTRATORS, Rule(W.VENDOR)),
    "answer_manager": (Rule(W.RAISER), Rule(W.OWNER, mail=False)),
    "assign": (Rule(W.NAMED, mail=False), Rule(W.OWNER, only=O.OF_LEAD)),
    "await_specialist": (
        Rule(W.ADMINISTRATOR, only=O.OF_LEAD),
        Rule(W.VENDOR, only=O.OF_LEAD),
        Rule(W.OWNER, mail=False, only=O.OF_LEAD),
    ),
    "place_free": (Rule(W.ADMINISTRATOR), Rule(W.VENDOR, mail=False)),
    "offer_work": (Rule(W.OFFERED),),
    "withdraw_offer": (Rule(W.OFFERED, mail=False),),
    "note_absence": (Rule(W.STANDS_IN), Rule(W.ADMINISTRATOR, mail=False)),
    "withdraw_absence": (Rule(W.STANDS_IN, mail=False),),
    "come_back": (Rule(W.OWN),),
}


def of(entry: Entry, at: datetime) -> list[Told]:
    """Everybody who is told of an entry, each once."""
    rules = RULES.get(entry.verb, ())
    if not rules:
        return []
    case = Case(entry, _ticket(entry), at)
    found: dict[int, Told] = {}
    for rule in rules:
        if not _applies(rule.only, case):
            continue
        for person in WHO[rule.who](case):
            if person.pk not in found and person.pk != _doer(entry):
                found[person.pk] = Told(person, rule.who, rule.mail)
    return [told for told in found.values() if may_know(told.person, entry, case.ticket)]


def mails(entry: Entry, why: str) -> bool:
    """Whether who is told of the entry for this reason gets a mail by default."""
    case = Case(entry, None, entry.at)
    own = [rule for rule in RULES.get(entry.verb, ()) if rule.who == why]
    # A ticket is looked at only by rules that mail all the same, or do not.
    if len({rule.mail for rule in own}) == 1:
        return own[0].mail
    return next((rule.mail for rule in own if _applies(rule.only, case)), False)


def may_know(person: Person, entry: Entry, ticket: Ticket | None) -> bool:
    """Whether the person may learn of the entry now; asked again when a mail is sent."""
    if entry.subject == f"person:{person.pk}":
        return person.is_active
    known = tickets.access(person)
    if entry.subject.startswith("complaint:"):
        return complaints.may_know(known, int(entry.subject.removeprefix("complaint:")))
    if entry.subject.startswith("manager_request:"):
        return manager_requests.may_know(known, int(entry.subject.removeprefix("manager_request:")))
    if entry.verb in controlled.VERBS:
        return controlled.may_know(known)
    if known.is_staff or topics.internal(entry):
        return known.is_staff
    if ticket is not None:
        return tickets.visible_to(person, known).filter(pk=ticket.pk).exists()
    return entry.partner_id is not None and known.role_with(entry.partner_id) is not None


@dataclass(frozen=True, slots=True)
class Case:
    """An entry with its ticket, at the moment of telling."""

    entry: Entry
    ticket: Ticket | None
    at: datetime


def _ticket(entry: Entry) -> Ticket | None:
    found = topics.ticket_id(entry)
    if found is None or entry.subject.startswith("deposit:"):
        return None
    rows = Ticket.objects.select_related("partner", "project", "author", "executor")
    return rows.filter(pk=found).first()


def _doer(entry: Entry) -> int | None:
    """Who knows because it was the own deed; of what was said on the phone, who wrote it down."""
    if entry.facts.get("heard_by"):
        return int(entry.facts["heard_by"])
    return _by(entry)


def _by(entry: Entry) -> int | None:
    kind, _, number = entry.by.partition(":")
    return int(number) if kind == "person" else None


def _applies(only: Only, case: Case) -> bool:
    facts = case.entry.facts
    to = facts.get("to")
    match only:
        case Only.FOR_MONEY:
            state = case.ticket.state if case.ticket is not None else ""
            return facts.get("to", state) in WAITS_FOR_MONEY
        case Only.FOR_PRODUCTION:
            return bool(to == State.AWAITING_ESTIMATE)
        case Only.BY_SYSTEM:
            return _doer(case.entry) is None
        case Only.POOL | Only.ON_BEHALF | Only.HEARD:
            return bool(facts.get(only))
        case Only.ESCALATED:
            return bool(facts.get("to_administrator"))
        case Only.FROM_75 | Only.FROM_90:
            # The cover stands in for the work, not for the ruling.
            is_ours = only == Only.FROM_90 or not topics.of_ruling(case.entry)
            return is_ours and int(facts.get("percent", 0)) >= int(only[-2:])
        case Only.OF_PRODUCTION:
            waited = facts.get("from") in (State.AWAITING_PRODUCTION, State.AWAITING_ESTIMATE)
            return waited or bool(facts.get("clock") == ClockKind.PRODUCTION)
        case Only.OF_RULING | Only.OF_WORK:
            # How long administrators have for a doubt is nothing that its ticket's people know.
            return topics.of_ruling(case.entry) == (only == Only.OF_RULING)
        case Only.OF_MAIL | Only.OF_CRITICAL | Only.UNEXCUSED | Only.OF_LEAD:
            return _RARE[only](case)
    return True


_RARE: dict[Only, Callable[[Case], bool]] = {
    Only.OF_MAIL: lambda case: (
        case.entry.subject == "inbox:email" and case.entry.facts.get("kind") == "quarantine"
    ),
    Only.UNEXCUSED: lambda case: controlled.unexcused(case.entry),
    Only.OF_CRITICAL: lambda case: controlled.critical(case.entry),
    Only.OF_LEAD: lambda case: standing.of_lead(case.entry),
}


def _one(person: Person | None) -> Iterator[Person]:
    if person is not None:
        yield person


def _followers(case: Case) -> Iterator[Person]:
    """Who follows the ticket; a merged one's followers have moved to the other."""
    if case.ticket is not None:
        followed = [case.ticket.pk, case.ticket.merged_into_id]
        rows = Follower.objects.filter(ticket__in=[key for key in followed if key])
        yield from (row.person for row in rows.select_related("person").order_by("id"))


def _of_partner(*roles: PartnerRole) -> Callable[[Case], Iterator[Person]]:
    def people(case: Case) -> Iterator[Person]:
        present = Membership.objects.filter(until_at=None, partner=case.entry.partner_id)
        rows = present.filter(role__in=roles).select_related("person")
        yield from (row.person for row in rows.order_by("id"))

    return people


def _cover(case: Case) -> Iterator[Person]:
    if case.ticket is not None:
        yield from _one(partners.cover_of(case.ticket.project_id, case.at))


def _raiser(case: Case) -> Iterator[Person]:
    if case.entry.facts.get("raised_by"):
        yield from Person.objects.filter(pk=case.entry.facts.get("raised_by"))
        return
    number = case.entry.facts.get("dispute")
    row = Dispute.objects.select_related("raised_by").filter(pk=number).first() if number else None
    yield from _one(row.raised_by if row else None)


def _on_call(case: Case) -> Iterator[Person]:
    told = case.entry.facts.get("told", ())
    yield from Person.objects.filter(pk__in=told, is_active=True).order_by("pk")


def _role(role: StaffRole) -> Callable[[Case], Iterator[Person]]:
    def people(_case: Case) -> Iterator[Person]:
        present = StaffMembership.objects.filter(role=role, until_at=None)
        yield from (row.person for row in present.select_related("person").order_by("id"))

    return people


def _own(case: Case) -> Iterator[Person]:
    """Whom an entry is about that concerns nobody else."""
    kind, _, number = case.entry.subject.partition(":")
    yield from Person.objects.filter(pk=number) if kind == "person" else ()


def _audited(case: Case) -> Iterator[Person]:
    """Whose resolved ticket was audited."""
    yield from Person.objects.filter(pk=case.entry.facts.get("person"), is_active=True)


WHO: dict[Why, Callable[[Case], Iterator[Person]]] = {
    W.AUTHOR: lambda case: _one(case.ticket.author if case.ticket else None),
    W.FOLLOWER: _followers,
    W.EXECUTOR: lambda case: _one(case.ticket.executor if case.ticket else None),
    W.BEFORE: lambda case: iter(
        Person.objects.filter(pk=case.entry.facts.get("executor_from") or 0)
    ),
    W.COVER: _cover,
    W.ADMINISTRATOR: _role(StaffRole.ADMINISTRATOR),
    W.SPECIALIST: _role(StaffRole.SPECIALIST),
    W.PRODUCTION: _role(StaffRole.PRODUCTION),
    W.PAYS: _of_partner(PartnerRole.OWNER, PartnerRole.FINANCE),
    W.RAISER: _raiser,
    W.OWNER: _of_partner(PartnerRole.OWNER),
    W.VENDOR: _role(StaffRole.VENDOR),
    W.ACCOUNTANT: _role(StaffRole.ACCOUNTANT),
    W.OWN: _own,
    W.HELP: lambda case: controlled.asked_to_help(case.entry),
    W.ON_CALL: _on_call,
    W.SPOKE: lambda case: iter(Person.objects.filter(pk=_by(case.entry) or 0)),
    W.AUDITED: _audited,
    W.NAMED: lambda case: standing.named(case.entry),
    W.OFFERED: lambda case: standing.named(case.entry),
    W.STANDS_IN: lambda case: standing.covers_of(case.entry),
}
