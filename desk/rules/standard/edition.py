"""Editions of the Standard: numbered clauses, each with its texts and, where a machine can tell,
its rules. A published edition is never edited; two can be compared clause by clause."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from desk.rules.standard import rules_of_the_day as day
from desk.rules.standard import rules_of_tickets as tickets
from desk.rules.standard.facts import Stretch
from desk.rules.standard.obligation import Excuse, Exempt, Judgement, Obligation, Outcome, judge
from desk.rules.standard.parameters import (
    Answer,
    Breaks,
    Critical,
    Escalation,
    Minutes,
    Parameters,
    ParametersError,
    Rulings,
    Share,
)

LANGUAGES = ("uk", "ru", "en")
GRACE_SECONDS_MAX = 24 * 3600
REMIND_SECONDS_MAX = 24 * 3600
NUMBER = re.compile(r"[1-9][0-9]{0,2}(\.[1-9][0-9]{0,2}){0,2}")


class Severity(StrEnum):
    NOTE = "note"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Kind:
    """A rule that the machine knows: its parameters' type, and the function."""

    parameters: type[Parameters]
    find: Callable[[Any, Stretch], Iterator[Obligation]]


KINDS: Mapping[str, Kind] = {
    "plan_confirmed": Kind(Minutes, day.plan_confirmed),
    "slot_kept": Kind(Minutes, day.slot_kept),
    "accepted_in_time": Kind(Parameters, tickets.accepted_in_time),
    "intake_checked": Kind(Minutes, day.intake_checked),
    "acceptance_complete": Kind(Parameters, tickets.acceptance_complete),
    "an_hour_at_most": Kind(Minutes, tickets.an_hour_at_most),
    "partner_answered": Kind(Answer, tickets.partner_answered),
    "partner_hears": Kind(Parameters, tickets.partner_hears),
    "promise_kept": Kind(Parameters, tickets.promise_kept),
    "breaks_taken": Kind(Breaks, day.breaks_taken),
    "not_all_away": Kind(Share, day.not_all_away),
    "critical_taken_up": Kind(Critical, tickets.critical_taken_up),
    "other_work_suspended": Kind(Critical, tickets.other_work_suspended),
    "critical_escalated": Kind(Escalation, tickets.critical_escalated),
    "handover_complete": Kind(Parameters, tickets.handover_complete),
    "work_on_record": Kind(Share, day.work_on_record),
    "ruled_in_time": Kind(Rulings, tickets.ruled_in_time),
    "audited_in_time": Kind(Share, tickets.audited_in_time),
}


class EditionError(ValueError):
    """An edition that cannot be published; the message names the clause and what is wrong."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a clause, with the parameters that the edition sets."""

    kind: str
    parameters: Parameters = field(default_factory=Parameters)

    def __post_init__(self) -> None:
        known = KINDS.get(self.kind)
        if known is None:
            raise EditionError(f"{self.kind} is no rule that the machine knows")
        if type(self.parameters) is not known.parameters:
            raise EditionError(f"{self.kind} takes {known.parameters.__name__}")

    def find(self, stretch: Stretch) -> Iterator[Obligation]:
        """The obligations of this rule in a stretch."""
        return KINDS[self.kind].find(self.parameters, stretch)

    @classmethod
    def parse(cls, stored: Mapping[str, object]) -> Rule:
        """The rule of a JSON object {"kind", "parameters"}. Raises EditionError."""
        kind, given = stored.get("kind"), stored.get("parameters", {})
        known = KINDS.get(kind) if isinstance(kind, str) else None
        if known is None or not isinstance(kind, str) or not isinstance(given, Mapping):
            raise EditionError(f"{kind} is no rule that the machine knows")
        try:
            return cls(kind, known.parameters.parse(given))
        except ParametersError as error:
            raise EditionError(f"{kind}: {error}") from error

    def to_dict(self) -> dict[str, object]:
        """The JSON object that `parse` reads."""
        return {"kind": self.kind, "parameters": self.parameters.to_dict()}


