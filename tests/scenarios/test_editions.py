"""Editions: drafted, read by another, published from a date, never edited after that."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from desk.journal.models import Entry
from desk.oversight.actions import editions
from desk.oversight.models import Acknowledgement, Edition, EditionState
from desk.oversight.queries import editions as queries
from desk.rules.standard.edition import EditionError
from tests.language import Desk


def published(desk: Desk, **later: float) -> Edition:
    row = editions.draft(desk.cause(desk.house.vendor), "First")
    editions.review(desk.cause(desk.house.administrator), row.pk)
    at = desk.now + timedelta(**later)
    return editions.publish(desk.cause(desk.house.vendor), row.pk, at)


def test_what_is_shipped_is_whole_in_three_languages(desk: Desk) -> None:
    row = editions.draft(desk.cause(desk.house.vendor), "First")
    rules = queries.parsed(row)
    assert rules.untranslated() == []
    assert len(row.content["questions"]) == 5


def test_an_edition_comes_into_force_at_its_date(desk: Desk) -> None:
    assert queries.at(desk.now) is None
    first = published(desk)
    second = published(desk, days=3)
    assert [one.id for one in queries.in_force(desk.now, desk.now)] == [first.pk]
    later = desk.now + timedelta(days=4)
    assert [one.id for one in queries.in_force(desk.now, later)] == [first.pk, second.pk]
    found = queries.at(later)
    assert found is not None
    assert (found.id, found.until_at) == (second.pk, None)


def test_nobody_reviews_an_own_draft_and_nothing_is_published_unread(desk: Desk) -> None:
    row = editions.draft(desk.cause(desk.house.vendor), "First")
    with pytest.raises(editions.NotNow, match="own"):
        editions.review(desk.cause(desk.house.vendor), row.pk)
    with pytest.raises(editions.NotNow, match="draft"):
        editions.publish(desk.cause(desk.house.vendor), row.pk, desk.now)


def test_a_change_asks_for_another_review(desk: Desk) -> None:
    row = editions.draft(desk.cause(desk.house.vendor), "First")
    editions.review(desk.cause(desk.house.administrator), row.pk)
    changed = editions.change(desk.cause(desk.house.vendor), row.pk, "First", row.content)
    assert (changed.state, changed.reviewed_by_id) == (EditionState.DRAFT, None)
    seen = desk.cause(desk.house.vendor).looking_at(1)
    with pytest.raises(editions.NotNow, match="stale"):
        editions.change(seen, row.pk, "First", row.content)


def test_a_faulty_edition_is_refused_by_the_name_of_its_clause(desk: Desk) -> None:
    row = editions.draft(desk.cause(desk.house.vendor), "First")
    row.content["clauses"][0]["rules"][0]["parameters"] = {"minutes": 0}
    with pytest.raises(EditionError, match=r"1\.1: plan_confirmed"):
        editions.change(desk.cause(desk.house.vendor), row.pk, "First", row.content)


def test_what_is_published_is_never_edited(desk: Desk) -> None:
    row = published(desk)
    with pytest.raises(editions.NotNow, match="published"):
        editions.change(desk.cause(desk.house.vendor), row.pk, "Other", row.content)
    with pytest.raises(IntegrityError, match="is published"), transaction.atomic():
        Edition.objects.filter(pk=row.pk).update(title="Other")


def test_no_edition_comes_into_force_in_the_past_or_before_another(desk: Desk) -> None:
    published(desk, days=3)
    with pytest.raises(editions.NotNow, match="past"):
        published(desk, days=2)
    with pytest.raises(editions.NotNow, match="past"):
        published(desk, days=-1)


def test_an_edition_is_acknowledged_once(desk: Desk) -> None:
    row = published(desk)
    for _ in range(2):
        editions.acknowledge(desk.cause(desk.lead), row.pk)
    assert Acknowledgement.objects.get().person == desk.lead


def test_whoever_wrote_any_of_it_does_not_review_it(desk: Desk) -> None:
    row = editions.draft(desk.cause(desk.house.vendor), "First")
    editions.change(desk.cause(desk.house.administrator), row.pk, "First", row.content)
    with pytest.raises(editions.NotNow, match="own"):
        editions.review(desk.cause(desk.house.administrator), row.pk)
    editions.review(desk.cause(desk.house.second_administrator), row.pk)


def test_what_was_changed_meanwhile_is_told_by_clause_and_author(desk: Desk) -> None:
    vendor, administrator = desk.house.vendor, desk.house.administrator
    row = editions.draft(desk.cause(vendor), "First")
    content = copy.deepcopy(row.content)
    content["clauses"][2]["severity"] = "note"
    content["questions"].pop()
    editions.change(desk.cause(administrator).looking_at(1), row.pk, "First", content)
    with pytest.raises(editions.NotNow, match="stale"):
        editions.review(desk.cause(desk.house.second_administrator).looking_at(1), row.pk)
    [found] = queries.writings(row.pk, 1)
    assert (found.by, found.version) == (administrator, 2)
    assert found.clauses == ("2.1", "questions")


def test_a_draft_that_lacks_a_text_is_not_reviewed(desk: Desk) -> None:
    row = editions.draft(desk.cause(desk.house.vendor), "First")
    content = copy.deepcopy(row.content)
    content["clauses"][0]["texts"]["ru"] = " "
    editions.change(desk.cause(desk.house.vendor), row.pk, "First", content)
    for refused in (editions.ask_review, editions.review):
        with pytest.raises(editions.NotNow, match="untranslated"):
            refused(desk.cause(desk.house.administrator), row.pk)


def test_a_desk_without_an_edition_publishes_what_is_shipped(desk: Desk) -> None:
    begins = desk.now + timedelta(days=3)
    key = desk.key()
    for _ in range(2):
        cause = desk.cause(desk.house.vendor, "setup", key)
        row = editions.publish_first(cause, "First", begins)
    assert Edition.objects.count() == 1
    assert (row.state, row.drafted_by_id, row.reviewed_by) == (
        EditionState.PUBLISHED,
        None,
        desk.house.vendor,
    )
    with pytest.raises(editions.NotNow, match="begun"):
        editions.publish_first(desk.cause(desk.house.vendor), "First", begins)


def test_a_form_that_was_sent_twice_does_it_once(desk: Desk) -> None:
    vendor, administrator = desk.house.vendor, desk.house.administrator
    keys = [desk.key() for _ in range(4)]
    for _ in range(2):
        row = editions.draft(desk.cause(vendor, "setup", keys[0]), "First")
        editions.change(desk.cause(vendor, "setup", keys[1]), row.pk, "Second", row.content)
        editions.review(desk.cause(administrator, "setup", keys[2]), row.pk)
        begins = desk.now + timedelta(days=1)
        editions.publish(desk.cause(vendor, "setup", keys[3]), row.pk, begins)
    verbs = Entry.objects.filter(subject=f"edition:{row.pk}").values_list("verb", flat=True)
    assert sorted(verbs) == [
        "change_edition",
        "draft_edition",
        "publish_edition",
        "review_edition",
    ]


def test_an_edition_stands_somewhere_at_each_moment(desk: Desk) -> None:
    first, second = published(desk), published(desk, days=3)
    third = editions.draft(desk.cause(desk.house.vendor), "Third", second.pk)
    assert [one.stage for one in queries.listed(desk.now)] == ["draft", "coming", "in_force"]
    later = [one.stage for one in queries.listed(desk.now + timedelta(days=4))]
    assert later == ["draft", "in_force", "superseded"]
    assert (queries.before(third), queries.before(second)) == (second, first)
    assert queries.before(first) is None
