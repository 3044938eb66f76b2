"""Machines that answer as people do: they give themselves away by their pace.

Mail of programs says so in its headers, and then moves nothing. Some programs do not say it: what
answers us within two minutes time after time, or fills a ticket with mails, waits for a person.
So two desks that answer each other come to rest by themselves, for good.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from desk.channels.email.matching import Match
from desk.channels.email.models import Received
from desk.channels.email.senders import Sender
from desk.channels.errors import Unclear
from desk.tickets.models import Ticket

# An answer that reaches us so soon after our mail went was hardly written by hand.
SWIFT = timedelta(minutes=2)
# So many of one sender on one ticket in a row are no chat of people any more.
SWIFT_MAX = 5
MESSAGES_PER_HOUR_MAX = 20


def is_swift(match: Match, at: datetime) -> bool:
    """Whether a mail that reached us at `at` answers our own faster than people do."""
    sent_at = match.delivery.ended_at if match.delivery is not None else None
    return sent_at is not None and at - sent_at <= SWIFT


def refuse_machine(sender: Sender, ticket: Ticket, at: datetime, *, swift: bool) -> None:
    """Raise `Unclear` when this sender's mails on this ticket come as only a machine's do."""
    rows = Received.objects.filter(person=sender.person, ticket=ticket, automatic="")
    lately = rows.order_by("-pk").values_list("swift", flat=True)[:SWIFT_MAX]
    name = {"name": sender.person.name}
    if swift and len(lately) == SWIFT_MAX and all(lately):
        text = _("%(name)s has answered %(count)s mails in a row within seconds: is it a machine?")
        raise Unclear(text % {**name, "count": SWIFT_MAX})
    within = rows.filter(at__gt=at - timedelta(hours=1)).count()
    if within >= MESSAGES_PER_HOUR_MAX:
        text = _("%(name)s has sent %(count)s mails on one ticket in an hour: is it a machine?")
        raise Unclear(text % {**name, "count": MESSAGES_PER_HOUR_MAX})
