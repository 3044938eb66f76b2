"""What those who pay are told of money: in one sentence, with its facts, and where it leads.

Entries of the ledger carry sums and numbers; papers carry their own number. The words are those
of accountants in each language, as in desk/web/labels.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from desk.channels import addresses
from desk.deposits import queries as deposits
from desk.journal.models import Entry
from desk.rules.lowness import Kind
from desk.web import formats

Rows = tuple[tuple[str, str], ...]
OF_PAPERS = frozenset({"issue_invoice", "issue_act", "issue_reconciliation", "issue_correction"})
OF_DEPOSIT = frozenset(
    {
        "buy",
        "top_up",
        "low_balance",
        "refund",
        "pay_refund",
        "announce_expiry",
        "tell_expiry",
    }
)
VERBS = OF_PAPERS | OF_DEPOSIT


def sentence(entry: Entry) -> str:
    """What happened, in one sentence that needs no other; "" where the headline says it all."""
    told = _SENTENCES.get(entry.verb)
    return told(entry.facts) if told else ""


def path(entry: Entry) -> str:
    """Where the reader goes on: to the paper, the ready invoice, or the deposit."""
    number = entry.subject.partition(":")[2]
    if entry.verb == "issue_invoice":
        return addresses.invoice(number)
    if entry.verb in OF_PAPERS:
        return addresses.papers()
    if entry.verb == "low_balance":
        return addresses.low_deposit(str(entry.facts.get("episode")))
    return addresses.deposit()


def link(entry: Entry) -> tuple[str, str]:
    """The button of a letter: its words, and a whole address."""
    if entry.verb == "low_balance":
        words = _("Open the ready invoice")
    elif entry.verb == "issue_invoice":
        words = _("Open the invoice")
    elif entry.verb in OF_PAPERS:
        words = _("Open the papers")
    else:
        words = _("Open the deposit")
    return words, addresses.whole(path(entry))


def facts(entry: Entry) -> Rows:
    """What a letter adds to its sentence: of a paper its sum, of all else what there is now."""
    if entry.verb in OF_PAPERS:
        return ((_("Sum"), formats.money(int(entry.facts.get("kopecks", 0)))),)
    assert entry.partner_id is not None, "a deposit belongs to a partner"
    balance = deposits.balance(entry.partner_id)
    found = [(_("Consultations available"), formats.number(balance.consultations_available))]
    if balance.money_available_kopecks:
        found.append((_("Money available"), formats.money(balance.money_available_kopecks)))
    return tuple(found)


def _bought(facts: Mapping[str, Any]) -> str:
    """A purchase, also one that filled debts or left a rest."""
    bought = int(facts.get("bought", 0)) + int(facts.get("filled", 0))
    if facts.get("bonus"):
        return _("%(units)s were given to you") % {"units": formats.units(bought)}
    rest = int(facts.get("rest_kopecks", 0))
    paid = {
        "sum": formats.money(int(facts.get("paid_kopecks", 0))),
        "units": formats.units(bought),
        "rest": formats.money(rest),
    }
    if not bought:
        return _("Your payment of %(sum)s is credited as money") % paid
    if rest:
        return _("Your payment of %(sum)s is credited: %(units)s, and %(rest)s as money") % paid
    return _("Your payment of %(sum)s is credited: %(units)s") % paid


def _topped_up(facts: Mapping[str, Any]) -> str:
    return _("%(sum)s are credited to the deposit") % {
        "sum": formats.money(int(facts.get("kopecks", 0)))
    }


def _low(facts: Mapping[str, Any]) -> str:
    available, days = int(facts.get("available", 0)), facts.get("days")
    if available <= 0:
        return _("The deposit is used up: new tickets wait, a critical error never does")
    units = formats.units(available)
    if facts.get("kind") == Kind.DAYS and days is not None:
        return _(
            "The deposit is running low: %(units)s, for %(days)s working days at your pace"
        ) % {
            "units": units,
            "days": formats.number(int(days)),
        }
    return _("The deposit is running low: %(units)s") % {"units": units}


def _expires(facts: Mapping[str, Any]) -> str:
    on = facts.get("expires_on")
    if not on:
        return ""
    return _("%(units)s of the deposit expire after %(day)s") % {
        "units": formats.units(int(facts.get("quantity", 0))),
        "day": formats.day(date.fromisoformat(str(on))),
    }


def _expired(facts: Mapping[str, Any]) -> str:
    return _("%(units)s of the deposit have expired") % {
        "units": formats.units(int(facts.get("quantity", 0)))
    }


def _refund_sent(facts: Mapping[str, Any]) -> str:
    return _("%(sum)s were sent back to you") % {"sum": formats.money(int(facts.get("kopecks", 0)))}


def _invoiced(facts: Mapping[str, Any]) -> str:
    return _("Invoice %(number)s over %(sum)s is ready to be paid") % _paper(facts)


def _act(facts: Mapping[str, Any]) -> str:
    return _("Act %(number)s over %(sum)s is issued: please sign it") % _paper(facts)


def _reconciled(facts: Mapping[str, Any]) -> str:
    return _("Reconciliation statement %(number)s is ready: please sign it") % _paper(facts)


def _corrected(facts: Mapping[str, Any]) -> str:
    return _("A paper was taken back by correction %(number)s") % _paper(facts)


def _paper(facts: Mapping[str, Any]) -> dict[str, str]:
    kopecks = int(facts.get("kopecks", 0))
    return {"number": str(facts.get("number", "")), "sum": formats.money(kopecks)}


_SENTENCES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "buy": _bought,
    "top_up": _topped_up,
    "low_balance": _low,
    "pay_refund": _refund_sent,
    "announce_expiry": _expires,
    "tell_expiry": _expired,
    "issue_invoice": _invoiced,
    "issue_act": _act,
    "issue_reconciliation": _reconciled,
    "issue_correction": _corrected,
}
