"""take_payment, match_payment, return_payment: money that came, and what it is for.

A payment is kept first, and booked when it is certain whose it is; what is not is left to a
person with a hint. Each piece of it that is booked is an allocation with a transaction of its
own, so that every lot leads to the payment that bought it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from django.db import connection

from desk.deposits.actions import buying
from desk.deposits.actions.posting import KeyMissing, lock, one_transaction, writing
from desk.deposits.models import Allocation, Invoice, Lot, Payment
from desk.deposits.models.payments import PURPOSE_LENGTH, REFERENCE_LENGTH
from desk.deposits.queries import invoices, papers, payments
from desk.deposits.queries.payments import PaymentRow
from desk.deposits.values import Bought
from desk.journal import actions as journal
from desk.journal.actions import KeyReused
from desk.journal.cause import Cause
from desk.journal.models import Entry
from desk.partners import queries as partners
from desk.rules import matching, settlement
from desk.rules.billing import PaidBy
from desk.rules.ledger import Commodity, whole
from desk.rules.matching import Hint, Said, Verdict
from desk.rules.settlement import Due

KOPECKS_MAX = 1_000_000_000_00
WHY_MAX = 300
NAME_MAX, CODE_MAX, IBAN_MAX = 200, 20, 34
# Whoever closes a month locks its company: so that no payment comes into a month just closed.
_COMPANY = "SELECT id FROM deposits_company WHERE id = %s FOR KEY SHARE"


class PeriodClosed(Exception):
    """The accountant closed the month of the payment's day."""

    def __init__(self, first_on: date) -> None:
        super().__init__(first_on)
        self.first_on = first_on


class DayWrong(ValueError):
    """A payment's day lies ahead, or years back."""


class PaymentMoved(Exception):
    """Somebody booked the payment, or a piece of it, while this person was looking at it."""


class MoreThanPaid(Exception):
    """More is booked than is left of the payment."""

    def __init__(self, left_kopecks: int) -> None:
        super().__init__(left_kopecks)
        self.left_kopecks = left_kopecks


class InvoiceClosed(Exception):
    """The invoice is paid or cancelled: the money is booked to the deposit, or sent back."""


class OtherCompany(Exception):
    """The money came to another company of ours than the one that issued the invoice."""


class WhyMissing(ValueError):
    """Money is sent back for a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """Money that came in. `fingerprint`: what makes it the same payment when it is told again;
    by default the cause's key. `partner_id`: whose it is, where that is known."""

    company_id: int
    kopecks: int
    paid_on: date
    source: PaidBy = PaidBy.HAND
    payer_name: str = ""
    payer_code: str = ""
    payer_iban: str = ""
    purpose: str = ""
    reference: str = ""
    partner_id: int | None = None
    fingerprint: str = ""
    imported_id: int | None = None


@one_transaction
def take_payment(cause: Cause, incoming: Incoming) -> PaymentRow:
    """Keep a payment, and book it where its invoice is certain; told again, it is the same one.

    Raises AmountNotPositive, DayWrong, PeriodClosed, KeyMissing, KeyReused (another sum).
    """
    refuse_day(cause, incoming)
    if whole(incoming.kopecks) > KOPECKS_MAX:
        raise MoreThanPaid(KOPECKS_MAX)
    mark = incoming.fingerprint or f"{incoming.source.value}:{_key(cause)}"
    _alone(f"{incoming.company_id}:{mark}")
    known = Payment.objects.filter(company_id=incoming.company_id, fingerprint=mark).first()
    if known is not None:
        return _repeated(known, incoming)
    verdict = judge(incoming)
    with writing():
        row = as_row(cause, incoming, mark, verdict.hint)
        row.save(force_insert=True)
        entry = _record(cause, "take_payment", row, {"kopecks": row.amount_kopecks})
        if verdict.invoice_id is not None:
            book_certain(cause.follows(entry.pk), row.pk, verdict.invoice_id)
    return replace(payments.payment(row.pk), entry_id=entry.pk)


@one_transaction
def match_payment(
    cause: Cause, payment_id: int, partner_id: int, invoice_id: int | None, kopecks: int
) -> PaymentRow:
    """Book a payment, or a piece of it, to an invoice, or (None) as money of the deposit.

    A piece of several invoices: once for each. What is above the invoice stays money. Raises
    MoreThanPaid, PaymentMoved, InvoiceClosed, OtherCompany, Invoice.DoesNotExist (also of
    another partner), KeyReused.
    """
    lock(partner_id)
    row = Payment.objects.select_for_update().get(pk=payment_id)
    content = {"partner": partner_id, "invoice": invoice_id, "kopecks": whole(kopecks)}
    asked = {"verb": "match_payment", **content}
    if journal.earlier(cause, f"payment:{payment_id}", asked):
        return payments.payment(payment_id)
    _refuse_moved(cause, row)
    left = 0 if row.returned_at else row.left_kopecks
    if kopecks > left:
        raise MoreThanPaid(left)
    invoice = _payable(row, partner_id, invoice_id)
    _book(cause, row, _Piece(partner_id, invoice, kopecks))
    return payments.payment(payment_id)


