"""A specialist's Monday in Kyiv, to be changed by a test in what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from desk.rules.standard.edition import Rule
from desk.rules.standard.facts import Asked, Day, Did, Doing, OurTurn, Story, Stretch, Turn, Work
from desk.rules.standard.obligation import Exempt, Outcome, judge
from desk.rules.standard.parameters import Parameters
from desk.rules.worktime import Calendar

KYIV = ZoneInfo("Europe/Kyiv")
WEEK = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
CALENDAR = Calendar.parse({"timezone": "Europe/Kyiv", "week": WEEK})
MONDAY = datetime(2026, 11, 30, tzinfo=KYIV)
ME, OTHER = 7, 8


def clock(text: str, days: int = 0) -> datetime:
    """ "09:05" of the Monday, or of so many days later."""
    hours, minutes = map(int, text.split(":"))
    return MONDAY + timedelta(days=days, hours=hours, minutes=minutes)


def did(doing: Doing, since: str, until: str | None = None, subject: str = "") -> Did:
    until_at = None if until is None else clock(until)
    return Did(doing, clock(since), until_at, subject, f"{doing}:{since}")


def worked(since: str, until: str | None, subject: str, person_id: int = ME) -> Work:
    until_at = None if until is None else clock(until)
    return Work(person_id, subject, clock(since), until_at, f"work:{since}")


def day(confirmed: str | None = "09:05", **changes: object) -> Day:
    windows = ((clock("09:00"), clock("13:00")), (clock("14:00"), clock("18:00")))
    found = Day(windows, None if confirmed is None else clock(confirmed))
    return replace(found, **changes)  # type: ignore[arg-type]


def asked(since: str, due: str, met: str | None = None, key: str = "accept:1") -> Asked:
    return Asked(key, clock(since), clock(due), None if met is None else clock(met), ref="entry:1")


def story(key: str = "ticket:1", **changes: object) -> Story:
    """A ticket that is mine from the morning on."""
    found = Story(key, (Turn(ME, clock("09:00")),))
    return replace(found, **changes)  # type: ignore[arg-type]


def ours(since: str, until: str | None = None) -> tuple[OurTurn, ...]:
    return (OurTurn(clock(since), None if until is None else clock(until)),)


def stretch(*stories: Story, **changes: object) -> Stretch:
    found = Stretch(ME, CALENDAR, (day(),), stories=stories)
    return replace(found, **changes)  # type: ignore[arg-type]


def violated(
    kind: str, parameters: Parameters, found: Stretch, *exempt: Exempt
) -> list[tuple[str, str]]:
    """Key and local time of each violation of one rule, known on the next day's evening."""
    return [
        (owed.key, f"{judgement.at.astimezone(KYIV):%d %H:%M}")
        for owed in Rule(kind, parameters).find(found)
        if (judgement := judge(owed, exempt, 0, clock("20:00", 1))).outcome == Outcome.VIOLATED
        and judgement.at is not None
    ]
