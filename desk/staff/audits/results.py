"""What audits of a quarter came to: scorecards, and how far those who audit agree."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from desk.oversight.queries import scorecards
from desk.oversight.queries.audits import Score
from desk.oversight.queries.scorecards import PAIRS_MIN, Agreed
from desk.partners import queries as partners
from desk.rules.standard.audits import Agreement
from desk.staff.audits import shown
from desk.staff.audits.views import overseer
from desk.web import edge, formats

QUARTERS_SHOWN = 4
MONTHS = 3


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of a year of the organisation."""

    year: int
    number: int

    @property
    def name(self) -> str:
        return f"{self.year}-Q{self.number}"

    def begins(self) -> datetime:
        """Midnight of its first day, by the organisation's clock."""
        organisation = partners.organisation()
        zone = ZoneInfo(organisation.timezone if organisation else "UTC")
        return datetime(self.year, (self.number - 1) * MONTHS + 1, 1, tzinfo=zone)

    def later(self, count: int) -> Quarter:
        place = self.year * 4 + self.number - 1 + count
        return Quarter(place // 4, place % 4 + 1)


@require_safe
@overseer
def results(request: HttpRequest) -> HttpResponse:
    """Averages by specialist and question with their intervals; agreement; disagreements."""
    today = partners.today(edge.now())
    offered = [_quarter(today).later(-back) for back in range(QUARTERS_SHOWN)]
    asked = request.GET.get("quarter", "")
    chosen = next((one for one in offered if one.name == asked), offered[0])
    since_at, until_at = chosen.begins(), chosen.later(1).begins()
    agreed = scorecards.agreed(since_at, until_at)
    texts = scorecards.question_texts(formats.language())
    context = {
        "quarters": [
            {"label": _name(one), "url": f"?quarter={one.name}", "current": one == chosen}
            for one in offered
        ],
        "cards": [_card(one, texts) for one in scorecards.cards(since_at, until_at)],
        "agreed": _agreed(agreed, texts),
        "disagreements": [
            {
                "audit_id": one.audit_id,
                "number": one.number,
                "question": texts.get(one.question, one.question),
                "first": f"{one.first_by}: {shown.answer(one.first)}",
                "second": f"{one.second_by}: {shown.answer(one.second)}",
            }
            for one in agreed.disagreements
        ],
    }
    return render(request, "audits/results.html", context)


def _quarter(on: date) -> Quarter:
    return Quarter(on.year, (on.month - 1) // MONTHS + 1)


def _name(one: Quarter) -> str:
    return _("Quarter %(number)s, %(year)s") % {"number": one.number, "year": one.year}


def _card(one: scorecards.Card, texts: dict[str, str]) -> dict[str, Any]:
    return {
        "name": one.name,
        "audits": one.whole.audits,
        "whole": _score(one.whole),
        "questions": [
            {"text": texts.get(name, name), "score": _score(one.by_question[name])}
            for name in _as_asked(one.by_question, texts)
        ],
    }


def _as_asked(names: Collection[str], texts: dict[str, str]) -> list[str]:
    """The questions in the order of the editions that ask them."""
    return sorted(names, key=lambda name: list(texts).index(name) if name in texts else len(texts))


def _score(found: Score) -> dict[str, Any]:
    """The share of yes with its interval; of too few answers the counts alone."""
    interval = found.interval
    known = found.is_enough and found.share is not None and interval is not None
    return {
        "counts": shown.score(found),
        "share": formats.percent(found.share) if known and found.share is not None else "",
        "interval": _interval(interval.low, interval.high) if known and interval else "",
    }


def _interval(low: float, high: float | None) -> str:
    top = 1.0 if high is None else high
    return f"{formats.percent(low)} – {formats.percent(top)}"


def _agreed(found: Agreed, texts: dict[str, str]) -> dict[str, Any]:
    return {
        "whole": _agreement(found.whole),
        "enough": found.is_enough,
        "count": found.whole.count,
        "least": PAIRS_MIN,
        "questions": [
            {"text": texts.get(name, name), **_agreement(found.by_question[name])}
            for name in _as_asked(found.by_question, texts)
        ],
    }


def _agreement(found: Agreement) -> dict[str, Any]:
    """Kappa with its interval, and in words what it means."""
    enough = found.count >= PAIRS_MIN
    kappa, low, high = found.kappa, found.low, found.high
    known = enough and kappa is not None and low is not None and high is not None
    return {
        "count": found.count,
        "observed": formats.percent(found.observed) if found.count else "",
        "kappa": formats.number(round(kappa, 2)) if known and kappa is not None else "",
        "interval": f"{_two(low)} … {_two(high)}" if known else "",
        "word": _word(found, enough=enough),
    }


def _two(value: float | None) -> str:
    return formats.number(round(value or 0.0, 2))


def _word(found: Agreement, *, enough: bool) -> str:
    if not enough:
        return _("too few to say")
    if found.kappa is None:
        return _("everybody gave one answer: chance alone explains it")
    limits = (
        (0.8, _("almost complete")),
        (0.6, _("substantial")),
        (0.4, _("moderate")),
        (0.2, _("fair")),
    )
    return next((word for limit, word in limits if found.kappa > limit), _("slight"))
