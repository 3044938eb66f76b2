"""The organisation, its calendars and its plans. Both are versioned by date: what was in force
stays as it was, and a ticket keeps the version it was given (R12, R15)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.partners import queries
from desk.partners.actions import checks
from desk.partners.models import (
    Calendar,
    CalendarVersion,
    Organisation,
    Plan,
    PlanVersion,
)
from desk.rules.promises import Terms
from desk.rules.worktime import Calendar as WorkCalendar

NAME_MAX = 120


class AlreadyOrganised(Exception):
    """There is an organisation: the first-run wizard is over."""


class NameTaken(Exception):
    """Another one of its kind has this name."""


class InForce(Exception):
    """A version that is in force, or was, cannot be changed or put before; `earliest_on` can."""

    def __init__(self, earliest_on: date) -> None:
        super().__init__(f"not before {earliest_on}")
        self.earliest_on = earliest_on


def organise(cause: Cause, name: str, language: str, timezone: str) -> Organisation:
    """Make the one organisation of this installation; `AlreadyOrganised` the second time."""
    with transaction.atomic():
        if Organisation.objects.exists():
            raise AlreadyOrganised
        organisation = Organisation.objects.create(
            name=checks.text("name", name, 200),
            language=checks.language(language),
            timezone=checks.timezone(timezone),
            created_at=cause.at,
        )
        journal.record(cause, "organise", "organisation", {"timezone": timezone})
        return organisation


def add_calendar(cause: Cause, name: str, content: Mapping[str, object]) -> Calendar:
    """Add a calendar in force from today; the first one becomes the service calendar.

    `content` is the JSON form of `worktime.Calendar`; `CalendarError` says what is wrong with it.
    """
    value = WorkCalendar.parse(content)
    with transaction.atomic():
        found = checks.text("name", name, NAME_MAX)
        if Calendar.objects.filter(name=found).exists():
            raise NameTaken
        calendar = Calendar.objects.create(name=found)
        effective_on = queries.today(cause.at)
        CalendarVersion.objects.create(
            calendar=calendar, effective_on=effective_on, content=value.to_dict()
        )
        Organisation.objects.filter(calendar=None).update(calendar=calendar)
        facts = {"effective_on": effective_on.isoformat()}
        journal.record(cause, "add_calendar", f"calendar:{calendar.pk}", facts)
        return calendar


def choose_calendar(cause: Cause, calendar_id: int) -> Organisation:
    """Make another calendar the service calendar."""
    with transaction.atomic():
        organisation = Organisation.objects.select_for_update().get()
        organisation.calendar = Calendar.objects.get(pk=calendar_id)
        organisation.save(update_fields=["calendar"])
        journal.record(cause, "choose_calendar", f"calendar:{calendar_id}", {})
        return organisation


def add_calendar_version(
    cause: Cause, calendar_id: int, effective_on: date, content: Mapping[str, object]
) -> CalendarVersion:
    """Put a version in force from a date on, today or later.

    A version that is not yet in force may be put again, which replaces it. Raises `InForce`, and
    `CalendarError` with a sentence for a calendar that cannot be one.
    """
    value = WorkCalendar.parse(content)
    with transaction.atomic():
        calendar = Calendar.objects.select_for_update().get(pk=calendar_id)
        _refuse_past(cause, effective_on, calendar.versions.filter(effective_on=effective_on))
        version, _ = CalendarVersion.objects.update_or_create(
            calendar=calendar, effective_on=effective_on, defaults={"content": value.to_dict()}
        )
        facts = {"effective_on": effective_on.isoformat(), "content": value.to_dict()}
        journal.record(cause, "add_calendar_version", f"calendar:{calendar.pk}", facts)
        return version


def add_plan(cause: Cause, name: str, calendar_id: int, terms: Mapping[str, object]) -> Plan:
    """Add a plan in force from today. Missing terms take the defaults, and the version keeps
    every number as it is now. `TermsError` says what is wrong with them."""
    value = Terms.parse(terms)
    with transaction.atomic():
        found = checks.text("name", name, NAME_MAX)
        if Plan.objects.filter(name=found).exists():
            raise NameTaken
        plan = Plan.objects.create(name=found)
        effective_on = queries.today(cause.at)
        PlanVersion.objects.create(
            plan=plan,
            effective_on=effective_on,
            calendar=Calendar.objects.get(pk=calendar_id),
            terms=value.to_dict(),
        )
        facts = {"effective_on": effective_on.isoformat(), "terms": value.to_dict()}
        journal.record(cause, "add_plan", f"plan:{plan.pk}", facts)
        return plan


def add_plan_version(
    cause: Cause, plan_id: int, effective_on: date, calendar_id: int, terms: Mapping[str, object]
) -> PlanVersion:
    """Put new terms in force from a date on, today or later; promises given keep theirs (R12).

    A version that is not yet in force may be put again, which replaces it. Raises `InForce`, and
    `TermsError` with the name of the term.
    """
    value = Terms.parse(terms)
    with transaction.atomic():
        plan = Plan.objects.select_for_update().get(pk=plan_id)
        _refuse_past(cause, effective_on, plan.versions.filter(effective_on=effective_on))
        content = {"calendar": Calendar.objects.get(pk=calendar_id), "terms": value.to_dict()}
        version, _ = PlanVersion.objects.update_or_create(
            plan=plan, effective_on=effective_on, defaults=content
        )
        facts = {
            "effective_on": effective_on.isoformat(),
            "calendar": calendar_id,
            "terms": value.to_dict(),
        }
        journal.record(cause, "add_plan_version", f"plan:{plan.pk}", facts)
        return version


def _refuse_past(cause: Cause, effective_on: date, same_day: QuerySet[Any]) -> None:
    """Today may get its first version, since nothing was in force under that date; a date
    that has one may be put again only before it comes."""
    today = queries.today(cause.at)
    if effective_on < today:
        raise InForce(today)
    if effective_on == today and same_day.exists():
        raise InForce(today + timedelta(days=1))
