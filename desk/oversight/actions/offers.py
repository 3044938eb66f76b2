"""Work is offered to the cover when its lead is forecast to miss a promise (the loop "offers")."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from desk.journal import actions as journal
from desk.journal import cause as causes
from desk.journal.cause import Cause
from desk.oversight.models import Offer, OfferEnd
from desk.oversight.queries import offers as queries
from desk.oversight.queries.offers import Proposed
from desk.tickets import actions as tickets
from desk.tickets.actions import Because
from desk.tickets.models import Ticket
from desk.workdays import queries as workdays


class OfferGone(Exception):
    """The lead has acted, or somebody else took it: there is nothing to take over any more."""


class NotOffered(Exception):
    """It was offered to somebody else."""


def tick(at: datetime) -> int:
    """Take back what has lost its point, then offer what is forecast to be missed; how much was
    done. Each promise of a lead is offered at most once."""
    done = sum(_withdraw(row.pk, at) for row in queries.stale(at))
    return done + sum(_offer(one, at) for one in queries.proposed(at))


def take_offer(cause: Cause, offer_id: int) -> Offer:
    """The cover takes the ticket over; its lead and the partner are told. Of two clicks, or a
    click and a deed of the lead, one wins. Raises `NotOffered`, `OfferGone`, `NotAllowed`."""
    with transaction.atomic():
        offer = Offer.objects.get(pk=offer_id)
        ticket = Ticket.objects.select_for_update(no_key=True).get(pk=offer.ticket_id)
        offer = Offer.objects.select_for_update().get(pk=offer_id)
        content = {"verb": "take_offer", "offer": offer.pk}
        if journal.earlier(cause, ticket.key, content) is not None:
            return offer
        if cause.person_id != offer.cover_id:
            raise NotOffered
        running = workdays.running_among([offer.lead_id])
        if offer.ended_at is not None or queries.is_over(offer, ticket, running):
            raise OfferGone
        _end(offer, OfferEnd.TAKEN, cause.at)
        entry = journal.record(
            cause, "take_offer", ticket.key, _facts(offer), ticket.partner_id, content
        )
        system = causes.system(cause.at, parent=entry.pk)
        tickets.take_over(system, ticket.pk, offer.cover_id, Because.OFFERED)
        return offer


@transaction.atomic
def _offer(one: Proposed, at: datetime) -> int:
    risk, ticket = one.risk, one.ticket
    row, made = Offer.objects.get_or_create(
        ticket_id=ticket.pk,
        kind=risk.kind.value,
        cycle=ticket.cycle,
        lead_id=ticket.executor_id,
        defaults={
            "cover_id": one.cover_id,
            "reason": risk.reason.value,
            "limit_at": risk.limit_at,
            "offered_at": at,
        },
    )
    if made:
        facts = _facts(row)
        journal.record(causes.system(at), "offer_work", ticket.key, facts, ticket.partner_id)
    return int(made)


@transaction.atomic
def _withdraw(offer_id: int, at: datetime) -> int:
    row = Offer.objects.select_for_update(of=("self",)).select_related("ticket").get(pk=offer_id)
    if row.ended_at is not None:
        return 0
    _end(row, OfferEnd.WITHDRAWN, at)
    ticket = row.ticket
    cause = causes.system(at)
    journal.record(cause, "withdraw_offer", ticket.key, _facts(row), ticket.partner_id)
    return 1


def _end(row: Offer, outcome: OfferEnd, at: datetime) -> None:
    row.ended_at, row.outcome = at, outcome
    row.save(update_fields=["ended_at", "outcome"])


def _facts(row: Offer) -> dict[str, object]:
    return {
        "offer": row.pk,
        "kind": row.kind,
        "reason": row.reason,
        "lead": row.lead_id,
        "person": row.cover_id,
        "limit_at": row.limit_at.isoformat(),
    }
