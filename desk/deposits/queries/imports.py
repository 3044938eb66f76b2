"""Bank statements: mappings, what a file would bring, and the files that were read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from desk.deposits.models import BankMapping as Kept
from desk.deposits.models import Import, Payment, Period
from desk.deposits.queries import invoices, payments
from desk.rules import matching
from desk.rules.bank import Row, Skip, Skipped, Statement
from desk.rules.bank_mapping import BankMapping
from desk.rules.banks import SHIPPED
from desk.rules.matching import Hint, Said, Verdict

LIST_MAX = 100
BATCH = 500


@dataclass(frozen=True, slots=True)
class MappingRow:
    """How a bank writes its statement. `id` None: it came with the desk and nobody used it yet."""

    id: int | None
    name: str
    mapping: BankMapping


@dataclass(frozen=True, slots=True)
class Planned:
    """A row of a file, and what would come of it: `invoice_id` it pays for certain, or the hint
    with which it is left to a person."""

    row: Row
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would bring: new payments, rows that were imported before, what is skipped."""

    new: tuple[Planned, ...]
    known: tuple[Row, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A file that was read: its rows, how many of them were there before, or not taken."""

    id: int
    company_id: int
    mapping: str
    file_name: str
    at: datetime
    by: str
    rows: int
    known: int
    skipped: int

    @property
    def new(self) -> int:
        """Payments that it brought."""
        return self.rows - self.known


def mappings() -> list[MappingRow]:
    """Every mapping by name: those of this desk, and those that came with it."""
    kept = {row.name: _mapping(row) for row in Kept.objects.all()[:LIST_MAX]}
    shipped = {name: MappingRow(None, name, mapping) for name, mapping in SHIPPED.items()}
    return sorted({**shipped, **kept}.values(), key=lambda one: one.name)


def mapping(mapping_id: int) -> MappingRow:
    """One kept mapping; `BankMapping.DoesNotExist`."""
    return _mapping(Kept.objects.get(pk=mapping_id))


def imports(company_id: int | None = None) -> list[ImportRow]:
    """Files that were read, the latest first."""
    rows = Import.objects.select_related("mapping").order_by("-pk")
    if company_id is not None:
        rows = rows.filter(company_id=company_id)
    return [import_row(row) for row in rows[:LIST_MAX]]


def import_row(row: Import) -> ImportRow:
    return ImportRow(
        row.pk,
        row.company_id,
        row.mapping.name,
        row.file_name,
        row.at,
        row.by,
        row.rows,
        row.known,
        row.skipped,
    )


def plan(company_id: int, statement: Statement, today: date) -> Plan:
    """What the rows would become; few queries, however many rows there are."""
    closed = set(Period.objects.filter(company_id=company_id).values_list("first_on", flat=True))
    late = {row: why for row in statement.rows if (why := _refused(row, closed, today))}
    rows = [row for row in statement.rows if row not in late]
    known = _known(company_id, rows)
    fresh = [row for row in rows if row.fingerprint not in known]
    skipped = [*statement.skipped, *(Skipped(r.line, late[r], r.purpose) for r in late)]
    return Plan(
        tuple(_planned(company_id, fresh)),
        tuple(row for row in rows if row.fingerprint in known),
        tuple(sorted(skipped, key=lambda one: one.line)),
    )


def _mapping(row: Kept) -> MappingRow:
    return MappingRow(row.pk, row.name, BankMapping.parse(row.content))


def _refused(row: Row, closed: set[date], today: date) -> Skip | None:
    if not payments.is_near(row.paid_on, today):
        return Skip.BAD_DAY
    return Skip.CLOSED_MONTH if row.paid_on.replace(day=1) in closed else None


def _known(company_id: int, rows: Sequence[Row]) -> set[str]:
    found: set[str] = set()
    for batch in _batches(rows):
        marks = [row.fingerprint for row in batch]
        same = Payment.objects.filter(company_id=company_id, fingerprint__in=marks)
        found.update(same.values_list("fingerprint", flat=True))
    return found


def _planned(company_id: int, rows: Sequence[Row]) -> Iterable[Planned]:
    """Each row with its verdict; the second row that pays the same invoice is a double payment."""
    paid: set[int] = set()
    for batch in _batches(rows):
        known = invoices.candidates_of(company_id, [(r.purpose, r.paid_on) for r in batch])
        for row in batch:
            said = Said(row.purpose, row.kopecks, row.payer_code)
            verdict = matching.judge(said, invoices.near(known, row.purpose, row.paid_on))
            if verdict.invoice_id in paid:
                verdict = replace(verdict, invoice_id=None, hint=Hint.PAID_ALREADY)
            if verdict.invoice_id is not None:
                paid.add(verdict.invoice_id)
            yield Planned(row, verdict)


def _batches(rows: Sequence[Row]) -> Iterable[Sequence[Row]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]
