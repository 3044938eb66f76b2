"""Who sells and what: the vendor's companies, the partners' contracts, and packs by date. What was
bought, accepted or issued keeps what it was given (R12, R15)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from desk.deposits.actions import catalogue as actions
from desk.deposits.queries import catalogue
from desk.deposits.queries.catalogue import CompanyRow, PackRow
from desk.partners import queries as partners
from desk.partners.models import Partner, StaffRole
from desk.staff.setup import shown
from desk.staff.setup.selling_forms import CompanyForm, ContractForm, PackForm
from desk.web import access, edge, formats
from desk.web.access import staff_page
from desk.web.attempts import attempt, attempt_button
from desk.web.forms import Guards

CHANNEL = "setup"
Context = dict[str, Any]


@require_GET
@staff_page(StaffRole.VENDOR)
def selling(request: HttpRequest) -> HttpResponse:
    """All companies and packs: those of today first."""
    today = partners.today(edge.now())
    packs = [_pack(row, today) for row in catalogue.packs()]
    context = {
        "companies": [_company(row) for row in catalogue.companies()],
        "packs": [one for one in packs if not one["ended"]],
        "ended": [one for one in packs if one["ended"]],
        "guard": Guards(),
    }
    return render(request, "setup/selling.html", context)


@require_http_methods(["GET", "POST"])
@staff_page(StaffRole.VENDOR)
def new_company(request: HttpRequest) -> HttpResponse:
    """One more company that issues papers."""
    initial = {"vat_percent": 20, "invoice_days": 7, "is_active": True}
    initial["is_default"] = catalogue.default_company() is None
    return _company_page(request, None, initial)


@require_http_methods(["GET", "POST"])
@staff_page(StaffRole.VENDOR)
def company(request: HttpRequest, company_id: int) -> HttpResponse:
    """One company's details; papers that were issued keep theirs."""
    found = catalogue.company(company_id)
    return _company_page(request, found, {**asdict(found), "number_prefix": found.prefix})


def _company_page(request: HttpRequest, found: CompanyRow | None, initial: Context) -> HttpResponse:
    form = CompanyForm(request.POST or None, initial=initial)
    status = None
    if request.method == "POST":
        cause, company_id = edge.cause(request, CHANNEL), found.id if found else None
        status = attempt(form, lambda: actions.set_company(cause, form.details(), company_id))
        if status is None:
            messages.success(request, _("Saved. Papers that were issued keep what they say."))
            return redirect("setup:selling")
    context = {"form": form, "guard": Guards(), "company": found}
    return render(request, "setup/company.html", context, status=status)


@require_http_methods(["GET", "POST"])
@staff_page(StaffRole.VENDOR, StaffRole.ACCOUNTANT)
def contract(request: HttpRequest, partner_id: int) -> HttpResponse:
    """A partner's details and contract, by who owns the desk or keeps its books."""
    partner = get_object_or_404(Partner, pk=partner_id)
    kept = catalogue.contract_of(partner_id)
    sellers = [one for one in catalogue.companies() if one.is_active]
    choices = [(one.id, one.name) for one in sellers]
    initial = asdict(kept) if kept else {"legal_name": partner.name}
    form = ContractForm(request.POST or None, companies=choices, initial=initial)
    status = None
    if request.method == "POST":
        cause = edge.cause(request, CHANNEL)
        status = attempt(form, lambda: actions.set_contract(cause, partner_id, form.details()))
        if status is None:
            messages.success(request, _("Saved. Papers that were issued keep what they say."))
            return redirect("setup:contract", partner_id)
    context = {
        "form": form,
        "guard": Guards(),
        "partner": partner,
        "companies": choices,
        "vendor": StaffRole.VENDOR in access.of(request).staff,
        "changed_at": kept.changed_at if kept else None,
    }
    return render(request, "setup/contract.html", context, status=status)


@require_http_methods(["GET", "POST"])
@staff_page(StaffRole.VENDOR)
def new_pack(request: HttpRequest) -> HttpResponse:
    """A pack to be offered; what it says never changes, another one replaces it."""
    today = partners.today(edge.now())
    initial = {"quantity": 10, "bonus": 0, "since_on": today}
    form = PackForm(request.POST or None, plans=shown.plan_choices(), today=today, initial=initial)
    status = None
    if request.method == "POST":
        cause = edge.cause(request, CHANNEL)
        status = attempt(form, lambda: actions.offer_pack(cause, form.terms()))
        if status is None:
            messages.success(request, _("The pack is offered."))
            return redirect("setup:selling")
    context = {"form": form, "guard": Guards()}
    return render(request, "setup/pack_new.html", context, status=status)


@require_POST
@staff_page(StaffRole.VENDOR)
def end_pack(request: HttpRequest, pack_id: int) -> HttpResponse:
    """Offer a pack until the end of today; invoices that were issued keep it."""
    cause, today = edge.cause(request, CHANNEL), partners.today(edge.now())
    until_on, said = today, _("Today is its last day.")
    if request.POST.get("now"):
        until_on, said = today - timedelta(days=1), _("The pack is offered no more.")
    attempt_button(request, lambda: actions.end_pack(cause, pack_id, until_on), said)
    return redirect("setup:selling")


def _company(row: CompanyRow) -> Context:
    vat = _("VAT %(percent)s %%") % {"percent": row.vat_percent}
    return {
        "id": row.id,
        "name": row.name,
        "legal_name": row.legal_name,
        "code": row.code,
        "iban": row.iban,
        "vat": vat if row.is_vat_payer else _("no VAT"),
        "is_default": row.is_default,
        "is_active": row.is_active,
        "incomplete": not (row.code and row.iban and row.address and row.signer),
    }


def _pack(row: PackRow, today: date) -> Context:
    return {
        "id": row.id,
        "name": row.name(formats.language()),
        "quantity": formats.units(row.quantity),
        "bonus": formats.units(row.bonus) if row.bonus else "",
        "price": row.unit_price_kopecks,
        "total": row.total_kopecks,
        "plan": row.plan_name,
        "validity_days": row.validity_days,
        "since_on": row.since_on,
        "until_on": row.until_on,
        "ahead": row.since_on > today,
        "last_day": row.until_on == today,
        "ended": row.until_on is not None and row.until_on < today,
    }