@dataclass(frozen=True, slots=True)
class Clause:
    """A numbered clause: its text in each language, and what the machine holds against it.

    `grace_seconds` lengthens every limit before a violation is found; `remind_seconds` is how
    long before the limit the specialist is reminded, 0 for never. `excuses` names what excuses.
    A clause without rules is for people alone.
    """

    number: str
    texts: Mapping[str, str]
    rules: tuple[Rule, ...] = ()
    severity: Severity = Severity.MINOR
    grace_seconds: int = 0
    remind_seconds: int = 0
    excuses: frozenset[Excuse] = frozenset()

    def __post_init__(self) -> None:
        if not 0 <= self.grace_seconds <= GRACE_SECONDS_MAX:
            raise EditionError(f"{self.number}: the grace is out of bounds")
        if not 0 <= self.remind_seconds <= REMIND_SECONDS_MAX:
            raise EditionError(f"{self.number}: the reminder is out of bounds")

    @classmethod
    def parse(cls, stored: Mapping[str, object]) -> Clause:
        """The clause of a JSON object, as `to_dict` writes it. Raises EditionError."""
        number, texts = stored.get("number"), stored.get("texts", {})
        if not isinstance(number, str) or not NUMBER.fullmatch(number):
            raise EditionError(f"{number} is no number of a clause")
        if not isinstance(texts, Mapping) or not set(texts) <= set(LANGUAGES):
            raise EditionError(f"{number}: texts are by language")
        try:
            return cls(
                number,
                {language: str(text) for language, text in texts.items()},
                tuple(Rule.parse(_mapping(rule)) for rule in _list(stored.get("rules"))),
                Severity(str(stored.get("severity", Severity.MINOR))),
                _seconds(stored.get("grace_seconds", 0)),
                _seconds(stored.get("remind_seconds", 0)),
                frozenset(Excuse(str(name)) for name in _list(stored.get("excuses"))),
            )
        except ValueError as error:
            raise EditionError(f"{number}: {error}") from error

    def to_dict(self) -> dict[str, object]:
        """The JSON object that `parse` reads."""
        return {
            "number": self.number,
            "texts": dict(self.texts),
            "rules": [rule.to_dict() for rule in self.rules],
            "severity": str(self.severity),
            "grace_seconds": self.grace_seconds,
            "remind_seconds": self.remind_seconds,
            "excuses": sorted(self.excuses),
        }

    def obligations(self, stretch: Stretch) -> Iterator[Obligation]:
        """What the clause asks for in a stretch, rule by rule."""
        for rule in self.rules:
            yield from rule.find(stretch)


@dataclass(frozen=True, slots=True)
class Edition:
    """The clauses in force together, in the order of their numbers."""

    clauses: tuple[Clause, ...]

    def __post_init__(self) -> None:
        numbers = [clause.number for clause in self.clauses]
        if len(set(numbers)) != len(numbers):
            raise EditionError("a number is given to two clauses")

    @classmethod
    def parse(cls, stored: Mapping[str, object]) -> Edition:
        """The edition of a JSON object {"clauses": [...]}. Raises EditionError."""
        return cls(tuple(Clause.parse(_mapping(one)) for one in _list(stored.get("clauses"))))

    def to_dict(self) -> dict[str, object]:
        """The JSON object that `parse` reads."""
        return {"clauses": [clause.to_dict() for clause in self.clauses]}

    def clause(self, number: str) -> Clause | None:
        """The clause of that number, or None."""
        return next((one for one in self.clauses if one.number == number), None)

    def untranslated(self) -> list[tuple[str, str]]:
        """Clause and language of each text that is missing: such an edition is a draft."""
        return [
            (clause.number, language)
            for clause in self.clauses
            for language in LANGUAGES
            if not clause.texts.get(language, "").strip()
        ]

    def covered_by_machine(self) -> tuple[int, int]:
        """How many clauses a machine holds, and how many there are."""
        return sum(bool(clause.rules) for clause in self.clauses), len(self.clauses)


