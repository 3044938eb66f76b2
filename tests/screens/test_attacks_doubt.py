"""Whoever works on a ticket learns of an open doubt by nothing: no page, no notice, no live event,
no answer of the API (specification 4: it is the administrators' alone until it is answered)."""

from __future__ import annotations

import json
import re
from difflib import unified_diff

import pytest

from desk.channels import recipients
from desk.channels.api import admission
from desk.config import relay
from desk.journal.models import Entry
from desk.lib import clock
from desk.partners.models import Person
from desk.tickets import actions as tickets
from desk.tickets.actions import watch
from desk.web.audience import Listener, topics_for
from desk.web.live import Page
from tests.channels import post
from tests.channels.api_client import program
from tests.language import Desk
from tests.scenarios.violations import first_edition
from tests.screens.visits import Visit

PAGES = (
    "/work/",
    "/work/tickets/",
    "/work/tickets/OLH-1/",
    "/work/tickets/OLH-1/clock",
    "/work/violations/",
    "/work/capacity/",
    "/notices/",
)
API = ("", "/clock", "/history", "/messages")
# What differs from one answer to the next whatever has happened. That something was done by the
# partner the version tells: it says not what.
OWN = re.compile(
    r'(csrfmiddlewaretoken|name="key"|name="version")[^>]*>|FToken": "[^"]*"|\.\d{5,6}'
    r'|"version": ?\d+|"changed_at": ?"[^"]*"'
)


@pytest.fixture
def desk(db: None) -> Desk:
    made = Desk.open("thu 09:00")
    first_edition(made)
    return made


def seen(person: Person, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """All that one of our people can read of it, without what is new in every answer."""
    visit = Visit.of(person, desk, monkeypatch)
    found = {path: OWN.sub("", visit.page(path)) for path in PAGES}
    called = program(person)
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: desk.now)
        patch.setattr(admission, "RATE_MAX", 10**6)
        for part in API:
            answer = called.get(f"/tickets/OLH-1{part}")
            assert answer.status_code == 200, part
            found[f"api{part}"] = OWN.sub("", json.dumps(json.loads(answer.content), indent=1))
    return found


def doubted(desk: Desk) -> list[Entry]:
    """A doubt that nobody answers in time: its entry, its warnings and its breach."""
    ticket = post.accepted(desk)
    tickets.doubt(desk.cause(desk.member), ticket.pk, "Is the sum right at all?")
    while not ticket.clocks.filter(kind="ruling", breached_at__isnull=False).exists():
        desk.later(minutes=30)
        watch.tick(desk.now)
    late = Entry.objects.filter(facts__clock="ruling", verb__in=("warn", "breach"))
    found = [Entry.objects.get(verb="doubt"), *late]
    assert {entry.verb for entry in found} == {"doubt", "warn", "breach"}
    return found


def test_no_page_changes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = post.accepted(desk)
    post.relayed(desk.now)
    people = (desk.lead, desk.cover)
    before = {person.pk: seen(person, desk, monkeypatch) for person in people}
    before = {person.pk: seen(person, desk, monkeypatch) for person in people}
    tickets.doubt(desk.cause(desk.member), ticket.pk, "Is the sum right at all?")
    post.relayed(desk.now)
    for person in people:
        for path, now in seen(person, desk, monkeypatch).items():
            was = before[person.pk][path]
            changed = list(unified_diff(was.splitlines(), now.splitlines(), n=0, lineterm=""))
            assert not changed, f"{path}\n" + "\n".join(changed)


def test_its_warnings_and_its_breach_are_told_to_administrators(desk: Desk) -> None:
    for entry in doubted(desk):
        told = {one.person.pk for one in recipients.of(entry, entry.at)}
        assert not told & {desk.lead.pk, desk.cover.pk, desk.house.production.pk}, entry.verb
        assert desk.house.administrator.pk in told, entry.verb


def test_no_live_event_of_it_reaches_who_works_on_it(desk: Desk) -> None:
    for entry in doubted(desk):
        event = json.loads(relay._line(entry, ()))
        for person in (desk.lead, desk.cover, desk.house.production):
            assert _page(person).told(event) is None, entry.verb
        assert _page(desk.house.administrator).told(event) is not None, entry.verb
        if entry.verb == "doubt":
            assert _page(desk.owner).told(event) is not None


def _page(person: Person) -> Page:
    return Page(Listener(person.pk, topics_for(person)), frozenset())
