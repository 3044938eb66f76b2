"""Plans and calendars by date. What is in force stays; a new version begins on a later day, and
what was promised keeps the version it was given (R12, R15)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from desk.partners import actions as partners
from desk.partners import queries
from desk.partners.models import (
    Calendar,
    CalendarVersion,
    Plan,
    PlanVersion,
    StaffRole,
)
from desk.rules.lifecycle import ClockState
from desk.rules.promises import Terms
from desk.rules.worktime_text import WEEKDAYS
from desk.staff.setup import effect, shown, terms, weekgrid
from desk.staff.setup.forms import PlanForm, PlanVersionForm
from desk.staff.setup.once import once
from desk.tickets.models import Ticket
from desk.web import edge, formats
from desk.web.access import staff_page
from desk.web.amounts import written
from desk.web.attempts import attempt
from desk.web.forms import Guards

CHANNEL = "setup"
Context = dict[str, Any]
Version = PlanVersion | CalendarVersion


class CalendarVersionForm(weekgrid.CalendarForm):
    """Another week from a date on; the name stays."""

    effective_on = forms.DateField(
        label=gettext_lazy("In force from"),
        widget=forms.DateInput(attrs={"type": "date", "class": "input-medium"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["name"]


@require_GET
@staff_page(StaffRole.VENDOR)
def plans(request: HttpRequest) -> HttpResponse:
    """All plans and calendars with what is in force today."""
    today = queries.today(edge.now())
    organisation = queries.organisation()
    context = {
        "plans": [_plan(plan, today) for plan in queries.plans()],
        "calendars": [
            {
                "id": one.pk,
                "name": one.name,
                "service": organisation is not None and organisation.calendar_id == one.pk,
                "week": week(_in_force(one.versions.all(), today)),
            }
            for one in queries.calendars()
        ],
        "guard": Guards(),
    }
    return render(request, "setup/plans.html", context)


def _plan(plan: Plan, today: date) -> Context:
    version = _in_force(plan.versions.all(), today)
    assert isinstance(version, PlanVersion), "a plan begins with a version"
    value = version.value()
    return {
        "id": plan.pk,
        "name": plan.name,
        "price": value.price_kopecks,
        "hour_price": value.hour_price_kopecks,
        "acceptance": value.acceptance_seconds,
        "calendar": version.calendar.name,
    }


def _in_force(versions: Iterable[Version], today: date) -> Version:
    """The version of today; the first one to come where none is in force yet."""
    newest_first = list(versions)
    past = [one for one in newest_first if one.effective_on <= today]
    return past[0] if past else newest_first[-1]


def week(version: Version) -> list[Context]:
    """The days of a calendar with their hours."""
    assert isinstance(version, CalendarVersion), "only calendars have weeks"
    hours = version.content.get("week", {})
    return [
        {
            "day": formats.capital(formats.weekday(weekgrid.MONDAY + timedelta(days=index))),
            "hours": weekgrid.hours_text(hours.get(name, [])) or _("closed"),
        }
        for index, name in enumerate(WEEKDAYS)
    ]


@require_http_methods(["GET", "POST"])
@staff_page(StaffRole.VENDOR)
def new_plan(request: HttpRequest) -> HttpResponse:
    """A further plan, in force from today."""
    initial = {"name": "", **terms.initial(Terms())}
    form = PlanForm(request.POST or None, calendars=shown.calendar_choices(), initial=initial)
    status = None
    if request.method == "POST":
        cause = edge.cause(request, CHANNEL)
        status = attempt(
            form,
            lambda: partners.add_plan(
                cause, form.cleaned_data["name"], form.cleaned_data["calendar"], form.terms()
            ),
        )
        if status is None:
            messages.success(request, _("The plan is in force."))
            return redirect("setup:plans")
    context = {"form": form, "guard": Guards()}
    return render(request, "setup/plan_new.html", context, status=status)


@require_http_methods(["GET", "POST"])
@staff_page(StaffRole.VENDOR)
def plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """A plan's versions by date, and the form of the next one."""
    found = get_object_or_404(Plan, pk=plan_id)
    rows = list(found.versions.select_related("calendar").order_by("-effective_on"))
    tomorrow = queries.today(edge.now()) + timedelta(days=1)
    initial = {
        "effective_on": tomorrow,
        "calendar": rows[0].calendar_id,
        **terms.initial(rows[0].value()),
    }
    form = PlanVersionForm(
        request.POST or None, calendars=shown.calendar_choices(), initial=initial
    )
    status, looked = None, _effect(request, plan_id, form, rows)
    if request.method == "POST" and looked is None:
        status = attempt(form, lambda: _add_plan_version(request, plan_id, form))
        if status is None:
            messages.success(request, _("The new version is kept. Open tickets keep theirs."))
            return redirect("setup:plan", plan_id)
    used = _used("plan_version", rows)
    context = {
        "effect": looked,
        "plan": found,
        "versions": [_plan_version(row, used, tomorrow) for row in rows],
        "form": form,
        "guard": Guards(),
    }
    return render(request, "setup/plan.html", context, status=status)


