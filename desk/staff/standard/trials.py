"""What a draft would have found, and what an edition has brought: replay and effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from math import ceil, floor
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from desk.oversight.actions import replays as actions
from desk.oversight.models import Replay
from desk.oversight.models.replays import WEEKS_MAX
from desk.oversight.queries import editions as queries
from desk.oversight.queries import effects, exhibits, replays
from desk.partners.models import Person
from desk.rules.standard import effect as rules
from desk.rules.standard.edition import in_order
from desk.rules.standard.effect import Interval, MedianChange, RateChange
from desk.staff.standard import shown, words
from desk.staff.standard.editions import CHANNEL, READS, Context
from desk.staff.standard.forms import WeeksForm
from desk.tickets import queries as tickets
from desk.tickets.models import Ticket
from desk.web import edge, formats
from desk.web.access import staff_page
from desk.web.attempts import attempt
from desk.web.forms import Guards

WEEKS_FIRST = 4
MINUTE = 60
JOINER = "\u2060"
COUNTS = ("held", "drafted", "new", "gone")


@require_http_methods(["GET", "POST"])
@staff_page(*READS)
def replay(request: HttpRequest, edition_id: int) -> HttpResponse:
    """A draft over past weeks: asked for here, done in the background, shown here."""
    at = edge.now()
    found = queries.one(edition_id, at)
    form = WeeksForm(request.POST or None, choices=_weeks(), initial={"weeks": WEEKS_FIRST})
    status = None
    if request.method == "POST":
        status = attempt(
            form,
            lambda: actions.begin(
                edge.cause(request, CHANNEL), edition_id, form.cleaned_data["weeks"]
            ),
        )
        if status is None:
            messages.success(request, _("The replay has begun. This page shows what it finds."))
            return redirect("editions:replay", edition_id)
    rows = replays.of_edition(edition_id)
    running = next((row for row in rows if row.ended_at is None), None)
    latest = next((row for row in rows if row.ended_at is not None), None)
    context = {
        "edition": shown.edition(found),
        "form": form if found.stage in shown.OPEN and running is None else None,
        "running": _running(running) if running else None,
        "latest": _replayed(latest, found.row.version) if latest else None,
        "guard": Guards(),
    }
    return render(request, "standard/replay.html", context, status=status)


def _weeks() -> list[tuple[int, str]]:
    return [
        (count, ngettext("%(count)s week", "%(count)s weeks", count) % {"count": count})
        for count in range(1, WEEKS_MAX + 1)
    ]


def _running(row: Replay) -> Context:
    return {"done": row.slices_done, "slices": row.slices, "share": row.slices_done / row.slices}


def _replayed(row: Replay, version: int) -> Context:
    """A replay that has ended: clause by clause and person by person."""
    result = row.result
    people = Person.objects.in_bulk([int(key) for key in result["people"]])
    return {
        "failed": row.failures >= actions.FAILURES_MAX,
        "outdated": row.version != version,
        "since_at": row.since_at,
        "until_at": row.until_at,
        "asked_by": row.asked_by.name,
        "held": row.held,
        "total": _total(result["clauses"]),
        "clauses": [
            {"number": number, **result["clauses"][number]}
            for number in sorted(result["clauses"], key=in_order)
        ],
        "people": sorted(
            ({"name": people[int(key)].name, **result["people"][key]} for key in result["people"]),
            key=lambda one: one["name"],
        ),
        "samples": _samples(result["samples"]),
    }


def _total(clauses: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    return {name: sum(one[name] for one in clauses.values()) for name in COUNTS}


def _samples(stored: Mapping[str, list[dict[str, Any]]]) -> list[Context]:
    """Findings with who, when, on which ticket and by which evidence, by clause: a query for
    each kind of thing."""
    every = [one for kept in stored.values() for one in kept]
    keys = {one["ticket"] for one in every if one["ticket"]}
    rows = Ticket.objects.filter(pk__in=[int(key.partition(":")[2]) for key in keys])
    numbers = {row.key: tickets.number(row) for row in rows.select_related("partner")}
    people = Person.objects.in_bulk({one["person"] for one in every})
    refs = sorted({ref for one in every for ref in one["evidence"]})
    known = {one.ref: words.exhibit(one) for one in exhibits.of_refs(refs)}
    return [
        {
            "number": number,
            "rows": [
                {
                    "at": datetime.fromisoformat(one["at"]),
                    "person": people[one["person"]].name,
                    "ticket": numbers.get(one["ticket"], ""),
                    "new": one["new"],
                    "evidence": ", ".join(known[ref] for ref in one["evidence"]),
                }
                for one in sorted(stored[number], key=lambda one: str(one["at"]))
            ],
        }
        for number in sorted(stored, key=in_order)
    ]


@require_GET
@staff_page(*READS)
def effect(request: HttpRequest, edition_id: int) -> HttpResponse:
    """Violations and times before an edition and after it, with their uncertainty."""
    at = edge.now()
    found = queries.one(edition_id, at)
    known = effects.of(found.row, at)
    context: Context = {"edition": shown.edition(found), "effect": None}
    if known is not None:
        context["effect"] = {
            "before": known.before,
            "after": known.after,
            "previous": known.previous,
            "rates": _rates(known),
            "clauses": [
                {
                    "number": one.number,
                    "change": str(words.CHANGES[one.change]) if one.change else "",
                    "before": one.rates.before.count,
                    "after": one.rates.after.count,
                    **_ratio(one.rates),
                }
                for one in known.clauses
            ],
            "medians": [
                {"label": _("To the acceptance"), **median(known.acceptance)},
                {"label": _("To the result, without waiting"), **median(known.resolution)},
            ],
            "events_min": rules.EVENTS_MIN,
            "times_min": rules.TIMES_MIN,
            "shifts_min": rules.SHIFTS_MIN,
        }
    return render(request, "standard/effect.html", context)


def _rates(known: effects.Effect) -> list[Context]:
    if known.violations is None or known.unchanged is None:
        return []
    return [
        {"label": _("All clauses"), **_rate(known.violations)},
        {"label": _("Clauses that both editions hold alike"), **_rate(known.unchanged)},
    ]


def _rate(change: RateChange) -> Context:
    return {
        "before": _per_shift(change.before.per_shift, change.before.interval),
        "before_note": _counted(change.before.count, change.before.shifts),
        "after": _per_shift(change.after.per_shift, change.after.interval),
        "after_note": _counted(change.after.count, change.after.shifts),
        **_ratio(change),
    }


def _counted(count: int, shifts: int) -> str:
    return _("%(count)s violations in %(shifts)s shifts") % {
        "count": formats.number(count),
        "shifts": formats.number(shifts),
    }


def _per_shift(value: float | None, interval: Interval | None) -> str:
    if value is None or interval is None or interval.high is None:
        return "—"
    text = _("%(value)s a shift (%(low)s–%(high)s)") % {
        "value": formats.number(round(value, 2)),
        "low": formats.number(round(interval.low, 2)),
        "high": formats.number(round(interval.high, 2)),
    }
    return _kept_together(text)


def _ratio(change: RateChange) -> Context:
    """How many times as many, and whether that says anything."""
    text = "—"
    if change.ratio is not None and change.interval is not None:
        high = change.interval.high
        text = _("× %(ratio)s (%(low)s–%(high)s)") % {
            "ratio": formats.number(round(change.ratio, 2)),
            "low": formats.number(round(change.interval.low, 2)),
            "high": formats.number(round(high, 2)) if high is not None else "∞",
        }
    fewer = change.interval is not None and change.interval.high is not None
    fewer = fewer and (change.ratio or 0) < 1
    verdict = _verdict(change.enough, change.is_clear, better=fewer)
    return {"ratio": _kept_together(text), **verdict}


def median(change: MedianChange) -> Context:
    """Two middle times and their difference, which agrees with the times as they are shown."""
    moved = "—"
    before, after = change.before.value, change.after.value
    if before is not None and after is not None and change.interval is not None:
        assert change.interval.high is not None, "percentiles are bounded"
        moved = _("%(moved)s (%(low)s … %(high)s)") % {
            # Of the times as they are shown: the reader counts after us.
            "moved": _signed(_whole(after) - _whole(before)),
            "low": _signed(_whole(change.interval.low, floor)),
            "high": _signed(_whole(change.interval.high, ceil)),
        }
    better = change.difference is not None and change.difference < 0
    return {
        "before": _middle(change.before),
        "after": _middle(change.after),
        "before_note": _of_tickets(change.before.count),
        "after_note": _of_tickets(change.after.count),
        "ratio": _kept_together(moved),
        **_verdict(change.enough, change.is_clear, better=better),
    }


def _of_tickets(count: int) -> str:
    return ngettext("%(count)s ticket", "%(count)s tickets", count) % {"count": count}


def _middle(found: rules.Median) -> str:
    if found.value is None or found.interval is None or found.interval.high is None:
        return "—"
    shown = (found.value, found.interval.low, found.interval.high)
    value, low, high = (formats.duration(_whole(seconds)) for seconds in shown)
    return _kept_together(f"{value} ({low} – {high})")


def _kept_together(text: str) -> str:
    """No line ends inside the brackets of an interval."""
    value, bracket, interval = text.partition("(")
    interval = interval.replace(" ", formats.NBSP).replace("–", f"–{JOINER}")
    return f"{value}{bracket}{interval}"


def _whole(seconds: float, to: Callable[[float], int] = round) -> float:
    """Seconds of whole minutes; what is under one stays, to be called so."""
    return to(seconds / MINUTE) * MINUTE if abs(seconds) >= MINUTE else seconds


def _signed(seconds: float) -> str:
    sign = "−" if seconds < 0 else "+" if seconds > 0 else ""
    return f"{sign}{formats.duration(abs(seconds))}"


def _verdict(enough: bool, clear: bool, *, better: bool) -> Context:
    """What may be said of a change in honest words."""
    if not enough:
        return {"verdict": _("too little to tell"), "tone": ""}
    if not clear:
        return {"verdict": _("within chance"), "tone": ""}
    if better:
        return {"verdict": _("clearly less"), "tone": "calm"}
    return {"verdict": _("clearly more"), "tone": "soon"}
