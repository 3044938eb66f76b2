"""A draft tried on past weeks: what it would have found, beside what the edition in force finds."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pytest

from desk.journal.models import Entry
from desk.oversight.actions import control, editions, replays
from desk.oversight.models import Edition, Replay, Violation
from desk.oversight.queries import replays as queries
from desk.rules.standard import drafting
from desk.rules.standard.edition import Edition as Rules
from tests.channels import post
from tests.language import Desk
from tests.scenarios.tickets import buys


@pytest.fixture
def lived(desk: Desk) -> Edition:
    """A day under the first edition on which a ticket was accepted too late, and a draft."""
    first = editions.draft(desk.cause(desk.house.vendor), "First")
    editions.review(desk.cause(desk.house.administrator), first.pk)
    editions.publish(desk.cause(desk.house.vendor), first.pk, desk.now)
    buys(desk, 5)
    desk.later(minutes=5)
    post.submitted(desk)
    desk.at("fri 12:00")
    control.tick(desk.now)
    return editions.draft(desk.cause(desk.house.vendor), "Second", first.pk)


def changed(row: Edition, number: str, **terms: Any) -> dict[str, object]:
    """The content of a draft with other terms of a clause."""
    content: dict[str, Any] = copy.deepcopy(row.content)
    next(one for one in content["clauses"] if one["number"] == number).update(terms)
    return content


def test_an_unchanged_draft_finds_what_control_has_found(desk: Desk, lived: Edition) -> None:
    on_record: dict[str, int] = {}
    for row in Violation.objects.filter(excuse=""):
        on_record[row.clause] = on_record.get(row.clause, 0) + 1
    assert on_record["2.1"] >= 1
    written = Violation.objects.count(), Entry.objects.count()
    found = queries.replay(lived.content, desk.now - timedelta(weeks=1), desk.now)
    drafted = {number: counts["drafted"] for number, counts in found["clauses"].items()}
    assert drafted["2.1"] >= on_record["2.1"]
    assert all(one["drafted"] == one["held"] for one in found["clauses"].values())
    assert all(one["new"] == one["gone"] == 0 for one in found["clauses"].values())
    assert (Violation.objects.count(), Entry.objects.count()) == written


def test_a_grace_takes_away_what_the_edition_in_force_finds(desk: Desk, lived: Edition) -> None:
    content = changed(lived, "2.1", grace_seconds=6 * 3600)
    found = queries.replay(content, desk.now - timedelta(weeks=1), desk.now)
    counts = found["clauses"]["2.1"]
    assert (counts["drafted"], counts["new"]) == (0, 0)
    assert counts["gone"] == counts["held"] >= 1
    assert found["people"][str(desk.lead.pk)]["gone"] >= 1


def test_a_stricter_rule_finds_more_with_its_evidence(desk: Desk, lived: Edition) -> None:
    stricter = {"kind": "intake_checked", "parameters": {"minutes": 5}}
    content = changed(lived, "8.2", rules=[stricter])
    found = queries.replay(content, desk.now - timedelta(weeks=1), desk.now)
    counts = found["clauses"]["8.2"]
    assert counts["new"] == counts["drafted"] > queries.SAMPLES_MAX
    samples = found["samples"]["8.2"]
    assert len(samples) == queries.SAMPLES_MAX
    assert all(one["new"] for one in samples)


def test_a_sample_names_person_instant_ticket_and_evidence(desk: Desk, lived: Edition) -> None:
    content = changed(lived, "2.1", rules=[{"kind": "accepted_in_time", "parameters": {}}])
    found = queries.replay(content, desk.now - timedelta(weeks=1), desk.now)
    row = Violation.objects.get(key__contains="/accept:")
    [sample] = found["samples"]["2.1"]
    assert sample == {
        "person": desk.lead.pk,
        "at": row.at.isoformat(),
        "ticket": f"ticket:{row.ticket_id}",
        "evidence": row.evidence,
        "new": False,
    }


def test_weeks_before_the_desk_had_hours_hold_nothing(desk: Desk, lived: Edition) -> None:
    week = queries.replay(lived.content, desk.now - timedelta(weeks=1), desk.now)
    long = queries.replay(lived.content, desk.now - timedelta(weeks=8), desk.now)
    assert long["clauses"]["2.1"]["drafted"] >= week["clauses"]["2.1"]["drafted"] >= 1


def test_a_span_is_cut_into_weeks_of_some_people(desk: Desk) -> None:
    people = list(range(queries.PEOPLE_PER_SLICE + 1))
    found = queries.slices(desk.now - timedelta(days=10), desk.now, people)
    assert len(found) == 4
    assert [len(one.people) for one in found] == [queries.PEOPLE_PER_SLICE, 1] * 2
    assert found[0].until_at == found[2].since_at
    assert found[-1].until_at == desk.now


def test_slices_come_to_the_same_as_the_whole(desk: Desk, lived: Edition) -> None:
    since_at = desk.now - timedelta(days=10)
    held = Rules.parse(lived.content)
    result = queries.empty()
    for one in queries.slices(since_at, desk.now, [desk.lead.pk, desk.cover.pk]):
        result = queries.added(result, drafting.check(lived.content), held, one, since_at)
    whole = queries.replay(lived.content, since_at, desk.now)
    for person in (desk.lead, desk.cover):
        key = str(person.pk)
        assert result["people"].get(key) == whole["people"].get(key)


def test_a_replay_goes_on_slice_by_slice_and_ends(desk: Desk, lived: Edition) -> None:
    key = desk.key()
    row = replays.begin(desk.cause(desk.house.vendor, "setup", key), lived.pk, 2)
    again = replays.begin(desk.cause(desk.house.vendor), lived.pk, 4)
    assert again == row
    before = Violation.objects.count()
    while replays.tick(desk.now):
        pass
    row.refresh_from_db()
    assert (row.slices_done, row.ended_at) == (row.slices, desk.now)
    assert row.result["clauses"]["2.1"]["drafted"] >= 1
    assert Violation.objects.count() == before
    assert Entry.objects.filter(verb="end_replay", facts__replay=row.pk).count() == 1


def test_a_replay_that_fails_is_given_up(desk: Desk, lived: Edition) -> None:
    row = replays.begin(desk.cause(desk.house.vendor), lived.pk, 1)
    Replay.objects.filter(pk=row.pk).update(content={"clauses": "none"})
    for _ in range(replays.FAILURES_MAX):
        assert replays.tick(desk.now) == 1
    assert replays.tick(desk.now) == 0
    row.refresh_from_db()
    assert row.failures == replays.FAILURES_MAX
    assert row.ended_at is not None
