"""What the database itself refuses (spec 3): triggers that keep the ledger right without us.

Facts are rows that are only added. What is cached for speed (balances of deposits and lots,
whether a hold is open) is written by the database's own triggers when facts are added, and by
nobody else. Sums are proved when a transaction commits, so that no order of statements matters.
"""

from collections.abc import Sequence

import pgtrigger

# Deferred: a transaction's lines may arrive in several statements, and count when they commit.
_LINE_IS_RIGHT = """
    IF (SELECT SUM(amount) FROM deposits_line
        WHERE transaction_id = NEW.transaction_id AND lot_id = NEW.lot_id) <> 0 THEN
        RAISE EXCEPTION 'transaction % does not sum to zero', NEW.transaction_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_sums_to_zero';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM deposits_lot lot, deposits_transaction posted
        WHERE lot.id = NEW.lot_id AND posted.id = NEW.transaction_id
        AND lot.partner_id = NEW.partner_id AND posted.partner_id = NEW.partner_id) THEN
        RAISE EXCEPTION 'line % mixes partners', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_one_partner';
    END IF;
    IF NEW.hold_id IS NULL THEN
        IF NEW.account IN ('held', 'earned') THEN
            RAISE EXCEPTION 'line % is % without a hold', NEW.id, NEW.account
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_held_for_something';
        END IF;
        RETURN NULL;
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM deposits_hold h, deposits_lot lot
        WHERE h.id = NEW.hold_id AND lot.id = NEW.lot_id
        AND h.partner_id = NEW.partner_id AND h.commodity = lot.commodity
        AND (SELECT COALESCE(SUM(amount), 0) FROM deposits_line
             WHERE hold_id = h.id AND account = 'held')
            = CASE WHEN h.is_open THEN h.quantity ELSE 0 END) THEN
        RAISE EXCEPTION 'hold % does not hold what it says', NEW.hold_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_hold_ends_once';
    END IF;
    IF EXISTS (
        SELECT 1 FROM deposits_line
        WHERE hold_id = NEW.hold_id AND lot_id = NEW.lot_id AND account IN ('held', 'earned')
        GROUP BY account HAVING SUM(amount) < 0) THEN
        RAISE EXCEPTION 'hold % gives back more than it took', NEW.hold_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_reversed_at_most_charged';
    END IF;
    RETURN NULL;
"""

_HOLD_IS_RIGHT = """
    IF (SELECT COALESCE(SUM(line.amount), 0) FROM deposits_line line
        WHERE line.hold_id = NEW.hold_id AND line.account = 'held') <> 0 THEN
        RAISE EXCEPTION 'hold % has ended and still holds', NEW.hold_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_hold_ends_once';
    END IF;
    RETURN NULL;
"""

_HOLD_HOLDS = """
    IF (SELECT COALESCE(SUM(line.amount), 0) FROM deposits_line line
        WHERE line.hold_id = NEW.id AND line.amount > 0 AND line.account = 'held')
        <> NEW.quantity THEN
        RAISE EXCEPTION 'hold % holds nothing', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_hold_ends_once';
    END IF;
    RETURN NULL;
"""

_KEEP_BALANCES = """
    UPDATE deposits_lot lot
    SET available = lot.available + moved.available, held = lot.held + moved.held
    FROM (SELECT lot_id,
            COALESCE(SUM(amount) FILTER (WHERE account = 'available'), 0) AS available,
            COALESCE(SUM(amount) FILTER (WHERE account = 'held'), 0) AS held
          FROM added GROUP BY lot_id) moved
    WHERE lot.id = moved.lot_id;
    UPDATE deposits_deposit deposit
    SET consultations_available = deposit.consultations_available + moved.units_available,
        consultations_held = deposit.consultations_held + moved.units_held,
        money_available_kopecks = deposit.money_available_kopecks + moved.kopecks_available,
        money_held_kopecks = deposit.money_held_kopecks + moved.kopecks_held,
        last_at = GREATEST(deposit.last_at, moved.at)
    FROM (SELECT added.partner_id, MAX(posted.at) AS at,
            COALESCE(SUM(amount) FILTER (
                WHERE account = 'available' AND lot.commodity = 'consultations'), 0)
                AS units_available,
            COALESCE(SUM(amount) FILTER (
                WHERE account = 'held' AND lot.commodity = 'consultations'), 0) AS units_held,
            COALESCE(SUM(amount) FILTER (
                WHERE account = 'available' AND lot.commodity = 'money'), 0)
                AS kopecks_available,
            COALESCE(SUM(amount) FILTER (
                WHERE account = 'held' AND lot.commodity = 'money'), 0) AS kopecks_held
          FROM added
          JOIN deposits_lot lot ON lot.id = added.lot_id
          JOIN deposits_transaction posted ON posted.id = added.transaction_id
          GROUP BY added.partner_id) moved
    WHERE deposit.partner_id = moved.partner_id;
    INSERT INTO deposits_balanceafter (transaction_id, partner_id, at, consultations_available,
        consultations_held, money_available_kopecks, money_held_kopecks)
    SELECT posted.id, posted.partner_id, posted.at, deposit.consultations_available,
        deposit.consultations_held, deposit.money_available_kopecks, deposit.money_held_kopecks
    FROM (SELECT DISTINCT transaction_id FROM added) touched
    JOIN deposits_transaction posted ON posted.id = touched.transaction_id
    JOIN deposits_deposit deposit ON deposit.partner_id = posted.partner_id
    ON CONFLICT (transaction_id) DO UPDATE
    SET consultations_available = EXCLUDED.consultations_available,
        consultations_held = EXCLUDED.consultations_held,
        money_available_kopecks = EXCLUDED.money_available_kopecks,
        money_held_kopecks = EXCLUDED.money_held_kopecks;
    IF EXISTS (SELECT 1 FROM added WHERE NOT EXISTS (
        SELECT 1 FROM deposits_deposit d WHERE d.partner_id = added.partner_id)) THEN
        RAISE EXCEPTION 'a partner without a deposit'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_deposit_exists';
    END IF;
    RETURN NULL;
"""

