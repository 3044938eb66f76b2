"""Reading issued papers: lists, one of them, its bytes, and what waits for an act."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from django.conf import settings
from django.db.models import F, Q, QuerySet, Sum
from django.utils import timezone

from desk.deposits.models import Line, Paper, Period
from desk.lib import files
from desk.rules.billing import PaperKind
from desk.rules.ledger import Account, Commodity

LIST_MAX = 200
Form = Literal["pdf", "xlsx"]


@dataclass(frozen=True, slots=True)
class PaperRow:
    """An issued paper. `cancelled_by` is the number of the paper that took it back; `signed_on`
    the day on which it came back signed. Both periods' days are included."""

    id: int
    kind: PaperKind
    number: str
    company_id: int
    partner_id: int
    issued_on: date
    from_on: date | None
    until_on: date | None
    total_kopecks: int
    issued_at: datetime
    issued_by: str
    content: Mapping[str, Any]
    cancels_id: int | None
    cancelled_by_id: int | None
    cancelled_by: str
    signed_on: date | None


@dataclass(frozen=True, slots=True)
class ChargeDue:
    """A charge, or what one gave back (below zero), that is on no act in force; in units of one
    price. `root` is the ticket ("ticket:42"), `memo` its number and subject as they were."""

    transaction_id: int
    root: str
    memo: str
    at: datetime
    commodity: Commodity
    quantity: int
    unit_price_kopecks: int

    @property
    def kopecks(self) -> int:
        """What the units cost."""
        return self.quantity * self.unit_price_kopecks


@dataclass(frozen=True, slots=True)
class ActDue:
    """A partner whose act of a month is to be issued: how many charges, and their sum."""

    partner_id: int
    partner_name: str
    charges: int
    kopecks: int
    roots: tuple[str, ...]


def papers(
    *,
    partner_id: int | None = None,
    kinds: Collection[PaperKind] = (),
    issued: tuple[date, date] | None = None,
    number: str = "",
    before: int | None = None,
    most: int = LIST_MAX,
) -> list[PaperRow]:
    """Papers, the latest first: of a partner, of kinds, issued from a day to a day (both
    included), with a part of the number, before a paper of the last page."""
    rows = _rows()
    if partner_id is not None:
        rows = rows.filter(partner_id=partner_id)
    if kinds:
        rows = rows.filter(kind__in=kinds)
    if issued is not None:
        rows = rows.filter(issued_on__range=issued)
    if number:
        rows = rows.filter(number__icontains=number)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [row_of(row) for row in rows.order_by("-id")[:most]]


def paper(paper_id: int) -> PaperRow:
    """One paper; `Paper.DoesNotExist`."""
    return row_of(_rows().get(pk=paper_id))


def found(paper_id: int) -> PaperRow | None:
    """One paper, or None."""
    row = _rows().filter(pk=paper_id).first()
    return row_of(row) if row else None


def content_of(paper_id: int, form: Form) -> bytes:
    """The bytes that were issued, as "pdf" or "xlsx"; `Paper.DoesNotExist`."""
    sha256 = Paper.objects.values_list(form, flat=True).get(pk=paper_id)
    return files.path(Path(settings.FILES_DIR), sha256).read_bytes()


def are_papers(digests: Collection[str]) -> frozenset[str]:
    """Those of the SHA-256 digests that are the bytes of a paper."""
    rows = Paper.objects.filter(Q(pdf__in=digests) | Q(xlsx__in=digests))
    return frozenset(sha256 for both in rows.values_list("pdf", "xlsx") for sha256 in both)


def charges_due(partner_id: int, month_first_on: date) -> list[ChargeDue]:
    """The partner's charges until the month's end that are on no act in force, in their order;
    a charge from lots of two prices is two."""
    rows = _due(month_first_on).filter(transaction__partner_id=partner_id)
    columns = ("transaction_id", "hold__root", "transaction__memo", "transaction__at")
    priced = rows.values_list(*columns, "lot__commodity", "lot__unit_price_kopecks").annotate(
        units=Sum("amount")
    )
    return [
        ChargeDue(posted, root, memo, at, Commodity(commodity), units, price)
        for posted, root, memo, at, commodity, price, units in priced.order_by(
            "transaction__at", "transaction_id", "lot__unit_price_kopecks"
        )
        if units
    ]


def act_due(month_first_on: date) -> list[ActDue]:
    """Partners with charges until the month's end that are on no act in force, by name."""
    rows = (
        _due(month_first_on)
        .values_list("transaction__partner_id", "transaction__partner__name", "transaction_id")
        .annotate(kopecks=Sum(F("amount") * F("lot__unit_price_kopecks")))
        .values_list(
            "transaction__partner_id", "transaction__partner__name", "hold__root", "kopecks"
        )
    )
    due: dict[tuple[str, int], list[tuple[str, int]]] = {}
    for partner_id, name, root, kopecks in rows.order_by("transaction_id"):
        due.setdefault((name, partner_id), []).append((root, kopecks))
    return [
        ActDue(
            partner_id,
            name,
            len(charges),
            sum(kopecks for _, kopecks in charges),
            tuple(dict.fromkeys(root for root, _ in charges)),
        )
        for (name, partner_id), charges in sorted(due.items())
    ]


def month_end(month_first_on: date) -> date:
    """The last day of a month."""
    assert month_first_on.day == 1, "a month is named by its first day"
    return (month_first_on + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def is_closed(company_id: int, on: date) -> bool:
    """Whether a company's accountant closed the month of a day."""
    return Period.objects.filter(company_id=company_id, first_on=on.replace(day=1)).exists()


def row_of(row: Paper) -> PaperRow:
    """The row as a value; its signing and cancellation come with it."""
    cancelled = getattr(row, "cancelled_by", None)
    signing = getattr(row, "signing", None)
    return PaperRow(
        row.pk,
        PaperKind(row.kind),
        row.number,
        row.company_id,
        row.partner_id,
        row.issued_on,
        row.from_on,
        row.until_on,
        row.total_kopecks,
        row.issued_at,
        row.issued_by,
        row.content,
        row.cancels_id,
        cancelled.pk if cancelled else None,
        cancelled.number if cancelled else "",
        signing.signed_on if signing else None,
    )


def _rows() -> QuerySet[Paper]:
    return Paper.objects.select_related("signing", "cancelled_by")


def _due(month_first_on: date) -> QuerySet[Line]:
    """Earned lines until the month's end that no act in force settled; each with its hold."""
    after = month_end(month_first_on) + timedelta(days=1)
    until_at = datetime.combine(after, datetime.min.time(), timezone.get_default_timezone())
    earned = Line.objects.filter(account=Account.EARNED, transaction__at__lt=until_at)
    settled = Q(transaction__act_lines__in_force=True)
    return earned.exclude(settled)
