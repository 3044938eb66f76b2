"""What a mail about a ticket tells besides its status: what it costs, and how to check it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from desk.journal.models import Entry
from desk.rules.lifecycle import State, Verb
from desk.tickets.models import Ticket
from desk.web import formats

DETAIL_MAX = 2_000


def asked(entry: Entry, ticket: Ticket) -> tuple[tuple[str, str], ...]:
    """With what is to be approved goes what it costs at most."""
    if ticket.state != State.AWAITING_APPROVAL:
        return ()
    hours, price = entry.facts.get("hours_max"), entry.facts.get("hour_kopecks")
    if isinstance(hours, int) and isinstance(price, int):
        return ((_("It costs at most"), formats.money(hours * price)),)
    if entry.verb != Verb.ACCEPT:
        return ()
    return ((_("It costs at most"), formats.units(ticket.parts.count())),)


def handed_over(entry: Entry, ticket: Ticket) -> tuple[tuple[str, str], ...]:
    """With a result goes what was changed, and how to check it."""
    if entry.verb != "deliver":
        return ()
    rows = ((_("What was changed"), ticket.changes), (_("How to check it"), ticket.checking))
    return tuple((label, value[:DETAIL_MAX]) for label, value in rows if value)
