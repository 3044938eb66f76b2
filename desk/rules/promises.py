"""What is promised at acceptance: targets per type, price, limits and the instants of silence.

Every number of the specification that is marked "default" is a field of `Terms`, stored with a
version of the plan and snapshot on the ticket by reference (R15). Durations are working seconds
unless a name says days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from desk.rules.lifecycle import Type
from desk.rules.worktime import Calendar

HOUR = 3600
MINUTE = 60
PARTS_MAX = 40
TERM_MAX = 10_000_000_000
PERCENT_MAX = 100


class TermsError(ValueError):
    """A plan whose terms contradict themselves; the message names the field."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one plan version (specification 1 and 2, defaults)."""

    price_kopecks: int = 180_00
    hour_price_kopecks: int = 900_00
    acceptance_seconds: int = HOUR
    critical_acceptance_seconds: int = 15 * MINUTE
    simple_seconds: int = 8 * HOUR
    bug_seconds: int = 3 * HOUR
    part_seconds: int = 8 * HOUR
    parts_per_target: int = 8
    parts_without_approval_max: int = 3
    minimum_left_seconds: int = 2 * HOUR
    reclassify_left_seconds: int = HOUR
    consult_seconds: int = 8 * HOUR
    estimate_seconds: int = 16 * HOUR
    consult_pauses_parts: bool = False
    remind_delivered_seconds: int = 8 * HOUR
    confirm_delivered_seconds: int = 16 * HOUR
    real_confirmation_above_kopecks: int = 20_000_00
    reopen_days: int = 5
    expire_days: int = 10
    expire_reminder_days: tuple[int, ...] = (1, 3)
    answer_days: int = 5
    answer_reminder_days: tuple[int, ...] = (1, 3)
    work_warning_seconds: int = 45 * MINUTE
    work_max_seconds: int = HOUR
    warning_percents: tuple[int, ...] = (50, 75, 90)
    returns_to_administrator: int = 3
    contest_days: int = 2
    doubt_seconds: int = 4 * HOUR
    contest_charge_within_days: int = 60
    credit_consultations: int = 0
    capture_finished_parts_on_cancel: bool = True
    lot_validity_days: int = 0
    low_balance: tuple[int, ...] = (3, 0)
    low_balance_days: tuple[int, ...] = (5,)
    charge_bugs: bool = True
    charge_confirmed_defects: bool = False
    complex_costs_parts: bool = True
    capture_parts_when_finished: bool = False
    estimate_warning_percent: int = 80

    def __post_init__(self) -> None:
        for item in fields(self):
            values = getattr(self, item.name)
            if isinstance(values, tuple) != isinstance(item.default, tuple):
                raise TermsError(f"{item.name} is one number, or a list where the default is one.")
            for value in values if isinstance(values, tuple) else (values,):
                if not isinstance(value, int):
                    raise TermsError(f"{item.name} must be a whole number.")
                if not 0 <= value <= TERM_MAX:
                    raise TermsError(f"{item.name} must not be negative or absurdly large.")
        if self.remind_delivered_seconds > self.confirm_delivered_seconds:
            raise TermsError("remind_delivered_seconds is later than confirm_delivered_seconds.")
        if self.work_warning_seconds > self.work_max_seconds:
            raise TermsError("work_warning_seconds is later than work_max_seconds.")
        if not self.parts_per_target:
            raise TermsError("parts_per_target must be at least 1.")
        if self.estimate_warning_percent > PERCENT_MAX:
            raise TermsError("estimate_warning_percent is more than 100.")

    @classmethod
    def parse(cls, stored: Mapping[str, object]) -> Terms:
        """Terms from JSON: unknown names are refused, missing ones take the defaults."""
        known = {item.name: item for item in fields(cls)}
        unknown = sorted(set(stored) - set(known))
        if unknown:
            raise TermsError(f"Unknown terms: {', '.join(unknown)}.")
        values = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in stored.items()
        }
        return cls(**values)  # type: ignore[arg-type]  # names were checked, values are next

    def to_dict(self) -> dict[str, object]:
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }


