"""Working time by hand, for the plan of offences: tables of hours, nothing of `desk.rules`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

KYIV = ZoneInfo("Europe/Kyiv")
UTC = ZoneInfo("UTC")
FRIDAY = 4
SERVICE = ((9, 18),)
EARLY = ((9, 12), (13, 18))
LATE = ((9, 13), (14, 18))
HOLIDAYS = (date(2026, 10, 28),)
WORKING_DAYS_AHEAD_MAX = 30

Window = tuple[datetime, datetime]


def moment(on: date, hour: int, minute: int = 0) -> datetime:
    """The UTC instant of a local time."""
    return datetime.combine(on, time(hour, minute), KYIV).astimezone(UTC)


def local_date(at: datetime) -> date:
    return at.astimezone(KYIV).date()


def is_working_date(on: date) -> bool:
    return on.weekday() <= FRIDAY and on not in HOLIDAYS


@dataclass(frozen=True, slots=True)
class Hours:
    """Somebody's hours of a working day, in whole local hours."""

    spans: Sequence[tuple[int, int]] = SERVICE
    known: dict[date, list[Window]] = field(default_factory=dict)

    def windows(self, on: date) -> list[Window]:
        """The day's windows as instants; none on a day off."""
        if on not in self.known:
            spans = self.spans if is_working_date(on) else ()
            self.known[on] = [(moment(on, start), moment(on, end)) for start, end in spans]
        return self.known[on]

    def add(self, at: datetime, minutes: float) -> datetime:
        """The instant at which so many working minutes have passed since `at`."""
        left, on = timedelta(minutes=minutes), local_date(at)
        for _ in range(WORKING_DAYS_AHEAD_MAX):
            for start, end in self.windows(on):
                begins = max(start, at)
                if begins < end and end - begins >= left:
                    return begins + left
                left -= max(end - begins, timedelta())
            on += timedelta(days=1)
        raise ValueError("there is no working time so far ahead")

    def closing(self, at: datetime, days: int = 0) -> datetime:
        """The end of the `days`-th working day after that of `at`."""
        on = local_date(at)
        while days or not is_working_date(on):
            on += timedelta(days=1)
            days -= is_working_date(on)
        return self.windows(on)[-1][1]

    def is_open(self, at: datetime) -> bool:
        return any(start <= at < end for start, end in self.windows(local_date(at)))

    def calendar(self) -> dict[str, object]:
        """The same hours as a calendar's JSON object."""
        spans = [[f"{start:02}:00", f"{end:02}:00"] for start, end in self.spans]
        week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), spans)
        days_off = [on.isoformat() for on in HOLIDAYS]
        return {"timezone": "Europe/Kyiv", "week": week, "days_off": days_off}


SERVICE_HOURS = Hours(SERVICE)


def working_dates(first: date, days: int) -> list[date]:
    every = (first + timedelta(days=number) for number in range(days))
    return [on for on in every if is_working_date(on)]
