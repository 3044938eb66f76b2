"""Writing a draft, one clause at a time. Who saves over somebody else's change is shown it first:
nothing is lost, nothing is overwritten unseen."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from desk.oversight.actions import editions as actions
from desk.oversight.models import Edition
from desk.oversight.queries import editions as queries
from desk.partners.models import StaffRole
from desk.rules.standard import drafting
from desk.rules.standard.edition import Clause
from desk.rules.standard.edition import Edition as Rules
from desk.staff.standard import shown, wrong
from desk.staff.standard.editions import CHANNEL, Context
from desk.staff.standard.forms import ClauseForm, QuestionsForm
from desk.web import edge
from desk.web.access import staff_page
from desk.web.attempts import attempt
from desk.web.forms import DeskForm, Guard, guard_of

Change = Callable[[Rules], Rules]


@require_http_methods(["GET", "POST"])
@staff_page(StaffRole.VENDOR)
def new_clause(request: HttpRequest, edition_id: int) -> HttpResponse:
    """One more clause, behind the last one or the one that is named."""
    row, rules = _open(edition_id)
    last = rules.clauses[-1].number if rules.clauses else ""
    after = request.GET.get("after", last)
    number = drafting.free_number(rules, after if rules.clause(after) else last)
    form = ClauseForm(request.POST or None, edition=rules, initial={"number": number})
    return _clause(request, row, form, None)


@require_http_methods(["GET", "POST"])
@staff_page(StaffRole.VENDOR)
def clause(request: HttpRequest, edition_id: int, clause_number: str) -> HttpResponse:
    """A clause of a draft: texts, rules, severity, grace, reminder, what excuses."""
    row, rules = _open(edition_id)
    found = rules.clause(clause_number)
    if found is None:
        raise Http404
    initial, old = ClauseForm.initial_of(found), found.number
    form = ClauseForm(request.POST or None, edition=rules, instead_of=old, initial=initial)
    return _clause(request, row, form, found)


def _clause(
    request: HttpRequest, row: Edition, form: ClauseForm, found: Clause | None
) -> HttpResponse:
    status = None
    if request.method == "POST":
        instead_of = found.number if found else ""
        status = attempt(
            form,
            lambda: _save(
                request, row, lambda rules: drafting.put(rules, form.clause(), instead_of)
            ),
        )
        if status is None:
            messages.success(request, _("Saved."))
            url = reverse("editions:document", args=[row.pk])
            return redirect(f"{url}#clause-{form.cleaned_data['number'].replace('.', '-')}")
    called_wrong = wrong.of(row) if found else None
    context = {
        "edition": row,
        "form": form,
        "number": found.number if found else "",
        "anchor": found.number.replace(".", "-") if found else "",
        "wrong": called_wrong,
        "wrong_count": called_wrong["counts"].get(found.number, 0) if found and called_wrong else 0,
        "now_there": shown.clause(found) if found and status == HTTPStatus.CONFLICT else None,
        **_meanwhile(request, row, status),
    }
    return render(request, "standard/clause.html", context, status=status)


@require_POST
@staff_page(StaffRole.VENDOR)
def remove(request: HttpRequest, edition_id: int, clause_number: str) -> HttpResponse:
    """Take a clause out of a draft."""
    row, _rules = _open(edition_id)
    form = DeskForm(request.POST)
    status = attempt(
        form, lambda: _save(request, row, lambda rules: drafting.without(rules, clause_number))
    )
    if status is None:
        messages.success(request, _("The clause is taken out of the draft."))
    else:
        messages.error(request, " ".join(str(one) for one in form.non_field_errors()))
    return redirect("editions:document", edition_id)


@require_http_methods(["GET", "POST"])
@staff_page(StaffRole.VENDOR)
def questions(request: HttpRequest, edition_id: int) -> HttpResponse:
    """The questions of audits."""
    row, _rules = _open(edition_id)
    known = drafting.questions(row.content)
    form = QuestionsForm(request.POST or None, questions=known)
    status = None
    if request.method == "POST":
        status = attempt(form, lambda: _save_questions(request, row, form))
        if status is None:
            messages.success(request, _("Saved."))
            return redirect("editions:document", row.pk)
    context = {"edition": row, "form": form, **_meanwhile(request, row, status)}
    return render(request, "standard/questions.html", context, status=status)


def _save(request: HttpRequest, row: Edition, change: Change) -> Edition:
    """Write the draft with the change, in the version that the form was made of."""
    content = {**row.content, **change(Rules.parse(row.content)).to_dict()}
    return actions.change(edge.cause(request, CHANNEL), row.pk, row.title, content)


def _save_questions(request: HttpRequest, row: Edition, form: QuestionsForm) -> Edition:
    content = {**row.content, "questions": form.questions()}
    return actions.change(edge.cause(request, CHANNEL), row.pk, row.title, content)


def _open(edition_id: int) -> tuple[Edition, Rules]:
    """A draft with its clauses; 404 for what is no draft any more."""
    row = Edition.objects.get(pk=edition_id)
    if row.state in actions.SET_ASIDE:
        raise Http404
    return row, queries.parsed(row)


def _meanwhile(request: HttpRequest, row: Edition, status: HTTPStatus | None) -> dict[str, Any]:
    """The guard of the form; after a conflict it carries the present version, and the page says
    who changed what since the one that was shown."""
    if status != HTTPStatus.CONFLICT:
        seen = guard_of(request).version if request.method == "POST" else row.version
        return {"guard": Guard(version=seen)}
    row.refresh_from_db()
    since = guard_of(request).version or 0
    found: Context = {"guard": Guard(version=row.version)}
    return found | {"meanwhile": shown.writings(queries.writings(row.pk, since))}
