"""issue, issue_act, issue_reconciliation, cancel_paper, sign: papers are issued once (ADR 0017).

A paper's number, row and bytes belong together: the number is taken last, under the lock of its
series, after everything that can fail, and only with the row that carries it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from desk.deposits import printing
from desk.deposits.actions import posting
from desk.deposits.actions.adjusting import ReasonMissing
from desk.deposits.actions.posting import key_of, one_transaction, writing
from desk.deposits.models import ActLine, Company, Invoice, Paper, Series, Signing
from desk.deposits.printing import Charge
from desk.deposits.queries import papers as queries
from desk.deposits.queries import settlements
from desk.deposits.queries.catalogue import parties
from desk.deposits.queries.papers import ChargeDue, PaperRow
from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.lib import files
from desk.rules.billing import PaperKind
from desk.rules.ledger import Commodity

DEFAULT_PREFIX = "ПД"
LETTERS = {
    PaperKind.INVOICE: "Р",
    PaperKind.ACT: "А",
    PaperKind.RECONCILIATION: "З",
    PaperKind.CORRECTION: "К",
}
REASON_MAX = 300

# Whoever closes a month locks its company: so that no paper is dated in a month just closed.
_COMPANY = "SELECT * FROM deposits_company WHERE id = %s FOR KEY SHARE"


class NothingToAct(Exception):
    """No charge waits for an act: an empty month gives none."""


class MonthClosed(Exception):
    """The company's accountant closed the month on whose day the paper would be dated."""


class AlreadyCancelled(Exception):
    """A paper is taken back once; `number` is of the paper that did it."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


class NotCancellable(Exception):
    """A correction is not taken back: what it took back is issued anew."""


class InvoicePaid(Exception):
    """An invoice that was paid, even in part, is not taken back: its money would be nowhere."""


class NotSignable(Exception):
    """An invoice is not signed by the partner; a paper that was taken back is not signed at all."""


class SigningDayWrong(Exception):
    """A paper is signed on its own day or later, and not ahead: what is noted here stays."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A paper before it is issued. `content` comes from desk.deposits.printing. `asked` is what
    the cause's key stands for: repeated with it, the key gives the same paper (L3); without it,
    period and sum."""

    kind: PaperKind
    company_id: int
    partner_id: int
    issued_on: date
    content: Mapping[str, Any]
    total_kopecks: int
    from_on: date | None = None
    until_on: date | None = None
    cancels_id: int | None = None
    asked: Mapping[str, object] = field(default_factory=dict)

    @property
    def stands_for(self) -> Mapping[str, object]:
        """What the key of its cause is compared by."""
        days = [str(self.from_on), str(self.until_on)]
        return self.asked or {"period": days, "kopecks": self.total_kopecks}

    @property
    def verb(self) -> str:
        """issue_invoice, issue_act, issue_reconciliation, issue_correction."""
        return f"issue_{self.kind.value}"


@one_transaction
def issue(cause: Cause, draft: Draft) -> PaperRow:
    """Give a paper its number, print it, keep its bytes; in the caller's transaction.

    Numbers have no gap per company, year and kind: others wait until this transaction ends, so
    that it should end soon. Raises MonthClosed, KeyMissing, KeyReused.
    """
    posting.lock(draft.partner_id)
    if done := issued(cause, draft.verb, draft.partner_id, draft.stands_for):
        return done
    series = _next(draft)
    (company,) = Company.objects.raw(_COMPANY, [draft.company_id])
    if queries.is_closed(draft.company_id, draft.issued_on):
        raise MonthClosed(draft.issued_on)
    number = number_of(draft, company.prefix, series.last + 1)
    content = _whole(draft, number)
    pdf, xlsx = (_stored(form) for form in printing.render(draft.kind, content))
    with writing():
        Series.objects.filter(pk=series.pk).update(last=series.last + 1)
        row = Paper.objects.create(
            company_id=draft.company_id,
            partner_id=draft.partner_id,
            kind=draft.kind,
            year=series.year,
            sequence=series.last + 1,
            number=number,
            issued_on=draft.issued_on,
            from_on=draft.from_on,
            until_on=draft.until_on,
            total_kopecks=draft.total_kopecks,
            content=content,
            pdf=pdf,
            xlsx=xlsx,
            issued_at=cause.at,
            issued_by=cause.by,
            key=_key(cause, draft.verb, draft.partner_id),
            cancels_id=draft.cancels_id,
        )
        _record(cause, draft, row)
    return queries.row_of(row)


def issued(
    cause: Cause, verb: str, partner_id: int, asked: Mapping[str, object]
) -> PaperRow | None:
    """The paper that this cause already issued, or None; KeyReused when its key asked for
    something else. Call it under the deposit's lock, before what a repetition must not do."""
    journal.repeated(cause, _stands_for(verb, partner_id, asked))
    key = _key(cause, verb, partner_id)
    row = Paper.objects.filter(key=key).select_related("signing", "cancelled_by").first()
    return queries.row_of(row) if row else None


@one_transaction
def issue_act(
    cause: Cause,
    partner_id: int,
    month_first_on: date,
    left_out: Collection[str] = (),
    minutes: Mapping[str, int] | None = None,
) -> PaperRow:
    """The act of a month: every charge until its end that is on no act in force, and what was
    reversed of earlier ones as negative lines (L11).

    `left_out`: tickets under contest ("ticket:42"), until they are ruled. `minutes`: what
    programmers worked on customisations, by ticket. It is dated on the month's last day, or today
    where the month is not over or was closed. Raises NothingToAct, MonthClosed, CompanyMissing.
    """
    posting.lock(partner_id)
    last_on = queries.month_end(month_first_on)
    asked = {"month": month_first_on.isoformat(), "left_out": sorted(left_out)}
    if done := issued(cause, "issue_act", partner_id, asked):
        return done
    due = _due(partner_id, month_first_on, left_out)
    sides = parties(partner_id)
    content = printing.act(sides, [_charge(one, minutes or {}) for one in due])
    draft = Draft(
        PaperKind.ACT,
        sides.company.id,
        partner_id,
        _act_day(cause, sides.company.id, last_on),
        content,
        content["total_kopecks"],
        month_first_on,
        last_on,
        asked=asked,
    )
    row = issue(cause, draft)
    with writing():
        _settle(row, due)
    return row


@one_transaction
def issue_reconciliation(cause: Cause, partner_id: int, from_on: date, until_on: date) -> PaperRow:
    """The reconciliation of a period, both days included: what was paid, what acts settled, who
    owes whom at its end. Raises CompanyMissing, MonthClosed."""
    posting.lock(partner_id)
    asked = {"from": from_on.isoformat(), "until": until_on.isoformat()}
    if done := issued(cause, "issue_reconciliation", partner_id, asked):
        return done
    sides = parties(partner_id)
    opening, postings = settlements.of(partner_id, sides.company.id, from_on, until_on)
    content = printing.reconciliation(sides, opening, postings)
    draft = Draft(
        PaperKind.RECONCILIATION,
        sides.company.id,
        partner_id,
        today(cause),
        content,
        content["closing_kopecks"],
        from_on,
        until_on,
        asked=asked,
    )
    return issue(cause, draft)


@one_transaction
def cancel_paper(cause: Cause, paper_id: int, reason: str) -> PaperRow:
    """Take a wrong paper back by another that names it; the answer is that other paper.

    An act's charges are free for the next act. Raises AlreadyCancelled, NotCancellable,
    InvoicePaid, ReasonMissing, MonthClosed.
    """
    partner_id = Paper.objects.values_list("partner_id", flat=True).get(pk=paper_id)
    posting.lock(partner_id)
    asked = {"cancels": paper_id, "reason": reason}
    if done := issued(cause, "issue_correction", partner_id, asked):
        return done
    wrong = _cancellable(paper_id, reason)
    content = printing.correction(wrong.content, reason[:REASON_MAX])
    draft = Draft(
        PaperKind.CORRECTION,
        wrong.company_id,
        partner_id,
        today(cause),
        content,
        content.get("total_kopecks") or 0,
        cancels_id=paper_id,
        asked=asked,
    )
    row = issue(cause, draft)
    with writing():
        ActLine.objects.filter(paper_id=paper_id, in_force=True).update(in_force=False)
        Invoice.objects.filter(pk=paper_id).update(cancelled_at=cause.at)
    return row


@one_transaction
def sign(cause: Cause, paper_id: int, signed_on: date) -> PaperRow:
    """An act, a reconciliation or a correction came back signed. Repeated, nothing happens.
    Raises NotSignable, SigningDayWrong."""
    partner_id = Paper.objects.values_list("partner_id", flat=True).get(pk=paper_id)
    posting.lock(partner_id)
    row = queries.paper(paper_id)
    if row.kind is PaperKind.INVOICE or row.cancelled_by_id is not None:
        raise NotSignable(row.number)
    if row.signed_on is not None:
        return row
    if not row.issued_on <= signed_on <= max(today(cause), row.issued_on):
        raise SigningDayWrong(row.number)
    with writing():
        Signing.objects.create(paper_id=paper_id, signed_on=signed_on, by=cause.by, at=cause.at)
        facts = {"number": row.number, "kind": row.kind.value, "on": signed_on.isoformat()}
        journal.record(cause, "sign_paper", f"paper:{paper_id}", facts, partner_id)
    return queries.paper(paper_id)


