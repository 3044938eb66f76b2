"""When the desk works, and what the partner's plan promises."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest
from ninja import Query
from pydantic import BaseModel, Field

from desk.channels.api import calls, shapes, whose
from desk.channels.api.calls import Call
from desk.channels.api.money import Amount, money
from desk.channels.api.routing import Area
from desk.channels.api.scopes import Scope
from desk.channels.api.whose import OfPartner, PartnerId
from desk.partners import queries as partners
from desk.partners.models import PartnerRole, StaffRole
from desk.rules.worktime import Calendar, Window

hours = Area("hours", "The working calendar that deadlines follow, and the promises of the plan.")

AHEAD = timedelta(days=365)
NEXT_DAYS = 14
HOUR, MINUTE = 3600, 60


class DayHours(BaseModel):
    """A weekday or a date with its working hours in the calendar's zone; closed without any."""

    day: str = Field(examples=["monday", "2026-12-25"])
    hours: list[tuple[str, str]] = Field(examples=[[("09:00", "13:00"), ("14:00", "18:00")]])


class WorkingCalendar(BaseModel):
    """The calendar that the partner's deadlines follow."""

    name: str
    timezone: str = Field(examples=["Europe/Kyiv"])
    is_open: bool
    opens_at: datetime | None = Field(description="When a clock would start; null while open.")
    closes_at: datetime | None = Field(description="Null while closed.")
    week: list[DayHours] = Field(description="Seven days from Monday.")
    exceptions: list[DayHours] = Field(description="Dates within a year that differ from the week.")
    windows: list[shapes.Window] = Field(description="The open hours of the next two weeks.")


class PlanTerms(BaseModel):
    """What is promised, and its price. Seconds are of working time."""

    name: str
    effective_on: date = Field(description="Since when these terms hold.")
    consultation_price: Amount
    programmer_hour_price: Amount
    acceptance_seconds: int
    critical_acceptance_seconds: int
    simple_seconds: int = Field(description="To resolve a simple ticket, from its acceptance.")
    bug_seconds: int
    part_seconds: int = Field(description="For each `parts_per_target` parts of a complex one.")
    parts_per_target: int
    parts_without_approval_max: int
    confirm_delivered_seconds: int = Field(description="After so long silence confirms.")
    reopen_days: int
    contest_days: int
    expire_days: int = Field(description="Working days after which an unanswered offer ends.")
    credit_consultations: int = Field(description="Lent for bugs beyond the deposit.")


@hours.get("/calendar", Scope.PROJECTS_READ, WorkingCalendar)
def read_calendar(request: HttpRequest, wanted: Query[OfPartner]) -> WorkingCalendar:
    """Read the working calendar.

    Our own people may leave the partner out: then it is the desk's own calendar.
    """
    call = calls.of(request)
    version = partners.calendar_version(_calendar_id(call, wanted.partner_id), call.at)
    calendar, at = version.value(), call.at
    is_open = calendar.is_open(at)
    return WorkingCalendar(
        name=version.calendar.name,
        timezone=calendar.timezone,
        is_open=is_open,
        opens_at=None if is_open else calendar.next_open(at),
        closes_at=calendar.next_close(at) if is_open else None,
        week=_week(calendar),
        exceptions=_exceptions(calendar, at),
        windows=_windows(calendar, at),
    )


@hours.get("/plan", Scope.PROJECTS_READ, PlanTerms)
def read_plan(request: HttpRequest, wanted: Query[OfPartner]) -> PlanTerms:
    """Read what the partner's plan promises today.

    A ticket keeps the terms under which it was accepted.
    """
    call = calls.of(request)
    version = partners.partner_plan(_partner(call, wanted.partner_id), call.at)
    terms = version.value()
    return PlanTerms.model_validate(
        {
            **terms.to_dict(),
            "name": version.plan.name,
            "effective_on": version.effective_on,
            "consultation_price": money(terms.price_kopecks),
            "programmer_hour_price": money(terms.hour_price_kopecks),
        }
    )


def _calendar_id(call: Call, wanted: PartnerId) -> int:
    if wanted is None and call.access.is_staff:
        organisation = partners.organisation()
        if organisation is None or organisation.calendar_id is None:
            raise ObjectDoesNotExist
        return organisation.calendar_id
    return partners.partner_plan(_partner(call, wanted), call.at).calendar_id


def _partner(call: Call, wanted: PartnerId) -> int:
    return whose.partner_id(call, wanted, tuple(PartnerRole), tuple(StaffRole))


def _week(calendar: Calendar) -> list[DayHours]:
    names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return [
        DayHours(day=name, hours=_hours(day))
        for name, day in zip(names, calendar.week, strict=True)
    ]


def _exceptions(calendar: Calendar, at: datetime) -> list[DayHours]:
    """Days off and days with other hours within a year, the next one first."""
    today, extra = calendar.date_of(at), calendar.extra_days
    days = sorted({*calendar.days_off, *extra})
    near = [on for on in days if today <= on <= today + AHEAD]
    return [DayHours(day=on.isoformat(), hours=_hours(extra.get(on, ()))) for on in near]


def _windows(calendar: Calendar, at: datetime) -> list[shapes.Window]:
    today = calendar.date_of(at)
    found: list[Window] = []
    for number in range(NEXT_DAYS):
        found += calendar.windows(today + timedelta(days=number))
    return [shapes.Window(since_at=since, until_at=until) for since, until in found if until > at]


def _hours(spans: tuple[tuple[int, int], ...]) -> list[tuple[str, str]]:
    return [(_time(start), _time(end)) for start, end in spans]


def _time(seconds: int) -> str:
    return f"{seconds // HOUR:02}:{seconds % HOUR // MINUTE:02}"
