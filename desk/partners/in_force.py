"""Which version of a plan and of a calendar is in force at a moment (R1, R15)."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import connection

from desk.lib import joined
from desk.partners.models import Calendar, CalendarVersion, PlanVersion
from desk.rules.worktime import Calendar as WorkCalendar

DEFAULT_ZONE = "Europe/Kyiv"

# Raw, because every new ticket asks: building these queries costs more than running them.
_ZONE = "SELECT timezone FROM partners_organisation LIMIT 1"
_LATEST = """
    SELECT * FROM partners_{kind}version
    WHERE {kind}_id = {of} AND effective_on <= {on} ORDER BY effective_on DESC LIMIT 1
"""
_CALENDAR_VERSION = _LATEST.format(kind="calendar", of="%(of)s", on="%(on)s")
_LOCAL_DATE = "(%(at)s AT TIME ZONE partners_organisation.timezone)::date"
_SERVICE = f"""
    SELECT partners_calendarversion.* FROM partners_organisation
    LEFT JOIN LATERAL (
        {_LATEST.format(kind="calendar", of="partners_organisation.calendar_id", on=_LOCAL_DATE)}
    ) partners_calendarversion ON TRUE
    WHERE partners_organisation.calendar_id IS NOT NULL LIMIT 1
"""  # noqa: S608  # made of constants
_IN_FORCE = f"""
    SELECT {joined.columns(PlanVersion, CalendarVersion, Calendar)}
    FROM ({_LATEST.format(kind="plan", of="%(of)s", on="%(on)s")}) partners_planversion
    JOIN partners_calendar ON partners_calendar.id = partners_planversion.calendar_id
    LEFT JOIN LATERAL (
        {_LATEST.format(kind="calendar", of="partners_planversion.calendar_id", on="%(on)s")}
    ) partners_calendarversion ON TRUE
"""  # noqa: S608  # made of the models alone


class NoVersion(Exception):
    """Nothing of this calendar or plan was in force yet at that moment."""


def today(at: datetime) -> date:
    """The date at the organisation: versions come into force by it."""
    with connection.cursor() as cursor:
        cursor.execute(_ZONE)
        (zone,) = cursor.fetchone() or (DEFAULT_ZONE,)
    return at.astimezone(ZoneInfo(zone)).date()


def calendar_version(calendar_id: int, at: datetime) -> CalendarVersion:
    """What is in force at `at`; `NoVersion` before the first one."""
    on = today(at)
    found = CalendarVersion.objects.raw(_CALENDAR_VERSION, {"of": calendar_id, "on": on})
    for version in found:
        return version
    raise NoVersion(f"calendar {calendar_id} on {on}")


def service_calendar(at: datetime) -> WorkCalendar | None:
    """The service's working time in force at `at`, in one statement; None before the organisation
    has any, `NoVersion` before the first version."""
    for version in CalendarVersion.objects.raw(_SERVICE, {"at": at}):
        if version.pk is None:
            raise NoVersion(f"the service's calendar at {at}")
        return version.value()
    return None


def plan_version(plan_id: int, at: datetime) -> PlanVersion:
    """The terms in force at `at`; `NoVersion` before the first ones."""
    return _in_force(plan_id, today(at))[0]


def versions_in_force(plan_id: int, at: datetime) -> tuple[PlanVersion, CalendarVersion]:
    """The terms of a plan in force at `at`, and the calendar that they name; `NoVersion` before
    the first ones."""
    on = today(at)
    terms, calendar = _in_force(plan_id, on)
    if calendar is None:
        raise NoVersion(f"calendar {terms.calendar_id} on {on}")
    return terms, calendar


def _in_force(plan_id: int, on: date) -> tuple[PlanVersion, CalendarVersion | None]:
    """The terms of the day with their calendar, and its version of the day, if it has one."""
    with connection.cursor() as cursor:
        cursor.execute(_IN_FORCE, {"of": plan_id, "on": on})
        found = cursor.fetchone()
    if found is None:
        raise NoVersion(f"plan {plan_id} on {on}")
    values = iter(found)
    terms, version = joined.row(PlanVersion, values), joined.maybe_row(CalendarVersion, values)
    terms.calendar = joined.row(Calendar, values)
    if version is not None:
        version.calendar = terms.calendar
    return terms, version
