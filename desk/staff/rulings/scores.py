"""Scores of all specialists, week by week, for administrators and the owner of the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from desk.oversight.queries import scores
from desk.oversight.queries.scores import Week
from desk.partners.models import Person, StaffRole
from desk.staff.rulings import scored
from desk.web import edge
from desk.web.access import staff_page

WEEKS = 6


@require_safe
@staff_page(StaffRole.ADMINISTRATOR, StaffRole.VENDOR)
def index(request: HttpRequest) -> HttpResponse:
    """Each specialist's score of the last weeks, with the formula printed above."""
    at = edge.now()
    first, _end = scores.span(scores.monday(at) - WEEKS * scores.WEEK)
    people = Person.objects.filter(pk__in=scores.specialists(first, at)).order_by("name")
    found = _since_the_first(scores.weeks_of([person.pk for person in people], at, WEEKS))
    address = reverse("rulings:index")
    context = {
        "weights": scored.weights(),
        "mondays": [one.on for one in next(iter(found.values()), [])],
        "rows": [
            {
                "name": person.name,
                "url": f"{address}?standing=ruled&person={person.pk}",
                "weeks": [scored.week(one, at) for one in found[person.pk]],
                "chart": scored.history(found[person.pk]),
            }
            for person in people
        ],
    }
    return render(request, "rulings/scores.html", context)


def _since_the_first(found: Mapping[int, Sequence[Week]]) -> Mapping[int, Sequence[Week]]:
    """Without the weeks before anybody had anything: nobody reads columns of dashes."""
    shown = max(
        (place for each in found.values() for place, one in enumerate(each) if not one.is_empty),
        default=0,
    )
    return {person_id: each[: shown + 1] for person_id, each in found.items()}
