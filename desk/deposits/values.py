"""What the deposit's actions and queries answer: frozen values, no rows of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from desk.rules.ledger import Commodity, Cover


@dataclass(frozen=True, slots=True)
class Held:
    """Units set aside for a subject; `kopecks` is their price in the lots they came from (L6)."""

    id: int
    subject: str
    commodity: Commodity
    quantity: int
    kopecks: int
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class BugHold:
    """How a bug is paid. Uncovered: no holds; `on_credit`: how many of the units are lent."""

    cover: Cover
    holds: tuple[Held, ...] = ()
    on_credit: int = 0


@dataclass(frozen=True, slots=True)
class Ended:
    """How holds ended: units charged and given back, and what was charged in kopiykas."""

    subjects: tuple[str, ...]
    captured: int
    released: int
    kopecks: int


@dataclass(frozen=True, slots=True)
class Bought:
    """What a payment bought: units for new lots, units of debts filled, kopiykas left as money."""

    transaction_id: int
    bought: int
    filled: int
    settled: tuple[str, ...]
    rest_kopecks: int


@dataclass(frozen=True, slots=True)
class Balance:
    """A partner's deposit. `consultations_available` is negative while units are lent (L2)."""

    consultations_available: int = 0
    consultations_held: int = 0
    money_available_kopecks: int = 0
    money_held_kopecks: int = 0

    @property
    def credit_used(self) -> int:
        """Units used on credit."""
        return max(0, -self.consultations_available)

    def plus(self, other: Balance) -> Balance:
        """The balance after a change."""
        return Balance(
            self.consultations_available + other.consultations_available,
            self.consultations_held + other.consultations_held,
            self.money_available_kopecks + other.money_available_kopecks,
            self.money_held_kopecks + other.money_held_kopecks,
        )


@dataclass(frozen=True, slots=True)
class Cost:
    """What a ticket costs. Units are consultations; kopiykas count consultations at the price of
    their lots, and money. Charged is net of what was reversed; uncovered is neither."""

    units_held: int = 0
    units_captured: int = 0
    units_reversed: int = 0
    kopecks_held: int = 0
    kopecks_charged: int = 0
    uncovered_units: int = 0
    uncovered_kopecks: int = 0

    @property
    def units_charged(self) -> int:
        """captured - reversed (L5)."""
        return self.units_captured - self.units_reversed


@dataclass(frozen=True, slots=True)
class LotLeft:
    """A lot and what is left of it."""

    id: int
    commodity: Commodity
    source: str
    quantity: int
    unit_price_kopecks: int
    available: int
    held: int
    bought_at: datetime
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class Movement:
    """One operation on a statement: what changed, and the balance after it.

    `subject` is the ticket ("ticket:42") or empty, `memo` its number and subject as they were.
    `kopecks` is what was charged (negative: reversed) in the prices of the lots. `facts` is what
    was asked and what came of it (of buy: quantity, unit_price_kopecks, paid_kopecks, bought …).
    """

    id: int
    at: datetime
    verb: str
    subject: str
    memo: str
    by: str
    channel: str
    change: Balance
    after: Balance
    kopecks: int
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Statement:
    """A period [from_at, until_at): opening + movements = closing, to the unit (L9)."""

    opening: Balance
    movements: tuple[Movement, ...]
    closing: Balance


@dataclass(frozen=True, slots=True)
class UncoveredBug:
    """A bug that waits for the next purchase to settle it."""

    id: int
    partner_id: int
    subject: str
    memo: str
    quantity: int
    unit_price_kopecks: int
    at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Expired:
    """Units of a lot that expired, or will, after the day `expires_on`."""

    lot_id: int
    quantity: int
    expires_on: date


@dataclass(frozen=True, slots=True)
class OpenHold:
    """A hold that has not ended, for the age alarm (L4)."""

    id: int
    partner_id: int
    subject: str
    commodity: Commodity
    quantity: int
    at: datetime
    memo: str


@dataclass(frozen=True, slots=True)
class AdjustmentRow:
    """A correction, proposed or decided. People are "person:7"."""

    id: int
    partner_id: int
    commodity: Commodity
    delta: int
    unit_price_kopecks: int
    reason: str
    proposed_by: str
    proposed_at: datetime
    outcome: str | None
    decided_by: str
    decided_at: datetime | None