def acceptance_target(terms: Terms, *, critical_claim: bool) -> int:
    """Working seconds to accept (R4)."""
    return terms.critical_acceptance_seconds if critical_claim else terms.acceptance_seconds


def target(terms: Terms, kind: Type, parts: int = 1, estimated_seconds: int = 0) -> int:
    """Working seconds to resolve from the clock's start (specification 1, R6).

    `parts` counts the parts of a complex ticket; `estimated_seconds` is production's estimate of
    a customisation, counted from approval by the caller's choice of start.
    """
    match kind:
        case Type.SIMPLE:
            return terms.simple_seconds
        case Type.BUG:
            return terms.bug_seconds
        case Type.COMPLEX:
            return part_target(terms, parts)
        case Type.CUSTOMISATION:
            return estimated_seconds


def part_target(terms: Terms, k: int) -> int:
    """Working seconds until part `k` (from 1) is due: 8 h × ⌈k / 8⌉ by default (R6)."""
    return terms.part_seconds * -(-k // terms.parts_per_target)


def units(terms: Terms, kind: Type, parts: int) -> int:
    """Consultations that a ticket costs; a customisation costs money instead (specification 1).

    A complex ticket costs its parts, and a bug one consultation, unless the plan says otherwise
    (specification 3, L6).
    """
    match kind:
        case Type.COMPLEX:
            return parts if terms.complex_costs_parts else min(parts, 1)
        case Type.CUSTOMISATION:
            return 0
        case Type.BUG:
            return min(parts, 1) if terms.charge_bugs else 0
        case Type.SIMPLE:
            return min(parts, 1)


def needs_approval(terms: Terms, kind: Type, parts: int) -> bool:
    """More consultations than the plan lets a specialist decide alone need the partner's
    consent."""
    return kind == Type.COMPLEX and units(terms, kind, parts) > terms.parts_without_approval_max


def credit_limit(terms: Terms, own: int) -> int:
    """How many consultations are lent for bugs (L2): by the plan, or by a partner's own limit
    where that is higher."""
    return max(terms.credit_consultations, own)


def estimate_kopecks(hours_max: int, hour_price_kopecks: int) -> int:
    """The sum held for a customisation: estimated hours × hourly rate."""
    return hours_max * hour_price_kopecks


def hours_warning_due(terms: Terms, before: int, after: int, approved: int) -> bool:
    """Whether these minutes bring a customisation to the share of the approved ones at which all
    are warned (specification 3). `before` and `after` are minutes logged; 0 %: nobody is."""
    mark = approved * terms.estimate_warning_percent
    return mark > 0 and before * PERCENT_MAX < mark <= after * PERCENT_MAX


def silence(calendar: Calendar, terms: Terms, delivered_at: datetime) -> tuple[datetime, datetime]:
    """The reminder's and the system's confirmation instants after a delivery (T6)."""
    return (
        calendar.add(delivered_at, terms.remind_delivered_seconds),
        calendar.add(delivered_at, terms.confirm_delivered_seconds),
    )


def reopen_until(calendar: Calendar, terms: Terms, resolved_at: datetime) -> datetime:
    """The end of the 5th working date after resolution, by default (R15)."""
    return calendar.end_of_working_day(resolved_at, terms.reopen_days)


def expires_at(
    calendar: Calendar, terms: Terms, waiting_since: datetime, valid_until: datetime | None
) -> datetime:
    """When an unanswered approval or an unfunded ticket ends, free of charge.

    An estimate that is valid for longer is not cut short.
    """
    end = calendar.end_of_working_day(waiting_since, terms.expire_days)
    return max(end, valid_until) if valid_until else end


def days_after(calendar: Calendar, since: datetime, days: tuple[int, ...]) -> tuple[datetime, ...]:
    """The ends of the given working dates after `since`: the instants of reminders."""
    return tuple(calendar.end_of_working_day(since, day) for day in days)


def part_work_is_limited(kind: Type) -> bool:
    """Whether the one-hour rule holds for the type (T3): bug and customisation are exempt."""
    return kind in (Type.SIMPLE, Type.COMPLEX)
