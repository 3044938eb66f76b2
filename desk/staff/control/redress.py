"""What a ruling on a contested charge gives back: the field of its form, read and drawn."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from desk.rules.ledger import Commodity
from desk.tickets import queries as tickets
from desk.tickets.actions import Incomplete
from desk.web import amounts, formats

Context = dict[str, Any]


def with_charges(disputes: list[Context]) -> list[Context]:
    """Each dispute with what is left of its charge (`left`, in words), where it is about one."""
    found = tickets.chargeable([one["id"] for one in disputes])
    return [{**one, "charge": _charge(found.get(one["id"]))} for one in disputes]


def _charge(found: tickets.Chargeable | None) -> Context | None:
    if found is None:
        return None
    in_money = found.commodity == Commodity.MONEY
    left = formats.money(found.left) if in_money else formats.units(found.left)
    return {"in_money": in_money, "left": left, "any": found.left > 0}


def wanted(sent: QueryDict, dispute_id: int) -> int | None:
    """What the form says is given back, in consultations or kopiykas; None is all of it.

    Raises `Incomplete` for what is no whole number, or no amount.
    """
    text = sent.get("give_back", "").strip()
    if not text:
        return None
    found = tickets.chargeable([dispute_id]).get(dispute_id)
    if found is not None and found.commodity == Commodity.MONEY:
        try:
            return amounts.kopecks(text)
        except amounts.AmountUnreadable as error:
            raise Incomplete("give_back", "number") from error
    if not (text.isascii() and text.isdigit()):
        raise Incomplete("give_back", "number")
    return int(text[:18])
