"""Scores of weeks as the templates draw them, with the formula that they follow from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.oversight.queries import scores
from desk.oversight.queries.scores import Week
from desk.rules.standard.edition import Severity
from desk.rules.standard.score import WEIGHTS
from desk.web import charts, formats, labels_of_control

Context = dict[str, Any]
GOOD_TENTHS = 950
FAIR_TENTHS = 850


def points(tenths: int | None) -> str:
    """A score as people read it: "97.5", or a dash without one."""
    return "–" if tenths is None else formats.number(tenths / 10)


def tone(tenths: int | None) -> str:
    if tenths is None:
        return ""
    return "calm" if tenths >= GOOD_TENTHS else "soon" if tenths >= FAIR_TENTHS else "late"


def week(one: Week, at: datetime) -> Context:
    """A week with its counts by severity, and the sum written out."""
    return {
        "on": one.on,
        "points": points(one.tenths),
        "tone": tone(one.tenths),
        "is_over": one.is_over,
        "waiting": one.waiting,
        "note": _note(one, at),
        "sum": _sum(one),
        "rows": [
            {
                "severity": str(labels_of_control.SEVERITIES[severity]),
                "weight": WEIGHTS[severity],
                "counts": one.counts[severity],
            }
            for severity in reversed(Severity)
        ],
    }


def _note(one: Week, at: datetime) -> str:
    if not one.is_over and one.on >= scores.monday(at):
        return _("The week is not over: what was kept is counted after it.")
    if not one.is_over:
        return _("It was not counted yet what was kept.")
    if one.tenths is None:
        return _("Nothing was owed, so there is no score.")
    if not one.waiting:
        return ""
    text = ngettext(
        "%(count)s violation waits for its ruling and counts in neither.",
        "%(count)s violations wait for their rulings and count in neither.",
        one.waiting,
    )
    return text % {"count": one.waiting}


def _sum(one: Week) -> str:
    """The formula with the numbers of the week."""
    if one.tenths is None:
        return ""
    kept, upheld = one.score.kept, one.score.upheld
    return f"100 × {kept} / ({kept} + {upheld}) = {points(one.tenths)}"


def weights() -> str:
    """How much an obligation of each severity weighs."""
    each = (
        f"{labels_of_control.SEVERITIES[severity]} – {WEIGHTS[severity]}" for severity in Severity
    )
    return ", ".join(each)


def history(found: Sequence[Week]) -> Any:
    """A small line of the scores of the weeks that have one, the oldest first."""
    values = [one.tenths / 10 for one in reversed(found) if one.tenths is not None]
    if len(values) < 2:
        return ""
    names = {"first": formats.number(values[0]), "last": formats.number(values[-1])}
    return charts.sparkline(values, _("Scores by week, from %(first)s to %(last)s") % names)
