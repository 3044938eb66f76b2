"""Several watchers at once, and watchers among people: everything happens exactly once (R8)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from desk.journal.models import Entry
from desk.rules.lifecycle import NotAllowed, State
from desk.tickets import actions
from desk.tickets.actions import watch
from desk.tickets.models import Clock, ClockKind, Ticket
from tests.language import Desk
from tests.scenarios.tickets import asks, buys, delivers, in_work, is_away, submits

WATCHERS = 6


@pytest.fixture
def desk(committed: str) -> Desk:
    """A desk whose transactions are real."""
    return Desk.open()


def at_once(*tasks: Callable[[], object]) -> list[object]:
    """Run each task in a thread with a connection of its own."""
    start = Barrier(len(tasks))

    def run(task: Callable[[], object]) -> object:
        start.wait()
        try:
            return task()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def count(verb: str) -> dict[str, int]:
    """How often the journal has the verb, by subject."""
    found: dict[str, int] = {}
    for (subject,) in Entry.objects.filter(verb=verb).values_list("subject"):
        found[subject] = found.get(subject, 0) + 1
    return found


def test_r8_six_watchers_record_every_breach_and_alarm_once(desk: Desk) -> None:
    buys(desk, 20)
    submitted = [submits(desk) for _ in range(8)]
    delivered = [delivers(desk, in_work(desk)) for _ in range(4)]
    asked = [asks(desk, in_work(desk)) for _ in range(4)]
    at = desk.at("2026-12-07 10:00")
    at_once(*[lambda: watch.tick(at)] * WATCHERS)
    # What one watcher held, another skipped; whoever comes next finds what was left.
    while watch.tick(at):
        continue
    breached = Clock.objects.filter(kind=ClockKind.ACCEPTANCE, breached_at__isnull=False)
    assert {clock.ticket_id for clock in breached} == {ticket.pk for ticket in submitted}
    assert count("breach") == {ticket.key: 1 for ticket in submitted}
    assert count("confirm") == {ticket.key: 1 for ticket in delivered}
    assert count("cancel") == {ticket.key: 1 for ticket in asked}
    assert set(count("remind").values()) == {1, 2}
    assert not count("watch_failed")


def test_t9_several_watchers_hand_an_absent_persons_tickets_over_once(desk: Desk) -> None:
    tickets = [submits(desk) for _ in range(6)]
    is_away(desk, desk.lead, days=2)
    at = desk.later(minutes=1)
    at_once(*[lambda: watch.tick(at)] * WATCHERS)
    assert count("hand_over") == {ticket.key: 1 for ticket in tickets}
    assert not count("watch_failed")


def test_t1_silence_and_the_partner_at_the_same_moment_confirm_once(desk: Desk) -> None:
    buys(desk, 1)
    ticket = delivers(desk, in_work(desk))
    at = desk.at("mon 18:00")

    def partner() -> str:
        try:
            actions.return_(desk.cause(desk.member), ticket.pk, "Not yet.")
        except NotAllowed:
            return "told"
        return "returned"

    at_once(partner, *[lambda: watch.tick(at)] * (WATCHERS - 1))
    while watch.tick(at):
        continue
    state = Ticket.objects.get(pk=ticket.pk).state
    returned = len(count("return"))
    assert (state, returned) in ((State.RESOLVED, 0), (State.IN_WORK, 1))
    assert len(count("confirm")) == 1 - returned


def test_two_merges_crosswise_do_not_wait_for_each_other(desk: Desk) -> None:
    buys(desk, 2)
    first, second = in_work(desk), in_work(desk)

    def merges(one: Ticket, other: Ticket) -> str:
        try:
            actions.merge(desk.cause(desk.lead), one.pk, other.pk)
        except (NotAllowed, actions.Incomplete):
            return "told"
        return "merged"

    outcome = at_once(lambda: merges(first, second), lambda: merges(second, first))
    assert sorted(map(str, outcome)) == ["merged", "told"]
