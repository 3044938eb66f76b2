"""Two editions beside each other, clause by clause."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from desk.oversight.models import Edition
from desk.oversight.queries import editions as queries
from desk.staff.standard import shown
from desk.staff.standard.editions import READS, Context, Versioned
from desk.web import edge, inputs
from desk.web.access import staff_page


@require_GET
@staff_page(*READS)
def compare(request: HttpRequest, edition_id: int) -> HttpResponse:
    """What an edition says otherwise than another one: by default than the one before it."""
    at = edge.now()
    found = queries.one(edition_id, at)
    other = _other(request.GET.get("with", ""), found.row)
    context: Context = {
        "edition": shown.edition(found),
        "other": other,
        "choices": [
            {"id": one.row.pk, "number": one.row.number, "title": one.row.title}
            for one in queries.listed(at)
            if one.row.pk != edition_id
        ],
        "guard": Versioned(found.row.version),
    }
    if other is not None:
        changes = shown.changes(queries.parsed(other), queries.parsed(found.row))
        context |= {"changes": changes, "questions": shown.question_changes(other, found.row)}
    return render(request, "standard/compare.html", context)


def _other(asked: str, row: Edition) -> Edition | None:
    number = inputs.number(asked)
    if number is not None:
        return Edition.objects.get(pk=number)
    return queries.before(row)