def _effect(
    request: HttpRequest, plan_id: int, form: PlanVersionForm, rows: list[PlanVersion]
) -> effect.Effect | None:
    """What the form would change, as long as nobody has seen exactly that; None for what is
    refused anyway."""
    if request.method != "POST" or not form.is_valid():
        return None
    if form.cleaned_data["effective_on"] < queries.today(edge.now()):
        return None
    found = effect.of(plan_id, form, rows)
    return None if request.POST.get("seen") == found.mark else found


def _add_plan_version(request: HttpRequest, plan_id: int, form: PlanVersionForm) -> None:
    found = form.cleaned_data
    cause = edge.cause(request, CHANNEL)
    day, calendar_id = found["effective_on"], found["calendar"]
    once(
        cause,
        lambda: partners.add_plan_version(cause, plan_id, day, calendar_id, form.terms()),
    )


def _plan_version(row: PlanVersion, used: dict[int, int], tomorrow: date) -> Context:
    value = row.value()
    return {
        "on": row.effective_on,
        "ahead": row.effective_on >= tomorrow,
        "calendar": row.calendar.name,
        "price": written(value.price_kopecks),
        "hour_price": written(value.hour_price_kopecks),
        "acceptance": value.acceptance_seconds,
        "simple": value.simple_seconds,
        "bug": value.bug_seconds,
        "used": _open_tickets(used.get(row.pk, 0)),
    }


@require_http_methods(["GET", "POST"])
@staff_page(StaffRole.VENDOR)
def new_calendar(request: HttpRequest) -> HttpResponse:
    """A further calendar, in force from today."""
    initial = weekgrid.initial("", None, queries.DEFAULT_ZONE)
    form = weekgrid.CalendarForm(request.POST or None, initial=initial)
    status = None
    if request.method == "POST":
        cause = edge.cause(request, CHANNEL)
        status = attempt(
            form,
            lambda: partners.add_calendar(cause, form.cleaned_data["name"], form.content()),
        )
        if status is None:
            messages.success(request, _("The calendar is there."))
            return redirect("setup:plans")
    context = {"form": form, "guard": Guards()}
    return render(request, "setup/calendar_new.html", context, status=status)


@require_http_methods(["GET", "POST"])
@staff_page(StaffRole.VENDOR)
def calendar(request: HttpRequest, calendar_id: int) -> HttpResponse:
    """A calendar's versions by date, and the form of the next one."""
    found = get_object_or_404(Calendar, pk=calendar_id)
    rows = list(found.versions.order_by("-effective_on"))
    tomorrow = queries.today(edge.now()) + timedelta(days=1)
    initial = weekgrid.initial(found.name, rows[0].content, "") | {"effective_on": tomorrow}
    form = CalendarVersionForm(request.POST or None, initial=initial)
    status = None
    if request.method == "POST":
        status = attempt(form, lambda: _add_calendar_version(request, calendar_id, form))
        if status is None:
            messages.success(request, _("The new version is kept. Open tickets keep theirs."))
            return redirect("setup:calendar", calendar_id)
    used = _used("calendar_version", rows)
    context = {
        "calendar": found,
        "versions": [_calendar_version(row, used, tomorrow) for row in rows],
        "form": form,
        "guard": Guards(),
    }
    return render(request, "setup/calendar.html", context, status=status)


def _add_calendar_version(
    request: HttpRequest, calendar_id: int, form: CalendarVersionForm
) -> None:
    cause = edge.cause(request, CHANNEL)
    day = form.cleaned_data["effective_on"]
    content = form.content()
    once(cause, lambda: partners.add_calendar_version(cause, calendar_id, day, content))


def _calendar_version(row: CalendarVersion, used: dict[int, int], tomorrow: date) -> Context:
    return {
        "on": row.effective_on,
        "ahead": row.effective_on >= tomorrow,
        "week": week(row),
        "zone": row.content["timezone"],
        "days_off": len(row.content.get("days_off", [])),
        "used": _open_tickets(used.get(row.pk, 0)),
    }


@require_POST
@staff_page(StaffRole.VENDOR)
def choose_calendar(request: HttpRequest, calendar_id: int) -> HttpResponse:
    """Make a calendar the service calendar: by it works who has no hours of their own."""
    cause = edge.cause(request, CHANNEL)
    once(cause, lambda: partners.choose_calendar(cause, calendar_id))
    messages.success(request, _("Saved."))
    return redirect("setup:plans")


def _used(field: str, rows: Iterable[Version]) -> dict[int, int]:
    """How many open tickets were promised by each version."""
    ids = [row.pk for row in rows]
    is_open = ~Q(clock=ClockState.ENDED)
    found = Ticket.objects.filter(is_open, **{f"{field}_id__in": ids})
    counted = found.values_list(f"{field}_id").annotate(count=Count("pk")).order_by()
    return dict(counted)


def _open_tickets(count: int) -> str:
    if not count:
        return _("no open ticket")
    text = ngettext("%(count)s open ticket", "%(count)s open tickets", count)
    return text % {"count": formats.number(count)}
