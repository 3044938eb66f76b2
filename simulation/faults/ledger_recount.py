"""A partner's movements done over on the model of the tests, which shares no code with the desk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import zip_longest

from django.utils import timezone

from desk.deposits import queries
from desk.deposits.models import Adjustment, Lot, Refund, Transaction
from simulation.faults import ledger_worker as workers
from simulation.faults.ledger_worker import KEYS, LIMIT, PRICE, Told
from tests.scenarios.deposit_model import MONEY, UNITS, Model, Ticket
from tests.scenarios.deposit_model import Lot as ModelLot

# Bookings that a purchase entailed: the model does them with the purchase.
SETTLED = ("hold:uncovered:", "capture:uncovered:")


def recount(partner_id: int, begun: Mapping[str, Told]) -> list[str]:
    """A sentence for everything in which the ledger is not what the model makes of it."""
    model, found = Model(date.min), list[str]()
    posted = Transaction.objects.filter(partner_id=partner_id).order_by("id")
    for one in posted:
        if one.key.startswith(SETTLED):
            continue
        model.today = timezone.localdate(one.at, timezone.get_default_timezone())
        told = begun.get(one.key.removeprefix(KEYS), {})
        if not _do(model, one, told):
            found.append(f"The model refuses {one.verb} {one.key} of partner {partner_id}.")
    return [*found, *_compare(partner_id, model)]


def _do(model: Model, posted: Transaction, told: Told) -> bool:
    """The same on the model; whether it could."""
    subject = told.get("ticket", "")
    match posted.verb:
        case "buy" | "top_up" | "convert":
            return _income(model, posted.verb, told)
        case "hold":
            return _hold(model, told)
        case "capture" | "release":
            return _end(model, posted, told)
        case "reverse":
            return model.reverse(subject, told["quantity"])
        case "refund":
            refund = Refund.objects.get(transaction=posted)
            return model.refund(_lot(model, posted, refund.lot_id), refund.quantity)
        case "expire":
            return model.refund(_lot(model, posted, posted.facts["lot"]), posted.facts["quantity"])
        case "adjust":
            return _adjust(model, Adjustment.objects.get(transaction=posted))
    return False


def _income(model: Model, verb: str, told: Told) -> bool:
    until = workers.until(told)
    if verb == "top_up":
        model.add(MONEY, "topped_up", 1, 1 + told["odd"])
    elif verb == "convert":
        price = workers.price_of_the_day(told)
        return model.convert(told["quantity"], price, until) is not None
    elif told["verb"] == "give":
        model.add(UNITS, "bonus", 0, told["quantity"]).expires_on = until
    else:
        model.buy(told["quantity"], PRICE, workers.paid(told), until)
    return True


def _hold(model: Model, told: Told) -> bool:
    subject = told["ticket"]
    if told["verb"] == "bug":
        model.tickets.setdefault(subject, Ticket())
        return bool(model.hold_for_bug(subject, LIMIT, PRICE))
    if told["verb"] == "hold_money":
        subject = f"{subject}/hours"
        model.tickets.setdefault(subject, Ticket())
        return model.hold(subject, MONEY, workers.kopecks(told))
    model.tickets.setdefault(subject, Ticket())
    return model.hold(subject, UNITS, told["quantity"])


def _end(model: Model, posted: Transaction, told: Told) -> bool:
    (subject,) = posted.facts["subjects"]
    ticket = model.tickets[subject]
    if ticket.waits:
        if posted.verb == "release":
            model.drop(subject)
        ticket.resolved = posted.verb == "capture"
        return True
    if not ticket.held:
        return False
    held = sum(n for _, n in ticket.held)
    charged = 0 if posted.verb == "release" else held
    if posted.verb == "capture" and subject.endswith("/hours"):
        charged = min(held, told["odd"])
    return bool(model.end(subject, charged) == posted.facts["captured"])


def _adjust(model: Model, correction: Adjustment) -> bool:
    if correction.delta < 0:
        return model.take(correction.commodity, -correction.delta) is not None
    price = int(correction.commodity == MONEY)
    model.add(correction.commodity, "adjusted", price, correction.delta)
    return True


def _lot(model: Model, posted: Transaction, lot_id: int) -> ModelLot:
    """The lots of a partner come one after the other, in the model as in the ledger."""
    earlier = Lot.objects.filter(partner_id=posted.partner_id, id__lt=lot_id)
    return model.lots[earlier.count()]


def _compare(partner_id: int, model: Model) -> list[str]:
    """Lot by lot: source, price, last day, available and held; and what tickets were charged."""
    told = [(one.source, one.price, one.expires_on, one.available, one.held) for one in model.lots]
    columns = ("source", "unit_price_kopecks", "expires_on", "available", "held")
    kept = Lot.objects.filter(partner_id=partner_id).order_by("id").values_list(*columns)
    found = [
        f"Lot {number} of partner {partner_id} is {is_}; the model says {should}."
        for number, (is_, should) in enumerate(zip_longest(kept, told))
        if is_ != should
    ]
    costs = queries.costs([name for name in model.tickets if "/" not in name])
    for name, cost in costs.items():
        both = [model.tickets[name], model.tickets.get(f"{name}/hours", Ticket())]
        charged = (both[0].units_charged, sum(one.kopecks_charged for one in both))
        if charged != (cost.units_charged, cost.kopecks_charged):
            found.append(f"{name} was charged {cost}; the model says {charged}.")
    return found
