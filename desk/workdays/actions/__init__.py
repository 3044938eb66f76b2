"""Writing schedules, absences and the timeline of a day. One person's rows are written one after
the other, under that person's lock; the database excludes overlaps besides (T11)."""

from desk.workdays.actions.hours import (
    ABSENCE_DAYS_MAX,
    hand_over_absence,
    note_absence,
    set_schedule,
    withdraw_absence,
)
from desk.workdays.actions.presence import BEFORE_MAX, account, look
from desk.workdays.actions.rows import (
    WORDS_MAX,
    AlreadyStruck,
    Backwards,
    InForce,
    InFuture,
    Overlaps,
    ReasonMissing,
    Span,
    Started,
    TooLong,
)
from desk.workdays.actions.timeline import ENTRY_HOURS_MAX, correct, enter, start, stop, strike

__all__ = [
    "ABSENCE_DAYS_MAX",
    "BEFORE_MAX",
    "ENTRY_HOURS_MAX",
    "WORDS_MAX",
    "AlreadyStruck",
    "Backwards",
    "InForce",
    "InFuture",
    "Overlaps",
    "ReasonMissing",
    "Span",
    "Started",
    "TooLong",
    "account",
    "correct",
    "enter",
    "hand_over_absence",
    "look",
    "note_absence",
    "set_schedule",
    "start",
    "stop",
    "strike",
    "withdraw_absence",
]