@one_transaction
def return_payment(cause: Cause, payment_id: int, why: str) -> PaymentRow:
    """What is left of the payment goes back to the payer, or is none of the deposits' business.

    Raises WhyMissing, MoreThanPaid (nothing is left), PaymentMoved, KeyReused.
    """
    row = Payment.objects.select_for_update().get(pk=payment_id)
    reason = why.strip()[:WHY_MAX]
    asked: dict[str, object] = {"verb": "return_payment", "why": reason}
    if journal.earlier(cause, f"payment:{payment_id}", asked):
        return payments.payment(payment_id)
    if not reason:
        raise WhyMissing
    _refuse_moved(cause, row)
    if row.returned_at or not row.left_kopecks:
        raise MoreThanPaid(0)
    with writing():
        row.returned_at, row.returned_by, row.returned_why = cause.at, cause.by, reason
        row.save(update_fields=["returned_at", "returned_by", "returned_why"])
        facts = {"kopecks": row.left_kopecks, "why": reason}
        _record(cause, "return_payment", row, facts, asked)
    return payments.payment(payment_id)


@one_transaction
def book_certain(cause: Cause, payment_id: int, invoice_id: int) -> bool:
    """Book a payment that was judged certain, if it still is when its deposit is locked; else
    the hint says why not. Nothing happens to a payment that somebody booked meanwhile."""
    partner_id = Invoice.objects.values_list("partner_id", flat=True).get(pk=invoice_id)
    lock(partner_id)
    row = Payment.objects.select_for_update().get(pk=payment_id)
    if row.returned_at or row.left_kopecks != row.amount_kopecks:
        return False
    invoice = Invoice.objects.select_related("paper").get(pk=invoice_id)
    (candidate,) = invoices.as_candidates([invoice])
    hint = matching.refusal(Said(row.purpose, row.left_kopecks, row.payer_code), candidate)
    if hint is not None:
        with writing():
            Payment.objects.filter(pk=row.pk).update(hint=hint)
        return False
    _book(cause, row, _Piece(partner_id, invoice, row.left_kopecks))
    return True


def judge(incoming: Incoming) -> Verdict:
    """The invoice that a payment is certainly for, or why that is not certain."""
    said = Said(incoming.purpose, incoming.kopecks, incoming.payer_code)
    verdict = payments.judge(incoming.company_id, incoming.paid_on, said)
    if verdict.invoice_id is None or incoming.partner_id is None:
        return verdict
    owner = Invoice.objects.values_list("partner_id", flat=True).get(pk=verdict.invoice_id)
    is_own = owner == incoming.partner_id
    return verdict if is_own else Verdict(None, Hint.OTHER_PARTNER, verdict.named)


def refuse_day(cause: Cause, incoming: Incoming) -> None:
    """DayWrong, PeriodClosed."""
    if not payments.is_near(incoming.paid_on, partners.today(cause.at)):
        raise DayWrong(incoming.paid_on)
    with connection.cursor() as cursor:
        cursor.execute(_COMPANY, [incoming.company_id])
    if papers.is_closed(incoming.company_id, incoming.paid_on):
        raise PeriodClosed(incoming.paid_on.replace(day=1))


def as_row(cause: Cause, incoming: Incoming, mark: str, hint: Hint | None) -> Payment:
    """The payment as a row that nothing was booked for yet."""
    return Payment(
        company_id=incoming.company_id,
        partner_id=incoming.partner_id,
        source=incoming.source,
        imported_id=incoming.imported_id,
        fingerprint=mark,
        paid_on=incoming.paid_on,
        amount_kopecks=incoming.kopecks,
        left_kopecks=incoming.kopecks,
        payer_name=incoming.payer_name[:NAME_MAX],
        payer_code=incoming.payer_code[:CODE_MAX],
        payer_iban=incoming.payer_iban[:IBAN_MAX],
        purpose=incoming.purpose[:PURPOSE_LENGTH],
        reference=incoming.reference[:REFERENCE_LENGTH],
        hint=hint or "",
        at=cause.at,
        by=cause.by,
    )


@dataclass(frozen=True, slots=True)
class _Piece:
    """So much of a payment, for an invoice of the partner or for its deposit."""

    partner_id: int
    invoice: Invoice | None
    kopecks: int

    def facts(self) -> dict[str, object]:
        invoice_id = self.invoice.pk if self.invoice else None
        return {"partner": self.partner_id, "invoice": invoice_id, "kopecks": self.kopecks}


