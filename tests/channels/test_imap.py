"""Reading a mailbox of a real IMAP server, named in DESK_TEST_IMAP (host:port:login:password)."""

from __future__ import annotations

import imaplib
import os
import secrets

import pytest

from desk.channels import inbox
from desk.channels.email import actions, imap
from desk.channels.email.models import Mailbox, Security
from desk.channels.models import Arrival
from desk.tickets.models import Ticket
from tests.channels.test_mail_in import mail
from tests.language import Desk

NAMED = os.environ.get("DESK_TEST_IMAP", "")
pytestmark = pytest.mark.skipif(not NAMED, reason="DESK_TEST_IMAP names no IMAP server")


def put(desk: Desk, folder: str, subject: str) -> None:
    host, port, login, password = NAMED.split(":")
    with imaplib.IMAP4(host, int(port)) as server:
        server.login(login, password)
        server.create(folder)
        found = mail(desk.member.email, subject, "It does not print.").as_bytes()
        server.append(folder, "", imaplib.Time2Internaldate(desk.now), found)


def box(desk: Desk, folder: str) -> Mailbox:
    host, port, login, password = NAMED.split(":")
    card = actions.MailboxCard(
        "Desk", "desk@desk.example", host, int(port), Security.NONE, login, password, folder
    )
    return actions.add_mailbox(desk.cause(desk.house.vendor), card)


def test_each_mail_is_taken_once_and_a_new_uidvalidity_doubles_none(desk: Desk) -> None:
    folder = f"t{secrets.token_hex(4)}"
    put(desk, folder, "One")
    found = box(desk, folder)
    assert imap.fetch(found, desk.now) == 1
    found.refresh_from_db()
    put(desk, folder, "Two")
    assert imap.fetch(found, desk.now) == 1
    found.refresh_from_db()
    assert imap.fetch(found, desk.now) == 0
    actions.begin_reading(found.pk, 1, 0)
    found.refresh_from_db()
    assert imap.fetch(found, desk.now) == 0
    inbox.tick(desk.now)
    assert sorted(Ticket.objects.values_list("subject", flat=True)) == ["One", "Two"]
    assert Arrival.objects.count() == 2


def test_a_mailbox_that_fails_says_why_and_waits(desk: Desk) -> None:
    found = box(desk, "INBOX")
    Mailbox.objects.filter(pk=found.pk).update(port=1)
    assert imap.tick(desk.now) == 0
    found.refresh_from_db()
    assert found.error
    assert found.failures == 1
    assert imap.tick(desk.now) == 0
    found.refresh_from_db()
    assert found.failures == 1
