"""The audit log: everything that happened, the newest first, page by page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from desk.journal.models import Entry
from desk.partners.models import Person, StaffRole
from desk.staff.setup import deeds, subjects
from desk.web import labels
from desk.web.access import staff_page

PAGE = 50
NUMBER_DIGITS_MAX = 18
Context = dict[str, Any]


@require_GET
@staff_page(StaffRole.VENDOR)
def audit(request: HttpRequest) -> HttpResponse:
    """One page of entries, narrowed by person and deed."""
    chosen = {name: request.GET.get(name, "") for name in ("person", "verb")}
    before = _number(request.GET.get("before", ""))
    rows = list(_narrowed(chosen, before)[: PAGE + 1])
    here = reverse("setup:audit")
    narrowed = {name: value for name, value in chosen.items() if value}
    older = ""
    if len(rows) > PAGE:
        older = f"{here}?{urlencode(narrowed | {'before': rows[PAGE - 1].pk})}"
    context = {
        "entries": _shown(rows[:PAGE]),
        "people": Person.objects.order_by("name").values_list("pk", "name")[:500],
        "deeds": deeds.choices(),
        "chosen": chosen,
        "older_url": older,
        "newest_url": f"{here}?{urlencode(narrowed)}" if before else "",
    }
    return render(request, "setup/audit.html", context)


def _narrowed(chosen: dict[str, str], before: int | None) -> QuerySet[Entry]:
    found = Entry.objects.order_by("-id")
    if before is not None:
        found = found.filter(pk__lt=before)
    if chosen["verb"]:
        found = found.filter(verb=chosen["verb"])
    if chosen["person"] == "system":
        return found.filter(by="system")
    person = _number(chosen["person"])
    return found if person is None else found.filter(by=f"person:{person}")


def _number(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS_MAX
    return int(text) if is_number else None


def _shown(rows: list[Entry]) -> list[Context]:
    names = subjects.named([row.by for row in rows] + [row.subject for row in rows])
    return [
        {
            "id": row.pk,
            "at": row.at,
            "by": names.get(row.by) or labels.role_label(row.by),
            "deed": deeds.label(row.verb),
            "subject": names.get(row.subject, row.subject),
            "place": deeds.place(row.channel),
            "facts": [(name, _fact(value)) for name, value in row.facts.items()],
        }
        for row in rows
    ]


def _fact(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
