"""Mails that wait for a person: whose they are, whether they are let in, and who is blocked."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.urls import reverse

from desk.channels import inbox
from desk.channels.email.models import Alias, BlockedSender, Mailbox, OwnAddress, Received
from desk.channels.email.queries import is_ours, own_addresses
from desk.channels.models import Arrival, ArrivalState, Delivery
from desk.channels.notices.models import Notice
from desk.channels.troubles import watch
from desk.journal.models import Entry
from desk.partners import actions as partners
from desk.partners.models import Membership, PartnerRole
from desk.tickets.models import Message, Ticket
from tests import cast
from tests.channels import post
from tests.channels.test_mail_in import answering, comes, delivery_to, mail
from tests.language import Desk
from tests.screens.visits import Visit

STRANGER = "olena.private@mail.example"


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk.open()


@pytest.fixture
def vendor(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Visit:
    return Visit.of(desk.house.vendor, desk, monkeypatch)


def stranger(desk: Desk, subject: str = "It does not print", **headers: str) -> Arrival:
    return comes(desk, mail(STRANGER, subject, "Nothing comes out.", **headers))


def does(visit: Visit, arrival: Arrival, deed: str, key: str = "", **sent: object) -> Arrival:
    """Send the form of a deed, and let the inbox go round."""
    path = f"/setup/mail/arrivals/{arrival.pk}/{deed}"
    assert visit.post(path, key=key, **sent).status_code == 302
    inbox.tick(visit.desk.later(seconds=10))
    arrival.refresh_from_db()
    return arrival


def test_an_unknown_sender_is_somebody_of_a_partner(desk: Desk, vendor: Visit) -> None:
    arrival = stranger(desk)
    assert STRANGER in vendor.page("/setup/mail/arrivals/")
    page = vendor.page(f"/setup/mail/arrivals/{arrival.pk}/")
    assert "Whose is it?" in page
    assert desk.member.email in page
    assert desk.lead.email not in page
    desk.later(minutes=20)
    for _ in range(2):
        does(vendor, arrival, "sender", key="once", person=desk.member.pk)
    ticket = Ticket.objects.get()
    assert (arrival.outcome, ticket.author) == (ticket.key, desk.member)
    late = desk.now - ticket.submitted_at
    assert late < timedelta(minutes=1), "the clock starts at the release"
    # Answers go to the address that the desk knows, not to one that somebody wrote from.
    assert Delivery.objects.get(why="sender").address == desk.member.email
    assert stranger(desk, "And again").state == ArrivalState.DONE
    alias = Alias.objects.get()
    assert STRANGER in vendor.page("/setup/mail/addresses/")
    vendor.post(f"/setup/mail/aliases/{alias.pk}/remove")
    assert stranger(desk, "Once more").state == ArrivalState.QUARANTINED
    told = Entry.objects.filter(verb__in=("add_alias", "remove_alias"))
    assert [entry.partner_id for entry in told] == [None, None]


@pytest.mark.parametrize("who", ["", "0", "9" * 30, "lead", "word"])
def test_an_address_is_never_given_to_our_own_people(desk: Desk, vendor: Visit, who: str) -> None:
    arrival = stranger(desk)
    does(vendor, arrival, "sender", person=desk.lead.pk if who == "lead" else who)
    assert arrival.state == ArrivalState.QUARANTINED
    assert not Alias.objects.exists()


def test_a_blocked_sender_is_kept_and_moves_nothing(desk: Desk, vendor: Visit) -> None:
    arrival = does(vendor, stranger(desk), "block")
    assert arrival.state == ArrivalState.DISMISSED
    again = stranger(desk, "Buy this")
    assert (again.state, again.outcome) == (ArrivalState.DONE, "of a blocked sender")
    assert "Buy this" in vendor.page("/setup/mail/arrivals/?show=kept")
    vendor.post(f"/setup/mail/blocked/{BlockedSender.objects.get().pk}/lift")
    assert stranger(desk, "Hello").state == ArrivalState.QUARANTINED


def test_a_known_address_is_not_blocked(desk: Desk, vendor: Visit) -> None:
    words = {"Authentication_Results": "mx.desk.example; dmarc=fail"}
    box = Mailbox.objects.create(
        name="Desk", address="desk@desk.example", host="mx", port=993, login="desk",
        password="", authserv_id="mx.desk.example", created_at=desk.now,
    )  # fmt: skip
    arrival = comes(desk, mail(desk.member.email, "Help", "Now.", **words), source=box.key)
    does(vendor, arrival, "block")
    assert not BlockedSender.objects.exists()
    assert "dmarc=fail" in vendor.page(f"/setup/mail/arrivals/{arrival.pk}/")
    does(vendor, arrival, "replay")
    assert arrival.state == ArrivalState.QUARANTINED, "trying again believes nobody more"
    does(vendor, arrival, "vouch")
    assert arrival.outcome == Ticket.objects.get().key


def test_mail_of_a_list_becomes_a_ticket_when_somebody_says_so(desk: Desk, vendor: Visit) -> None:
    found = mail(desk.member.email, "From the list", "It is down.", List_Id="<all.olh.example>")
    arrival = comes(desk, found)
    assert (arrival.outcome, Ticket.objects.count()) == ("automatic mail, on no ticket", 0)
    assert "From the list" in vendor.page("/setup/mail/arrivals/?show=kept")
    page = vendor.page(f"/setup/mail/arrivals/{arrival.pk}/")
    assert "Make it a ticket" in page
    assert "mailing list" in page
    for _ in range(2):
        does(vendor, arrival, "vouch")
    assert arrival.outcome == Ticket.objects.get().key
    assert Received.objects.get().ticket == Ticket.objects.get()
    assert not Delivery.objects.filter(why="sender").exists(), "a list is not acknowledged"
    assert comes(desk, found, key="again").outcome.startswith("repeat of")


def test_who_may_not_see_the_ticket_is_let_in(desk: Desk, vendor: Visit) -> None:
    ticket = post.accepted(desk)
    told = delivery_to(desk, desk.member, "accept")
    other = cast.person(desk.now, "Vlasna Sprava", "own@olh.example")
    role, partner = PartnerRole.MEMBER, desk.company.partner
    partners.add_membership(cast.cause(desk.now), partner.pk, other.pk, role)
    Membership.objects.filter(person=other).update(sees_all=False)
    arrival = comes(desk, mail(other.email, "Re: x", "I know more.", **answering(told)))
    assert arrival.state == ArrivalState.QUARANTINED
    assert "Let them take part" in vendor.page(f"/setup/mail/arrivals/{arrival.pk}/")
    does(vendor, arrival, "follow")
    assert arrival.outcome == ticket.key
    assert Message.objects.latest("id").author == other


def test_what_waits_is_put_aside_and_a_late_click_says_so(desk: Desk, vendor: Visit) -> None:
    arrival = stranger(desk)
    for deed in ("dismiss", "dismiss", "replay", "vouch", "follow", "block", "sender"):
        does(vendor, arrival, deed, person=desk.member.pk)
        assert arrival.state == ArrivalState.DISMISSED, deed
    assert not Alias.objects.exists()
    assert not BlockedSender.objects.exists()
    assert "No mail here" in vendor.page("/setup/mail/arrivals/")


def test_a_mail_is_shown_as_text_whatever_it_holds(desk: Desk, vendor: Visit) -> None:
    made = EmailMessage()
    made["From"], made["Subject"] = "<script>@x.example", "<script>alert(1)</script>"
    made.set_content("<script>alert(2)</script>")
    arrival = comes(desk, made)
    for path in ("", f"{arrival.pk}/"):
        page = vendor.page(f"/setup/mail/arrivals/{path}")
        assert "<script>alert" not in page


def test_administrators_sort_mails_and_nobody_else(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger(desk)
    admin = Visit.of(desk.house.administrator, desk, monkeypatch)
    assert "It does not print" in admin.page("/setup/mail/arrivals/")
    assert admin.get("/setup/mail/addresses/").status_code == 403
    assert Visit.of(desk.lead, desk, monkeypatch).get("/setup/mail/arrivals/").status_code == 403


def test_administrators_are_told_of_mails_that_wait(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger(desk)
    watch.tick(desk.now)
    post.relayed(desk.now)
    for person in (desk.house.administrator, desk.house.vendor):
        assert "trouble" in post.told(person)
        notice = Notice.objects.get(person=person, entry__verb="trouble")
        visit = Visit.of(person, desk, monkeypatch)
        answer = visit.get(f"/notices/{notice.pk}/")
        assert answer["Location"] == reverse("email:arrivals")
        assert visit.get(answer["Location"]).status_code == 200
    assert "trouble" not in post.told(desk.lead)


def test_the_page_of_addresses_says_which_are_ours(desk: Desk, vendor: Visit) -> None:
    assert "nowhere: no address is read" in vendor.page("/setup/mail/addresses/")
    sent = {"address": "Desk@Desk.example", "plus": "on", "authserv_id": "mx.desk.example"}
    for key in ("one", "one", "two"):
        answer = vendor.post("/setup/mail/addresses/add", key=key, **sent)
    assert answer.status_code == 422
    assert "ours already" in answer.content.decode()
    found = OwnAddress.objects.get()
    assert [one.address for one in own_addresses()] == ["desk@desk.example"]
    assert is_ours("DESK+d1.x@desk.example")
    assert not is_ours("other@desk.example")
    page = vendor.page("/setup/mail/addresses/")
    for words in ("desk+d1.", "v=spf1", "_domainkey", "_dmarc"):
        assert words in page
    vendor.post(f"/setup/mail/addresses/{found.pk}/remove")
    assert not is_ours("desk@desk.example")
    assert vendor.post("/setup/mail/addresses/add", address="none").status_code == 422
