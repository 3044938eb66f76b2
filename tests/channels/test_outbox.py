"""Deliveries: what each answer of a mail server does to them, over real SMTP."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest

from desk.channels import actions, outbox
from desk.channels.errors import Later
from desk.channels.models import Delivery, DeliveryState
from tests.channels import mailserver, post
from tests.channels.mailserver import DROP, TAKE_AND_DROP, MailServer
from tests.language import Desk


@pytest.fixture
def delivery(desk: Desk) -> Delivery:
    """One mail to the lead that is due."""
    post.relayed(desk.now)
    post.submitted(desk)
    post.relayed(desk.now)
    return Delivery.objects.get()


def test_what_the_server_took_is_sent_and_never_again(
    desk: Desk, delivery: Delivery, mails: MailServer
) -> None:
    outbox.send(delivery.pk, desk.now)
    outbox.send(delivery.pk, desk.later(hours=1))
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT
    assert [mail["To"] for mail in mails.messages] == [f"Olha Persha <{desk.lead.email}>"]


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"to_recipient": "450 mailbox busy"}, "450 mailbox busy"),
        ({"to_data": "452 disk full"}, "452 disk full"),
        ({"to_data": DROP}, "closed"),
    ],
)
def test_a_temporary_answer_is_tried_again_later(
    desk: Desk, delivery: Delivery, mails: MailServer, answers: dict[str, str], words: str
) -> None:
    for name, answer in answers.items():
        setattr(mails, name, answer)
    with pytest.raises(Later) as raised:
        outbox.send(delivery.pk, desk.now)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.FAILED
    assert words in delivery.error
    assert delivery.next_at == desk.now + timedelta(seconds=raised.value.seconds)
    mails.to_recipient = mails.to_data = "250 OK"
    outbox.send(delivery.pk, desk.now)
    assert not mails.messages, "it is not due yet"
    post.sent(desk.later(hours=1))
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT
    assert len(mails.messages) == 1


@pytest.mark.parametrize(
    "answers", [{"to_recipient": "550 no such mailbox"}, {"to_data": "554 refused"}]
)
def test_a_final_refusal_is_dead_at_once_and_can_be_sent_again(
    desk: Desk, delivery: Delivery, mails: MailServer, answers: dict[str, str]
) -> None:
    for name, answer in answers.items():
        setattr(mails, name, answer)
    outbox.send(delivery.pk, desk.now)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.DEAD
    assert delivery.attempts == 1
    assert delivery.error in answers.values()
    mails.to_recipient = mails.to_data = "250 OK"
    actions.resend(desk.cause(desk.house.vendor), delivery.pk)
    post.sent(desk.now)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT
    with pytest.raises(actions.NotDead):
        actions.resend(desk.cause(desk.house.vendor), delivery.pk)


def test_a_server_that_is_down_is_waited_for_and_given_up_in_the_end(
    desk: Desk, delivery: Delivery
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    waits = []
    with mailserver.sending_to(port):
        while True:
            delivery.refresh_from_db()
            if delivery.next_at is None:
                break
            waits.append(delivery.next_at - desk.now)
            desk.now = delivery.next_at
            post.sent(desk.now)
    assert delivery.state == DeliveryState.DEAD
    assert delivery.attempts == actions.ATTEMPTS_MAX
    assert "refused" in delivery.error
    assert waits == sorted(waits)
    assert sum(waits, timedelta()) > timedelta(hours=12)


def test_a_mail_whose_yes_was_lost_comes_again_under_the_same_id(
    desk: Desk, delivery: Delivery, mails: MailServer
) -> None:
    mails.to_data = TAKE_AND_DROP
    post.sent(desk.now)
    mails.to_data = "250 OK"
    post.sent(desk.later(hours=1))
    first, second = mails.messages
    assert first["Message-ID"] == second["Message-ID"]


def test_a_sender_that_died_loses_nothing(
    desk: Desk, delivery: Delivery, mails: MailServer
) -> None:
    assert actions.claim(delivery.pk, desk.now) is not None
    assert actions.claim(delivery.pk, desk.now) is None, "two senders at once"
    outbox.send(delivery.pk, desk.later(seconds=actions.LEASE_SECONDS - 1))
    assert not mails.messages
    outbox.send(delivery.pk, desk.later(seconds=1))
    assert len(mails.messages) == 1


def test_a_fault_of_ours_is_recorded_and_tried_again(
    desk: Desk, delivery: Delivery, mails: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(delivery: Delivery, at: object) -> None:
        raise KeyError("letter")

    monkeypatch.setitem(outbox.SENDERS, "email", broken)
    with pytest.raises(Later):
        outbox.send(delivery.pk, desk.now)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.FAILED
    assert "letter" in delivery.error


def test_nobody_who_lost_the_right_to_see_it_gets_the_mail(desk: Desk, mails: MailServer) -> None:
    from desk.partners import actions as partners

    ticket = post.accepted(desk)
    post.relayed(desk.now)
    member = desk.company.member
    waiting = Delivery.objects.get(person=member, entry__subject=ticket.key)
    partners.end_membership(desk.cause(desk.company.owner), desk.company.partner.pk, member.pk)
    outbox.send(waiting.pk, desk.later(minutes=1))
    waiting.refresh_from_db()
    assert waiting.state == DeliveryState.DROPPED
    assert not mails.messages


def test_a_sender_that_outlived_its_lease_changes_nothing_any_more(
    desk: Desk, delivery: Delivery, mails: MailServer
) -> None:
    slow = actions.claim(delivery.pk, desk.now)
    assert slow is not None
    desk.now = desk.later(hours=1)
    outbox.send(delivery.pk, desk.now)
    actions.failed(slow, desk.now, "too late", for_good=False)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT
