"""Proves the whole ledger on demand and nightly; it reports, a person mends (L9)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.conf import settings
from django.db import connection

from desk.deposits.models import (
    Adjustment,
    Deposit,
    Hold,
    Invoice,
    Line,
    Lot,
    Paper,
    Payment,
    Refund,
    Transaction,
    Uncovered,
)
from desk.deposits.proofs import OF_ENDINGS, OF_PAPERS, OF_PAYMENTS, OF_PERIODS, Proof
from desk.lib import files
from desk.lib.findings import Finding

FINDINGS_MAX = 100
CHUNK_BYTES = 1 << 16
PAPER_BYTES = "paper_bytes"


_PROOFS = (
    Proof(
        "ledger_sum",
        "Transaction {1} moves {2} more units of lot {3} than it takes.",
        """SELECT 'deposit:' || MIN(partner_id), transaction_id, SUM(amount), lot_id
           FROM deposits_line GROUP BY transaction_id, lot_id HAVING SUM(amount) <> 0""",
    ),
    Proof(
        "ledger_total",
        "The accounts of {1} together are {2} instead of nothing.",
        """SELECT 'deposit:' || line.partner_id, lot.commodity, SUM(line.amount)
           FROM deposits_line line JOIN deposits_lot lot ON lot.id = line.lot_id
           GROUP BY line.partner_id, lot.commodity HAVING SUM(line.amount) <> 0""",
    ),
    Proof(
        "ledger_balance",
        "The balance kept for {1} is {2} available and {3} held; the lines say {4} and {5}.",
        """SELECT 'deposit:' || kept.partner_id, kept.commodity, kept.available, kept.held,
                  COALESCE(told.available, 0), COALESCE(told.held, 0)
           FROM (SELECT partner_id, 'consultations' AS commodity,
                        consultations_available AS available, consultations_held AS held
                 FROM deposits_deposit
                 UNION ALL
                 SELECT partner_id, 'money', money_available_kopecks, money_held_kopecks
                 FROM deposits_deposit) kept
           LEFT JOIN (
                SELECT line.partner_id, lot.commodity,
                       SUM(amount) FILTER (WHERE account = 'available') AS available,
                       SUM(amount) FILTER (WHERE account = 'held') AS held
                FROM deposits_line line JOIN deposits_lot lot ON lot.id = line.lot_id
                GROUP BY line.partner_id, lot.commodity) told
             ON told.partner_id = kept.partner_id AND told.commodity = kept.commodity
           WHERE kept.available <> COALESCE(told.available, 0)
              OR kept.held <> COALESCE(told.held, 0)""",
    ),
    Proof(
        "ledger_deposit_missing",
        "There are lines of a partner without a deposit.",
        """SELECT DISTINCT 'deposit:' || partner_id FROM deposits_line line WHERE NOT EXISTS (
               SELECT 1 FROM deposits_deposit d WHERE d.partner_id = line.partner_id)""",
    ),
    Proof(
        "ledger_below_zero",
        "Available is below zero: {1} consultations with {2} allowed on credit, {3} kopecks.",
        """SELECT 'deposit:' || partner_id, consultations_available, credit_max,
                  money_available_kopecks
           FROM deposits_deposit
           WHERE consultations_available < -credit_max OR money_available_kopecks < 0
              OR consultations_held < 0 OR money_held_kopecks < 0""",
    ),
    Proof(
        "ledger_lot",
        "Lot {1} keeps {2} available and {3} held; its lines say {4} and {5}.",
        """SELECT 'deposit:' || lot.partner_id, lot.id, lot.available, lot.held,
                  COALESCE(told.available, 0), COALESCE(told.held, 0)
           FROM deposits_lot lot LEFT JOIN (
                SELECT lot_id, SUM(amount) FILTER (WHERE account = 'available') AS available,
                       SUM(amount) FILTER (WHERE account = 'held') AS held
                FROM deposits_line GROUP BY lot_id) told ON told.lot_id = lot.id
           WHERE lot.available <> COALESCE(told.available, 0)
              OR lot.held <> COALESCE(told.held, 0)""",
    ),
    Proof(
        "ledger_lot_over_used",
        "Of {2} units of lot {1}, {3} were issued; {4} are available and {5} held.",
        """SELECT 'deposit:' || lot.partner_id, lot.id, lot.quantity, COALESCE(told.issued, 0),
                  lot.available, lot.held
           FROM deposits_lot lot LEFT JOIN (
                SELECT line.lot_id,
                       -SUM(amount) FILTER (
                           WHERE account IN ('issued', 'adjusted') AND amount < 0) AS issued
                FROM deposits_line line GROUP BY line.lot_id) told ON told.lot_id = lot.id
           WHERE lot.available < -lot.lent OR lot.held < 0
              OR COALESCE(told.issued, 0) > lot.quantity
              OR (lot.lent = 0 AND COALESCE(told.issued, 0) <> lot.quantity)""",
    ),
    Proof(
        "ledger_hold",
        "The hold {1} of {2} says {3} units are held; its lines say {4}.",
        """SELECT 'deposit:' || h.partner_id, h.id, h.subject,
                  CASE WHEN h.is_open THEN h.quantity ELSE 0 END, COALESCE(SUM(line.amount), 0)
           FROM deposits_hold h
           LEFT JOIN deposits_line line ON line.hold_id = h.id AND line.account = 'held'
           GROUP BY h.id
           HAVING COALESCE(SUM(line.amount), 0)
                  <> CASE WHEN h.is_open THEN h.quantity ELSE 0 END""",
    ),
    Proof(
        "ledger_hold_end",
        "The hold {1} of {2} is open: {3}, and has {4} ends.",
        """SELECT 'deposit:' || h.partner_id, h.id, h.subject, h.is_open, COUNT(e.hold_id)
           FROM deposits_hold h LEFT JOIN deposits_holdend e ON e.hold_id = h.id
           GROUP BY h.id HAVING COUNT(e.hold_id) <> CASE WHEN h.is_open THEN 0 ELSE 1 END""",
    ),
    Proof(
        "ledger_hold_twice",
        "{1} has {2} open holds.",
        """SELECT 'deposit:' || MIN(partner_id), subject, COUNT(*) FROM deposits_hold
           WHERE is_open GROUP BY subject HAVING COUNT(*) > 1""",
    ),
    Proof(
        "ledger_reversed",
        "More of hold {1} was reversed than charged: {2} left.",
        """SELECT 'deposit:' || MIN(partner_id), hold_id, SUM(amount) FROM deposits_line
           WHERE account = 'earned' GROUP BY hold_id, lot_id HAVING SUM(amount) < 0""",
    ),
    Proof(
        "ledger_partner",
        "Line {1} belongs to another partner than its transaction, lot or hold.",
        """SELECT 'deposit:' || line.partner_id, line.id
           FROM deposits_line line
           JOIN deposits_transaction posted ON posted.id = line.transaction_id
           JOIN deposits_lot lot ON lot.id = line.lot_id
           LEFT JOIN deposits_hold h ON h.id = line.hold_id
           WHERE line.partner_id <> posted.partner_id OR line.partner_id <> lot.partner_id
              OR line.partner_id <> h.partner_id""",
    ),
    Proof(
        "ledger_empty",
        "Transaction {1} ({2}) moved nothing.",
        """SELECT 'deposit:' || posted.partner_id, posted.id, posted.verb
           FROM deposits_transaction posted
           WHERE NOT EXISTS (
                 SELECT 1 FROM deposits_line line WHERE line.transaction_id = posted.id)
             AND posted.facts ->> 'cover' IS DISTINCT FROM 'uncovered'
             AND NOT (posted.verb IN ('capture', 'release')
                      AND EXISTS (SELECT 1 FROM deposits_uncovered u
                                  WHERE u.root = posted.subject
                                    AND u.partner_id = posted.partner_id))""",
    ),
    Proof(
        "ledger_uncovered",
        "The uncovered bug {1} was settled without a hold.",
        """SELECT 'deposit:' || u.partner_id, u.subject FROM deposits_uncovered u
           WHERE u.outcome = 'settled' AND NOT EXISTS (
               SELECT 1 FROM deposits_hold h
               WHERE h.transaction_id = u.ended_by_id AND h.subject = u.subject)""",
    ),
    Proof(
        "ledger_adjustment",
        "The approved correction {1} of {2} moved {3}.",
        """SELECT 'deposit:' || a.partner_id, a.id, a.delta, COALESCE(SUM(line.amount), 0)
           FROM deposits_adjustment a
           LEFT JOIN deposits_line line
             ON line.transaction_id = a.transaction_id AND line.account = 'available'
           WHERE a.outcome = 'approved' GROUP BY a.id
           HAVING COALESCE(SUM(line.amount), 0) <> a.delta""",
    ),
    Proof(
        "ledger_time",
        "Transaction {1} is dated before the one written earlier.",
        """SELECT 'deposit:' || partner_id, id FROM (
               SELECT partner_id, id, at,
                      LAG(at) OVER (PARTITION BY partner_id ORDER BY id) AS before
               FROM deposits_transaction written WHERE EXISTS (
                   SELECT 1 FROM deposits_line line WHERE line.transaction_id = written.id)) posted
           WHERE at < before""",
    ),
    *OF_ENDINGS,
    *OF_PAYMENTS,
    *OF_PAPERS,
    *OF_PERIODS,
)


def check() -> list[Finding]:
    """Every fault of the ledger; empty when it is right."""
    return [*(finding for proof in _PROOFS for finding in _findings(proof)), *_damaged_papers()]


def counts() -> dict[str, int]:
    """How much was proved, for the report."""
    return {
        "deposits": Deposit.objects.count(),
        "transactions": Transaction.objects.count(),
        "lines": Line.objects.count(),
        "lots": Lot.objects.count(),
        "holds": Hold.objects.count(),
        "uncovered": Uncovered.objects.count(),
        "adjustments": Adjustment.objects.count(),
        "refunds": Refund.objects.count(),
        "payments": Payment.objects.count(),
        "invoices": Invoice.objects.count(),
        "papers": Paper.objects.count(),
    }


def codes() -> Sequence[str]:
    """What is proved, by the codes of the findings."""
    return [*(proof.code for proof in _PROOFS), PAPER_BYTES]


def _findings(proof: Proof) -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(f"{proof.query} LIMIT {FINDINGS_MAX}")
        for row in cursor.fetchall():
            yield Finding(proof.code, row[0], proof.sentence.format(*row))


def _damaged_papers() -> Iterator[Finding]:
    """Issued papers whose bytes are not there, or no longer what was issued."""
    folder, found = Path(settings.FILES_DIR), 0
    rows = Paper.objects.order_by("id").values_list("id", "number", "pdf", "xlsx")
    for paper_id, number, *digests in rows.iterator():
        for form, sha256 in zip(("PDF", "XLSX"), digests, strict=True):
            fault = _fault(files.path(folder, sha256), sha256)
            if fault and found < FINDINGS_MAX:
                found += 1
                sentence = f"The {form} of paper {number} {fault}."
                yield Finding(PAPER_BYTES, f"paper:{paper_id}", sentence)


def _fault(path: Path, sha256: str) -> str:
    """What is wrong with a paper's file, "" for nothing."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as content:
            while chunk := content.read(CHUNK_BYTES):
                digest.update(chunk)
    except OSError:
        return "cannot be read"
    return "" if digest.hexdigest() == sha256 else "is not what was issued"
