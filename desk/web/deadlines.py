"""A deadline as the reader sees it: date, count-down, one of four states (specification 7).

Screens make a `Deadline` from what tickets.queries computed and hand it to
components/deadline.html, or to mails through its texts.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from desk.web import formats

SOON_SHARE = 0.25
Window = tuple[datetime, datetime]

_WORDS = {
    "calm": _("in time"),
    "soon": _("due soon"),
    "late": _("overdue"),
    "standing": _("the clock stands"),
    "kept": _("kept"),
    "missed": _("missed"),
    "none": _("not fixed yet"),
}

_ENDED = {
    "acceptance": _("Accepted %(moment)s"),
    "resolution": _("Handed over %(moment)s"),
    "production": _("Answered %(moment)s"),
    "ruling": _("Ruled %(moment)s"),
}


@dataclass(frozen=True, slots=True)
class Deadline:
    """One deadline at the instant `at`.

    `state` is calm, soon, late or standing; kept or missed once it has ended; none while there is
    no date. `remaining_seconds` is working time, negative when late. `windows` are the next open
    intervals of the calendar, from `at` on; with them the page counts down by itself. `reason`
    says who is waited for while it stands. `kind` is what the clock measures; a void one counts no
    more: the ticket was declined, cancelled or merged.
    """

    name: str
    state: str
    at: datetime
    due_at: datetime | None = None
    remaining_seconds: int = 0
    target_seconds: int = 0
    soon_seconds: int = 0
    windows: tuple[Window, ...] = ()
    since_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str = ""
    note: str = ""
    kind: str = "resolution"
    is_void: bool = False

    @property
    def ticks(self) -> bool:
        """Whether the page counts it down."""
        return self.state in {"calm", "soon", "late"} and bool(self.windows)

    @property
    def word(self) -> str:
        """The state in words."""
        return gettext("no longer counts") if self.is_void else str(_WORDS[self.state])

    @property
    def headline(self) -> str:
        """The date with weekday, or since when it stands (R10: no date that will move)."""
        if self.state == "standing" and self.since_at:
            return gettext("Stands since %(moment)s") % {
                "moment": formats.moment(self.since_at, self.at)
            }
        if self.due_at is None:
            return formats.capital(self.word)
        return " ".join(self.pieces)

    @property
    def shows_date(self) -> bool:
        """Whether a date may be shown: not while the clock stands (R10)."""
        return self.due_at is not None and self.state != "standing"

    @property
    def pieces(self) -> tuple[str, ...]:
        """Weekday, day, time, each kept on one line: "Monday," "30 November," "16:00"."""
        if self.due_at is None:
            return ()
        weekday, date = formats.long_day(self.due_at)
        return (f"{formats.capital(weekday)},", f"{date},", formats.clock_time(self.due_at))

    @property
    def short_headline(self) -> str:
        """The headline where there is little room."""
        if self.state == "standing" and self.since_at:
            return gettext("stands since %(moment)s") % {
                "moment": formats.since(self.since_at, self.at)
            }
        return formats.when(self.due_at, self.at) if self.due_at else self.word

    @property
    def left(self) -> str:
        """The count-down, as it was at `at`."""
        if self.state in {"kept", "missed"}:
            return self._ended()
        time = {"time": formats.duration(self.remaining_seconds)}
        if self.state == "standing" and not self.target_seconds:
            return self.reason
        if self.state == "standing":
            rest = gettext("%(time)s left") % time
            if self.remaining_seconds < 0:
                rest = gettext("%(time)s overdue") % time
            return f"{self.reason}, {rest}" if self.reason else rest
        if self.state == "none":
            return self.reason
        if self.remaining_seconds < 0 or self.state == "late":
            return gettext("%(time)s of working time overdue") % time
        return gettext("%(time)s of working time left") % time

    @property
    def short_left(self) -> str:
        """The count-down where there is little room."""
        if self.state not in {"calm", "soon", "late", "standing"}:
            return self.left
        if self.state == "standing" and not self.target_seconds:
            return ""
        time = {"time": formats.duration(self.remaining_seconds)}
        is_late = self.state == "late" or self.remaining_seconds < 0
        return (gettext("%(time)s overdue") if is_late else gettext("%(time)s left")) % time

    @property
    def run_percent(self) -> str:
        """How much of the working time has run, for the bar: "0" to "100"."""
        if self.target_seconds <= 0:
            return "0"
        run = 100 * (self.target_seconds - self.remaining_seconds) // self.target_seconds
        return str(min(100, max(0, run)))

    @property
    def data(self) -> str:
        """What countdown.js needs, as JSON: instants in seconds of the epoch."""
        windows = [[int(a.timestamp()), int(b.timestamp())] for a, b in self.windows]
        return json.dumps(
            {
                "at": int(self.at.timestamp()),
                "remaining": self.remaining_seconds,
                "target": self.target_seconds,
                "soon": self.soon_seconds,
                "windows": windows,
            }
        )

    def _ended(self) -> str:
        if self.ended_at is None:
            return self.reason
        text = _ENDED.get(self.kind, _ENDED["resolution"])
        return str(text) % {"moment": formats.when(self.ended_at, self.at)}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of working time of a clock: how long it is and what remains of it."""

    remaining_seconds: int
    target_seconds: int
    windows: tuple[Window, ...] = ()


def running(name: str, at: datetime, due_at: datetime, span: Span, note: str = "") -> Deadline:
    """A deadline whose clock runs: calm, soon (a quarter or less is left) or late (R7)."""
    soon = int(span.target_seconds * SOON_SHARE)
    state = "calm"
    if due_at <= at:
        state = "late"
    elif span.remaining_seconds <= soon:
        state = "soon"
    return Deadline(
        name=name,
        state=state,
        at=at,
        due_at=due_at,
        remaining_seconds=span.remaining_seconds,
        target_seconds=span.target_seconds,
        soon_seconds=soon,
        windows=span.windows,
        note=note,
    )


def standing(name: str, at: datetime, since_at: datetime, span: Span, reason: str) -> Deadline:
    """A deadline whose clock is paused since `since_at`; no date is shown (R10)."""
    return Deadline(
        name=name,
        state="standing",
        at=at,
        remaining_seconds=span.remaining_seconds,
        target_seconds=span.target_seconds,
        since_at=since_at,
        reason=reason,
    )


def ended(name: str, at: datetime, due_at: datetime, ended_at: datetime) -> Deadline:
    """A deadline that was kept or missed."""
    return Deadline(
        name=name,
        state="kept" if ended_at <= due_at else "missed",
        at=at,
        due_at=due_at,
        ended_at=ended_at,
    )


def none(name: str, at: datetime, reason: str = "") -> Deadline:
    """No date yet, and why."""
    return Deadline(name=name, state="none", at=at, reason=reason)
