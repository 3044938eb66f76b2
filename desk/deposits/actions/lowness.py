"""look_at_balance, take_ready_invoice: one alert per episode of a low deposit (L10)."""

from __future__ import annotations

from desk.deposits.actions.invoicing import Order, issue_invoice
from desk.deposits.actions.posting import lock, one_transaction, writing
from desk.deposits.models import LowBalance
from desk.deposits.queries import invoices
from desk.deposits.queries import lowness as queries
from desk.deposits.queries.invoices import InvoiceRow
from desk.deposits.queries.lowness import Ready
from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.partners.queries import NoVersion
from desk.rules import lowness
from desk.rules.lowness import Mark, Reach


@one_transaction
def look_at_balance(cause: Cause, partner_id: int, *, rose: bool) -> int | None:
    """Begin and end the episodes that the present balance asks for; returns the episode that
    people are told of, or None. `rose`: the movement put something in.

    Under the deposit's lock, so that movements at once are one alert. Looked at again with the
    same balance, it changes nothing. Before the partner's first plan there are no marks.
    """
    lock(partner_id)
    try:
        known, reach = queries.marks(partner_id, cause.at), queries.reach(partner_id, cause.at)
    except NoVersion:
        return None
    running = {one.mark: one.id for one in queries.running(partner_id)}
    change = lowness.change(known, running, reach, rose=rose)
    with writing():
        ended = [running[mark] for mark in change.end]
        LowBalance.objects.filter(pk__in=ended).update(until_at=cause.at)
        begun = {mark: _begin(cause, partner_id, mark) for mark in change.begin}
        if change.tells is None:
            return None
        _tell(cause, begun[change.tells], change.tells, reach)
    return begun[change.tells].pk


@one_transaction
def take_ready_invoice(cause: Cause, partner_id: int, episode_id: int) -> InvoiceRow:
    """Issue the ready invoice of an episode's alert: one for each episode, whoever presses how
    often; another one only after it was cancelled. Raises what issue_invoice does, and
    LowBalance.DoesNotExist."""
    lock(partner_id)
    found = LowBalance.objects.get(partner_id=partner_id, pk=episode_id)
    if found.invoice_id is not None:
        known = invoices.invoice(found.invoice_id, partner_id)
        if known.cancelled_at is None:
            return known
    issued = issue_invoice(cause, partner_id, _order(queries.ready(partner_id, cause.at)))
    with writing():
        LowBalance.objects.filter(pk=found.pk).update(invoice_id=issued.id)
    return issued


def _order(ready: Ready) -> Order:
    return Order(pack_id=ready.pack.id) if ready.pack else Order(quantity=ready.quantity)


def _begin(cause: Cause, partner_id: int, mark: Mark) -> LowBalance:
    return LowBalance.objects.create(
        partner_id=partner_id, kind=mark.kind, mark=mark.at_most, since_at=cause.at
    )


def _tell(cause: Cause, episode: LowBalance, mark: Mark, reach: Reach) -> None:
    facts = {
        "episode": episode.pk,
        "kind": mark.kind.value,
        "mark": mark.at_most,
        "available": reach.available,
        "days": reach.days,
    }
    subject = f"deposit:{episode.partner_id}"
    journal.record(cause, "low_balance", subject, facts, episode.partner_id)
