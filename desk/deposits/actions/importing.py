"""set_mapping, import_statement: a bank's statement becomes payments, each row once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from desk.deposits.actions import paying
from desk.deposits.actions.paying import Incoming
from desk.deposits.actions.posting import KeyMissing, one_transaction
from desk.deposits.models import BankMapping as Kept
from desk.deposits.models import Company, Import, Payment
from desk.deposits.queries import imports
from desk.deposits.queries.imports import ImportRow, Plan, Planned
from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.partners import queries as partners
from desk.rules import bank
from desk.rules.bank_mapping import BankMapping
from desk.rules.banks import SHIPPED
from desk.rules.billing import PaidBy

NAME_MAX = 200
BATCH = 500


class NothingNew(Exception):
    """Every row of the file was imported before, or none is money that came in."""


class MappingNameTaken(Exception):
    """Another mapping has this name."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A file that was read, and how many of its payments found their invoice by themselves."""

    row: ImportRow
    matched: int


@dataclass(frozen=True, slots=True)
class _File:
    """A file, and by which mapping it is read."""

    mapping_id: int
    name: str
    sha256: str


@one_transaction
def set_mapping(
    cause: Cause, name: str, mapping: BankMapping, mapping_id: int | None = None
) -> int:
    """Keep how a bank writes its statement. Raises MappingNameTaken."""
    if cause.key is None:
        raise KeyMissing("set_mapping")
    content = {"verb": "set_mapping", "name": name, "mapping": mapping.to_dict()}
    if done := journal.repeated(cause, content):
        return int(done.subject.partition(":")[2])
    values = {
        "name": name.strip()[:NAME_MAX],
        "content": mapping.to_dict(),
        "changed_at": cause.at,
        "changed_by": cause.by,
    }
    try:
        with transaction.atomic():
            if mapping_id is None:
                row = Kept.objects.create(**values)
            else:
                row, _ = Kept.objects.update_or_create(pk=mapping_id, defaults=values)
    except IntegrityError as error:
        raise MappingNameTaken(name) from error
    facts = {"name": row.name}
    journal.record(cause, "set_mapping", f"mapping:{row.pk}", facts, content=content)
    return row.pk


@one_transaction
def keep_shipped(cause: Cause, name: str) -> int:
    """The number of a mapping by its name; one that came with the desk is kept at first use.

    Raises KeyError for an unknown name.
    """
    known = Kept.objects.filter(name=name).values_list("pk", flat=True).first()
    if known is not None:
        return known
    values = {
        "content": SHIPPED[name].to_dict(),
        "changed_at": cause.at,
        "changed_by": cause.by,
    }
    return Kept.objects.get_or_create(name=name, defaults=values)[0].pk


def import_statement(
    cause: Cause, company_id: int, mapping_id: int, name: str, content: bytes
) -> Imported:
    """Keep every payment of the file that is not there yet; then book those that are certain.

    The payments are kept together or not at all; each is booked in a transaction of its own, so
    that no deposit is locked for long. What a crash leaves unbooked waits in the list of unclear
    payments. Raises StatementRefused, NothingNew, KeyMissing, KeyReused.
    """
    if cause.key is None:
        raise KeyMissing("import_statement")
    digest = hashlib.sha256(content).hexdigest()
    asked = {
        "verb": "import_statement",
        "company": company_id,
        "mapping": mapping_id,
        "sha256": digest,
    }
    with transaction.atomic():
        # One import of a company at a time; who prints a paper of it does not wait for that.
        Company.objects.select_for_update(no_key=True).get(pk=company_id)
        if done := journal.repeated(cause, asked):
            return _outcome(int(done.subject.partition(":")[2]))
        kept = imports.mapping(mapping_id)
        statement = bank.read(content, kept.mapping)
        plan = imports.plan(company_id, statement, partners.today(cause.at))
        if not plan.new:
            raise NothingNew
        row = _row(cause, company_id, _File(mapping_id, name, digest), plan)
        _keep(cause, row, plan)
        facts = {"file": row.sha256, "new": len(plan.new), "known": row.known}
        entry = journal.record(cause, "import_statement", f"import:{row.pk}", facts, content=asked)
    _book(cause.follows(entry.pk), row, plan.new)
    return _outcome(row.pk)


def _row(cause: Cause, company_id: int, file: _File, plan: Plan) -> Import:
    return Import.objects.create(
        company_id=company_id,
        mapping_id=file.mapping_id,
        file_name=file.name[:NAME_MAX],
        sha256=file.sha256,
        at=cause.at,
        by=cause.by,
        rows=len(plan.new) + len(plan.known),
        known=len(plan.known),
        skipped=len(plan.skipped),
    )


def _keep(cause: Cause, row: Import, plan: Plan) -> None:
    """The new rows as payments. One that is certain carries no hint until it is booked."""
    made = [
        paying.as_row(
            cause,
            Incoming(
                company_id=row.company_id,
                kopecks=one.row.kopecks,
                paid_on=one.row.paid_on,
                source=PaidBy.STATEMENT,
                payer_name=one.row.payer_name,
                payer_code=one.row.payer_code,
                payer_iban=one.row.payer_iban,
                purpose=one.row.purpose,
                reference=one.row.reference,
                imported_id=row.pk,
            ),
            one.row.fingerprint,
            one.verdict.hint,
        )
        for one in plan.new
    ]
    Payment.objects.bulk_create(made, batch_size=BATCH)


def _book(cause: Cause, row: Import, planned: Sequence[Planned]) -> None:
    """Book what is certain; under the lock it is judged anew."""
    certain = {
        one.row.fingerprint: one.verdict.invoice_id
        for one in planned
        if one.verdict.invoice_id is not None
    }
    if not certain:
        return
    rows = row.payments.filter(hint="", left_kopecks__gt=0).values_list("pk", "fingerprint")
    for payment_id, mark in rows.order_by("pk"):
        if (invoice_id := certain.get(mark)) is not None:
            paying.book_certain(cause, payment_id, invoice_id)


def _outcome(import_id: int) -> Imported:
    row = Import.objects.select_related("mapping").get(pk=import_id)
    matched = row.payments.filter(left_kopecks=0).count()
    return Imported(imports.import_row(row), matched)
