"""The journey of a ticket by mail: handed in by LMTP, told by SMTP, confirmed the same way."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
from django.test import Client

from desk.channels import inbox
from desk.channels.email import actions as mailing
from desk.channels.models import Arrival, ArrivalState
from desk.rules.lifecycle import State, Type
from desk.tickets import actions, queries
from desk.tickets.models import Message, Ticket
from tests.channels import handing, mailserver, post
from tests.channels.handing import Handed
from tests.channels.mailserver import MailServer
from tests.language import Desk

OURS = "desk@desk.example"
ASKED = "<asked-1@olh.example>"


@dataclass
class Partner:
    """The partner's mail program: hands mail in where the desk takes it, and has a mailbox."""

    desk: Desk
    handed: Handed
    server: MailServer
    read: list[EmailMessage] = field(default_factory=list)

    def writes(self, to: str, subject: str, text: str, **headers: str) -> None:
        """Send a mail, and let the desk use it."""
        made = EmailMessage()
        made["From"], made["To"], made["Subject"] = self.desk.member.email, to, subject
        for name, value in headers.items():
            made[name.replace("_", "-")] = value
        made.set_content(text)
        with handing.lmtp(self.handed.lmtp) as client:
            client.send_message(made)
        self._used()

    def answers(self, found: EmailMessage, text: str) -> None:
        """Answer a mail, as programs do: to Reply-To, with the whole thread named."""
        thread = f"{found['References'] or ''} {found['Message-ID']}".strip()
        self.writes(
            str(found["Reply-To"]),
            f"Re: {found['Subject']}",
            f"{text}\r\n\r\n> {OURS} wrote:\r\n> Please confirm.\r\n",
            Message_ID=f"<answer-{len(self.read)}@olh.example>",
            In_Reply_To=str(found["Message-ID"]),
            References=thread,
        )

    def gets(self) -> list[EmailMessage]:
        """The mails that have come to the partner since the last time."""
        post.relayed(self.desk.now)
        post.sent(self.desk.now)
        own = [one for one in self.server.messages if self.desk.member.email in str(one["To"])]
        new = own[len(self.read) :]
        self.read = own
        return new

    def _used(self) -> None:
        inbox.tick(self.desk.now)
        assert not Arrival.objects.exclude(state=ArrivalState.DONE).exists()


@pytest.fixture
def partner(committed: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Partner]:
    """A partner with a mail program, and a desk that takes and sends mail."""
    desk = Desk.open()
    monkeypatch.setattr("desk.lib.clock.now", lambda: desk.now)
    mailing.add_address(desk.cause(desk.house.vendor), OURS, "", plus=True)
    with handing.receiving() as handed, mailserver.running() as server:
        yield Partner(desk, handed, server)


def delivered(partner: Partner) -> EmailMessage:
    """The journey as far as the handover; the mail that tells the partner of it."""
    desk = partner.desk
    partner.writes(OURS, "Замовлення не зберігаються", "Кнопка мовчить.", Message_ID=ASKED)
    ticket = Ticket.objects.get()
    assert (ticket.channel, ticket.author) == ("email", desk.member)
    mails = partner.gets()
    desk.later(minutes=5)
    accepting = actions.Accepting(type=Type.BUG, message="Дивлюся сьогодні.")
    actions.accept(desk.cause(desk.lead, "workplace"), ticket.pk, accepting)
    mails += partner.gets()
    desk.later(minutes=20)
    actions.start(desk.cause(desk.lead, "workplace"), ticket.pk)
    handover = actions.Handover("Індекс перебудовано.", "Нічого.", "Збережіть замовлення.")
    actions.deliver(desk.cause(desk.lead, "workplace"), ticket.pk, handover)
    mails += partner.gets()
    assert len(mails) >= 2
    for found in mails:
        assert ASKED in f"{found['In-Reply-To']} {found['References']}"
        assert queries.number(ticket) in str(found["Subject"])
        assert str(found["Auto-Submitted"]).startswith("auto-")
    return mails[-1]


def test_a_ticket_by_mail_is_confirmed_by_an_answer(partner: Partner) -> None:
    handover = delivered(partner)
    partner.desk.later(minutes=10)
    partner.answers(handover, "Підтверджую")
    assert Ticket.objects.get().state == State.RESOLVED


def test_a_ticket_by_mail_is_confirmed_by_the_link_in_the_mail(partner: Partner) -> None:
    handover = delivered(partner)
    body = handover.get_body(("plain",))
    assert body is not None
    links = re.findall(r"https?://\S+", body.get_content())
    browser = Client()
    pages = [urlsplit(one).path for one in links if "/answer/" in one]
    (path,) = dict.fromkeys(pages)
    shown = browser.get(path).content.decode()
    assert Ticket.objects.get().state == State.DELIVERED
    form = shown[shown.index("<form") :]
    sent = {
        name: form.partition(f'name="{name}" value="')[2].partition('"')[0]
        for name in ("move", "version", "key")
    }
    assert sent["move"] == "confirm"
    browser.post(path, sent)
    assert Ticket.objects.get().state == State.RESOLVED


def test_an_answer_to_the_first_mail_is_a_message_and_a_repeat_is_none(partner: Partner) -> None:
    partner.writes(OURS, "Замовлення не зберігаються", "Кнопка мовчить.", Message_ID=ASKED)
    (told, *_) = partner.gets()
    partner.desk.later(minutes=10)
    for _ in range(2):
        partner.answers(told, "Ще одне: у клієнта те саме.")
    assert Ticket.objects.count() == 1
    assert Message.objects.filter(text__contains="у клієнта те саме").count() == 1


def test_a_mail_that_is_handed_in_again_opens_no_second_ticket(partner: Partner) -> None:
    for _ in range(2):
        partner.writes(OURS, "Замовлення не зберігаються", "Кнопка мовчить.", Message_ID=ASKED)
    with smtplib.SMTP("127.0.0.1", partner.handed.smtp, timeout=5) as client:
        client.sendmail("a@olh.example", [OURS], bytes(Arrival.objects.get().raw))
    assert Ticket.objects.count() == 1
    assert Arrival.objects.count() == 1