def today(cause: Cause) -> date:
    """The day of a deed in the desk's zone: papers carry days."""
    return timezone.localdate(cause.at, timezone.get_default_timezone())


def number_of(draft: Draft, prefix: str, sequence: int) -> str:
    """ "ПД-Р-2026-000123": the company's prefix, a letter for the kind, the year."""
    letter, year = LETTERS[draft.kind], draft.issued_on.year
    return f"{prefix or DEFAULT_PREFIX}-{letter}-{year}-{sequence:06}"


def _next(draft: Draft) -> Series:
    """The series, locked until the transaction ends; made when there is none yet."""
    of = {
        "company_id": draft.company_id,
        "kind": draft.kind.value,
        "year": draft.issued_on.year,
    }
    rows = Series.objects.select_for_update()
    if row := rows.filter(**of).first():
        return row
    Series.objects.bulk_create([Series(**of)], ignore_conflicts=True)
    return rows.get(**of)


def _whole(draft: Draft, number: str) -> dict[str, Any]:
    """All that the paper says, so that it can be printed anew to the letter."""
    return {
        **draft.content,
        "kind": draft.kind.value,
        "number": number,
        "issued_on": draft.issued_on.isoformat(),
        "from_on": draft.from_on.isoformat() if draft.from_on else None,
        "until_on": draft.until_on.isoformat() if draft.until_on else None,
    }


def _stored(content: bytes) -> str:
    """Bytes are durable before their row is; without it they are swept."""
    return files.store(Path(settings.FILES_DIR), "paper", [content]).sha256


def _record(cause: Cause, draft: Draft, row: Paper) -> None:
    facts = {
        "number": row.number,
        "kind": row.kind,
        "company": row.company_id,
        "kopecks": row.total_kopecks,
        "from": row.from_on.isoformat() if row.from_on else None,
        "until": row.until_on.isoformat() if row.until_on else None,
        "cancels": row.cancels_id,
    }
    stands_for = _stands_for(draft.verb, draft.partner_id, draft.stands_for)
    journal.record(cause, draft.verb, f"paper:{row.pk}", facts, draft.partner_id, stands_for)


def _key(cause: Cause, verb: str, partner_id: int) -> str:
    return key_of(cause, verb, f"partner:{partner_id}")


def _stands_for(verb: str, partner_id: int, asked: Mapping[str, object]) -> dict[str, object]:
    return {"verb": verb, "partner": partner_id, **asked}


def _act_day(cause: Cause, company_id: int, last_on: date) -> date:
    """Services of a month are acted on its last day, as accounting wants them in that month."""
    if queries.is_closed(company_id, last_on):
        return today(cause)
    return min(last_on, today(cause))


def _due(partner_id: int, month_first_on: date, left_out: Collection[str]) -> list[ChargeDue]:
    charges = queries.charges_due(partner_id, month_first_on)
    due = [one for one in charges if one.root not in left_out]
    if not due:
        raise NothingToAct(month_first_on)
    return due


def _charge(due: ChargeDue, minutes: Mapping[str, int]) -> Charge:
    number, _, subject = due.memo.partition(" ")
    on = timezone.localdate(due.at, timezone.get_default_timezone())
    if due.commodity is Commodity.CONSULTATIONS:
        price = due.unit_price_kopecks
        return Charge(number, subject, on, due.quantity, price, due.kopecks)
    one = 1 if due.kopecks > 0 else -1
    return Charge(
        *(number, subject, on, one, abs(due.kopecks), due.kopecks),
        unit=printing.SERVICE_UNIT,
        minutes=minutes.get(due.root) if one > 0 else None,
    )


def _settle(row: PaperRow, due: Collection[ChargeDue]) -> None:
    kopecks: dict[int, int] = {}
    for one in due:
        kopecks[one.transaction_id] = kopecks.get(one.transaction_id, 0) + one.kopecks
    ActLine.objects.bulk_create(
        ActLine(paper_id=row.id, transaction_id=posted, kopecks=total)
        for posted, total in kopecks.items()
    )


def _cancellable(paper_id: int, reason: str) -> PaperRow:
    """The paper to be taken back, once nothing stands against it."""
    if not reason.strip():
        raise ReasonMissing
    row = queries.paper(paper_id)
    if row.kind is PaperKind.CORRECTION:
        raise NotCancellable(row.number)
    if row.cancelled_by_id is not None:
        raise AlreadyCancelled(row.cancelled_by)
    if Invoice.objects.filter(pk=paper_id, paid_kopecks__gt=0).exists():
        raise InvoicePaid(row.number)
    return row