_CLOSE_HOLDS = """
    UPDATE deposits_hold h SET is_open = FALSE FROM ended WHERE h.id = ended.hold_id;
    RETURN NULL;
"""


def append_only() -> pgtrigger.Protect:
    """Rows are added, never changed or removed."""
    return pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


def kept_for_ever() -> pgtrigger.Protect:
    """Rows are never removed."""
    return pgtrigger.Protect(name="kept_for_ever", operation=pgtrigger.Delete)


def facts(*fields: str) -> pgtrigger.Protect:
    """Columns that never change once written."""
    return _refuse("facts", " OR ".join(_changes(fields)))


def cached(*fields: str) -> pgtrigger.Protect:
    """Columns that only the ledger's own triggers write: depth 0 is a statement from outside."""
    return _refuse("cached", f"pg_trigger_depth() = 0 AND ({' OR '.join(_changes(fields))})")


def starts_at(**values: str) -> pgtrigger.Protect:
    """A new row begins with these values of its cached columns."""
    wrong = " OR ".join(f"NEW.{field} <> {value}" for field, value in values.items())
    return pgtrigger.Protect(
        name="starts_empty", operation=pgtrigger.Insert, condition=pgtrigger.Condition(wrong)
    )


def written_by_triggers() -> pgtrigger.Protect:
    """Rows that only the ledger's own triggers write: depth 0 is a statement from outside."""
    return pgtrigger.Protect(
        name="written_by_triggers",
        operation=pgtrigger.Insert | pgtrigger.Update,
        condition=pgtrigger.Condition("pg_trigger_depth() = 0"),
    )


def decided_once(field: str) -> pgtrigger.Protect:
    """A row whose `field` is set has ended and stays as it is."""
    return _refuse("decided_once", f"OLD.{field} IS NOT NULL")


def one_by_one(field: str) -> pgtrigger.Protect:
    """A counter that grows by one at a time, so that no number is left out."""
    return _refuse("one_by_one", f"OLD.{field} <> NEW.{field} AND NEW.{field} <> OLD.{field} + 1")


def only_later(field: str) -> pgtrigger.Protect:
    """A day that may be put off, never brought forward."""
    return _refuse(
        "only_later",
        f"OLD.{field} IS DISTINCT FROM NEW.{field}"
        f" AND (OLD.{field} IS NULL OR NEW.{field} IS NULL OR NEW.{field} < OLD.{field})",
    )


def lines_are_right() -> list[pgtrigger.Trigger]:
    """Balances follow the lines at once; sums are proved at commit (L1, L2, L4)."""
    return [
        pgtrigger.Trigger(
            name="keep_balances",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Insert,
            referencing=pgtrigger.Referencing(new="added"),  # type: ignore[no-untyped-call]
            func=_KEEP_BALANCES,
        ),
        _at_commit("line_is_right", _LINE_IS_RIGHT),
    ]


def ends_are_right() -> list[pgtrigger.Trigger]:
    """A hold closes with its end, and then holds nothing (L4)."""
    return [
        pgtrigger.Trigger(
            name="close_holds",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Insert,
            referencing=pgtrigger.Referencing(new="ended"),  # type: ignore[no-untyped-call]
            func=_CLOSE_HOLDS,
        ),
        _at_commit("hold_is_right", _HOLD_IS_RIGHT),
    ]


def holds_are_right() -> list[pgtrigger.Trigger]:
    """A hold is backed by lines of exactly its quantity."""
    return [_at_commit("hold_holds", _HOLD_HOLDS)]


def _at_commit(name: str, func: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        func=func,
    )


def _refuse(name: str, condition: str) -> pgtrigger.Protect:
    return pgtrigger.Protect(
        name=name, operation=pgtrigger.Update, condition=pgtrigger.Condition(condition)
    )


def _changes(fields: Sequence[str]) -> list[str]:
    return [f"OLD.{field} IS DISTINCT FROM NEW.{field}" for field in fields]
