"""The checklist of a month's end, in words: what is done, what is open, where to do it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.deposits.queries.catalogue import CompanyRow
from desk.deposits.queries.closing import Counted, Readiness
from desk.staff.accounting import queue
from desk.tickets import queries as tickets
from desk.web import formats

Context = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Point:
    """One line of the checklist. `url` leads to the work where it is open."""

    name: str
    done: bool
    text: str
    note: str = ""
    url: str = ""


def points(found: Readiness, proved: Mapping[str, Any] | None) -> list[Point]:
    """Everything that has to be right before a month is closed."""
    return [
        _payments(found.unmatched),
        _second_person(found),
        _acts(found),
        _ledger(proved),
        _figures(found),
    ]


def _done(name: str, text: str, note: str = "", url: str = "") -> Point:
    return Point(name, done=True, text=text, note=note, url=url)


def _open(name: str, text: str, note: str = "", url: str = "") -> Point:
    return Point(name, done=False, text=text, note=note, url=url)


def _payments(unmatched: Counted) -> Point:
    if not unmatched.count:
        return _done("unmatched", _("Every payment is booked."))
    said = ngettext(
        "%(count)s payment is not booked.", "%(count)s payments are not booked.", unmatched.count
    )
    counted = {"count": formats.number(unmatched.count)}
    url = queue.route("payments")
    return _open("unmatched", said % counted, formats.money(unmatched.kopecks), url)


def _second_person(found: Readiness) -> Point:
    waiting = found.pending_adjustments + found.pending_refunds
    if not waiting:
        return _done("second", _("Nothing waits for a second person."))
    said = ngettext(
        "%(count)s correction or refund waits for a second person.",
        "%(count)s corrections and refunds wait for a second person.",
        waiting,
    )
    url = queue.route("refunds") if found.pending_refunds else reverse("accounting:home")
    return _open("second", said % {"count": formats.number(waiting)}, "", url)


def _acts(found: Readiness) -> Point:
    if not found.acts_due:
        said = ngettext(
            "%(count)s act is issued.", "%(count)s acts are issued.", found.issued.count
        )
        counted = {"count": formats.number(found.issued.count)}
        return _done("acts", said % counted, formats.money(found.issued.kopecks))
    said = ngettext(
        "%(count)s partner has no act yet.",
        "%(count)s partners have no act yet.",
        len(found.acts_due),
    )
    kopecks = sum(one.kopecks for one in found.acts_due)
    counted = {"count": formats.number(len(found.acts_due))}
    return _open("acts", said % counted, formats.money(kopecks), "#acts")


def _ledger(proved: Mapping[str, Any] | None) -> Point:
    url = reverse("accounting:ledger")
    if proved is None:
        return _done("ledger", _("The ledger check has not run lately."), "", url)
    if proved["faults"]:
        said = ngettext(
            "The ledger check found %(count)s fault.",
            "The ledger check found %(count)s faults.",
            proved["faults"],
        )
        return _open("ledger", said % {"count": proved["faults"]}, "", url)
    return _done("ledger", _("The ledger check found nothing wrong."), "", url)


def _figures(found: Readiness) -> Point:
    if found.figures.agrees:
        return _done("figures", _("The figures agree to the kopiyka."))
    return _open("figures", _("The figures do not agree: run the ledger check."))


def contested(found: Readiness) -> list[Context]:
    """Charges that acts leave out, each with its dispute and the day of its ruling."""
    known = {one.root: one for one in tickets.contested() if one.root in found.contested}
    return [
        {
            "number": one.number,
            "subject": one.subject,
            "due_at": one.due_at,
            "kopecks": found.contested[root],
            "partner_id": one.partner_id,
            "url": reverse("accounting:partner", args=[one.partner_id]),
        }
        for root, one in known.items()
    ]


def exports(company: CompanyRow, first_on: date) -> list[Context]:
    """What can be taken along of the month."""
    names = {
        "invoices": _("Invoices"),
        "payments": _("Payments"),
        "acts": _("Acts"),
        "charges": _("Charges and what paid them"),
        "liability": _("Liability by partner and lot"),
    }
    if company.is_vat_payer:
        names["first-events"] = _("First events for VAT")
    asked = f"?company={company.id}&month={first_on:%Y-%m}"
    return [
        {
            "label": label,
            "xlsx": reverse("accounting:export", args=[name, "xlsx"]) + asked,
            "csv": reverse("accounting:export", args=[name, "csv"]) + asked,
        }
        for name, label in names.items()
    ]