@dataclass(frozen=True, slots=True)
class Found:
    """An obligation of a clause and what became of it."""

    clause: Clause
    obligation: Obligation
    judgement: Judgement

    @property
    def key(self) -> str:
        """What makes it the same finding whenever it is found."""
        return f"{self.clause.number}:{self.obligation.person_id}:{self.obligation.key}"

    @property
    def remind_at(self) -> datetime | None:
        """When the specialist is reminded, as long as it is open; None for a clause without."""
        limit_at = self.judgement.limit_at
        if limit_at is None or not self.clause.remind_seconds:
            return None
        return max(
            limit_at - timedelta(seconds=self.clause.remind_seconds), self.obligation.since_at
        )


def evaluate(
    edition: Edition, stretch: Stretch, exempt: Iterable[Exempt], at: datetime
) -> Iterator[Found]:
    """What became by `at` of everything that the edition asks for in a stretch.

    The same facts give the same findings at whatever instants it is asked: a violation's instant
    is that of its limit, and its key is its own.
    """
    known = list(exempt)
    for clause in edition.clauses:
        excusing = [one for one in known if one.excuse in clause.excuses]
        for owed in clause.obligations(stretch):
            if owed.since_at <= at:
                yield Found(clause, owed, judge(owed, excusing, clause.grace_seconds, at))


def violations(
    edition: Edition, stretch: Stretch, exempt: Iterable[Exempt], at: datetime
) -> list[Found]:
    """The violations known at `at`, by instant."""
    found = evaluate(edition, stretch, exempt, at)
    wrong = [one for one in found if one.judgement.outcome == Outcome.VIOLATED]
    return sorted(wrong, key=lambda one: (one.judgement.at or at, one.key))


def reminders(
    edition: Edition, stretch: Stretch, exempt: Iterable[Exempt], at: datetime
) -> list[Found]:
    """What is still open at `at` and its specialist is to be reminded of by then."""
    found = evaluate(edition, stretch, exempt, at)
    still = (one for one in found if one.judgement.outcome == Outcome.OPEN)
    return [one for one in still if one.remind_at is not None and one.remind_at <= at]


class Change(StrEnum):
    """What happened to a clause from one edition to another: REWORDED is of the text alone,
    ALTERED of anything that the machine looks at."""

    ADDED = "added"
    REMOVED = "removed"
    REWORDED = "reworded"
    ALTERED = "altered"


def compare(before: Edition, after: Edition) -> dict[str, Change]:
    """What changed, by the clause's number; a clause that stayed is not named."""
    old = {clause.number: clause for clause in before.clauses}
    new = {clause.number: clause for clause in after.clauses}
    changes: dict[str, Change] = {}
    for number in sorted({*old, *new}, key=in_order):
        if number not in old:
            changes[number] = Change.ADDED
        elif number not in new:
            changes[number] = Change.REMOVED
        elif _machine(old[number]) != _machine(new[number]):
            changes[number] = Change.ALTERED
        elif dict(old[number].texts) != dict(new[number].texts):
            changes[number] = Change.REWORDED
    return changes


def in_order(number: str) -> tuple[tuple[int, str], ...]:
    """Clause 10.1 comes after 9.2."""
    return tuple((int(part) if part.isdigit() else 0, part) for part in number.split("."))


def _machine(clause: Clause) -> tuple[object, ...]:
    return (
        clause.rules,
        clause.severity,
        clause.grace_seconds,
        clause.remind_seconds,
        clause.excuses,
    )


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise EditionError(f"{value!r:.40} is not an object")
    return value


def _list(value: object) -> list[object]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise EditionError(f"{value!r:.40} is not a list")
    return value


def _seconds(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise EditionError(f"{value!r:.40} is not a number of seconds")
    return value
