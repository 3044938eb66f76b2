"""A ticket as the Standard sees it: a fold over its journal, clocks, messages and work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from desk.journal.models import Entry
from desk.rules.lifecycle import STATES, State, Type, Verb
from desk.rules.promises import part_work_is_limited
from desk.rules.standard.facts import (
    Accepted,
    Asked,
    Handover,
    Nature,
    OurTurn,
    Said,
    Story,
    Turn,
    Work,
)
from desk.tickets.models import Clock, ClockKind, Message, MessageKind, Outcome, Ticket
from desk.workdays.models import Interval

PRODUCTION, ADMINISTRATOR = "production", "administrator"
# In these states the ticket is in our hands, production's among them: the partner waits.
OURS = frozenset({State.ACCEPTED, State.IN_WORK, State.AWAITING_PRODUCTION})
# Moves of ours that the partner gets to see, besides what is written with them.
SEEN = frozenset(
    {
        Verb.ACCEPT,
        Verb.DECLINE,
        Verb.ASK,
        Verb.RESUME,
        Verb.START,
        Verb.BUILD,
        Verb.FINISH_PART,
        Verb.SPLIT,
        Verb.DELIVER,
        Verb.RE_PROMISE,
        Verb.RECLASSIFY,
        Verb.ESTIMATE,
        Verb.HAND_OVER,
    }
)
WRITTEN = frozenset({MessageKind.STAFF, MessageKind.QUESTION, MessageKind.HANDOVER})
# What a partner writes by these wants an answer; by others it wants work, or acceptance.
WANTS_ANSWER = frozenset({Verb.MESSAGE, Verb.RETURN})
DECISIONS = frozenset({Verb.ABSORB, Verb.SPLIT, Verb.CONSULT})
# A first message of fewer letters tells the partner nothing.
MESSAGE_LETTERS_MIN = 10
WRITE_DOSSIER = "write_dossier"
# A run at the result begins by these.
BEGINNINGS = frozenset({Verb.ACCEPT, Verb.REOPEN})


@dataclass(frozen=True, slots=True)
class Records:
    """Everything on record of one ticket, each list in the order of time."""

    ticket: Ticket
    entries: tuple[Entry, ...]
    clocks: tuple[Clock, ...]
    messages: tuple[Message, ...]
    work: tuple[Interval, ...]
    dossier: tuple[Entry, ...] = ()


def story(records: Records) -> Story:
    """The ticket's story, as far as it is on record."""
    ticket, entries = records.ticket, records.entries
    kind = Type(ticket.type) if ticket.type else None
    bug = ticket.critical_claim if kind is None else kind == Type.BUG
    return Story(
        key=ticket.key,
        turns=tuple(_turns(entries)),
        is_bug=bug,
        is_critical=bug,
        limited=kind is not None and part_work_is_limited(kind),
        acceptances=tuple(_asked(records.clocks, ClockKind.ACCEPTANCE, "accept")),
        deadlines=tuple(_asked(records.clocks, ClockKind.RESOLUTION, "promise")),
        accepted=tuple(_accepted(records)),
        handovers=tuple(_handovers(records)),
        heard=tuple(_heard(records)),
        said=tuple(_written(records.messages)),
        news=tuple(Said(entry.at, _ref(entry)) for entry in entries if entry.verb in SEEN),
        ours=tuple(_ours(entries)),
        work=tuple(_work(records.work)),
        decided=tuple(_decided(ticket, entries)),
        finished=tuple(_finished(ticket, entries)),
        consulted=tuple(_called(entries, PRODUCTION)),
        escalated=tuple(_called(entries, ADMINISTRATOR)),
        ended=tuple(_ended(entries)),
        natures=tuple(_natures(entries)),
    )


def _turns(entries: Iterable[Entry]) -> Iterator[Turn]:
    """Who held it from when on; nobody while it is in the administrators' pool."""
    held: int | None = None
    for entry in entries:
        person_id = held
        if entry.verb == Verb.ACCEPT:
            person_id = _person(entry.by)
        elif "executor" in entry.facts:
            person_id = _number(entry.facts["executor"])
        if person_id != held:
            held = person_id
            yield Turn(person_id or 0, entry.at)


def _natures(entries: Iterable[Entry]) -> Iterator[Nature]:
    """A claim counts until the acceptance, then the type does: a bug is a critical error."""
    for entry in entries:
        if entry.verb == Verb.SUBMIT:
            claimed = bool(entry.facts.get("critical_claim"))
            yield Nature(entry.at, claimed, claimed, limited=False)
        elif entry.verb in (Verb.ACCEPT, Verb.RECLASSIFY) and entry.facts.get("type"):
            kind = Type(str(entry.facts["type"]))
            bug = kind == Type.BUG
            yield Nature(entry.at, bug, bug, limited=part_work_is_limited(kind))


