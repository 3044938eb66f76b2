"""What a mail says about answering it, and what mails of programs and refusals do."""

from __future__ import annotations

import contextlib
from email.message import EmailMessage

import pytest

from desk.channels import outbox
from desk.channels.email import bounces, outbound
from desk.channels.email.models import OwnAddress
from desk.channels.email.reading import read
from desk.channels.errors import Later
from desk.channels.models import ArrivalState, Delivery
from desk.journal.models import Entry
from desk.partners import actions as partners
from desk.partners.models import Person
from desk.rules.lifecycle import State
from desk.tickets import actions as tickets
from desk.tickets.models import Message, MessageKind, Ticket
from tests.channels import post
from tests.channels.mailserver import MailServer
from tests.channels.test_mail_in import answering, comes, delivered, delivery_to, mail
from tests.language import Desk

NOT_READ = {
    "en": "answers to it are not read",
    "uk": "відповіді на нього не читають",
    "ru": "ответы на него не читают",
}
READ = {
    "en": ("##- Please write your answer above this line -##", "simply reply to this mail"),
    "uk": ("##- Напишіть відповідь над цим рядком -##", "просто дайте відповідь на цей лист"),
    "ru": ("##- Напишите ответ над этой строкой -##", "просто ответьте на это письмо"),
}


def bodies(desk: Desk, delivery: Delivery) -> list[str]:
    """The text and the HTML of a delivery."""
    message = post.parsed(outbound.compose(delivery, desk.now))
    found = [message.get_body((kind,)) for kind in ("plain", "html")]
    return [str(part.get_content()) for part in found if part is not None]


def speak(person: Person, language: str) -> None:
    card = partners.Card(name=person.name, language=language, timezone="Europe/Kyiv")
    partners.change_person(post.system(), person.pk, card)


def reads_mail(desk: Desk) -> None:
    OwnAddress.objects.create(address="desk@desk.example", created_at=desk.now)


@pytest.mark.parametrize("language", ["en", "uk", "ru"])
def test_a_mail_says_whether_it_may_be_answered(desk: Desk, language: str) -> None:
    speak(desk.member, language)
    post.accepted(desk)
    told = delivery_to(desk, desk.member, "accept")
    for said in bodies(desk, told):
        assert NOT_READ[language] in said
        assert "##-" not in said
    reads_mail(desk)
    for said in bodies(desk, told):
        assert NOT_READ[language] not in said
        for words in READ[language]:
            assert words in said


def test_what_stands_below_our_line_is_cut_off_an_answer(desk: Desk) -> None:
    reads_mail(desk)
    post.accepted(desk)
    ours = bodies(desk, delivery_to(desk, desk.member, "accept"))[0]
    found = mail(desk.member.email, "Re: x", f"It works again.\n\n{ours}")
    assert read(found.as_bytes()).reply_text.strip() == "It works again."


def test_our_people_are_told_who_reads_their_answer(desk: Desk) -> None:
    reads_mail(desk)
    speak(desk.lead, "en")
    ticket = post.accepted(desk)
    tickets.message(desk.cause(desk.member), ticket.pk, "When?")
    spoken = delivery_to(desk, desk.lead, "message")
    assert all("the partner reads your answer" in said for said in bodies(desk, spoken))


PROGRAMS = {
    "bulk": {"Precedence": "bulk"},
    "list": {"List_Id": "<all.olh.example>"},
    "auto-reply": {"Auto_Submitted": "auto-replied"},
}


@pytest.mark.parametrize("kind", PROGRAMS)
def test_mail_of_a_program_is_shown_and_moves_nothing(desk: Desk, kind: str) -> None:
    ticket = delivered(desk)
    told = delivery_to(desk, desk.member, "deliver")
    comes(desk, by_program(desk, kind, told))
    ticket.refresh_from_db()
    assert (ticket.state, ticket.silent) == (State.DELIVERED, True)
    kept = Message.objects.order_by("-id")[0]
    assert (kept.kind, kept.author) == (MessageKind.NOTE, None)
    assert "Confirmed" in kept.text


@pytest.mark.parametrize("kind", PROGRAMS)
def test_mail_of_a_program_ends_no_pause_and_opens_nothing(desk: Desk, kind: str) -> None:
    ticket = post.accepted(desk)
    tickets.start(desk.cause(desk.lead), ticket.pk)
    tickets.ask(desk.cause(desk.lead), ticket.pk, "Which browser?")
    told = delivery_to(desk, desk.member, "ask")
    comes(desk, by_program(desk, kind, told))
    ticket.refresh_from_db()
    assert ticket.stands_since_at is not None
    assert ticket.state == State.AWAITING_PARTNER
    arrival = comes(desk, mail(desk.member.email, "News", "Read on.", **PROGRAMS[kind]))
    assert arrival.state == ArrivalState.DONE
    assert Ticket.objects.count() == 1


def by_program(desk: Desk, kind: str, told: Delivery) -> EmailMessage:
    headers = {**answering(told), **PROGRAMS[kind]}
    return mail(desk.member.email, "Re: it", "Confirmed", **headers)


@pytest.mark.parametrize(
    ("answer", "kept"),
    [("550 5.1.1 nobody", True), ("550 5.7.1 spam", False), ("450 4.2.2 full", False)],
)
def test_an_address_that_is_refused_for_good_gets_no_more(
    desk: Desk, mails: MailServer, answer: str, kept: bool
) -> None:
    delivered(desk)
    told = delivery_to(desk, desk.member, "deliver")
    mails.to_recipient = answer
    with contextlib.suppress(Later):
        outbox.send(told.pk, desk.now)
    assert bounces.is_suppressed(desk.member.email) == kept
    final = answer.startswith("5")
    assert Entry.objects.filter(verb="undelivered").exists() == final
    assert Ticket.objects.get().silent == (not final)
