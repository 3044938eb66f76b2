"""Troubles: told when they begin, not again while they last, and over when they are over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.mail import EmailMultiAlternatives
from django.utils import translation

from desk.channels import actions, checks
from desk.channels.actions import KEPT_DAYS, Incoming
from desk.channels.email.models import Mailbox
from desk.channels.models import (
    Arrival,
    ArrivalState,
    Channel,
    Delivery,
    DeliveryState,
    Intake,
    Trouble,
    TroubleKind,
)
from desk.channels.troubles import queries, watch, words
from desk.channels.troubles.actions import TOLD_AGAIN
from desk.journal import cause as causes
from desk.journal.models import Entry
from tests.channels import post
from tests.language import Desk


def quarantined(desk: Desk, key: str) -> Arrival:
    incoming = Incoming(Intake.EMAIL, "mailbox:1", key, b"who is this?")
    arrival = actions.keep(incoming, desk.now)
    assert arrival is not None
    actions.quarantined(arrival.pk, desk.now, "Nobody knows the sender.")
    return arrival


def told() -> list[str]:
    return list(
        Entry.objects.filter(verb="trouble").order_by("id").values_list("subject", flat=True)
    )


def test_a_quiet_desk_has_no_trouble(desk: Desk) -> None:
    post.accepted(desk)
    post.relayed(desk.now)
    assert watch.tick(desk.now) == 0
    assert not Trouble.objects.exists()


def test_quarantine_is_told_once_and_again_only_when_it_grows_for_a_day(desk: Desk) -> None:
    arrival = quarantined(desk, "1")
    assert watch.tick(desk.now) == 1
    desk.later(minutes=1)
    second = quarantined(desk, "2")
    assert watch.tick(desk.now) == 0
    desk.now += TOLD_AGAIN
    assert watch.tick(desk.now) == 1
    desk.now += TOLD_AGAIN
    assert watch.tick(desk.now) == 0
    assert told() == ["inbox:email"] * 2
    for one in (arrival, second):
        actions.dismiss(desk.cause(desk.house.vendor), one.pk)
    assert watch.tick(desk.now) == 1
    assert Trouble.objects.get().ended_at == desk.now
    assert Entry.objects.filter(verb="trouble_over").count() == 1
    quarantined(desk, "3")
    watch.tick(desk.now)
    assert len(told()) == 3


def test_who_sets_the_desk_up_is_told_where_and_why(desk: Desk) -> None:
    quarantined(desk, "1")
    watch.tick(desk.now)
    post.relayed(desk.now)
    assert post.told(desk.house.vendor)[-1] == "trouble"
    assert "trouble" in post.told(desk.house.administrator), "the hour of the quarantine is theirs"
    assert "trouble" not in post.told(desk.company.member)


def test_what_failed_for_long_is_told_and_webhooks_tell_their_own(desk: Desk) -> None:
    post.accepted(desk)
    post.relayed(desk.now)
    delivery = Delivery.objects.filter(channel=Channel.EMAIL).order_by("id").first()
    assert delivery is not None
    Delivery.objects.exclude(pk=delivery.pk).update(
        state=DeliveryState.SENT, next_at=None, ended_at=desk.now
    )
    claimed = actions.claim(delivery.pk, delivery.next_at or desk.now)
    assert claimed is not None
    actions.failed(claimed, desk.now, "connection refused", for_good=False)
    late = delivery.created_at + queries.AWAY_AFTER + timedelta(seconds=1)
    Delivery.objects.filter(pk=delivery.pk).update(next_at=late)
    assert queries.found(delivery.created_at) == []
    [found] = queries.found(late)
    assert (found.subject, found.kind) == ("outbox:email", TroubleKind.AWAY)
    assert found.reason == "connection refused"
    Delivery.objects.filter(pk=delivery.pk).update(channel=Channel.WEBHOOK)
    assert queries.found(late) == []


def test_what_is_due_and_nobody_takes_up_is_told(desk: Desk) -> None:
    actions.keep(Incoming(Intake.ONEBOX, "connection:1", "1", b"{}"), desk.now)
    assert queries.found(desk.now + queries.LATE_AFTER) == []
    [found] = queries.found(desk.now + queries.LATE_AFTER + timedelta(seconds=1))
    assert (found.subject, found.kind, found.count) == ("inbox:onebox", TroubleKind.LATE, 1)


@pytest.mark.parametrize(
    ("failures", "active", "count"), [(4, True, 0), (5, True, 1), (9, False, 0)]
)
def test_a_mailbox_that_is_not_reached_is_told(
    desk: Desk, failures: int, active: bool, count: int
) -> None:
    box = Mailbox.objects.create(
        name="Support",
        address="support@desk.example",
        host="imap.example",
        port=993,
        login="support",
        password="",
        failures=failures,
        is_active=active,
        error="The server refuses login or password.",
        created_at=desk.now,
    )
    found = queries.found(desk.now)
    assert len(found) == count
    if found:
        assert (found[0].subject, found[0].reason) == (box.key, box.error)


def test_bytes_are_forgotten_when_their_time_is_over(desk: Desk) -> None:
    actions.keep(Incoming(Intake.PHONE, "line:1", "1", b"ringing", {"ip": "192.0.2.1"}), desk.now)
    used = Arrival.objects.get()
    actions.used(used, desk.now, "call:1")
    stuck = quarantined(desk, "2")
    end = desk.now + timedelta(days=KEPT_DAYS[Intake.PHONE])
    assert actions.forget(end) == 0
    assert actions.forget(end + timedelta(seconds=1)) == 1
    used.refresh_from_db()
    assert (bytes(used.raw), used.facts, used.outcome) == (b"", {}, "call:1")
    assert actions.forget(end + timedelta(days=3650)) == 0
    stuck.refresh_from_db()
    assert bytes(stuck.raw) == b"who is this?"
    assert list(checks.check()) == []


def test_bytes_that_were_changed_are_found(desk: Desk) -> None:
    arrival = quarantined(desk, "1")
    assert list(checks.check()) == []
    Arrival.objects.filter(pk=arrival.pk).update(raw=b"somebody else")
    [finding] = checks.check()
    assert (finding.code, finding.subject) == ("arrival_changed", f"arrival:{arrival.pk}")


def test_a_replayed_arrival_ends_the_trouble(desk: Desk) -> None:
    arrival = quarantined(desk, "1")
    watch.tick(desk.now)
    actions.replay(causes.person(desk.house.vendor.pk, desk.now, "setup"), arrival.pk)
    watch.tick(desk.now)
    assert not queries.present().exists()
    assert Arrival.objects.get().state == ArrivalState.WAITING


def test_the_mail_says_what_is_wrong_and_what_to_do(
    desk: Desk, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    quarantined(desk, "1")
    watch.tick(desk.now)
    post.relayed(desk.now)
    post.sent(desk.now)
    [mail] = [one for one in mailoutbox if desk.house.vendor.email in one.to[0]]
    with translation.override(desk.house.vendor.language):
        assert mail.subject.endswith(words.sentence("inbox:email", {"kind": "quarantine"}))
    assert "Nobody knows the sender." in mail.body
    assert "/setup/mail/arrivals/" in mail.body
