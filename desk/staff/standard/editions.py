"""Editions of the Standard for owner and administrators: the list, a document, its way of life."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from desk.journal.cause import Cause
from desk.oversight.actions import editions as actions
from desk.oversight.models import Edition
from desk.oversight.queries import coverage, readers
from desk.oversight.queries import editions as queries
from desk.oversight.queries.editions import Listed, Stage
from desk.partners import queries as partners
from desk.partners.models import StaffRole
from desk.rules.standard import drafting
from desk.staff.standard import shown, words, wrong
from desk.staff.standard.forms import DateForm, TitleForm
from desk.web import access, edge, formats, inputs
from desk.web.access import staff_page
from desk.web.attempts import attempt, attempt_button
from desk.web.forms import Guards

CHANNEL = "setup"
Context = dict[str, Any]
READS = (StaffRole.VENDOR, StaffRole.ADMINISTRATOR)
# How long specialists have by default to read an edition before it begins.
READING_DAYS = 7
FIRST_READING_DAYS = 3


class Versioned(Guards):
    """For a page with several forms about one edition, in the version that it shows."""

    def __init__(self, version: int) -> None:
        self.version = version  # type: ignore[assignment]  # forms without a version have None


@require_GET
@staff_page(*READS)
def index(request: HttpRequest) -> HttpResponse:
    """All editions; a desk without one is offered what is shipped."""
    at = edge.now()
    rows = queries.listed(at)
    held = next((one for one in rows if one.stage == Stage.IN_FORCE), None)
    context = {
        "editions": [shown.edition(one) for one in rows],
        "owns": _owns(request),
        "clauses": shown.coverage(queries.parsed(held.row)) if held else None,
        "deviations": _deviations(held, at),
        "copied": held.row.pk if held else None,
        "guard": Guards(),
    }
    return render(request, "standard/index.html", context)


@require_http_methods(["GET", "POST"])
@staff_page(*READS)
def first(request: HttpRequest) -> HttpResponse:
    """What is shipped, to be read and published from a date by who sets the desk up."""
    at, status = edge.now(), None
    form = _date_form(at, request.POST or None, FIRST_READING_DAYS)
    if request.method == "POST":
        if not _owns(request):
            raise PermissionDenied
        cause = edge.cause(request, CHANNEL)
        title = _("First edition")
        status = attempt(form, lambda: actions.publish_first(cause, title, _begins(form)))
        if status is None:
            messages.success(request, _("Published. Specialists are asked to acknowledge it."))
            return redirect("editions:index")
    content = actions.first_content()
    rules = drafting.check(content)
    context = {
        "clauses": shown.clauses(rules),
        "coverage": shown.coverage(rules),
        "questions": [words.text(one.texts) for one in drafting.questions(content)],
        "form": form if _owns(request) and not queries.listed(at) else None,
        "guard": Guards(),
    }
    return render(request, "standard/first.html", context, status=status)


@require_POST
@staff_page(StaffRole.VENDOR)
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a draft as a copy of an edition; without one, of what is shipped."""
    based_on = request.POST.get("based_on", "")
    number = inputs.number(based_on)
    cause = edge.cause(request, CHANNEL)
    month = formats.month(partners.today(edge.now()))
    title = _("Edition of %(month)s") % {"month": month}
    row = actions.draft(cause, title, _known(number))
    return redirect("editions:document", row.pk)


@require_GET
@staff_page(*READS)
def document(request: HttpRequest, edition_id: int) -> HttpResponse:
    """An edition as it is read; a draft with what it lacks and the next step."""
    return _document(request, edition_id)


@require_POST
@staff_page(StaffRole.VENDOR)
def rename(request: HttpRequest, edition_id: int) -> HttpResponse:
    """Give a draft another title."""
    row = Edition.objects.get(pk=edition_id)
    form = TitleForm(request.POST)
    cause = edge.cause(request, CHANNEL)
    status = attempt(
        form, lambda: actions.change(cause, row.pk, form.cleaned_data["title"], row.content)
    )
    if status is not None:
        return _document(request, edition_id, status=status, title_form=form)
    return redirect("editions:document", edition_id)


@require_POST
@staff_page(StaffRole.VENDOR)
def ask_review(request: HttpRequest, edition_id: int) -> HttpResponse:
    """Tell the others that a draft is ready to be read."""
    return _move(request, edition_id, actions.ask_review, _("Administrators and owners are told."))


