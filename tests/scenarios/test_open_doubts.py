"""A doubt that waits for its answer is the administrators' alone: whoever works on the ticket
finds no clock of it, no breach, no notice and no live event (specification 4)."""

from __future__ import annotations

import pytest

from desk.channels import recipients, topics
from desk.journal.models import Entry
from desk.partners.models import Person
from desk.tickets import actions, queries
from desk.tickets.actions import Objection, Ruling, watch
from desk.tickets.models import ClockKind, Dispute, DisputeAbout, Ticket
from tests.channels.api_client import program, told
from tests.language import Desk
from tests.scenarios.tickets import buys, in_work

SUBJECT = "dispute"


@pytest.fixture
def ticket(desk: Desk) -> Ticket:
    buys(desk, 1)
    return in_work(desk)


def doubted(desk: Desk, ticket: Ticket) -> Dispute:
    return actions.doubt(desk.cause(desk.member), ticket.pk, "Is this right?")


def runs_out(desk: Desk, ticket: Ticket) -> None:
    """Let the time of the ruling pass, warning by warning."""
    clock = ticket.clocks.get(kind=ClockKind.RULING)
    while clock.next_at is not None:
        watch.tick(desk.at(f"{clock.next_at.astimezone():%Y-%m-%d %H:%M}"))
        clock.refresh_from_db()


def excused(desk: Desk, ticket: Ticket) -> None:
    clock = ticket.clocks.get(kind=ClockKind.RULING)
    actions.excuse(desk.cause(desk.house.administrator), clock.pk, "The line was down.")


def of_rulings(desk: Desk, ticket: Ticket, reader: Person) -> set[str]:
    """Where the reader finds the clock of a ruling."""
    found = queries.by_number(reader, f"OLH-{ticket.number}")
    view = queries.staff_view(found, reader, desk.now)
    account = queries.explain(found, reader, desk.now)
    places = {
        "clocks": [one.subject for one in view.clocks],
        "breaches": [one.subject for one in view.breaches],
        "account": [one.subject for one in account.clocks],
        "history": [str(one.facts.get("about")) for one in view.history],
        "excuses": [f"{SUBJECT}:{one.id}" for one in view.history if one.verb == "excuse"],
        "disputes": [f"{SUBJECT}:{one.id}" for one in view.disputes],
    }
    return {name for name, found in places.items() if any(map(_is_dispute, found))}


def _is_dispute(subject: str) -> bool:
    return subject.startswith(f"{SUBJECT}:")


EVERYWHERE = {"clocks", "breaches", "account", "history", "excuses", "disputes"}


def test_its_clock_is_the_administrators_until_it_is_answered(desk: Desk, ticket: Ticket) -> None:
    dispute = doubted(desk, ticket)
    runs_out(desk, ticket)
    excused(desk, ticket)
    colleagues = (desk.lead, desk.cover, desk.house.production, desk.house.accountant)
    for person in colleagues:
        assert of_rulings(desk, ticket, person) == set(), person.name
    for person in (desk.house.administrator, desk.house.vendor):
        assert of_rulings(desk, ticket, person) == EVERYWHERE
    ruling = Ruling(upheld=False, text="It is right.", clause="6.1")
    actions.rule(desk.cause(desk.house.administrator), dispute.pk, ruling)
    for person in colleagues:
        assert of_rulings(desk, ticket, person) == EVERYWHERE


def test_a_contest_beside_it_keeps_its_clock(desk: Desk, ticket: Ticket) -> None:
    objection = Objection(DisputeAbout.UNITS, "It is one part.", None)
    contest = actions.contest(desk.cause(desk.owner), ticket.pk, objection)
    doubt = doubted(desk, ticket)
    found = queries.by_number(desk.lead, f"OLH-{ticket.number}")
    view = queries.staff_view(found, desk.lead, desk.now)
    subjects = {one.subject for one in view.clocks}
    assert f"dispute:{contest.pk}" in subjects and f"dispute:{doubt.pk}" not in subjects
    assert [one.id for one in view.disputes] == [contest.pk]


def test_neither_its_warnings_nor_what_comes_of_them_ring_for_the_executor(
    desk: Desk, ticket: Ticket
) -> None:
    doubted(desk, ticket)
    runs_out(desk, ticket)
    excused(desk, ticket)
    verbs = ("doubt", "warn", "breach", "excuse")
    entries = [
        one
        for one in Entry.objects.filter(subject=ticket.key, verb__in=verbs)
        if one.facts.get("clock") not in ("acceptance", "resolution")
    ]
    assert {one.verb for one in entries} == set(verbs)
    for entry in entries:
        told = {one.person.pk for one in recipients.of(entry, entry.at)}
        assert not told & {desk.lead.pk, desk.cover.pk}, entry.verb
        heard = set(topics.of(entry))
        assert not heard & {"staff", f"person:{desk.lead.pk}"}, entry.verb
        assert "role:administrator" in heard


def test_the_api_answers_colleagues_without_it(
    desk: Desk, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.lib.clock.now", lambda: desk.now)
    dispute = doubted(desk, ticket)
    runs_out(desk, ticket)
    path = f"/tickets/OLH-{ticket.number}"
    for person, knows in ((desk.lead, False), (desk.house.administrator, True)):
        caller = program(person)
        clocks = [one["kind"] for one in told(caller.get(f"{path}/clock"))["clocks"]]
        assert ("ruling" in clocks) == knows
        for part in ("", "/history"):
            answer = str(told(caller.get(f"{path}{part}")))
            assert (f"dispute:{dispute.pk}" in answer) == knows, part
