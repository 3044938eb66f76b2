"""What papers say, as the JSON that is kept with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from desk.deposits.queries.catalogue import Parties, PartyDetails
from desk.deposits.queries.settlements import Posting

CONSULTATION_UNIT = "конс."
SERVICE_UNIT = "посл."


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A line of an invoice. `unit` as it is printed: "конс.", "посл."."""

    text: str
    quantity: int
    price_kopecks: int
    unit: str = CONSULTATION_UNIT

    @property
    def kopecks(self) -> int:
        return self.quantity * self.price_kopecks


@dataclass(frozen=True, slots=True)
class Charge:
    """A line of an act: what one charge took from lots of one price, or, below zero, gave back.

    `number` and `subject` are the ticket's, as they were. A customisation is one service at its
    price, with the `minutes` of programmers where they are known.
    """

    number: str
    subject: str
    on: date
    quantity: int
    price_kopecks: int
    kopecks: int
    unit: str = CONSULTATION_UNIT
    minutes: int | None = None


def invoice(parties: Parties, lines: Sequence[SoldLine], due_on: date) -> dict[str, Any]:
    """рахунок на оплату: what is to be paid until and including `due_on`."""
    rows = [{**asdict(line), "kopecks": line.kopecks} for line in lines]
    total = sum(line.kopecks for line in lines)
    return {
        **_sides(parties),
        "lines": rows,
        **_totals(parties, total),
        "due_on": due_on.isoformat(),
    }


def act(parties: Parties, charges: Sequence[Charge]) -> dict[str, Any]:
    """акт наданих послуг: the charges of a month, reversals as lines of their own (L11)."""
    rows = [{**asdict(charge), "on": charge.on.isoformat()} for charge in charges]
    total = sum(charge.kopecks for charge in charges)
    return {**_sides(parties), "lines": rows, **_totals(parties, total)}


def reconciliation(
    parties: Parties, opening_kopecks: int, postings: Sequence[Posting]
) -> dict[str, Any]:
    """акт звірки: opening balance, what was posted, closing balance. Balances are the seller's:
    above zero the buyer owes, below zero the seller does."""
    debit = sum(posting.debit_kopecks for posting in postings)
    credit = sum(posting.credit_kopecks for posting in postings)
    return {
        **_sides(parties),
        "opening_kopecks": opening_kopecks,
        "lines": [{**asdict(one), "on": one.on.isoformat()} for one in postings],
        "debit_kopecks": debit,
        "credit_kopecks": credit,
        "closing_kopecks": opening_kopecks + debit - credit,
    }


def correction(cancelled: Mapping[str, Any], reason: str) -> dict[str, Any]:
    """коригування (сторно): a paper that takes another back, named by its content."""
    kept = ("seller", "buyer", "contract", "vat_percent", "vat_kopecks", "total_kopecks")
    content = {name: cancelled[name] for name in kept if name in cancelled}
    for name in ("vat_kopecks", "total_kopecks"):
        if content.get(name) is not None:
            content[name] = -content[name]
    named = ("kind", "number", "issued_on", "from_on", "until_on")
    return {
        **content,
        "cancels": {name: cancelled[name] for name in named},
        "reason": reason,
        "lines": [],
    }


def payment_purpose(content: Mapping[str, Any]) -> str:
    """What the payer is asked to write, so that the payment finds its invoice by itself."""
    on = date.fromisoformat(content["issued_on"])
    text = f"Оплата за інформаційно-консультаційні послуги згідно з рахунком № {content['number']}"
    return f"{text} від {on:%d.%m.%Y}, {_vat_words(content)}"


def _vat_words(content: Mapping[str, Any]) -> str:
    if content["vat_percent"] is None:
        return "без ПДВ"
    kopecks = content["vat_kopecks"]
    return f"у т.ч. ПДВ {content['vat_percent']} % — {kopecks // 100},{kopecks % 100:02} грн"


def _sides(parties: Parties) -> dict[str, Any]:
    contract = parties.contract
    buyer = _party(contract) if contract else _party(PartyDetails(legal_name=parties.partner_name))
    if not buyer["legal_name"]:
        buyer["legal_name"] = parties.partner_name
    signed_on = contract.signed_on if contract else None
    return {
        "seller": _party(parties.company),
        "buyer": buyer,
        "contract": {
            "number": contract.number if contract else "",
            "signed_on": signed_on.isoformat() if signed_on else None,
        },
    }


def _party(details: PartyDetails) -> dict[str, str]:
    """The columns that every paper prints, as they are today."""
    return {one.name: getattr(details, one.name) for one in fields(PartyDetails)}


def _totals(parties: Parties, total_kopecks: int) -> dict[str, int | None]:
    """The sum, and the tax in it: prices include it. Half a kopiyka is rounded away from zero."""
    percent = parties.company.vat_percent if parties.company.is_vat_payer else None
    vat = None
    if percent is not None:
        whole = 100 + percent
        vat = (abs(total_kopecks) * percent * 2 + whole) // (2 * whole)
        vat = vat if total_kopecks >= 0 else -vat
    return {"total_kopecks": total_kopecks, "vat_percent": percent, "vat_kopecks": vat}
