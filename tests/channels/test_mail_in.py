"""Mails that come in: what each becomes, and what no forged one ever does."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from desk.channels import actions, inbox
from desk.channels.actions import Incoming
from desk.channels.email import bounces, replies
from desk.channels.email.models import Mailbox, OwnAddress, Received
from desk.channels.models import Arrival, ArrivalState, Delivery, DeliveryState, Intake
from desk.journal.models import Entry
from desk.partners import actions as partners
from desk.partners.models import PartnerRole, Person
from desk.rules.lifecycle import State
from desk.tickets import actions as tickets
from desk.tickets.models import Message, MessageKind, Ticket
from tests import cast
from tests.channels import post
from tests.language import Desk


def mail(sender: str, subject: str, text: str, **headers: str) -> EmailMessage:
    made = EmailMessage()
    made["From"] = sender
    made["To"] = "desk@desk.example"
    made["Subject"] = subject
    made["Message-ID"] = headers.pop("message_id", f"<{subject.encode().hex()[:40]}@olh.example>")
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def comes(desk: Desk, found: EmailMessage, source: str = "file", key: str = "") -> Arrival:
    raw = found.as_bytes()
    kept = actions.keep(Incoming(Intake.EMAIL, source, key or str(hash(raw)), raw), desk.now)
    assert kept is not None
    inbox.process(kept.pk, desk.now)
    kept.refresh_from_db()
    return kept


def delivery_to(desk: Desk, person: Person, verb: str) -> Delivery:
    post.relayed(desk.now)
    return Delivery.objects.get(person=person, entry__verb=verb)


def answering(delivery: Delivery) -> dict[str, str]:
    return {"In_Reply_To": replies.message_id("delivery", delivery.pk, "desk.example")}


def delivered(desk: Desk) -> Ticket:
    ticket = post.accepted(desk)
    tickets.start(desk.cause(desk.lead), ticket.pk)
    handover = tickets.Handover("The index was rebuilt.", "Nothing.", "Save an order.")
    return tickets.deliver(desk.cause(desk.lead), ticket.pk, handover)


def test_a_mail_of_a_known_person_opens_a_ticket_once(desk: Desk) -> None:
    found = mail(desk.member.email, "Замовлення не зберігається", "Нічого не зберігається.")
    assert comes(desk, found).state == ArrivalState.DONE
    again = comes(desk, found, key="again")
    assert again.outcome.startswith("repeat of")
    ticket = Ticket.objects.get()
    assert (ticket.author, ticket.channel) == (desk.member, "email")
    assert ticket.subject == "Замовлення не зберігається"
    assert Message.objects.get().text == "Нічого не зберігається."


def test_one_message_id_on_different_mails_loses_none(desk: Desk) -> None:
    for text in ("First.", "Second."):
        comes(desk, mail(desk.member.email, "Broken", text, message_id="<same@olh.example>"))
    assert Ticket.objects.count() == 2


def test_mails_without_an_id_are_told_apart(desk: Desk) -> None:
    for text in ("First.", "Second."):
        found = mail(desk.member.email, "Broken", text)
        del found["Message-ID"]
        comes(desk, found)
    assert Ticket.objects.count() == 2


def test_a_stranger_waits_in_quarantine_with_a_sentence(desk: Desk) -> None:
    arrival = comes(desk, mail("stranger@else.example", "Hello", "Open the door."))
    assert arrival.state == ArrivalState.QUARANTINED
    assert "stranger@else.example" in arrival.error
    assert not Ticket.objects.exists()


def test_a_released_one_is_submitted_at_its_release(desk: Desk) -> None:
    arrival = comes(desk, mail("new@olh.example", "Hello", "It does not print."))
    person = cast.person(desk.now, "Nova Liudyna", "new@olh.example")
    role, partner = PartnerRole.MEMBER, desk.company.partner
    partners.add_membership(cast.cause(desk.now), partner.pk, person.pk, role)
    released = desk.later(hours=2)
    actions.replay(desk.cause(desk.house.vendor), arrival.pk)
    inbox.process(arrival.pk, desk.later(minutes=1))
    assert Ticket.objects.get().submitted_at == released


def test_an_answer_by_token_answers_the_question(desk: Desk) -> None:
    ticket = post.accepted(desk)
    tickets.start(desk.cause(desk.lead), ticket.pk)
    tickets.ask(desk.cause(desk.lead), ticket.pk, "Which browser?")
    asked = delivery_to(desk, desk.member, "ask")
    comes(desk, mail(desk.member.email, "Re: anything", "Firefox.", **answering(asked)))
    ticket.refresh_from_db()
    assert ticket.state == State.IN_WORK
    assert Message.objects.order_by("-id")[0].text == "Firefox."


def test_the_plus_address_finds_the_ticket_whatever_its_case(desk: Desk) -> None:
    ticket = post.accepted(desk)
    told = delivery_to(desk, desk.member, "accept")
    found = mail(desk.member.email, "Re: anything", "Thanks.")
    del found["To"]
    found["To"] = f"DESK+{replies.token(told.pk).upper()}@desk.example"
    assert comes(desk, found).outcome == ticket.key


@pytest.mark.parametrize("forged", ["number", "token"])
def test_a_forged_token_or_number_never_posts(desk: Desk, forged: str) -> None:
    ticket = post.accepted(desk)
    told = delivery_to(desk, desk.member, "accept")
    bad = f"<delivery.{told.pk}.{'0' * 24}@desk.example>"
    headers = {"In_Reply_To": bad} if forged == "token" else {}
    subject = f"[OLH-{ticket.number}] help" if forged == "number" else "help"
    comes(desk, mail(desk.company.owner.email, subject, "It is me.", **headers))
    assert not Message.objects.filter(ticket=ticket, text="It is me.").exists()


def test_the_number_counts_from_who_takes_part(desk: Desk) -> None:
    ticket = post.accepted(desk)
    found = mail(desk.member.email, f"AW: OLH-{ticket.number}", "And another thing.")
    assert comes(desk, found).outcome == ticket.key


def test_an_own_earlier_mail_is_a_thread(desk: Desk) -> None:
    first = comes(desk, mail(desk.member.email, "One", "One.", message_id="<1@olh.example>"))
    answer = mail(desk.member.email, "Re: One", "More.", In_Reply_To="<1@olh.example>")
    assert comes(desk, answer).outcome == first.outcome


def test_nobody_acts_as_staff_by_from_alone(desk: Desk) -> None:
    ticket = post.accepted(desk)
    to_member = delivery_to(desk, desk.member, "accept")
    forged = mail(desk.lead.email, "Re: x", "Pay me directly.", **answering(to_member))
    assert comes(desk, forged).state == ArrivalState.QUARANTINED
    assert not Message.objects.filter(ticket=ticket, text="Pay me directly.").exists()
    tickets.message(desk.cause(desk.member), ticket.pk, "When?")
    to_lead = delivery_to(desk, desk.lead, "message")
    comes(desk, mail(desk.lead.email, "Re: x", "Today.", **answering(to_lead)))
    said = Message.objects.get(ticket=ticket, text="Today.")
    assert (said.kind, said.author) == (MessageKind.STAFF, desk.lead)


def test_one_word_confirms_only_with_a_token(desk: Desk) -> None:
    ticket = delivered(desk)
    comes(desk, mail(desk.member.email, f"OLH-{ticket.number}", "Підтверджую"))
    ticket.refresh_from_db()
    assert ticket.state == State.DELIVERED
    told = delivery_to(desk, desk.member, "deliver")
    comes(desk, mail(desk.member.email, "Re: x", "Підтверджую!", **answering(told)))
    ticket.refresh_from_db()
    assert ticket.state == State.RESOLVED


def test_an_automatic_reply_is_kept_and_does_nothing(desk: Desk) -> None:
    ticket = delivered(desk)
    told = delivery_to(desk, desk.member, "deliver")
    words = {**answering(told), "Auto_Submitted": "auto-replied"}
    comes(desk, mail(desk.member.email, "Out of office", "I am away.", **words))
    ticket.refresh_from_db()
    assert (ticket.state, ticket.silent) == (State.DELIVERED, True)
    kept = Message.objects.order_by("-id")[0]
    assert (kept.kind, kept.author) == (MessageKind.NOTE, None)
    assert "I am away." in kept.text


def test_a_failing_sender_is_quarantined(desk: Desk) -> None:
    box = Mailbox.objects.create(
        name="Desk", address="desk@desk.example", host="mx", port=993, login="desk",
        password="", authserv_id="mx.desk.example", created_at=desk.now,
    )  # fmt: skip
    for server, state in (
        ("mx.else.example", ArrivalState.DONE),
        ("mx.desk.example", ArrivalState.QUARANTINED),
    ):
        words = {"Authentication_Results": f"{server}; dmarc=fail (p=none) header.from=x"}
        found = mail(desk.member.email, f"From {server}", "It is me.", **words)
        assert comes(desk, found, source=box.key).state == state


def test_a_bounced_handover_is_a_finding_and_ends_the_silence(desk: Desk) -> None:
    ticket = delivered(desk)
    told = delivery_to(desk, desk.member, "deliver")
    assert comes(desk, bounce("other@olh.example", told)).outcome == "bounce of another address"
    assert not bounces.is_suppressed(desk.member.email)
    comes(desk, bounce(desk.member.email, told))
    ticket.refresh_from_db()
    assert not ticket.silent
    assert bounces.is_suppressed(desk.member.email)
    assert Entry.objects.get(verb="undelivered").facts["about"] == "deliver"
    post.relayed(desk.now)
    assert "undelivered" in post.told(desk.lead)
    post.sent(desk.now)
    told.refresh_from_db()
    assert told.state == DeliveryState.DROPPED


def test_answers_go_to_an_address_that_is_read(desk: Desk) -> None:
    OwnAddress.objects.create(address="desk@desk.example", created_at=desk.now)
    post.accepted(desk)
    told = delivery_to(desk, desk.member, "accept")
    address = replies.reply_to(told.pk, replies.answered_at())
    assert replies.delivery_of_address(address) == told.pk
    assert not Received.objects.exists()


def bounce(recipient: str, told: Delivery) -> EmailMessage:
    made = EmailMessage()
    made["From"] = "MAILER-DAEMON@mx.example"
    made["To"] = "desk@desk.example"
    made["Subject"] = f"Undelivered to {recipient}"
    made["Message-ID"] = f"<{recipient}-bounce@mx.example>"
    made["Content-Type"] = 'multipart/report; report-type=delivery-status; boundary="b"'
    ours = replies.message_id("delivery", told.pk, "desk.example")
    made.set_payload(
        "--b\nContent-Type: text/plain\n\nIt failed.\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; {recipient}\nAction: failed\nStatus: 5.1.1\n\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {ours}\n\n--b--\n"
    )
    return made
