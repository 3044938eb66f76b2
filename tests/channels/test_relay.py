"""The relay: every entry once, whatever comes twice, late, half or broken."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from desk.channels import actions as channels
from desk.channels import recipients
from desk.channels.models import Delivery, Stumble
from desk.channels.notices.models import Notice
from desk.channels.reasons import Told
from desk.config import database, relay
from desk.deposits import actions as deposits
from desk.journal import actions as journal
from desk.journal import cause as causes
from desk.journal.models import Entry, Pending
from desk.rules.lifecycle import State, Type
from desk.tickets import actions
from desk.tickets.models import Ticket
from desk.web import live
from tests import cluster
from tests.channels import post
from tests.language import Desk


def test_each_entry_is_passed_on_once(desk: Desk) -> None:
    post.accepted(desk)
    post.relayed(desk.now)
    told, mailed = Notice.objects.count(), Delivery.objects.count()
    for entry in Entry.objects.all():
        journal.relay_again(entry)
    post.relayed(desk.now)
    assert (Notice.objects.count(), Delivery.objects.count()) == (told, mailed)
    assert told and mailed
    assert not Pending.objects.exists()


def test_a_crash_between_the_steps_leaves_the_entry_and_nothing_else(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.relayed(desk.now)
    before = Notice.objects.count(), Delivery.objects.count()
    ticket = post.submitted(desk)

    class Crash(BaseException):
        """What ends a process cannot be caught on the way."""

    def crash(entry_ids: object) -> None:
        raise Crash

    with monkeypatch.context() as patched, pytest.raises(Crash):
        patched.setattr(journal, "relayed", crash)
        with transaction.atomic():
            relay.tick(desk.now)
    assert Pending.objects.filter(entry__subject=ticket.key).exists()
    assert (Notice.objects.count(), Delivery.objects.count()) == before
    post.relayed(desk.now)
    assert post.told(desk.lead) == ["assign", "submit"]
    assert post.mailed(desk.lead) == ["submit"]


def test_a_poisoned_entry_is_parked_and_holds_up_nobody(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.relayed(desk.now)
    poisoned, healthy = post.submitted(desk), post.submitted(desk)
    real = recipients.of

    def poisonous(entry: Entry, at: datetime) -> list[Told]:
        if entry.subject == poisoned.key:
            raise ValueError("this entry cannot be read")
        return real(entry, at)

    with monkeypatch.context() as patched:
        patched.setattr(recipients, "of", poisonous)
        relay.tick(desk.now)
        assert Notice.objects.filter(ticket=healthy).exists()
        for _ in range(channels.TRIES_MAX - 1):
            relay.tick(desk.now)
            desk.later(hours=1)
            relay.tick(desk.now)
    stumble = Stumble.objects.get()
    assert stumble.parked_at is not None
    assert "cannot be read" in stumble.error
    assert not Pending.objects.filter(entry=stumble.entry).exists()
    channels.unpark(desk.cause(desk.house.vendor), stumble.entry_id)
    post.relayed(desk.now)
    assert Notice.objects.filter(ticket=poisoned).exists()
    with pytest.raises(channels.NotDead):
        channels.unpark(desk.cause(desk.house.vendor), stumble.entry_id)


def test_an_entry_that_recovers_leaves_no_stumble(desk: Desk) -> None:
    ticket = post.submitted(desk)
    entry = Entry.objects.get(subject=ticket.key)
    channels.stumble(entry.pk, desk.now, "lock timeout", counts=False)
    relay.tick(desk.now)
    assert Pending.objects.filter(entry=entry).exists()
    desk.later(minutes=1)
    relay._one(entry.pk, desk.now)
    assert not Stumble.objects.exists()
    assert post.told(desk.lead) == ["assign", "submit"]


def test_a_top_up_starts_the_waiting_tickets_once(desk: Desk) -> None:
    tickets = [post.submitted(desk) for _ in range(2)]
    desk.later(minutes=1)
    for ticket in tickets:
        accepting = actions.Accepting(type=Type.SIMPLE, message="Today.")
        actions.accept(desk.cause(desk.lead), ticket.pk, accepting)
    assert _states(tickets) == [State.AWAITING_DEPOSIT] * 2
    bought = desk.cause(desk.house.accountant, key="bill-1")
    deposits.buy(bought, desk.company.partner.pk, 2, 59_000, paid_kopecks=118_000)
    post.relayed(desk.now)
    assert _states(tickets) == [State.ACCEPTED] * 2
    journal.relay_again(Entry.objects.get(verb="buy"))
    post.relayed(desk.now)
    assert Entry.objects.filter(verb="fund").count() == 2


def test_news_of_long_ago_disturb_nobody(desk: Desk) -> None:
    post.accepted(desk)
    desk.later(days=3)
    post.relayed(desk.now)
    assert post.told(desk.company.member) == ["accept"]
    assert not Notice.objects.filter(read_at=None).exists()
    assert not Delivery.objects.exists()


def test_notifications_carry_ids_and_audience_within_their_size() -> None:
    lines = [json.dumps({"entry": n, "text": "ґ" * 200}) for n in range(100)]
    found = list(relay.payloads(lines))
    assert [line for payload in found for line in payload.splitlines()] == lines
    assert all(len(payload.encode()) < 8000 for payload in found)
    assert list(relay.payloads([])) == []


def test_live_pages_hear_of_it(committed: str) -> None:
    desk = Desk.open()
    post.relayed(desk.now)
    with _listener(committed) as listening:
        ticket = post.submitted(desk)
        actions.note(desk.cause(desk.lead), ticket.pk, "They forgot the invoice again.")
        post.relayed(desk.now)
        events = _heard(listening)
    submit, note = events
    assert submit["verb"] == "submit"
    partner = f"partner:{desk.company.partner.pk}"
    assert {ticket.key, partner, "staff", f"person:{desk.lead.pk}"} <= {*submit["topics"]}
    assert note["verb"] == "note"
    assert partner not in note["topics"]
    assert "invoice" not in json.dumps(events)


def test_an_older_entry_that_commits_later_is_not_skipped(committed: str) -> None:
    desk = Desk.open()
    post.relayed(desk.now)
    with psycopg.connect(_address(committed)) as slow:
        entry = slow.execute(
            "INSERT INTO journal_entry (at, by, verb, subject, channel, facts, digest)"
            " VALUES (now(), 'system', 'slow', 'ticket:0', 'worker', '{}', '') RETURNING id"
        ).fetchone()
        assert entry is not None
        slow.execute("INSERT INTO journal_pending (entry_id) VALUES (%s)", entry)
        ticket = post.submitted(desk)
        newer = Entry.objects.get(subject=ticket.key)
        assert newer.pk > entry[0]
        post.relayed(desk.now)
        assert not Pending.objects.exists()
        slow.commit()
    assert Pending.objects.get().entry_id == entry[0]
    assert relay.tick(desk.now) == 1
    assert not Pending.objects.exists()


def test_two_relays_share_the_work(committed: str) -> None:
    desk = Desk.open()
    for _ in range(20):
        post.submitted(desk)

    def work() -> int:
        try:
            return sum(relay.tick(desk.now) for _ in range(5))
        finally:
            connection.close()

    waiting = Pending.objects.count()
    with ThreadPoolExecutor(2) as pool:
        taken = sum(future.result() for future in [pool.submit(work) for _ in range(2)])
    assert taken == waiting
    told = Notice.objects.filter(person=desk.lead, entry__verb="submit")
    assert told.count() == 20
    assert Delivery.objects.filter(person=desk.lead, entry__verb="submit").count() == 20


def test_a_reaction_waits_only_shortly_for_a_lock(committed: str) -> None:
    desk = Desk.open()
    bought = causes.person(desk.house.accountant.pk, desk.now, "accounting", "bill-2")
    deposits.buy(bought, desk.company.partner.pk, 2, 59_000, paid_kopecks=118_000)
    ticket = post.submitted(desk)
    with psycopg.connect(_address(committed)) as slow:
        slow.execute("SELECT 1 FROM partners_partner FOR UPDATE")
        started = datetime.now()  # noqa: DTZ005  only a span is measured
        relay.tick(desk.now)
        assert datetime.now() - started < timedelta(seconds=relay.LOCK_SECONDS_MAX + 3)  # noqa: DTZ005
    assert Notice.objects.filter(ticket=ticket).exists()
    assert Stumble.objects.get().tries == 0
    desk.later(minutes=1)
    post.relayed(desk.now)
    assert not Pending.objects.exists()


def _states(tickets: list[Ticket]) -> list[str]:
    for ticket in tickets:
        ticket.refresh_from_db()
    return [ticket.state for ticket in tickets]


def _address(name: str) -> str:
    return cluster.address(database.APP_VARIABLE, name)


def _listener(name: str) -> psycopg.Connection:
    listening = psycopg.connect(_address(name), autocommit=True)
    listening.execute(f"LISTEN {live.CHANNEL}")
    return listening


def _heard(listening: psycopg.Connection) -> list[dict[str, Any]]:
    found = listening.notifies(timeout=2, stop_after=1)
    return [json.loads(line) for notice in found for line in notice.payload.splitlines()]
