"""Refunds: what waits for a second person, whose money is to be sent, and a partner's own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from desk.deposits import actions as deposits
from desk.deposits import queries as ledger
from desk.deposits.queries import refunds as queries
from desk.deposits.queries.refunds import RefundRow
from desk.partners import queries as partners
from desk.partners.models import Partner, Person, StaffRole
from desk.rules.ledger import Commodity
from desk.staff.accounting.refund_forms import AllForm, PayoutForm, RefundForm
from desk.tickets import queries as tickets
from desk.web import access, edge, formats
from desk.web.access import staff_page
from desk.web.attempts import attempt, attempt_button
from desk.web.forms import Guards

CHANNEL = "accounting"
# The owner reads, and is the second person where there is one accountant.
SEES = (StaffRole.ACCOUNTANT, StaffRole.VENDOR)
Context = dict[str, Any]


@require_GET
@staff_page(*SEES)
def refunds(request: HttpRequest) -> HttpResponse:
    """Refunds to approve, then those whose money has not been sent."""
    return _all(request)


@require_POST
@staff_page(*SEES)
def decide(request: HttpRequest, refund_id: int) -> HttpResponse:
    """Approve a refund as the second person, or decline it."""
    cause = edge.cause(request, CHANNEL)
    if request.POST.get("decline"):
        said = _("Declined: nothing is given back.")
        attempt_button(request, lambda: deposits.decline_refund(cause, refund_id), said)
    else:
        said = _("Approved: now the money is to be sent.")
        attempt_button(request, lambda: deposits.approve_refund(cause, refund_id), said)
    return redirect("accounting:refunds")


@require_POST
@staff_page(StaffRole.ACCOUNTANT)
def pay(request: HttpRequest, refund_id: int) -> HttpResponse:
    """The money of an approved refund was sent."""
    row = queries.refund(refund_id)
    form, cause = PayoutForm(request.POST, prefix=f"pay{row.id}"), edge.cause(request, CHANNEL)

    def deed() -> None:
        given = form.cleaned_data
        deposits.pay_refund(cause, row.id, given["paid_on"], given["reference"])

    status = attempt(form, deed)
    if status is not None:
        return _all(request, status, wrong=(row.id, form))
    messages.success(request, _("Noted: %(sum)s were sent.") % {"sum": formats.money(row.kopecks)})
    return redirect("accounting:refunds")


@require_GET
@staff_page(*SEES)
def of_partner(request: HttpRequest, partner_id: int) -> HttpResponse:
    """A partner's refunds, and the accountant's form to propose one."""
    return _own(request, get_object_or_404(Partner, pk=partner_id))


@require_POST
@staff_page(StaffRole.ACCOUNTANT)
def propose(request: HttpRequest, partner_id: int) -> HttpResponse:
    """Propose to give some of a purchase back; nothing moves before it is approved."""
    found = get_object_or_404(Partner, pk=partner_id)
    form = RefundForm(request.POST, prefix="refund", rows=queries.refundable(partner_id))
    cause = edge.cause(request, CHANNEL)

    def deed() -> None:
        given = form.cleaned_data
        deposits.propose_refund(cause, given["lot"], given["quantity"], given["reason"])

    status = attempt(form, deed)
    if status is not None:
        return _own(request, found, status, form=form)
    messages.success(request, _("Proposed. It counts when a second person approves it."))
    return redirect("accounting:partner_refunds", partner_id)


@require_POST
@staff_page(StaffRole.ACCOUNTANT)
def propose_all(request: HttpRequest, partner_id: int) -> HttpResponse:
    """Everything that is free, each purchase at its price: the partner leaves the plan (L12)."""
    found = get_object_or_404(Partner, pk=partner_id)
    form, cause = AllForm(request.POST, prefix="all"), edge.cause(request, CHANNEL)
    made: list[RefundRow] = []
    reason = request.POST.get("all-reason", "")
    status = attempt(
        form, lambda: made.extend(deposits.propose_refunds_of(cause, partner_id, reason))
    )
    if status is not None:
        return _own(request, found, status, all_form=form)
    if made:
        messages.success(request, _("Proposed. It counts when a second person approves it."))
    else:
        messages.info(request, _("There is nothing left to give back."))
    return redirect("accounting:partner_refunds", partner_id)


def _all(
    request: HttpRequest, status: int | None = None, wrong: tuple[int, PayoutForm] | None = None
) -> HttpResponse:
    reader, may_book = edge.person(request), _may_book(request)
    unpaid = shown(queries.unpaid_refunds(), reader)
    today = partners.today(edge.now())
    for row in unpaid if may_book else ():
        is_wrong = wrong is not None and wrong[0] == row["id"]
        form = PayoutForm(prefix=f"pay{row['id']}", initial={"paid_on": today})
        row["form"] = wrong[1] if wrong and is_wrong else form
        row["is_wrong"] = is_wrong
    context = {
        "pending": shown(queries.pending_refunds(), reader),
        "unpaid": unpaid,
        "guard": Guards(),
    }
    return render(request, "accounting/refunds.html", context, status=status)


def _own(
    request: HttpRequest, found: Partner, status: int | None = None, **forms: Any
) -> HttpResponse:
    lots = queries.refundable(found.pk)
    context: Context = {
        "partner": found,
        "refunds": shown(queries.refunds(found.pk), edge.person(request)),
        "may_book": _may_book(request) and bool(lots),
        "total": sum(row.kopecks for row in lots),
        "guard": Guards(),
        "form": RefundForm(prefix="refund", rows=lots),
        "all_form": AllForm(prefix="all"),
        **forms,
    }
    return render(request, "accounting/partner_refunds.html", context, status=status)


def shown(rows: list[RefundRow], reader: Person) -> list[Context]:
    """Refunds with who proposed and who decided, and whether the reader may approve."""
    names = tickets.names_of([row.proposed_by for row in rows] + [row.decided_by for row in rows])
    companies = {row.pk: row.name for row in partners.partners_among({r.partner_id for r in rows})}
    by = f"person:{reader.pk}"
    return [
        {
            "id": row.id,
            "partner_id": row.partner_id,
            "partner": companies[row.partner_id],
            "amount": formats.money(row.kopecks),
            "units": "" if row.commodity is Commodity.MONEY else formats.units(row.quantity),
            "reason": row.reason,
            "proposed_by": names.get(row.proposed_by, ""),
            "proposed_at": row.proposed_at,
            "outcome": row.outcome,
            "decided_by": names.get(row.decided_by, ""),
            "paid_on": row.paid_on,
            "reference": row.reference,
            "own": row.proposed_by == by,
            "may_approve": row.outcome is None and ledger.may_approve(by, row.proposed_by),
        }
        for row in rows
    ]


def _may_book(request: HttpRequest) -> bool:
    return StaffRole.ACCOUNTANT in access.of(request).staff
