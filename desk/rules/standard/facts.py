"""What the rules look at: a specialist's days and doings, and the stories of tickets.

Facts say what happened, as far as it is known. Instants are aware; a moment that has not come
about is None. `ref` names where a fact stands on record: "entry:7", "interval:3".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from desk.rules.worktime import Calendar, Window


class Doing(StrEnum):
    """What an interval of the timeline is."""

    WORK = "work"
    PLANNING = "planning"
    INTAKE = "intake"
    BREAK = "break"
    LUNCH = "lunch"
    MEETING = "meeting"
    TRAINING = "training"


@dataclass(frozen=True, slots=True)
class Did:
    """One interval of a person's timeline; it runs while `until_at` is None. `subject` is
    "ticket:42/part:3" or "ticket:42" for work, "" for the rest."""

    doing: Doing
    since_at: datetime
    until_at: datetime | None = None
    subject: str = ""
    ref: str = ""

    @property
    def ticket(self) -> str:
        """The ticket that was worked on, "" for none."""
        return self.subject.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Slot:
    """A planned stretch of a day."""

    doing: Doing
    since_at: datetime
    until_at: datetime
    subject: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """One shift of a person. `windows` are its working hours, lunch left out; `slots` what was
    confirmed first, before anything was planned anew."""

    windows: tuple[Window, ...]
    confirmed_at: datetime | None = None
    slots: tuple[Slot, ...] = ()

    @property
    def since_at(self) -> datetime:
        return self.windows[0][0]

    @property
    def until_at(self) -> datetime:
        return self.windows[-1][1]

    @property
    def name(self) -> str:
        """The shift's key: the instant at which it begins."""
        return self.since_at.isoformat()


@dataclass(frozen=True, slots=True)
class Asked:
    """Something with a limit of its own, which the desk has computed and shown: an acceptance, a
    promised deadline, a ruling. A limit that was agreed anew is a new one, and lapses the old.
    `in_days`: the edition says in how many working days it is due; `due_at` is by the one in
    force."""

    key: str
    since_at: datetime
    due_at: datetime
    met_at: datetime | None = None
    lapsed_at: datetime | None = None
    ref: str = ""
    in_days: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """Who holds a ticket from when on, until the next turn."""

    person_id: int
    since_at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """A message, or another act that the other side sees."""

    at: datetime
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """An acceptance; `missing` names what it lacks of type, parts and first message."""

    at: datetime
    missing: tuple[str, ...] = ()
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Handover:
    """A result given to the partner; `missing` names what it lacks of summary, changes, checking
    and dossier."""

    at: datetime
    missing: tuple[str, ...] = ()
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """Somebody's work on a ticket or a part of it; it runs while `until_at` is None. A ticket that
    was returned or reopened is worked on in another `cycle`."""

    person_id: int
    subject: str
    since_at: datetime
    until_at: datetime | None = None
    ref: str = ""
    cycle: int = 1


@dataclass(frozen=True, slots=True)
class OurTurn:
    """A stretch in which the ticket was in our hands: accepted or in work."""

    since_at: datetime
    until_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Nature:
    """What a ticket was taken for from an instant on: a claim before acceptance, a type after."""

    since_at: datetime
    is_bug: bool
    is_critical: bool
    limited: bool


@dataclass(frozen=True, slots=True)
class Story:
    """A ticket as the Standard sees it. `heard` is what the partner wrote, `said` what we wrote
    to the partner, `news` whatever else the partner got to see of our work. `decided` holds absorb,
    split and consult by subject, `finished` the parts that are done; `ended` each instant at which
    the ticket ended, for it may be reopened. `limited` tells whether one part of it takes at most
    an hour."""

    key: str
    turns: tuple[Turn, ...]
    is_bug: bool = False
    is_critical: bool = False
    limited: bool = True
    acceptances: tuple[Asked, ...] = ()
    deadlines: tuple[Asked, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    handovers: tuple[Handover, ...] = ()
    heard: tuple[Said, ...] = ()
    said: tuple[Said, ...] = ()
    news: tuple[Said, ...] = ()
    ours: tuple[OurTurn, ...] = ()
    work: tuple[Work, ...] = ()
    decided: tuple[tuple[str, Said], ...] = ()
    finished: tuple[tuple[str, Said], ...] = ()
    consulted: tuple[Said, ...] = ()
    escalated: tuple[Said, ...] = ()
    ended: tuple[datetime, ...] = ()
    natures: tuple[Nature, ...] = ()

    def nature(self, at: datetime) -> Nature:
        """What it was taken for at an instant: a limit is that of its time, whatever the ticket
        is made later. Without a history it is one thing for all its life."""
        known = [one for one in self.natures if one.since_at <= at] or list(self.natures[:1])
        if known:
            return known[-1]
        return Nature(at, self.is_bug, self.is_critical, self.limited)

    def no_longer_critical(self, since_at: datetime) -> datetime | None:
        """When it first turned out to be no critical error, after an instant."""
        later = (one for one in self.natures if one.since_at > since_at)
        return next((one.since_at for one in later if not one.is_critical), None)

    def taken_at(self) -> Said | None:
        """When it was accepted as a critical error, or became one; None when it never was."""
        for accepted in self.accepted[:1]:
            changes = (one.since_at for one in self.natures if one.since_at > accepted.at)
            for at in (accepted.at, *changes):
                if self.nature(at).is_critical:
                    return Said(at, accepted.ref)
        return None

    def holder(self, at: datetime) -> int | None:
        """Who held it at an instant; None before the first turn."""
        held = [turn for turn in self.turns if turn.since_at <= at]
        # Of several changes in one instant the last one counts.
        return max(reversed(held), key=lambda turn: turn.since_at).person_id if held else None


@dataclass(frozen=True, slots=True)
class Stretch:
    """All that is known of one person's stretch: what rules evaluate. `calendar` is the service
    calendar. `asked` are rulings and answers that an administrator owes, `audits` what is to be
    audited. `group` is the timeline of those who stand in for each other, the person among them,
    by person. `out` are the times in which our own systems were not usable."""

    person_id: int
    calendar: Calendar
    days: tuple[Day, ...] = ()
    did: tuple[Did, ...] = ()
    stories: tuple[Story, ...] = ()
    asked: tuple[Asked, ...] = ()
    audits: tuple[Asked, ...] = ()
    group: dict[int, tuple[Did, ...]] = field(default_factory=dict)
    out: tuple[Window, ...] = ()
