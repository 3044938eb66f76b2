"""The deposit of a partner: balance, lots, movements, and buying consultations for its money."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Annotated

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query
from pydantic import BaseModel, ConfigDict, Field

from desk.channels.api import calls, paging, problems, whose
from desk.channels.api.calls import Call
from desk.channels.api.money import Amount, money
from desk.channels.api.paging import Page, Paging
from desk.channels.api.routing import MADE, Area
from desk.channels.api.scopes import Scope
from desk.channels.api.whose import Named, OfPartner, PartnerId
from desk.deposits import actions as deposits
from desk.deposits import queries as ledger
from desk.deposits.queries import catalogue, statements
from desk.deposits.values import Balance, LotLeft, Movement
from desk.journal.cause import Cause
from desk.partners import queries as partners
from desk.partners.models import PartnerRole, StaffRole
from desk.rules.ledger import Commodity
from desk.tickets import queries

deposit = Area("deposit", "What a partner has paid in, what is held and charged, and for what.")

PAYS = (PartnerRole.OWNER, PartnerRole.FINANCE)
BOOKS = (StaffRole.ACCOUNTANT, StaffRole.VENDOR)
CONVERT_MAX = 10_000
DAY_MIN, DAY_MAX = date(2000, 1, 1), date(2199, 12, 31)


class DepositBalance(BaseModel):
    """What there is."""

    consultations_available: int = Field(description="Below zero while units are lent.")
    consultations_held: int = Field(description="Set aside for accepted tickets.")
    money_available: Amount
    money_held: Amount


class DepositNow(BaseModel):
    """A deposit at this moment."""

    partner_id: int
    balance: DepositBalance
    price: Amount = Field(description="Of one consultation today, by the partner's plan.")
    convertible: int = Field(description="Consultations that the available money buys today.")


class LotCard(BaseModel):
    """Units bought together, at one price that never changes."""

    id: int
    commodity: Commodity = Field(description="Of `money` a unit is one kopiyka.")
    source: str = Field(description="How it came to be, as `bought` or `topped_up`.")
    quantity: int
    unit_price: Amount
    available: int
    held: int
    bought_at: datetime
    expires_on: date | None


class Lots(BaseModel):
    """Lots with something left, in the order in which they are used."""

    items: list[LotCard]


class MovementLine(BaseModel):
    """One operation: what it changed, and the balance after it."""

    id: int
    at: datetime
    verb: str = Field(description="As `buy`, `hold`, `capture`, `release`, `reverse`.")
    ticket: str | None = Field(description="Number of the ticket it is for.", examples=["OLH-42"])
    memo: str
    by: Named | None = Field(description="Null for what the desk does by itself.")
    change: DepositBalance
    after: DepositBalance
    charged: Amount = Field(description="In the prices of the lots; below zero: taken back.")


class Movements(Page[MovementLine]):
    """A page of movements."""


class MovementsWanted(Paging):
    """Which movements."""

    partner_id: PartnerId = None


class Statement(Page[MovementLine]):
    """A page of a period: its movements, the latest first, between two balances. `opening` and
    `closing` are those of the whole period."""

    from_on: date
    until_on: date
    opening: DepositBalance
    closing: DepositBalance


class StatementWanted(MovementsWanted):
    """Which period; both days are included, in the desk's zone."""

    from_on: date = Field(ge=DAY_MIN, le=DAY_MAX)
    until_on: date = Field(ge=DAY_MIN, le=DAY_MAX)


