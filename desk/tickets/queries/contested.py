"""Charges that partners contest: left out of acts until they are ruled (L11)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, Sum

from desk.deposits import queries as deposits
from desk.rules.ledger import Commodity
from desk.rules.lifecycle import Type
from desk.tickets.models import Dispute, DisputeAbout, DisputeKind, HoursLog, Ticket
from desk.tickets.queries.visibility import number

# What a ticket costs depends on each of these.
ABOUT_MONEY = (DisputeAbout.CHARGE, DisputeAbout.UNITS, DisputeAbout.TYPE)


@dataclass(frozen=True, slots=True)
class Contested:
    """A ticket whose cost is contested and not ruled on. `root` is "ticket:42"."""

    root: str
    partner_id: int
    number: str
    subject: str
    dispute_id: int
    about: str
    raised_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Chargeable:
    """What is left of a contested charge, in consultations or kopiykas."""

    commodity: Commodity
    left: int


def contested(partner_ids: Collection[int] | None = None) -> list[Contested]:
    """What is contested now, whose ruling is due first in front; of some partners or of all."""
    waiting = Dispute.objects.filter(ruled_at=None, kind=DisputeKind.CONTEST, about__in=ABOUT_MONEY)
    if partner_ids is not None:
        waiting = waiting.filter(ticket__partner_id__in=partner_ids)
    return [
        Contested(
            row.ticket.key,
            row.ticket.partner_id,
            number(row.ticket),
            row.ticket.subject,
            row.pk,
            row.about,
            row.raised_at,
            row.due_at,
        )
        for row in waiting.select_related("ticket__partner").order_by("due_at", "pk")
    ]


def contested_roots(partner_id: int) -> frozenset[str]:
    """The partner's tickets that no act may carry now ("ticket:42")."""
    return frozenset(one.root for one in contested([partner_id]))


def chargeable(dispute_ids: Sequence[int]) -> dict[int, Chargeable]:
    """What a ruling may give back, by dispute; only of contests of a charge."""
    rows = Dispute.objects.filter(
        Q(pk__in=dispute_ids), kind=DisputeKind.CONTEST, about=DisputeAbout.CHARGE
    )
    return {
        row.pk: Chargeable(commodity(row.ticket), sum(deposits.charged(row.ticket.key).values()))
        for row in rows.select_related("ticket")
    }


def commodity(ticket: Ticket) -> Commodity:
    """What the ticket was charged in."""
    return Commodity.MONEY if ticket.type == Type.CUSTOMISATION else Commodity.CONSULTATIONS


def minutes_of(roots: Collection[str]) -> dict[str, int]:
    """Minutes that programmers logged for customisations, by ticket: for the act."""
    ids = [int(root.partition(":")[2]) for root in roots if root.startswith("ticket:")]
    rows = HoursLog.objects.filter(ticket_id__in=ids).values_list("ticket_id")
    sums = rows.annotate(total=Sum("minutes"))
    return {f"ticket:{ticket_id}": total for ticket_id, total in sums}
