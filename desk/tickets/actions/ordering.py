"""The order of a partner's own queue, which its owner may change (specification 2)."""

from __future__ import annotations

from django.db import transaction

from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.partners.models import Partner
from desk.rules.lifecycle import Actor, ClockState, NotAllowed, State, Verb
from desk.tickets import queries
from desk.tickets.models import Ticket


@transaction.atomic
def put_in_order(cause: Cause, ticket_id: int, *, up: bool) -> Ticket:
    """Swap an open ticket with its neighbour in the partner's queue; at the end nothing changes.

    Only the partner's owner may. Waiting tickets are funded in this order.
    """
    partner_id = Ticket.objects.values_list("partner_id", flat=True).get(pk=ticket_id)
    Partner.objects.select_for_update(no_key=True).get(pk=partner_id)
    ticket = Ticket.objects.select_for_update().get(pk=ticket_id)
    if Actor.OWNER not in queries.actors(cause.person_id, ticket, cause.at):
        raise NotAllowed(Verb.SUBMIT, State(ticket.state), by_state=False, allowed=())
    content = {"verb": "order", "up": up}
    if journal.earlier(cause, ticket.key, content):
        return ticket
    neighbour = _neighbour(ticket, up=up)
    if neighbour is None:
        return ticket
    ticket.queue_rank, neighbour.queue_rank = neighbour.queue_rank, ticket.queue_rank
    for one in (ticket, neighbour):
        one.save(update_fields=["queue_rank"])
    facts = {"before": neighbour.pk if up else None, "after": None if up else neighbour.pk}
    journal.record(cause, "order", ticket.key, facts, partner_id, content)
    return ticket


def _neighbour(ticket: Ticket, *, up: bool) -> Ticket | None:
    others = Ticket.objects.select_for_update().filter(partner_id=ticket.partner_id)
    others = others.exclude(clock=ClockState.ENDED)
    if up:
        return others.filter(queue_rank__lt=ticket.queue_rank).order_by("-queue_rank").first()
    return others.filter(queue_rank__gt=ticket.queue_rank).order_by("queue_rank").first()