class Conversion(BaseModel):
    """How many consultations to buy for money of the deposit."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"quantity": 5}})

    quantity: Annotated[int, Field(strict=True, ge=1, le=CONVERT_MAX)]


@deposit.get("/deposit", Scope.DEPOSIT_READ, DepositNow)
def read_deposit(request: HttpRequest, wanted: Query[OfPartner]) -> DepositNow:
    """Read the balance."""
    call = calls.of(request)
    return _deposit(call, _spoken_of(call, wanted.partner_id))


@deposit.get("/deposit/lots", Scope.DEPOSIT_READ, Lots)
def list_lots(request: HttpRequest, wanted: Query[OfPartner]) -> Lots:
    """List the lots.

    A deposit is used lot by lot: what expires first is used first.
    """
    found = ledger.lots(_spoken_of(calls.of(request), wanted.partner_id))
    return Lots(items=[_lot(one) for one in found])


@deposit.get("/deposit/movements", Scope.DEPOSIT_READ, Movements)
def list_movements(request: HttpRequest, wanted: Query[MovementsWanted]) -> Movements:
    """List the movements.

    The lines of the statement, the latest first: each `after` is the `change` applied to the
    `after` of the line below it.
    """
    owned, place = _spoken_of(calls.of(request), wanted.partner_id), paging.opened("lines", wanted)
    before = (datetime.fromisoformat(str(place[0])), int(str(place[1]))) if place else None
    found = ledger.movements(owned, before, wanted.limit + 1)
    shown, cursor = paging.cut("lines", wanted, found, lambda line: (line.at.isoformat(), line.id))
    names = queries.names_of([line.by for line in shown])
    return Movements(items=[_movement(line, names) for line in shown], next_cursor=cursor)


@deposit.get("/deposit/statement", Scope.DEPOSIT_READ, Statement)
def read_statement(request: HttpRequest, wanted: Query[StatementWanted]) -> Statement:
    """Read a statement.

    `opening` and every `change` of the period add up to `closing`, to the unit.
    """
    owned, place = _spoken_of(calls.of(request), wanted.partner_id), paging.opened("period", wanted)
    before = (datetime.fromisoformat(str(place[0])), int(str(place[1]))) if place else None
    if wanted.until_on < wanted.from_on:
        said = _("The period ends before it begins.")
        raise problems.invalid([("until_on", "out_of_range", said)])
    from_at, until_at = _midnight(wanted.from_on), _midnight(wanted.until_on + timedelta(days=1))
    found = statements.page(owned, from_at, until_at, before, wanted.limit)
    names = queries.names_of([line.by for line in found.movements])
    return Statement(
        from_on=wanted.from_on,
        until_on=wanted.until_on,
        opening=_balance(found.opening),
        closing=_balance(found.closing),
        items=[_movement(line, names) for line in found.movements],
        next_cursor=paging.sealed("period", wanted, (found.place[0].isoformat(), found.place[1]))
        if found.place
        else None,
    )


@deposit.post("/deposit/conversions", Scope.DEPOSIT_WRITE, DepositNow, MADE)
def convert(request: HttpRequest, body: Conversion, wanted: Query[OfPartner]) -> DepositNow:
    """Buy consultations for money of the deposit.

    At the price of the day; what the money does not cover is refused as a whole.
    """
    call = calls.of(request)
    owned = whose.partner_id(call, wanted.partner_id, PAYS)
    price = partners.price_kopecks(owned, call.at)
    until_on = catalogue.last_day_of_use(owned, call.at)
    deposits.convert(keyed(call), owned, body.quantity, price, until_on)
    return _deposit(call, owned)


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(), timezone.get_default_timezone())


def keyed(call: Call) -> Cause:
    """The ledger books nothing without a key; a call that brings none is a deed of its own."""
    cause = call.cause()
    return cause if cause.key else replace(cause, key=f"{calls.CHANNEL}:{secrets.token_hex(16)}")


def _spoken_of(call: Call, wanted: PartnerId) -> int:
    return whose.partner_id(call, wanted, PAYS, BOOKS)


def _deposit(call: Call, owned: int) -> DepositNow:
    balance, price = ledger.balance(owned), partners.price_kopecks(owned, call.at)
    affordable = max(0, balance.money_available_kopecks) // price if price else 0
    return DepositNow(
        partner_id=owned,
        balance=_balance(balance),
        price=money(price),
        convertible=min(CONVERT_MAX, affordable),
    )


def _balance(found: Balance) -> DepositBalance:
    return DepositBalance(
        consultations_available=found.consultations_available,
        consultations_held=found.consultations_held,
        money_available=money(found.money_available_kopecks),
        money_held=money(found.money_held_kopecks),
    )


def _lot(one: LotLeft) -> LotCard:
    return LotCard(
        id=one.id,
        commodity=one.commodity,
        source=one.source,
        quantity=one.quantity,
        unit_price=money(one.unit_price_kopecks),
        available=one.available,
        held=one.held,
        bought_at=one.bought_at,
        expires_on=one.expires_on,
    )


def _movement(line: Movement, names: dict[str, str]) -> MovementLine:
    kind, _, person_id = line.by.partition(":")
    person = Named(id=int(person_id), name=names.get(line.by, "")) if kind == "person" else None
    number = line.memo.partition(" ")[0] if line.subject.startswith("ticket:") else ""
    return MovementLine(
        id=line.id,
        at=line.at,
        verb=line.verb,
        ticket=number or None,
        memo=line.memo,
        by=person,
        change=_balance(line.change),
        after=_balance(line.after),
        charged=money(line.kopecks),
    )
