"""The typed parameters of rules: what an edition may set, and within which bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Self

MINUTES_MAX = 24 * 60
DAYS_MAX = 10
COUNT_MAX = 20


class ParametersError(ValueError):
    """A parameter that the rule does not have, lacks, or cannot take; the message names it."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """Whole numbers, each by its name; the unit is in the name. A rule without any takes this."""

    @classmethod
    def parse(cls, stored: Mapping[str, object]) -> Self:
        """The parameters of a JSON object; one with a default came later than editions that are
        stored without it. Raises ParametersError."""
        names = [item.name for item in fields(cls)]
        unknown = sorted(set(stored) - set(names))
        if unknown:
            raise ParametersError(f"{unknown[0]} is not a parameter of this rule")
        needed = [item.name for item in fields(cls) if item.default is MISSING]
        missing = [name for name in needed if name not in stored]
        if missing:
            raise ParametersError(f"{missing[0]} is missing")
        return cls(**{name: _number(name, stored[name]) for name in names if name in stored})

    def to_dict(self) -> dict[str, int]:
        """The JSON object that `parse` reads."""
        return {item.name: getattr(self, item.name) for item in fields(self)}


@dataclass(frozen=True, slots=True)
class Minutes(Parameters):
    minutes: int


@dataclass(frozen=True, slots=True)
class Answer(Parameters):
    """Working minutes to an answer, and minutes to one on a bug."""

    minutes: int
    bug_minutes: int


@dataclass(frozen=True, slots=True)
class Breaks(Parameters):
    breaks_max: int
    break_minutes: int
    lunches_max: int
    lunch_minutes: int


@dataclass(frozen=True, slots=True)
class Share(Parameters):
    share_percent: int


@dataclass(frozen=True, slots=True)
class Critical(Parameters):
    """Minutes to the acceptance of a critical claim, and from there to the beginning of work."""

    accept_minutes: int
    begin_minutes: int


@dataclass(frozen=True, slots=True)
class Escalation(Parameters):
    """Minutes from the acceptance of a critical error to production, and to an administrator."""

    production_minutes: int
    administrator_minutes: int


@dataclass(frozen=True, slots=True)
class Rulings(Parameters):
    """Working days to the ruling on a violation, after the day on which it was found."""

    violation_days: int = 1


_BOUNDS = {
    "percent": (1, 100),
    "minutes": (1, MINUTES_MAX),
    "days": (1, DAYS_MAX),
    "max": (0, COUNT_MAX),
}


def bounds(name: str) -> tuple[int, int]:
    """The least and the most that a parameter takes, by the unit in its name."""
    return _BOUNDS[name.rpartition("_")[2]]


def _number(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ParametersError(f"{name} is not a whole number")
    least, most = bounds(name)
    if not least <= value <= most:
        raise ParametersError(f"{name} is not between {least} and {most}")
    return value
