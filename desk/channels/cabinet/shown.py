"""Lists, people and figures as the cabinet's templates draw them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from desk.channels.cabinet import calendars
from desk.deposits.queries import lowness
from desk.partners.models import PartnerRole
from desk.tickets.queries import Filter, Show, lines
from desk.web import access, formats, present

Context = dict[str, Any]
# The first page is for what goes on; the list of tickets has all that is over.
DONE_MAX = 5
SUBMITTERS = (PartnerRole.OWNER, PartnerRole.MEMBER)


def may_submit(request: HttpRequest) -> bool:
    """Whether the reader's role lets them submit tickets."""
    return access.partner_role(request) in SUBMITTERS


def may_order(request: HttpRequest) -> bool:
    """Whether the reader may change the order of the partner's own queue."""
    return access.partner_role(request) == PartnerRole.OWNER


def row(line: lines.TicketLine) -> Context:
    return present.row(line, reverse("cabinet:ticket", args=[line.number]))


def home(found: lines.Home) -> Context:
    """The first page's lists, cards and figures."""
    return {
        "home": found,
        "my_turn": [row(line) for line in found.my_turn],
        "in_work": [row(line) for line in found.in_work],
        "done": [row(line) for line in found.done[:DONE_MAX]],
        "managers": [manager(one) for one in found.managers],
        "deposit": deposit(found.deposit, found.partner_id),
        "hours": calendars.text(found.calendar),
        "zone_note": calendars.zone_note(found.calendar.timezone, found.at),
    }


def manager(one: lines.Manager) -> Context:
    """The personal manager's card with who stands in, and for which projects."""
    return {
        "lead": present.person(one.lead, _("Your personal manager")),
        "cover": present.person(one.cover, _("Stands in")),
        "projects": ", ".join(one.projects),
    }


def deposit(found: lines.Deposit | None, partner_id: int) -> Context | None:
    """The deposit at a glance; None for who has no business with it."""
    if found is None:
        return None
    balance = found.balance
    return {
        "available": formats.units(balance.consultations_available),
        "held": formats.units(balance.consultations_held),
        "money": formats.money(balance.money_available_kopecks),
        "has_money": bool(balance.money_available_kopecks or balance.money_held_kopecks),
        "used_up": balance.consultations_available <= 0,
        "pace": pace(found.days_left),
        "low": low(partner_id),
    }


def deposit_tabs(current: str) -> list[Context]:
    """The pages of the deposit."""
    pages = {
        "deposit": _("Statement"),
        "buy": _("Buy"),
        "papers": _("Papers"),
        "money_rules": _("How it works"),
    }
    return [
        {"label": label, "url": reverse(f"cabinet:{name}"), "current": name == current, "count": 0}
        for name, label in pages.items()
    ]


def low(partner_id: int) -> str:
    """Where the ready invoice of a low deposit is; nothing while the deposit is not low."""
    running = lowness.running(partner_id)
    return reverse("cabinet:ready", args=[running[0].id]) if running else ""


def pace(days_left: int | None) -> str:
    """How long the deposit lasts at the partner's usual use (L10)."""
    if days_left is None:
        return ""
    text = ngettext(
        "At your pace the deposit lasts %(count)s working day.",
        "At your pace the deposit lasts %(count)s working days.",
        days_left,
    )
    return text % {"count": formats.number(days_left)}


def tabs(show: Show, mine: str) -> list[Context]:
    """The lists a partner may open."""
    names = {
        Show.OPEN: pgettext("tickets", "Open"),
        Show.MY_TURN: _("Your turn"),
        Show.IN_WORK: _("With us"),
        Show.DONE: pgettext("tickets", "Closed"),
        Show.ALL: pgettext("tickets", "All"),
    }
    return [
        {"label": label, "url": f"?show={value}{mine}", "current": value == show, "count": 0}
        for value, label in names.items()
    ]


def narrowed(request: HttpRequest) -> Filter:
    """The list that the address asks for; words that mean nothing show the open tickets."""
    asked, project = request.GET.get("show", ""), request.GET.get("project", "")
    return Filter(
        show=Show(asked) if asked in tuple(Show) else Show.OPEN,
        partner_id=access.partner_id(request),
        project_id=number(project),
        mine=request.GET.get("mine") == "1",
    )


def number(text: str) -> int | None:
    """An id from an address or a form; None for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None
