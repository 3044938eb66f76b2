"""Mails of the sign-in: asked for over HTTP, sent by the outbox."""

from __future__ import annotations

from django.test import Client

from desk.channels.models import Delivery
from desk.journal.models import Entry
from tests.channels import post
from tests.channels.mailserver import MailServer
from tests.language import Desk


def test_a_new_password_is_asked_for_and_its_link_works(
    desk: Desk, mails: MailServer, client: Client
) -> None:
    person = desk.company.member
    asked = client.post("/account/password/reset/", {"email": person.email.upper()})
    assert asked.status_code == 302
    entry = Entry.objects.get(verb="reset_password")
    assert entry.facts == {}
    desk.now = entry.at
    post.relayed(desk.now)
    post.sent(desk.now)
    (mail,) = mails.messages
    body = mail.get_body(("plain",))
    assert body is not None
    (link,) = [line for line in body.get_content().splitlines() if "/reset/key/" in line]
    page = client.get(link.partition("127.0.0.1:8000")[2], follow=True)
    assert page.status_code == 200
    assert b'name="password1"' in page.content
    assert Delivery.objects.get().address == person.email


def test_an_unknown_address_is_answered_alike_and_gets_no_mail(
    desk: Desk, mails: MailServer, client: Client
) -> None:
    known = client.post("/account/password/reset/", {"email": desk.company.member.email})
    unknown = client.post("/account/password/reset/", {"email": "nobody@people.example"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    post.relayed(Entry.objects.latest("id").at)
    assert Delivery.objects.count() == 1
    assert not mails.messages


def test_nobody_signs_up(desk: Desk, client: Client) -> None:
    page = client.get("/account/signup/")
    assert b'name="password1"' not in page.content
