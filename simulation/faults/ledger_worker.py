"""One of the processes that book on the ledger at random, until it is killed.

It writes a line before and a line after every operation: what it was about to do, and that it was
acknowledged. What another one was about to do is asked for once more when it starts.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

from desk.deposits import actions
from desk.deposits.models import Lot
from desk.deposits.queries import refunds
from desk.journal.cause import Cause
from desk.lib import clock
from desk.partners.models import StaffMembership, StaffRole
from desk.rules.ledger import Commodity

PRICE = 18_000
LIMIT = 3
TICKETS = 12
LOTS = 30
REPEATED_PERCENT = 15
KEYS = "faults:"
VERBS = (
    *("buy", "buy", "buy", "give", "top_up", "convert", "convert", "hold", "hold", "hold", "hold"),
    *("hold_money", "bug", "bug", "capture", "capture", "capture", "release", "reverse"),
    *("adjust", "propose_refund", "approve_refund", "approve_refund", "expire"),
)
Told = dict[str, Any]


def work(number: int, seed: str, log: Path, partners: Sequence[int]) -> None:
    """Do what a killed predecessor had begun, then book until killed, or left by the parent."""
    worker, parent = Worker(number, random.Random(seed), partners), os.getppid()
    left = begun(log)[-1:]
    with log.open("a", buffering=1) as output:
        # The predecessor may have been cut off in the middle of a line.
        output.write("\n")
        for told in left:
            worker.do(told, output)
        while os.getppid() == parent:
            worker.do(worker.draw(), output)


class Worker:
    """Draws operations and does them; each is JSON, so that it can be done again as it was."""

    def __init__(self, number: int, dice: random.Random, partners: Sequence[int]) -> None:
        self.number, self.dice, self.partners = number, dice, partners
        self.count = 0
        self.began = clock.now().isoformat()
        self.doable: dict[str, Callable[[Told], object]] = doable()
        self.refusals = (
            *(actions.DepositExhausted, actions.AlreadyHeld, actions.HoldMissing),
            *(actions.HoldEnded, actions.MoreThanLeft, actions.NotRefundable),
            *(actions.RefundDecided, actions.SecondPersonNeeded, actions.KeyReused),
        )
        self.earlier: list[Told] = []

    def draw(self) -> Told:
        """Another operation, or now and then one that was done before, to the letter."""
        if self.earlier and self.dice.randrange(100) < REPEATED_PERCENT:
            return self.dice.choice(self.earlier)
        self.count += 1
        at = clock.now() + timedelta(days=self.dice.randrange(3))
        partner = self.dice.choice(self.partners)
        return {
            "verb": self.dice.choice(VERBS),
            "key": f"{self.number}:{self.began}:{self.count}",
            "partner": partner,
            "at": at.isoformat(),
            "ticket": f"ticket:{partner}{self.dice.randrange(TICKETS):03}",
            "quantity": self.dice.randint(1, 5),
            "life": self.dice.choice([None, None, 0, 1, 2]),
            "odd": self.dice.randrange(PRICE),
        }

    def do(self, told: Told, output: TextIO) -> None:
        """Do it, with a line before and one after."""
        output.write(json.dumps({"begin": told}) + "\n")
        try:
            self.doable[told["verb"]](told)
        except self.refusals as refused:
            # A hold that ended with another sum answers so; of any other verb it is a fault.
            if isinstance(refused, actions.KeyReused) and told["verb"] != "capture":
                raise
            output.write(json.dumps({"refused": told["key"], "why": type(refused).__name__}) + "\n")
            return
        output.write(json.dumps({"done": told["key"], "verb": told["verb"]}) + "\n")
        self.earlier = [*self.earlier[-50:], told]


def said(log: Path) -> list[Told]:
    """The lines that a worker and its successors wrote."""
    lines = log.read_text().splitlines() if log.exists() else []
    found = []
    for line in lines:
        # One that was cut off in its middle says nothing.
        with contextlib.suppress(ValueError):
            found.append(json.loads(line))
    return found


def begun(log: Path) -> list[Told]:
    """The operations that were begun, in their order."""
    return [one["begin"] for one in said(log) if "begin" in one]


def doable() -> dict[str, Callable[[Told], object]]:
    """Verb → operation."""
    units, money = Commodity.CONSULTATIONS, Commodity.MONEY
    return {
        "buy": lambda told: _buy(told, paid(told)),
        "give": lambda told: _buy(told, 0),
        "top_up": lambda told: actions.top_up(_cause(told), told["partner"], 1 + told["odd"], ""),
        "convert": lambda told: actions.convert(
            _cause(told), told["partner"], told["quantity"], price_of_the_day(told), until(told)
        ),
        "hold": lambda told: _hold(told, told["ticket"], units, told["quantity"]),
        "hold_money": lambda told: _hold(told, f"{told['ticket']}/hours", money, kopecks(told)),
        "bug": _bug,
        "capture": _capture,
        "release": lambda told: actions.release(_cause(told), [told["ticket"]]),
        "reverse": lambda told: actions.reverse(
            _cause(told), told["ticket"], told["quantity"], "Wrong"
        ),
        "adjust": _adjust,
        "propose_refund": _propose,
        "approve_refund": _approve,
        "expire": _expire,
    }


def _bug(told: Told) -> object:
    return actions.hold_for_bug(
        _cause(told),
        told["partner"],
        [told["ticket"]],
        credit_limit=LIMIT,
        unit_price_kopecks=PRICE,
        memo=told["ticket"],
    )


def _capture(told: Told) -> object:
    if told["odd"] % 3:
        return actions.capture(_cause(told), [told["ticket"]])
    return actions.capture(_cause(told), [f"{told['ticket']}/hours"], quantity=told["odd"])


def _adjust(told: Told) -> object:
    is_units = bool(told["odd"] % 2)
    commodity = Commodity.CONSULTATIONS if is_units else Commodity.MONEY
    amount = told["quantity"] if is_units else told["odd"]
    delta = amount if told["odd"] % 3 else -amount
    by, second = _accountants()
    cause = _cause(told, by)
    return actions.adjust(cause, told["partner"], commodity, delta or 1, "Counted", second)


def paid(told: Told) -> int:
    """What is paid for a pack: less than it costs, or more."""
    return int(told["quantity"]) * PRICE + int(told["odd"]) - PRICE // 2


def price_of_the_day(told: Told) -> int:
    """What a consultation costs when money is converted."""
    return PRICE // 2 + int(told["odd"])


def kopecks(told: Told) -> int:
    """How much money is held for hours."""
    return 100 + int(told["odd"])


def _hold(told: Told, subject: str, commodity: Commodity, quantity: int) -> object:
    return actions.hold(
        _cause(told),
        told["partner"],
        [subject],
        commodity=commodity,
        quantity_each=quantity,
        memo=subject,
    )


def _buy(told: Told, kopecks_paid: int) -> object:
    bonus = kopecks_paid == 0
    return actions.buy(
        _cause(told),
        told["partner"],
        told["quantity"],
        0 if bonus else PRICE,
        kopecks_paid,
        bonus=bonus,
        expires_on=until(told),
    )


def _propose(told: Told) -> object:
    """A refund of some of a lot; which lot follows from the operation alone, so that it repeats."""
    place = told["odd"] % LOTS
    lots = Lot.objects.filter(partner_id=told["partner"]).order_by("id")
    lot_id = lots.values_list("id", flat=True)[place : place + 1].first()
    if lot_id is None:
        raise actions.NotRefundable
    quantity = told["quantity"]
    return actions.propose_refund(_cause(told, _accountants()[0]), lot_id, quantity, "Leaves")


def _approve(told: Told) -> object:
    waiting = refunds.pending_refunds()
    if not waiting:
        return None
    row = waiting[told["odd"] % len(waiting)]
    second = {**told, "key": f"{told['key']}:{row.id}"}
    cause = _cause(second, _accountants()[1])
    try:
        return actions.approve_refund(cause, row.id)
    except actions.DepositExhausted:
        return actions.decline_refund(cause, row.id, "used meanwhile")


def _expire(told: Told) -> object:
    at = datetime.fromisoformat(told["at"])
    return actions.expire_lots(at), actions.announce_expiry(at)


def _cause(told: Told, by: str = "system") -> Cause:

    return Cause(by, datetime.fromisoformat(told["at"]), "faults", f"{KEYS}{told['key']}")


def until(told: Told) -> date | None:
    if told["life"] is None:
        return None
    return (datetime.fromisoformat(told["at"]) + timedelta(days=told["life"])).date()


def _accountants() -> tuple[str, str]:

    rows = StaffMembership.objects.filter(role=StaffRole.ACCOUNTANT).order_by("id")
    first, second = rows.values_list("person_id", flat=True)[:2]
    return f"person:{first}", f"person:{second}"
