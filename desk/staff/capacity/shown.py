"""Caps, the waiting line, absences and offers as the templates of capacity draw them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.oversight.queries import absences as ahead
from desk.oversight.queries import capacity, offers
from desk.oversight.queries.absences import Finding, Lack
from desk.oversight.queries.gaps import Stretch
from desk.partners.models import Person
from desk.rules.worktime import Calendar
from desk.tickets.queries.lines import TicketLine
from desk.web import formats, present

Context = dict[str, Any]
PAGE = "capacity:index"


def url(number: str) -> str:
    return reverse("workplace:ticket", args=[number])


def row(line: TicketLine) -> Context:
    return present.row(line, url(line.number), side="staff")


def seat(one: capacity.Seat, service: str) -> Context:
    """A specialist with what is used of both caps."""
    load = one.load
    return {
        "name": load.person.name,
        "leads": load.leads,
        "projects_max": load.projects_max,
        "leads_free": one.leads_free,
        "covers": load.covers,
        "covers_max": load.covers_max,
        "covers_free": one.covers_free,
        "hours": hours(one.hours) if one.hours else service,
        "covered_by": names(one.covered_by),
        "covers_whom": names(one.covers),
        "would_cover": one.would_cover.name if one.would_cover else "",
        "away": one.is_away,
    }


def waiting(one: capacity.Waiting) -> Context:
    """A project in the line with who is proposed for it."""
    return {
        "id": one.project.pk,
        "position": one.position,
        "project": one.project.name,
        "partner": one.project.partner.name,
        "since_at": one.since_at,
        "lead": one.lead,
        "cover": one.cover,
    }


def coming(one: ahead.Coming, at: datetime) -> Context:
    """An absence with what it lacks; the kind is for nobody."""
    row = one.absence
    return {
        "id": row.pk,
        "person": row.person.name,
        "since_at": row.since_at,
        "until_at": row.until_at,
        "now": row.since_at <= at,
        "findings": [finding(each) for each in one.findings],
    }


def finding(one: Finding) -> Context:
    """What is missing, as a sentence."""
    words = {
        "project": one.project.name,
        "partner": one.project.partner.name,
        "cover": one.cover.name if one.cover else "",
        "other": one.other.name if one.other else "",
        "since": formats.moment(one.since_at),
        "until": formats.moment(one.until_at),
    }
    match one.lack:
        case Lack.NO_COVER:
            text = _(
                "%(partner)s, “%(project)s” has no cover: from %(since)s to %(until)s its tickets"
                " would go to the administrators."
            )
        case Lack.COVER_AWAY:
            text = _(
                "%(partner)s, “%(project)s”: %(cover)s, who covers it, is absent as well, from"
                " %(since)s to %(until)s."
            )
        case Lack.TWO_AT_ONCE:
            text = _("%(cover)s would stand in for %(other)s as well, from %(since)s to %(until)s.")
    return {"text": text % words, "late": one.lack != Lack.TWO_AT_ONCE}


def offer(one: offers.OpenOffer) -> Context:
    """An offer with the reason in words; it names what the lead does, not why."""
    return {
        "id": one.id,
        "number": one.ticket,
        "subject": one.subject,
        "url": url(one.ticket),
        "partner": one.partner,
        "lead": one.lead.name,
        "cover": one.cover.name,
        "limit_at": one.limit_at,
        "offered_at": one.offered_at,
        "what": _("to be accepted by") if one.kind == "acceptance" else _("to be done by"),
        "reason": reason(one),
    }


def reason(one: offers.OpenOffer) -> str:
    """Why the lead is forecast to miss it."""
    words = {
        "busy": _("%(lead)s works on another ticket"),
        "critical": _("%(lead)s serves a critical error"),
        "pause": _("%(lead)s has a break"),
        "meeting": _("%(lead)s is in a meeting or a training"),
        "gone": _("%(lead)s is not there in time"),
        "full": _("the hours of %(lead)s do not hold it"),
    }
    return words.get(one.reason, "%(lead)s") % {"lead": one.lead.name}


def gap(one: Stretch) -> Context:
    """A time in which none of those who stand in for each other works."""
    alone = len(one.people) == 1
    who = _("%(person)s, and nobody else") % {"person": one.people[0]} if alone else ""
    return {
        "who": who or ", ".join(one.people),
        "since_at": one.since_at,
        "until_at": one.until_at,
    }


def hours(calendar: Calendar) -> str:
    """Hours of one's own, as one line: the week is shown where it is changed."""
    days = len(calendar.to_dict().get("week", {}))  # type: ignore[arg-type]  # a mapping by day
    text = ngettext("own hours, %(count)s day a week", "own hours, %(count)s days a week", days)
    return text % {"count": formats.number(days)}


def names(people: Iterable[Person]) -> str:
    return ", ".join(person.name for person in people)
