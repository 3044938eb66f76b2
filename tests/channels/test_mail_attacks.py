"""What forged mail can do: nothing. One table of attacks, and what became of each.

OLH-1 is the ticket that is attacked. An attack may open a ticket of the attacker's own partner,
or wait in quarantine; it never reaches OLH-1, moves it, or speaks as one of our people.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage

import pytest
from django.db import transaction

from desk.channels.email import replies, senders
from desk.channels.email.models import Mailbox, OwnAddress
from desk.channels.email.reading import read
from desk.channels.models import Arrival, ArrivalState, Delivery
from desk.partners.models import Person
from desk.rules.lifecycle import State, Type
from desk.tickets import actions as tickets
from desk.tickets.models import Message, MessageKind, Ticket
from tests import cast
from tests.channels import post
from tests.channels.test_mail_in import comes, delivered, mail
from tests.language import OPENED, Desk

EVIL = "This is what the attacker says."
SERVER = "mx.desk.example"
QUARANTINE, OWN_TICKET = "quarantine", "a ticket of their own"


@dataclass
class World:
    """A delivered OLH-1 whose member and lead were told, and who attacks it."""

    desk: Desk
    ticket: Ticket
    stranger: str
    rival: Person
    colleague: Person
    to_member: Delivery
    to_lead: Delivery
    box: Mailbox

    def id_of(self, delivery: Delivery) -> str:
        return replies.message_id("delivery", delivery.pk, "desk.example")

    def plus(self, delivery: Delivery) -> str:
        return f"desk+{replies.token(delivery.pk)}@desk.example"


@pytest.fixture
def world(desk: Desk) -> World:
    other = cast.company(OPENED, desk.house, "AGR", "Agrolan Demo")
    first = mail(desk.member.email, "Ours", "We wrote this.", message_id="<first@olh.example>")
    comes(desk, first)
    ticket = delivered(desk)
    tickets.message(desk.cause(desk.member), ticket.pk, "A word of the member.")
    post.relayed(desk.now)
    rows = Delivery.objects.filter(entry__subject=ticket.key)
    box = Mailbox.objects.create(
        name="Desk", address="desk@desk.example", host="mx", port=993, login="desk",
        password="", authserv_id=SERVER, created_at=desk.now,
    )  # fmt: skip
    return World(
        desk=desk,
        ticket=ticket,
        stranger="stranger@else.example",
        rival=other.member,
        colleague=desk.company.finance,
        to_member=rows.get(person=desk.member, entry__verb="deliver"),
        to_lead=rows.get(person=desk.lead, entry__verb="message"),
        box=box,
    )


def written(sender: str, subject: str = "help", to: str = "", **headers: str) -> EmailMessage:
    made = mail(sender, subject, EVIL, **headers)
    if to:
        del made["To"]
        made["To"] = to
    return made


def bad(world: World) -> str:
    return f"<delivery.{world.to_member.pk}.{'0' * 24}@desk.example>"


def verdict(said: str) -> dict[str, str]:
    return {"Authentication_Results": f"{SERVER}; {said}"}


Attack = Callable[[World], EmailMessage]
ATTACKS: dict[str, tuple[Attack, str]] = {
    "forged In-Reply-To of another partner": (
        lambda w: written(w.rival.email, In_Reply_To=bad(w)),
        OWN_TICKET,
    ),
    "forged In-Reply-To of a stranger": (
        lambda w: written(w.stranger, In_Reply_To=bad(w)),
        QUARANTINE,
    ),
    "forged References": (
        lambda w: written(w.rival.email, References=f"<a@b.c> {bad(w)} <d@e.f>"),
        OWN_TICKET,
    ),
    "stolen token of another partner": (
        lambda w: written(w.rival.email, In_Reply_To=w.id_of(w.to_member)),
        QUARANTINE,
    ),
    "stolen token of a stranger": (
        lambda w: written(w.stranger, In_Reply_To=w.id_of(w.to_member)),
        QUARANTINE,
    ),
    "number in the subject of another partner": (
        lambda w: written(w.rival.email, f"Re: [OLH-{w.ticket.number}] help"),
        OWN_TICKET,
    ),
    "number in the subject of a stranger": (
        lambda w: written(w.stranger, f"Re: [OLH-{w.ticket.number}] help"),
        QUARANTINE,
    ),
    "number in the subject of a colleague who takes no part": (
        lambda w: written(w.colleague.email, f"OLH-{w.ticket.number}"),
        QUARANTINE,
    ),
    "forged plus address": (
        lambda w: written(
            w.rival.email, to=f"desk+d{w.to_member.pk}.{'a' * 24}@desk.example"
        ),
        OWN_TICKET,
    ),
    "plus address with another number": (
        lambda w: written(
            w.rival.email,
            to=w.plus(w.to_member).replace(f"+d{w.to_member.pk}.", f"+d{w.to_lead.pk}."),
        ),
        OWN_TICKET,
    ),
    "stolen plus address": (lambda w: written(w.rival.email, to=w.plus(w.to_member)), QUARANTINE),
    "Message-ID of another partner's mail": (
        lambda w: written(w.rival.email, In_Reply_To="<first@olh.example>"),
        OWN_TICKET,
    ),
    "the lead without a token": (lambda w: written(w.desk.lead.email), QUARANTINE),
    "the lead with a number": (
        lambda w: written(w.desk.lead.email, f"OLH-{w.ticket.number}"),
        QUARANTINE,
    ),
    "the lead with the member's token": (
        lambda w: written(w.desk.lead.email, In_Reply_To=w.id_of(w.to_member)),
        QUARANTINE,
    ),
    "an administrator with the lead's token": (
        lambda w: written(w.desk.house.administrator.email, In_Reply_To=w.id_of(w.to_lead)),
        QUARANTINE,
    ),
    "the lead with a forged token": (
        lambda w: written(w.desk.lead.email, In_Reply_To=bad(w)),
        QUARANTINE,
    ),
    "a refuted member": (
        lambda w: written(
            w.desk.member.email, In_Reply_To=w.id_of(w.to_member), **verdict("dmarc=fail")
        ),
        QUARANTINE,
    ),
    "a refuted lead with the lead's token": (
        lambda w: written(
            w.desk.lead.email,
            In_Reply_To=w.id_of(w.to_lead),
            **verdict("spf=fail smtp.mailfrom=else.example"),
        ),
        QUARANTINE,
    ),
    "a signature of another domain": (
        lambda w: written(
            w.desk.member.email,
            In_Reply_To=w.id_of(w.to_member),
            **verdict("dkim=pass header.d=evil.example; spf=fail"),
        ),
        QUARANTINE,
    ),
    "a pass in a quoted reason": (
        lambda w: written(
            w.desk.member.email,
            In_Reply_To=w.id_of(w.to_member),
            **verdict('spf=fail reason="x; dmarc=pass; dkim=pass"'),
        ),
        QUARANTINE,
    ),
    "the member as a display name": (
        lambda w: written(f'"{w.desk.member.email}" <{w.stranger}>'),
        QUARANTINE,
    ),
    "the member in Reply-To": (
        lambda w: written(w.stranger, Reply_To=w.desk.member.email),
        QUARANTINE,
    ),
    "the member in Sender": (
        lambda w: written(w.stranger, Sender=w.desk.member.email),
        QUARANTINE,
    ),
    "a forged mark of our own mail": (
        lambda w: written(w.stranger, X_Desk_Mail=bad(w)),
        QUARANTINE,
    ),
}  # fmt: skip


class Undone(Exception):
    """Takes what an attack did back."""


def test_an_attack_reaches_nothing(world: World) -> None:
    wrong = []
    for name, (made, expected) in ATTACKS.items():
        with contextlib.suppress(Undone), transaction.atomic():
            reached = _reached(world, made(world), expected)
            wrong += [f"{name}: {reached}"] if reached else []
            raise Undone
    assert not wrong, "\n".join(wrong)


def _reached(world: World, made: EmailMessage, expected: str) -> str:
    """What an attack has done that it must not, "" for nothing."""
    of_ticket = Message.objects.filter(ticket=world.ticket)
    before = (of_ticket.count(), Ticket.objects.count())
    found = comes(world.desk, made, source=world.box.key)
    world.ticket.refresh_from_db()
    said = Message.objects.filter(text__contains=EVIL)
    if world.ticket.state != State.DELIVERED or of_ticket.count() != before[0]:
        return "it reaches the ticket"
    if said.filter(kind=MessageKind.STAFF).exists():
        return "it speaks as one of our people"
    if expected == QUARANTINE:
        waits = found.state == ArrivalState.QUARANTINED and found.error
        return "" if waits and Ticket.objects.count() == before[1] else f"it became {found.outcome}"
    opened = Ticket.objects.filter(partner__code="AGR", author=world.rival)
    return "" if f"ticket:{opened.latest('id').pk}" == found.outcome else found.error


def test_the_same_mails_unforged_get_through(world: World) -> None:
    """So that the table proves refusals and not a broken world."""
    good = written(world.desk.member.email, In_Reply_To=world.id_of(world.to_member))
    assert comes(world.desk, good, source=world.box.key).outcome == world.ticket.key
    passed = verdict("dmarc=pass; dkim=pass header.d=people.example; spf=fail")
    lead = written(world.desk.lead.email, "Re", In_Reply_To=world.id_of(world.to_lead), **passed)
    assert comes(world.desk, lead, source=world.box.key).outcome == world.ticket.key
    assert Message.objects.latest("id").kind == MessageKind.STAFF


def test_money_is_not_approved_by_mail(desk: Desk) -> None:
    ticket = post.submitted(desk)
    accepting = tickets.Accepting(Type.COMPLEX, "Two parts.", ("One", "Two"))
    tickets.accept(desk.cause(desk.lead), ticket.pk, accepting)
    ticket.refresh_from_db()
    waits_in = ticket.state
    assert waits_in in (State.AWAITING_APPROVAL, State.AWAITING_DEPOSIT)
    post.relayed(desk.now)
    told = Delivery.objects.get(person=desk.owner, entry__verb="accept")
    answer = {"In_Reply_To": replies.message_id("delivery", told.pk, "desk.example")}
    for word in ("Approve", "Погоджую", "Підтверджую"):
        comes(desk, mail(desk.owner.email, f"Re {word}", word, **answer))
    ticket.refresh_from_db()
    assert ticket.state == waits_in


@pytest.mark.parametrize(
    ("said", "against"),
    [
        (("mx.desk.example; dmarc=fail",), "dmarc=fail"),
        (("mx.desk.example; dmarc=pass", "mx.desk.example; dmarc=fail"), ""),
        (("mx.desk.example; dmarc=fail", "mx.desk.example; dmarc=pass"), "dmarc=fail"),
        (("MX.desk.example 1; dmarc = FAIL (p=reject)",), "dmarc=fail"),
        (("mx.else.example; dmarc=fail",), ""),
        (("mx.desk.example (x; dmarc=pass); spf=fail",), "spf=fail"),
        (("mx.desk.example; dkim=pass header.d=olh.example; spf=fail",), ""),
        (("mx.desk.example; dkim=pass header.i=@mail.olh.example; spf=fail",), ""),
        (("mx.desk.example; dkim=fail; dkim=pass header.d=olh.example; spf=fail",), ""),
        (("mx.desk.example; dkim=pass header.d=notolh.example; spf=fail",), "spf=fail"),
        (("mx.desk.example; dkim=pass header.d=example; spf=fail",), "spf=fail"),
        (("mx.desk.example; x-dkim=pass; spf=fail",), "spf=fail"),
        (("mx.desk.example; spf=softfail; dkim=none",), ""),
        (("mx.desk.example; none",), ""),
        (("",), ""),
    ],
)  # fmt: skip
def test_what_the_receiving_server_says(desk: Desk, said: tuple[str, ...], against: str) -> None:
    OwnAddress.objects.create(address="desk@desk.example", authserv_id=SERVER, created_at=desk.now)
    lines = "".join(f"Authentication-Results: {one}\r\n" for one in said)
    found = read(f"{lines}From: marko@olh.example\r\n\r\nText".encode())
    arrival = Arrival(source="receiver", facts={"to": ["desk+d1.x@desk.example"]})
    assert senders.refuted(found, arrival) == against
