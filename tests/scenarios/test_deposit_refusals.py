"""What the database refuses by itself, whoever asks: here it is asked in bare SQL (spec 3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from desk.deposits import actions, queries
from desk.deposits.checks import check, codes, counts
from desk.deposits.models import Line
from desk.deposits.values import Balance
from desk.journal.models import Entry, Pending
from tests import cluster
from tests.cluster import address
from tests.scenarios.corruptions import found_after
from tests.scenarios.deposits import PRICE, a_partner, buys, holds, keyed, unkeyed


@pytest.fixture
def partner(committed: str) -> Iterator[int]:
    """A partner with three consultations, one of them held for ticket 1, one charged by 2."""
    number = a_partner()
    buys(number, 3)
    holds(number, "ticket:1")
    holds(number, "ticket:2")
    actions.capture(unkeyed(), ["ticket:2"])
    yield number


LINE = "INSERT INTO deposits_line (partner_id, transaction_id, lot_id, hold_id, account, amount) "
NEW = (
    "INSERT INTO deposits_transaction (partner_id, verb, key, digest, at, by, channel, subject,"
    " memo, facts, entry_id) SELECT partner_id, 'x', 'x', '', at, by, channel, '', '', '{}',"
    " entry_id FROM deposits_transaction LIMIT 1;"
)
OF_LOT = "SELECT partner_id, {transaction}, id, {hold}, {account}, {amount} FROM deposits_lot;"
LATEST = "(SELECT max(id) FROM deposits_transaction)"


def _line(account: str, amount: int, *, hold: str = "NULL", where: str = LATEST) -> str:
    values = {"transaction": where, "hold": hold, "account": f"'{account}'", "amount": amount}
    return LINE + OF_LOT.format(**values)


NEW_HOLD = (
    "INSERT INTO deposits_hold (partner_id, transaction_id, subject, commodity, quantity, at,"
    " is_open) SELECT partner_id, transaction_id, {subject}, commodity, 1, at, TRUE"
    " FROM deposits_hold WHERE subject = 'ticket:1'"
)
NEW_LOT = (
    "INSERT INTO deposits_lot (partner_id, transaction_id, commodity, source, quantity,"
    " unit_price_kopecks, lent, bought_at, available, held) SELECT partner_id, transaction_id,"
    " commodity, source, 5, 1, {lent}, bought_at, {available}, 0 FROM deposits_lot LIMIT 1"
)
HOLD_1 = "(SELECT id FROM deposits_hold WHERE subject = 'ticket:1')"
HOLD_2 = "(SELECT id FROM deposits_hold WHERE subject = 'ticket:2')"

REFUSED = {
    "a line changed": ("Cannot update", "UPDATE deposits_line SET amount = amount + 1"),
    "a line deleted": ("Cannot", "DELETE FROM deposits_line"),
    "lines truncated": ("permission denied", "TRUNCATE deposits_line"),
    "a transaction changed": ("Cannot update", "UPDATE deposits_transaction SET memo = 'x'"),
    "a transaction deleted": ("Cannot", "DELETE FROM deposits_transaction"),
    "an end changed": ("Cannot update", "UPDATE deposits_holdend SET outcome = 'released'"),
    "an end deleted": ("Cannot", "DELETE FROM deposits_holdend"),
    "a hold deleted": ("Cannot delete", "DELETE FROM deposits_hold"),
    "a hold made larger": ("Cannot update", "UPDATE deposits_hold SET quantity = 5"),
    "a hold closed by hand": ("Cannot update", "UPDATE deposits_hold SET is_open = FALSE"),
    "a hold opened again": ("Cannot update", "UPDATE deposits_hold SET is_open = TRUE"),
    "a lot deleted": ("Cannot delete", "DELETE FROM deposits_lot"),
    "a price changed": ("Cannot update", "UPDATE deposits_lot SET unit_price_kopecks = 1"),
    "a lot filled by hand": ("Cannot update", "UPDATE deposits_lot SET available = available + 1"),
    "a balance changed by hand": (
        "Cannot update",
        "UPDATE deposits_deposit SET consultations_available = 9",
    ),
    "a deposit deleted": ("Cannot delete", "DELETE FROM deposits_deposit"),
    "an unbalanced transaction": ("sum to zero", NEW + _line("available", 1)),
    "a line added to an old transaction": ("sum to zero", _line("available", 1)),
    "a line without an amount": ("line_amount", NEW + _line("available", 0) + _line("issued", 0)),
    "an unknown account": ("line_account", NEW + _line("pocket", 1) + _line("available", -1)),
    "more taken than is available": (
        "lot_never_over_used",
        NEW + _line("available", -2) + _line("adjusted", 2),
    ),
    "a hold for nothing": ("held without a hold", NEW + _line("available", -1) + _line("held", 1)),
    "a charge for nothing": (
        "earned without a hold",
        NEW + _line("available", -1) + _line("earned", 1),
    ),
    "a charge without an end": (
        "does not hold what it says",
        NEW + _line("held", -1, hold=HOLD_1) + _line("earned", 1, hold=HOLD_1),
    ),
    "a second charge": (
        "does not hold what it says",
        NEW + _line("held", -1, hold=HOLD_2) + _line("earned", 1, hold=HOLD_2),
    ),
    "a second end": (
        "deposits_holdend_pkey",
        f"INSERT INTO deposits_holdend SELECT {HOLD_2}, 'captured', {LATEST}",
    ),
    "an end without lines": (
        "has ended and still holds",
        (
            f"INSERT INTO deposits_holdend (hold_id, outcome, transaction_id)"
            f" SELECT {HOLD_1}, 'captured', {LATEST}"
        ),
    ),
    "reversed twice": (
        "lot_never_over_used",
        NEW + _line("earned", -2, hold=HOLD_2) + _line("available", 2, hold=HOLD_2),
    ),
    "a second hold of a part": (
        "hold_one_per_subject",
        NEW_HOLD.format(subject="subject"),
    ),
    "a hold without lines": (
        "holds nothing",
        NEW_HOLD.format(subject="'ticket:9'"),
    ),
    "a key used again": ("deposits_transaction_key_key", NEW + NEW),
    "a lot born full": (
        "Cannot insert",
        NEW_LOT.format(lent=0, available=5),
    ),
    "credit for a lot that was bought": (
        "lot_lent_on_credit_only",
        NEW_LOT.format(lent=5, available=0),
    ),
    "a balance after a line changed": (
        "Cannot insert or update",
        "UPDATE deposits_balanceafter SET consultations_available = 9",
    ),
    "a balance after a line made up": (
        "Cannot insert",
        (
            "INSERT INTO deposits_balanceafter (transaction_id, partner_id, at,"
            " consultations_available, consultations_held, money_available_kopecks,"
            " money_held_kopecks) SELECT 900, partner_id, at, 1, 0, 0, 0"
            " FROM deposits_balanceafter LIMIT 1"
        ),
    ),
    "a balance after a line deleted": ("Cannot delete", "DELETE FROM deposits_balanceafter"),
    "an earlier expiry": ("Cannot update", "UPDATE deposits_lot SET expires_on = '2026-01-01'"),
}


def test_the_application_is_refused_by_rights_and_guards(partner: int) -> None:
    """One clone for all: every statement is refused, and leaves the ledger as it was."""
    before = queries.balance(partner)
    assert before == Balance(1, 1)
    accepted = [name for name, (_, wrong) in REFUSED.items() if not _is_refused(wrong)]
    assert accepted == []
    assert queries.balance(partner) == before
    assert check() == []


def test_whoever_has_all_rights_is_refused_by_the_guards(partner: int) -> None:
    """Rights do not stop a superuser; triggers and constraints do, each for its own reason."""
    name = str(connection.settings_dict["NAME"])
    wrong_reason = {}
    with psycopg.connect(address(cluster.ADMIN_VARIABLE, name)) as owner:
        for what, (reason, statement) in REFUSED.items():
            said = "permission denied" if what == "lines truncated" else _said(owner, statement)
            if reason not in said:
                wrong_reason[what] = said
    assert wrong_reason == {}
    assert check() == []


def test_l1_an_unbalanced_transaction_is_refused_at_commit_not_before(partner: int) -> None:
    reached = False
    with (
        pytest.raises(DatabaseError, match="does not sum to zero"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(NEW)
        cursor.execute(_line("available", 1))
        reached = Line.objects.filter(transaction__key="x", amount=1).exists()
    assert reached
    assert check() == []


def test_a_crash_in_the_middle_leaves_nothing(partner: int) -> None:
    """Each statement of hold, capture and purchase fails once; nothing of it is left (L1)."""
    operations = {
        "hold": lambda: holds(partner, "ticket:7"),
        "capture": lambda: actions.capture(unkeyed(), ["ticket:1"]),
        "buy": lambda: actions.buy(keyed(), partner, 2, PRICE, 2 * PRICE + 5),
    }
    before = _content()
    for name, operation in operations.items():
        for number in range(1, 40):
            if not _crashes(operation, number):
                break
            assert _content() == before, f"{name} crashed at write {number}"
        assert number > 3, f"{name} writes several times"
        before = _content()
    assert check() == []


CORRUPTIONS = {
    "ledger_sum": "UPDATE deposits_line SET amount = amount + 1 WHERE id = (SELECT min(id)"
    " FROM deposits_line)",
    "ledger_total": "UPDATE deposits_line SET amount = amount + 1 WHERE id = (SELECT min(id)"
    " FROM deposits_line)",
    "ledger_balance": "UPDATE deposits_deposit SET consultations_available = 7",
    "ledger_deposit_missing": "DELETE FROM deposits_deposit",
    "ledger_below_zero": "ALTER TABLE deposits_deposit DROP CONSTRAINT"
    " deposit_consultations_available; UPDATE deposits_deposit SET consultations_available = -1",
    "ledger_lot": "UPDATE deposits_lot SET available = 0",
    "ledger_lot_over_used": "UPDATE deposits_lot SET quantity = 2",
    "ledger_hold": "UPDATE deposits_hold SET quantity = 2 WHERE subject = 'ticket:1'",
    "ledger_hold_end": "DELETE FROM deposits_holdend",
    "ledger_hold_twice": "DROP INDEX hold_one_per_subject; UPDATE deposits_hold"
    " SET is_open = TRUE, subject = 'ticket:1'",
    "ledger_reversed": "UPDATE deposits_line SET amount = -amount WHERE account = 'earned'",
    "ledger_partner": "INSERT INTO deposits_deposit (partner_id, consultations_available,"
    " consultations_held, money_available_kopecks, money_held_kopecks, credit_max) SELECT id, 0,"
    " 0, 0, 0, 0 FROM partners_partner WHERE code = 'ELS'; UPDATE deposits_line SET partner_id ="
    " (SELECT id FROM partners_partner WHERE code = 'ELS')",
    "ledger_empty": "DELETE FROM deposits_line WHERE account IN ('held', 'earned')"
    " OR hold_id IS NOT NULL",
    "ledger_uncovered": "INSERT INTO deposits_uncovered (partner_id, transaction_id, subject,"
    " quantity, unit_price_kopecks, memo, at, outcome, ended_by_id) SELECT partner_id, id, 't', 1,"
    " 1, '', at, 'settled', id FROM deposits_transaction LIMIT 1",
    "ledger_adjustment": "INSERT INTO deposits_adjustment (partner_id, commodity, delta,"
    " unit_price_kopecks, reason, proposed_by, proposed_at, entry_id, outcome, decided_by,"
    " decided_at, transaction_id) SELECT partner_id, 'money', 5, 1, 'x', 'a', at, entry_id,"
    " 'approved', 'b', at, id FROM deposits_transaction LIMIT 1",
    "ledger_running": "UPDATE deposits_balanceafter SET consultations_held = 7"
    " WHERE transaction_id = (SELECT min(transaction_id) FROM deposits_balanceafter)",
    "ledger_time": "UPDATE deposits_transaction SET at = at - interval '1 day'"
    " WHERE id = (SELECT max(id) FROM deposits_transaction)",
}


def test_l9_the_check_finds_every_kind_of_fault(partner: int) -> None:
    """The owner breaks the ledger with its guards down; the check names each fault (I14)."""
    a_partner("ELS")
    assert set(CORRUPTIONS) == {code for code in codes() if code.startswith("ledger_")}
    missed = [code for code, harm in CORRUPTIONS.items() if code not in found_after(harm)]
    assert missed == []
    assert check() == []


def _is_refused(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError:
        return True
    return False


def _said(owner: psycopg.Connection, statement: str) -> str:
    """What the database answered to the statement, which is undone whatever it said."""
    try:
        owner.execute(statement)
        owner.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except psycopg.Error as refused:
        return str(refused)
    finally:
        owner.rollback()
    return "accepted"


def _content() -> dict[str, int]:
    return {**counts(), "entry": Entry.objects.count(), "pending": Pending.objects.count()}


class _PowerCut(Exception):
    pass


def _crashes(operation: Callable[[], object], at_write: int) -> bool:
    """Run the operation and cut it off before its n-th write; False when it has fewer."""
    writes = 0

    def cut(execute: Callable[..., object], sql: str, *rest: object) -> object:
        nonlocal writes
        if sql.startswith(("INSERT", "UPDATE")):
            writes += 1
            if writes == at_write:
                raise _PowerCut
        return execute(sql, *rest)

    with connection.execute_wrapper(cut):
        try:
            operation()
        except _PowerCut:
            return True
    return False
