"""The bell and set-up's page of outgoing mail, over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from desk.channels import actions as channels
from desk.channels import addresses
from desk.channels.email import account
from desk.channels.models import Delivery, DeliveryState
from desk.channels.notices import queries
from desk.channels.notices.models import Notice
from desk.journal.models import Entry
from desk.partners import actions as partners
from desk.partners.models import Person
from desk.tickets import actions
from tests.channels import post
from tests.language import Desk


def signed_in(person: Person) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.cookies["desk_language"] = "en"
    client.force_login(person, "allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def ticket_key(desk: Desk) -> str:
    """An accepted ticket with a note and a message, all relayed."""
    ticket = post.accepted(desk)
    actions.note(desk.cause(desk.lead), ticket.pk, "They forgot the invoice again.")
    actions.message(desk.cause(desk.lead), ticket.pk, "Nearly there.")
    post.relayed(desk.now)
    return ticket.key


def test_the_list_says_what_on_which_ticket_by_whom_and_why(desk: Desk, ticket_key: str) -> None:
    page = signed_in(desk.company.member).get(reverse("notices:index")).content.decode()
    for words in ("A new message", "OLH-1", "Orders are not saved", desk.lead.name):
        assert words in page
    assert "You are its author." in page
    assert "2 unread notices" in page
    assert "invoice" not in page
    assert "A new internal note" not in page


def test_opening_one_reads_all_of_its_ticket_and_leads_there(desk: Desk, ticket_key: str) -> None:
    member = desk.company.member
    assert queries.unread_count(member) == 2
    notice = Notice.objects.filter(person=member).latest("id")
    answer = signed_in(member).get(reverse("notices:open", args=[notice.pk]))
    assert answer["Location"] == "/cabinet/tickets/OLH-1/"
    assert queries.unread_count(member) == 0
    theirs = signed_in(desk.company.owner).get(reverse("notices:open", args=[notice.pk]))
    assert theirs.status_code == 404


def test_all_are_read_up_to_the_newest_that_was_seen(desk: Desk, ticket_key: str) -> None:
    member = desk.company.member
    client = signed_in(member)
    seen = Notice.objects.filter(person=member).latest("id").pk
    actions.message(desk.cause(desk.lead), int(ticket_key.partition(":")[2]), "One more thing.")
    post.relayed(desk.now)
    client.post(reverse("notices:read"), {"up_to": seen})
    assert queries.unread_count(member) == 1
    assert 'class="count"' in client.get(reverse("notices:bell")).content.decode()
    client.post(reverse("notices:read"), {"up_to": "many"})
    assert queries.unread_count(member) == 1


def test_who_lost_the_right_sees_nothing_of_it(desk: Desk, ticket_key: str) -> None:
    member = desk.company.member
    partners.end_membership(desk.cause(desk.company.owner), desk.company.partner.pk, member.pk)
    assert queries.unread_count(member) == 0
    assert queries.page(member).rows == ()


def test_the_list_goes_on_page_by_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    for _ in range(5):
        post.submitted(desk)
    post.relayed(desk.now)
    found: list[int] = []
    before: int | None = None
    while True:
        page = queries.page(desk.lead, before)
        found += [row.id for row in page.rows]
        before = page.before
        if before is None:
            break
    # Five tickets, and that she was named the lead of the project.
    assert len(found) == len(set(found)) == 6
    assert found == sorted(found, reverse=True)


def test_addresses_in_mails_are_those_of_the_pages(desk: Desk) -> None:
    ticket = post.submitted(desk)
    number = {"number": f"OLH-{ticket.number}"}
    assert addresses.ticket(ticket, staff=False) == reverse("cabinet:ticket", kwargs=number)
    assert addresses.ticket(ticket, staff=True) == reverse("workplace:ticket", kwargs=number)
    assert addresses.deposit() == reverse("cabinet:deposit")
    assert account.reset_path(desk.lead).startswith("/account/password/reset/key/")


def test_set_up_shows_what_was_given_up_and_sends_it_again(desk: Desk, tmp_path: Path) -> None:
    post.submitted(desk)
    post.relayed(desk.now)
    delivery = Delivery.objects.get()
    claimed = channels.claim(delivery.pk, desk.now)
    assert claimed is not None
    channels.failed(claimed, desk.now, "550 no such mailbox", for_good=True)
    client = signed_in(desk.house.vendor)
    with override_settings(EMAIL_FILE_PATH=tmp_path):
        page = client.get(reverse("email:index")).content.decode()
    assert "550 no such mailbox" in page
    again = reverse("channels:resend", args=[delivery.pk])
    for key in ("first", "second"):
        assert client.post(again, {"key": key}).status_code == 302
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.WAITING
    assert Entry.objects.filter(verb="resend").count() == 1


@pytest.mark.parametrize("name", ["email:index", "email:stored"])
def test_only_who_sets_up_reads_mails(desk: Desk, name: str) -> None:
    url = reverse(name, args=["x.eml"] if name == "email:stored" else [])
    for person in (desk.lead, desk.house.administrator, desk.company.owner):
        assert signed_in(person).get(url).status_code == 403
    assert Client().get(url).status_code == 302