def _asked(clocks: Iterable[Clock], kind: ClockKind, name: str) -> Iterator[Asked]:
    """One limit of each cycle: the instant of the breach where there was one."""
    for clock in clocks:
        due_at = clock.breached_at or clock.due_at
        if clock.kind != kind or due_at is None or clock.target_seconds is None:
            continue
        ended = clock.stopped_at
        met = ended if clock.outcome in (Outcome.MET, Outcome.LATE) else None
        lapsed = ended if clock.outcome == Outcome.VOID else None
        if clock.breached_at is not None:
            # The desk itself has found that it was not met at that instant.
            met = None if met is not None and met <= due_at else met
        yield Asked(
            f"{name}:{clock.cycle}",
            min(clock.started_at, due_at),
            due_at,
            met,
            lapsed,
            f"clock:{clock.pk}",
        )


def _accepted(records: Records) -> Iterator[Accepted]:
    first = {message.entry_id: message for message in reversed(records.messages)}
    for entry in _of(records.entries, Verb.ACCEPT):
        message = first.get(entry.pk)
        letters = sum(sign.isalpha() for sign in message.text) if message is not None else 0
        missing = () if letters >= MESSAGE_LETTERS_MIN else ("message",)
        yield Accepted(entry.at, missing, _ref(entry))


def _handovers(records: Records) -> Iterator[Handover]:
    """Words are never empty: the desk refuses a result without them. The dossier is up to date
    when the delivery says what came of it, or when somebody wrote in it since the ticket was
    accepted or reopened."""
    begun: datetime | None = None
    for entry in records.entries:
        if entry.verb in BEGINNINGS:
            begun = entry.at
        if entry.verb == Verb.DELIVER:
            since_at = begun or entry.at
            said = bool(entry.facts.get("dossier"))
            kept = said or any(since_at <= one.at <= entry.at for one in records.dossier)
            yield Handover(entry.at, () if kept else ("dossier",), _ref(entry))


def _heard(records: Records) -> Iterator[Said]:
    verbs = {entry.pk: entry.verb for entry in records.entries}
    for message in records.messages:
        wanted = verbs.get(message.entry_id or 0) in WANTS_ANSWER
        if message.kind == MessageKind.PARTNER and wanted:
            yield Said(message.at, f"message:{message.pk}")


def _written(messages: Iterable[Message]) -> Iterator[Said]:
    for message in messages:
        if message.kind in WRITTEN and message.author_id is not None:
            yield Said(message.at, f"message:{message.pk}")


def _ours(entries: Iterable[Entry]) -> Iterator[OurTurn]:
    since: datetime | None = None
    for entry in entries:
        to = entry.facts.get("to")
        if not isinstance(to, str) or to not in STATES:
            continue
        if State(to) in OURS:
            since = since or entry.at
        elif since is not None:
            yield OurTurn(since, entry.at)
            since = None
    if since is not None:
        yield OurTurn(since)


def _work(rows: Iterable[Interval]) -> Iterator[Work]:
    for row in rows:
        ref = f"interval:{row.pk}"
        yield Work(row.person_id, row.subject, row.since_at, row.until_at, ref, row.cycle)


def _decided(ticket: Ticket, entries: Iterable[Entry]) -> Iterator[tuple[str, Said]]:
    """A decision names its part; one without is about the ticket, and its only part."""
    for entry in entries:
        if entry.verb not in DECISIONS:
            continue
        part = entry.facts.get("part")
        said = Said(entry.at, _ref(entry))
        yield (f"{ticket.key}/part:{part or 1}", said)
        if part in (None, 1):
            yield (ticket.key, said)


def _called(entries: Iterable[Entry], level: str) -> Iterator[Said]:
    """When production, or an administrator, was called to help; a consultation calls production."""
    for entry in entries:
        escalated = entry.verb == Verb.ESCALATE and entry.facts.get("level") == level
        if escalated or (entry.verb == Verb.CONSULT and level == PRODUCTION):
            yield Said(entry.at, _ref(entry))


def _finished(ticket: Ticket, entries: Iterable[Entry]) -> Iterator[tuple[str, Said]]:
    for entry in _of(entries, Verb.FINISH_PART):
        yield (f"{ticket.key}/part:{entry.facts.get('part')}", Said(entry.at, _ref(entry)))


def _ended(entries: Iterable[Entry]) -> Iterator[datetime]:
    for entry in entries:
        to, before = entry.facts.get("to"), entry.facts.get("from")
        ended = isinstance(to, str) and to in STATES and not STATES[State(to)].open
        if ended and to != before:
            yield entry.at


def _of(entries: Iterable[Entry], verb: str) -> Iterator[Entry]:
    return (entry for entry in entries if entry.verb == verb)


def _ref(entry: Entry) -> str:
    return f"entry:{entry.pk}"


def _person(by: str) -> int | None:
    kind, _, number = by.partition(":")
    return int(number) if kind == "person" else None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def parts_of(count: int, key: str) -> list[str]:
    """The subjects under which work on a ticket of so many parts is on record."""
    return [key, *(f"{key}/part:{number}" for number in range(1, count + 1))]