def _alone(mark: str) -> None:
    """Let copies of one payment that come at once wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [mark])


def _key(cause: Cause) -> str:
    if cause.key is None:
        raise KeyMissing("take_payment")
    return cause.key


def _repeated(known: Payment, incoming: Incoming) -> PaymentRow:
    if known.amount_kopecks != incoming.kopecks:
        raise KeyReused(known.fingerprint)
    entry = Entry.objects.filter(subject=f"payment:{known.pk}", verb="take_payment").first()
    return replace(payments.payment(known.pk), entry_id=entry.pk if entry else 0)


def _refuse_moved(cause: Cause, row: Payment) -> None:
    """A person's form says how often the payment had been booked when it was shown."""
    if cause.seen is not None and cause.seen != row.allocations.count():
        raise PaymentMoved


def _payable(row: Payment, partner_id: int, invoice_id: int | None) -> Invoice | None:
    """The partner's open invoice, of the company to which the money came."""
    if invoice_id is None:
        return None
    found = Invoice.objects.select_related("paper").get(pk=invoice_id, partner_id=partner_id)
    if found.company_id != row.company_id:
        raise OtherCompany
    if not invoices.invoice_row(found).is_open:
        raise InvoiceClosed
    return found


def _book(cause: Cause, row: Payment, piece: _Piece) -> None:
    """Write the allocation and what the ledger makes of it; everything is locked and allowed."""
    content = {"verb": "match_payment", **piece.facts()}
    with writing():
        entry = _record(cause, "match_payment", row, piece.facts(), content, piece.partner_id)
        follows = cause.follows(entry.pk)
        made = _credit(follows, row, piece)
        Allocation.objects.create(
            payment=row,
            invoice=piece.invoice,
            partner_id=piece.partner_id,
            amount_kopecks=piece.kopecks,
            transaction_id=made.transaction_id,
            at=cause.at,
            by=cause.by,
        )
        row.left_kopecks -= piece.kopecks
        row.partner_id = row.partner_id or piece.partner_id
        row.hint = ""
        row.save(update_fields=["left_kopecks", "partner_id", "hint"])
        if piece.invoice is not None:
            _settle(follows, piece.invoice, piece.kopecks, made)


def _credit(cause: Cause, row: Payment, piece: _Piece) -> Bought:
    """Units of the invoice as far as the money goes, else money of the deposit."""
    invoice, memo = piece.invoice, row.reference or row.purpose
    if invoice is not None:
        memo = invoice.paper.number
        if due(invoice).missing:
            return buying.buy(
                cause,
                piece.partner_id,
                due(invoice).missing,
                invoice.unit_price_kopecks,
                piece.kopecks,
                expires_on=_expires_on(cause, invoice),
                memo=memo,
            )
    return buying.top_up(cause, piece.partner_id, piece.kopecks, memo)


def _settle(cause: Cause, invoice: Invoice, kopecks: int, made: Bought) -> None:
    """The invoice follows its payment: units of what earlier payments left, and the bonus."""
    before = due(invoice)
    after = before.after(kopecks, made.bought + made.filled if before.missing else 0)
    rests = dict(_rests(invoice))
    if more := settlement.convertible(after, sum(rests.values())):
        expires_on = _expires_on(cause, invoice)
        price = invoice.unit_price_kopecks
        turned = buying.convert(
            cause, invoice.partner_id, more, price, expires_on, only=frozenset(rests)
        )
        after = after.after(0, turned.bought + turned.filled)
    invoice.paid_kopecks, invoice.bought = after.paid_kopecks, after.bought
    if settlement.completes(before, after):
        invoice.paid_at = cause.at
    invoice.save(update_fields=["paid_kopecks", "bought", "paid_at"])
    if invoice.paid_at:
        _complete(cause, invoice)


def _complete(cause: Cause, invoice: Invoice) -> None:
    """All is paid: the bonus is given."""
    facts = {"number": invoice.paper.number, "kopecks": invoice.paid_kopecks}
    subject = f"invoice:{invoice.pk}"
    entry = journal.record(cause, "pay_invoice", subject, facts, invoice.partner_id)
    if invoice.bonus:
        buying.buy(
            cause.follows(entry.pk),
            invoice.partner_id,
            invoice.bonus,
            0,
            0,
            bonus=True,
            expires_on=_expires_on(cause, invoice),
            memo=invoice.paper.number,
        )


def due(invoice: Invoice) -> Due:
    """The invoice as arithmetic."""
    return invoices.invoice_row(invoice).due


def _rests(invoice: Invoice) -> list[tuple[int, int]]:
    """Lots of money that this invoice's payments left, with what is still there of them."""
    rows = Lot.objects.filter(
        transaction__allocation__invoice=invoice, commodity=Commodity.MONEY, available__gt=0
    )
    return list(rows.values_list("pk", "available"))


def _expires_on(cause: Cause, invoice: Invoice) -> date | None:
    return settlement.expires_on(partners.today(cause.at), invoice.validity_days)


def _record(
    cause: Cause,
    verb: str,
    row: Payment,
    facts: dict[str, object],
    content: dict[str, object] | None = None,
    partner_id: int | None = None,
) -> Entry:
    known = {"payment": row.pk, **facts}
    return journal.record(cause, verb, f"payment:{row.pk}", known, partner_id, content)
