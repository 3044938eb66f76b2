"""The week under the Standard: figures with their counts, and honest words where there are few."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from desk.oversight.queries import weeks
from desk.oversight.queries.scorecards import PAIRS_MIN
from desk.oversight.queries.weeks import Summary
from desk.partners import queries as partners
from desk.partners.models import StaffRole
from desk.web import edge, formats, labels_of_control
from desk.web.access import staff_page

WEEK = timedelta(days=7)
overseer = staff_page(StaffRole.ADMINISTRATOR, StaffRole.VENDOR)


@require_safe
@overseer
def week(request: HttpRequest) -> HttpResponse:
    """Machine coverage, violations by clause, scores, audits and agreement of one week."""
    last = partners.today(edge.now()) - WEEK
    on = min(_date(request.GET.get("week", "")) or last, partners.today(edge.now()))
    found = weeks.summary(on)
    return render(request, "control/week.html", shown(found))


def shown(found: Summary) -> dict[str, Any]:
    """The figures of a week for the template."""
    share = found.deviations.share
    return {
        "on": found.on,
        "until_on": found.on + WEEK - timedelta(days=1),
        "earlier": (found.on - WEEK).isoformat(),
        "later": (found.on + WEEK).isoformat(),
        "stats": [
            {
                "label": _("Clauses held by the machine"),
                "value": f"{found.clauses_by_machine} / {found.clauses}",
                "note": "",
            },
            {
                "label": _("Of what went wrong, found by the machine"),
                "value": formats.percent(share) if share is not None else "–",
                "note": f"{found.deviations.by_machine} / {found.deviations.whole}",
            },
            {
                "label": _("Audits of the week before"),
                "value": f"{found.audits_done} / {found.audits_drawn}",
                "note": _("done of those drawn"),
            },
            {"label": _("Agreement of a quarter"), **_agreement(found)},
        ],
        "violations": list(found.violations.items()),
        "excused": found.excused,
        "rulings": [
            (labels_of_control.VERDICTS.get(name, name), count)
            for name, count in sorted(found.rulings.items())
        ],
        "scores": [
            (name, formats.number(tenths / 10) if tenths is not None else "–")
            for name, tenths in found.scores
        ],
    }


def _agreement(found: Summary) -> dict[str, str]:
    """Kappa, or why there is none yet."""
    agreed = found.agreed.whole
    if not found.agreed.is_enough or agreed.kappa is None:
        note = _("%(count)s answers given twice, too few to say before %(least)s")
        return {"value": "–", "note": note % {"count": agreed.count, "least": PAIRS_MIN}}
    low, high = agreed.low or 0.0, agreed.high or 0.0
    return {
        "value": formats.number(round(agreed.kappa, 2)),
        "note": f"{formats.number(round(low, 2))} … {formats.number(round(high, 2))}",
    }


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
