"""Online payment: an order for an invoice, and what its provider said became of it."""

from __future__ import annotations

import secrets
from datetime import timedelta

from desk.deposits.actions.paying import Incoming, take_payment
from desk.deposits.actions.posting import KeyMissing, lock, one_transaction
from desk.deposits.models import Checkout, Invoice, Payment, ProviderAccount
from desk.deposits.queries import online
from desk.deposits.queries.online import AccountRow, CheckoutRow, Result, Told
from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.partners import queries as partners
from desk.rules.billing import PaidBy

# A second press goes back to the order that was just made.
SAME_ORDER = timedelta(minutes=30)
ORDER_BYTES = 9


class NothingToPay(Exception):
    """The invoice is paid or cancelled."""


class NoWay(Exception):
    """Online payment is not switched on for this company at this provider."""


class WrongOrder(Exception):
    """A provider speaks of an order that is none of ours."""


@one_transaction
def set_account(
    cause: Cause, company_id: int, provider: str, keys: str, *, is_sandbox: bool
) -> AccountRow:
    """Keep a company's sealed keys at a provider, and switch it on."""
    facts = {"provider": provider, "company": company_id, "sandbox": is_sandbox}
    if cause.key is None:
        raise KeyMissing("set_online")
    if journal.earlier(cause, f"company:{company_id}", {"verb": "set_online", **facts}):
        return _known(company_id, provider)
    values = {
        "keys": keys,
        "is_sandbox": is_sandbox,
        "is_active": True,
        "changed_at": cause.at,
        "changed_by": cause.by,
    }
    ProviderAccount.objects.update_or_create(
        company_id=company_id, provider=provider, defaults=values
    )
    journal.record(cause, "set_online", f"company:{company_id}", facts)
    return _known(company_id, provider)


@one_transaction
def switch_account(cause: Cause, company_id: int, provider: str, *, is_active: bool) -> None:
    """Offer this way of paying, or offer it no more; orders under way are still settled."""
    rows = ProviderAccount.objects.filter(company_id=company_id, provider=provider)
    if not rows.exclude(is_active=is_active).update(
        is_active=is_active, changed_at=cause.at, changed_by=cause.by
    ):
        return
    facts = {"provider": provider, "company": company_id, "on": is_active}
    journal.record(cause, "switch_online", f"company:{company_id}", facts)


@one_transaction
def open_checkout(cause: Cause, partner_id: int, invoice_id: int, provider: str) -> CheckoutRow:
    """An order for what is left of the invoice; pressed again, the same order.

    Raises NothingToPay, NoWay, Invoice.DoesNotExist (also of another partner).
    """
    lock(partner_id)
    invoice = Invoice.objects.get(pk=invoice_id, partner_id=partner_id)
    known = online.account(invoice.company_id, provider)
    if known is None or not known.is_active:
        raise NoWay(provider)
    left = online.left(invoice)
    if not left:
        raise NothingToPay
    same = Checkout.objects.filter(
        invoice=invoice,
        provider=provider,
        outcome=None,
        amount_kopecks=left,
        at__gt=cause.at - SAME_ORDER,
    ).order_by("-id")
    if found := same.select_related("invoice__paper").first():
        return online.checkout_row(found)
    made = Checkout.objects.create(
        invoice=invoice,
        provider=provider,
        order=f"{invoice_id}-{secrets.token_urlsafe(ORDER_BYTES)}",
        amount_kopecks=left,
        at=cause.at,
        by=cause.by,
    )
    facts = {"order": made.order, "provider": provider, "kopecks": left}
    journal.record(cause, "open_checkout", f"invoice:{invoice_id}", facts, partner_id)
    return online.checkout_row(made)


@one_transaction
def settle_checkout(cause: Cause, provider: str, told: Told) -> CheckoutRow:
    """What became of an order: paid becomes a payment of its invoice, once, however often it is
    told. Another sum than the asked one is left to a person. A failed order may yet be paid.

    Raises WrongOrder.
    """
    known = online.checkout(provider, told.order)
    if known is None:
        raise WrongOrder(told.order)
    lock(known.partner_id)
    rows = Checkout.objects.select_for_update(of=("self",)).select_related("invoice__paper")
    row = rows.get(provider=provider, order=told.order)
    if told.result is Result.PAID and row.outcome != Checkout.PAID:
        _pay(cause, row, told)
    elif told.result is Result.FAILED and row.outcome is None:
        _end(cause, row, told, Checkout.FAILED, None)
        facts = {"order": row.order, "provider": provider, "status": told.status}
        subject = f"invoice:{row.invoice_id}"
        journal.record(cause, "fail_checkout", subject, facts, row.invoice.partner_id)
    elif told.result is Result.REVERSED and row.said.get("status") != told.status:
        _reversed(cause, row, told)
    return online.checkout_row(row)


def _pay(cause: Cause, row: Checkout, told: Told) -> None:
    invoice = row.invoice
    incoming = Incoming(
        company_id=invoice.company_id,
        kopecks=told.kopecks,
        paid_on=partners.today(cause.at),
        source=PaidBy.ONLINE,
        purpose=invoice.paper.number,
        reference=told.reference,
        partner_id=invoice.partner_id,
        fingerprint=f"{row.provider}:{row.order}",
    )
    # It is booked at once where the sum is what is left of the invoice; else a person says.
    taken = take_payment(cause, incoming)
    _end(cause, row, told, Checkout.PAID, taken.id)


def _reversed(cause: Cause, row: Checkout, told: Told) -> None:
    """The provider took the money back: the deposit is a person's to mend (refund, adjust)."""
    row.said = {**row.said, "status": told.status, **told.facts}
    row.save(update_fields=["said"])
    facts = {"order": row.order, "provider": row.provider, "kopecks": told.kopecks}
    subject = f"invoice:{row.invoice_id}"
    journal.record(cause, "reverse_online", subject, facts, row.invoice.partner_id)


def _end(cause: Cause, row: Checkout, told: Told, outcome: str, payment_id: int | None) -> None:
    row.outcome, row.outcome_at = outcome, cause.at
    row.said = {"status": told.status, "reference": told.reference, **told.facts}
    row.payment = Payment.objects.get(pk=payment_id) if payment_id else None
    row.save(update_fields=["outcome", "outcome_at", "said", "payment"])


def _known(company_id: int, provider: str) -> AccountRow:
    found = online.account(company_id, provider)
    assert found is not None, "it was just written"
    return found