@require_POST
@staff_page(*READS)
def review(request: HttpRequest, edition_id: int) -> HttpResponse:
    """Say that one has read it all."""
    return _move(request, edition_id, actions.review, _("Reviewed. It may be published now."))


@require_POST
@staff_page(StaffRole.VENDOR)
def discard(request: HttpRequest, edition_id: int) -> HttpResponse:
    """Put a draft aside."""
    return _move(request, edition_id, actions.discard, _("The draft is put aside."))


@require_POST
@staff_page(StaffRole.VENDOR)
def publish(request: HttpRequest, edition_id: int) -> HttpResponse:
    """Publish a reviewed draft from a date."""
    form = _date_form(edge.now(), request.POST)
    cause = edge.cause(request, CHANNEL)
    status = attempt(form, lambda: actions.publish(cause, edition_id, _begins(form)))
    if status is None:
        messages.success(request, _("Published. Specialists are asked to acknowledge it."))
        return redirect("editions:document", edition_id)
    return _document(request, edition_id, status=status, date_form=form)


def _document(
    request: HttpRequest, edition_id: int, *, status: int | None = None, **forms: object
) -> HttpResponse:
    at = edge.now()
    found = queries.one(edition_id, at)
    row, rules = found.row, queries.parsed(found.row)
    before, called_wrong = queries.before(row), wrong.of(row)
    context = {
        "edition": shown.edition(found),
        "owns": _owns(request),
        "clauses": wrong.marked(shown.clauses(rules), called_wrong),
        "wrong": called_wrong,
        "questions": shown.questions(row),
        "coverage": shown.coverage(rules),
        "before": before,
        "readers": _readers(found, at),
        "guard": Versioned(row.version),
        **(_drafted(request, row, at) if found.stage in shown.OPEN else {}),
        **forms,
    }
    return render(request, "standard/document.html", context, status=status)


def _drafted(request: HttpRequest, row: Edition, at: datetime) -> Context:
    lacks, before = drafting.faults(row.content), queries.before(row)
    rules = queries.parsed(row)
    return {
        "faults": shown.faults(lacks),
        "uneven": shown.uneven(queries.parsed(before), rules) if before else [],
        "wrote": edge.person(request).pk in queries.authors(row),
        "writings": shown.writings(queries.writings(row.pk)[-5:]),
        "title_form": TitleForm(initial={"title": row.title}),
        "date_form": _date_form(at),
    }


def _readers(found: Listed, at: datetime) -> Context | None:
    """Who has acknowledged it; None for what is not to be read now."""
    if found.stage not in (Stage.COMING, Stage.IN_FORCE):
        return None
    rows = readers.of(found.row, at)
    return {"rows": rows, "missing": sum(one.acknowledged_at is None for one in rows)}


def _move(
    request: HttpRequest, edition_id: int, action: Callable[[Cause, int], Edition], done: str
) -> HttpResponse:
    attempt_button(request, lambda: action(edge.cause(request, CHANNEL), edition_id), done)
    return redirect("editions:document", edition_id)


def _known(edition_id: int | None) -> int | None:
    return Edition.objects.get(pk=edition_id).pk if edition_id is not None else None


def _owns(request: HttpRequest) -> bool:
    return StaffRole.VENDOR in access.of(request).staff


def _deviations(held: Listed | None, at: datetime) -> coverage.Deviations | None:
    """What went otherwise under the edition in force, by who found it."""
    since_at = held.row.effective_at if held else None
    return coverage.of_deviations(since_at, at) if since_at else None


def _date_form(at: datetime, data: Any = None, days: int = READING_DAYS) -> DateForm:
    """From tomorrow on, and after what is published; proposed is the next Monday after some
    days."""
    first_on = partners.today(at) + timedelta(days=1)
    latest = queries.published().last()
    if latest is not None and latest.effective_at is not None:
        first_on = max(first_on, partners.today(latest.effective_at) + timedelta(days=1))
    wanted = max(first_on, partners.today(at) + timedelta(days=days))
    monday = wanted + timedelta(days=-wanted.weekday() % 7)
    return DateForm(data, first_on=first_on, initial={"effective_on": monday})


def _begins(form: DateForm) -> datetime:
    """The beginning of the chosen day where the desk is."""
    organisation = partners.organisation()
    zone = organisation.timezone if organisation else partners.DEFAULT_ZONE
    on: date = form.cleaned_data["effective_on"]
    return datetime.combine(on, time(), ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))
