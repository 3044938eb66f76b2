"""What can be bought, as the page of buying draws it: prices, savings, and what it means."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.channels.cabinet import page as ticket_page
from desk.deposits import queries as ledger
from desk.deposits.queries import catalogue, lowness
from desk.deposits.queries.catalogue import CompanyMissing, PackRow
from desk.deposits.queries.lowness import Use
from desk.partners import queries as partners
from desk.partners.models import StaffRole
from desk.rules.lifecycle import State, Type
from desk.tickets import queries as tickets
from desk.tickets.queries.values import PartnerView
from desk.web import access, amounts, edge, formats

Context = dict[str, Any]


def page(partner_id: int, at: datetime) -> Context:
    """The packs and the price of the day."""
    price = partners.price_kopecks(partner_id, at)
    use, usual = lowness.use(partner_id, at), lowness.ready(partner_id, at)
    validity = catalogue.validity_days(partner_id, at)
    offered = catalogue.packs_for(partner_id, partners.today(at))
    balance = ledger.balance(partner_id)
    return {
        "packs": [
            {
                **pack(one, price, use, catalogue.validity_days(partner_id, at, one)),
                "usual": usual.pack is not None and one.id == usual.pack.id,
            }
            for one in offered
        ],
        "price": formats.money(price),
        "validity": validity_text(validity),
        "available": formats.units(balance.consultations_available),
        "lasts": lasting(usual.quantity, use),
        "weekly": weekly(use),
    }


def ready(partner_id: int, at: datetime) -> Context:
    """What the ready invoice of a low deposit is of."""
    price, use = partners.price_kopecks(partner_id, at), lowness.use(partner_id, at)
    found = lowness.ready(partner_id, at)
    if found.pack is not None:
        validity = catalogue.validity_days(partner_id, at, found.pack)
        return {"offer": pack(found.pack, price, use, validity)}
    return {
        "offer": {
            "name": formats.units(found.quantity),
            "each": formats.money(price),
            "total": formats.money(found.quantity * price),
            "lasts": lasting(found.quantity, use),
            "validity": validity_text(catalogue.validity_days(partner_id, at)),
        }
    }


def pack(one: PackRow, list_price: int, use: Use | None, validity_days: int | None) -> Context:
    """A pack: what one consultation costs in it, its bonus counted, and what is saved."""
    units = one.quantity + one.bonus
    saved = units * list_price - one.total_kopecks
    percent = saved * 100 // (units * list_price) if list_price else 0
    return {
        "id": one.id,
        "name": one.name(formats.language()),
        "units": formats.units(units),
        "bonus": bonus(one.bonus),
        "each": formats.money(one.total_kopecks // units),
        "exact": one.total_kopecks % units == 0,
        "total": formats.money(one.total_kopecks),
        "saved": formats.money(saved) if saved > 0 else "",
        "percent": f"{percent} %" if percent > 0 else "",
        "lasts": lasting(units, use),
        "validity": validity_text(validity_days),
    }


def bonus(count: int) -> str:
    """How many of them cost nothing."""
    if not count:
        return ""
    text = ngettext(
        "%(count)s consultation of them is a gift",
        "%(count)s consultations of them are a gift",
        count,
    )
    return text % {"count": formats.number(count)}


def lasting(units: int, use: Use | None) -> str:
    """How long so many consultations last at the partner's pace."""
    if use is None:
        return ""
    weeks = round(units / use.weekly)
    if not weeks:
        return _("at your pace: less than a week")
    text = ngettext(
        "at your pace: about %(count)s week", "at your pace: about %(count)s weeks", weeks
    )
    return text % {"count": formats.number(weeks)}


def weekly(use: Use | None) -> str:
    """How many consultations the partner uses in a week."""
    if use is None:
        return ""
    count = max(1, round(use.weekly))
    text = ngettext(
        "You use about %(count)s consultation a week.",
        "You use about %(count)s consultations a week.",
        count,
    )
    return text % {"count": formats.number(count)}


def validity_text(days: int | None) -> str:
    """How long what is bought may be used."""
    if days is None:
        return _("valid without end")
    text = ngettext(
        "valid for %(count)s day from the payment",
        "valid for %(count)s days from the payment",
        days,
    )
    return text % {"count": formats.number(days)}


def missing(partner_id: int) -> Context | None:
    """Why no invoice can be issued yet, with whom to ask; None when it can."""
    try:
        parties = catalogue.parties(partner_id)
    except CompanyMissing:
        text = _("Our company's details are not entered yet: ask the accountant for an invoice.")
    else:
        if parties.contract is not None:
            return None
        text = _(
            "Your company's details are not entered yet, and an invoice prints them: send them to"
            " the accountant once."
        )
    return {"text": text, "people": list(partners.staff_with(StaffRole.ACCOUNTANT))}


def asked_by(request: HttpRequest, number: str, at: datetime) -> Context:
    """What a ticket that waits for the deposit lacks: the form is filled with it."""
    if not number:
        return {}
    person, known = edge.person(request), access.of(request)
    ticket = tickets.by_number(person, number, known)
    if ticket.partner_id != access.partner_id(request) or ticket.state != State.AWAITING_DEPOSIT:
        return {}
    view = tickets.partner_view(ticket, person, at, known)
    balance = ledger.balance(ticket.partner_id)
    shown = {"number": tickets.number(ticket), "subject": ticket.subject}
    shown["needs"] = ticket_page.needs(view)
    if ticket.type == Type.CUSTOMISATION:
        lacks = max(0, _needed_kopecks(view) - balance.money_available_kopecks)
        return {**shown, "sum": amounts.written(lacks) if lacks else ""}
    units = max(view.money.units_max, len(view.parts)) - balance.consultations_available
    return {**shown, "quantity": str(units) if units > 0 else ""}


def _needed_kopecks(view: PartnerView) -> int:
    approved = [one for one in view.estimates if one.status == "approved"]
    return approved[-1].kopecks_max if approved else 0
