"""Editions on the screens: written clause by clause, reviewed, published, read, acknowledged."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse
from django.utils import translation

from desk.oversight.actions import editions, replays, rulings
from desk.oversight.models import Acknowledgement, Edition, EditionState
from desk.oversight.queries import editions as queries
from desk.rules.standard.edition import Edition as Rules
from desk.rules.standard.effect import Interval, Median, MedianChange
from desk.staff.standard import trials
from desk.staff.standard.forms import ClauseForm
from tests.language import Desk
from tests.scenarios.violations import violated
from tests.screens.visits import Visit


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk.open()


@pytest.fixture
def owner(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Visit:
    return Visit.of(desk.house.vendor, desk, monkeypatch)


@pytest.fixture
def administrator(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Visit:
    return Visit.of(desk.house.administrator, desk, monkeypatch)


@pytest.fixture
def specialist(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Visit:
    return Visit.of(desk.lead, desk, monkeypatch)


def url(name: str, *args: object) -> str:
    return reverse(f"editions:{name}", args=args)


def text(response: HttpResponse) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def in_force(desk: Desk, **ago: float) -> Edition:
    """The first edition, in force since a while ago."""
    now, desk.now = desk.now, desk.now - timedelta(**ago)
    row = editions.publish_first(desk.cause(desk.house.vendor), "First", desk.now)
    desk.now = now
    return row


def drafted(desk: Desk) -> Edition:
    based_on = queries.published().last()
    number = based_on.pk if based_on else None
    return editions.draft(desk.cause(desk.house.vendor), "Second", number)


def filled(row: Edition, clause: str, **other: object) -> dict[str, Any]:
    """The form of a clause as a browser would send it, with something changed."""
    found = Rules.parse(row.content).clause(clause)
    assert found is not None
    sent = {**ClauseForm.initial_of(found), "version": row.version, **other}
    return {name: value for name, value in sent.items() if value is not None}


def test_a_desk_without_an_edition_is_offered_what_is_shipped(desk: Desk, owner: Visit) -> None:
    assert "Read the first edition" in owner.page(url("index"))
    page = owner.page(url("first"))
    assert "The day plan is confirmed within" in page
    answer = owner.post(url("first"), effective_on=f"{desk.now.date():%Y-%m-%d}")
    assert answer.status_code == 422
    assert "Choose a later day" in text(answer)
    on = desk.now.date() + timedelta(days=3)
    assert owner.post(url("first"), effective_on=f"{on:%Y-%m-%d}").status_code == 302
    row = Edition.objects.get()
    assert row.state == EditionState.PUBLISHED
    # From midnight in Kyiv.
    assert row.effective_at is not None
    assert f"{row.effective_at:%H:%M}" == "22:00"
    assert "Published, to come" in owner.page(url("index"))


def test_a_draft_goes_from_the_edition_in_force_to_the_next_one(
    desk: Desk, owner: Visit, administrator: Visit
) -> None:
    first = in_force(desk, days=7)
    assert owner.post(url("begin"), based_on=first.pk).status_code == 302
    row = Edition.objects.latest("id")
    sent = filled(row, "1.1", plan_confirmed__minutes=20, severity="major")
    assert owner.post(url("clause", row.pk, "1.1"), **sent).status_code == 302
    page = administrator.page(url("compare", row.pk))
    assert "20 min" in text_of(page)
    assert "Major" in page
    document = owner.page(url("document", row.pk))
    assert "Ask for a review" in document
    row.refresh_from_db()
    owner.post(url("review", row.pk), version=row.version)
    row.refresh_from_db()
    assert row.state == EditionState.DRAFT
    assert owner.post(url("ask_review", row.pk), version=row.version).status_code == 302
    assert "I have reviewed it" in administrator.page(url("document", row.pk))
    administrator.post(url("review", row.pk), version=row.version)
    on = desk.now.date() + timedelta(days=7)
    answer = owner.post(url("publish", row.pk), effective_on=f"{on}", version=row.version)
    assert answer.status_code == 302
    row.refresh_from_db()
    assert row.state == EditionState.PUBLISHED
    assert owner.get(url("clause", row.pk, "1.1")).status_code == 404


def text_of(page: str) -> str:
    return page.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_who_saves_over_a_change_is_shown_it_first(desk: Desk, owner: Visit) -> None:
    row = drafted(desk)
    editions.change(desk.cause(desk.house.administrator), row.pk, "Second", changed_by_another(row))
    sent = filled(row, "2.3", text_en="Mine. All of it.")
    answer = owner.post(url("clause", row.pk, "2.3"), **sent)
    assert answer.status_code == 409
    page = text(answer)
    assert "Changed meanwhile" in page
    assert "Adam Kontrol: clause 2.1" in page
    assert "Mine. All of it." in page
    row.refresh_from_db()
    assert 'name="version" value="2"' in page
    again = {**sent, "version": 2}
    assert owner.post(url("clause", row.pk, "2.3"), **again).status_code == 302
    row.refresh_from_db()
    rules = queries.parsed(row)
    assert (found := rules.clause("2.3")) is not None
    assert found.texts["en"] == "Mine. All of it."
    assert (other := rules.clause("2.1")) is not None
    assert other.severity == "note"


def changed_by_another(row: Edition) -> dict[str, object]:
    clauses = [
        {**one, "severity": "note"} if one["number"] == "2.1" else one
        for one in row.content["clauses"]
    ]
    return {**row.content, "clauses": clauses}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"number": "one"}, "Write a number like 2.4."),
        ({"number": "2.1"}, "Another clause has this number."),
        ({"plan_confirmed__minutes": 0}, "greater than or equal to 1"),
        ({"plan_confirmed__minutes": ""}, "A rule that is on needs this number."),
        ({"grace": 99999}, "less than or equal to 1440"),
        ({"severity": "grave"}, "Select a valid choice"),
        ({"text_en": "w" * 4001}, "at most 4000 characters"),
    ],
)
def test_what_a_clause_cannot_be_is_said_at_its_field(
    desk: Desk, owner: Visit, wrong: dict[str, object], said: str
) -> None:
    row = drafted(desk)
    answer = owner.post(url("clause", row.pk, "1.1"), **filled(row, "1.1", **wrong))
    assert answer.status_code == 422
    assert said in text(answer)


def test_clauses_are_added_renumbered_and_taken_out(desk: Desk, owner: Visit) -> None:
    row = drafted(desk)
    assert 'value="8.3"' in owner.page(url("new_clause", row.pk))
    new: dict[str, Any] = {
        "number": "8.3",
        "severity": "note",
        "grace": 0,
        "remind": 0,
        "version": 1,
    }
    texts = {f"text_{each}": "Дещо нове." for each in ("uk", "ru", "en")}
    assert owner.post(url("new_clause", row.pk), **new, **texts).status_code == 302
    row.refresh_from_db()
    moved = filled(row, "8.3", number="1.10")
    assert owner.post(url("clause", row.pk, "8.3"), **moved).status_code == 302
    assert owner.post(url("remove", row.pk, "6.2"), version=3).status_code == 302
    row.refresh_from_db()
    numbers = [one.number for one in queries.parsed(row).clauses]
    assert numbers[2] == "1.10"
    assert "6.2" not in numbers
    assert owner.get(url("clause", row.pk, "6.2")).status_code == 404


def test_a_missing_text_is_named_and_leads_to_its_clause(desk: Desk, owner: Visit) -> None:
    row = drafted(desk)
    sent = filled(row, "1.1", text_ru="")
    owner.post(url("clause", row.pk, "1.1"), **sent)
    page = text(owner.get(url("document", row.pk)))
    assert "Clause 1.1 lacks a text: Russian." in page
    assert "Ask for a review" not in page


def test_a_text_that_was_changed_in_one_language_only_is_pointed_out(
    desk: Desk, owner: Visit
) -> None:
    in_force(desk, days=7)
    row = drafted(desk)
    owner.post(url("clause", row.pk, "1.1"), **filled(row, "1.1", text_en="The plan. Anew."))
    page = text(owner.get(url("document", row.pk)))
    assert "Clause 1.1: the text has stayed as it was in: Ukrainian, Russian." in page


def test_questions_are_added_and_emptied_and_keep_their_names(desk: Desk, owner: Visit) -> None:
    row = drafted(desk)
    before = [one["name"] for one in row.content["questions"]]
    sent: dict[str, Any] = {"version": 1}
    for place, one in enumerate(row.content["questions"][1:], 1):
        sent |= {f"q{place}_{each}": said for each, said in one["texts"].items()}
    sent |= {f"q{len(before)}_{each}": "Again?" for each in ("uk", "ru", "en")}
    assert owner.post(url("questions", row.pk), **sent).status_code == 302
    row.refresh_from_db()
    after = [one["name"] for one in row.content["questions"]]
    assert after == [*before[1:], f"question_{len(before) + 1}"]


def test_a_specialist_reads_and_acknowledges(desk: Desk, specialist: Visit) -> None:
    assert "Nothing is in force yet" in specialist.page("/work/standard/")
    assert "read and acknowledge" not in specialist.page("/work/")
    row = in_force(desk, days=1)
    assert "The Standard: read and acknowledge" in specialist.page("/work/")
    page = specialist.page("/work/standard/")
    assert "I have read it" in page
    assert specialist.post(f"/work/standard/{row.pk}/acknowledge").status_code == 302
    assert Acknowledgement.objects.get().person == desk.lead
    assert "You acknowledged it" in specialist.page("/work/standard/")
    assert "read and acknowledge" not in specialist.page("/work/")


def test_what_comes_soon_is_shown_with_what_it_changes(desk: Desk, specialist: Visit) -> None:
    in_force(desk, days=7)
    row = drafted(desk)
    editions.change(desk.cause(desk.house.vendor), row.pk, "Second", changed_by_another(row))
    editions.review(desk.cause(desk.house.administrator), row.pk)
    editions.publish(desk.cause(desk.house.vendor), row.pk, desk.now + timedelta(days=5))
    page = text(specialist.get("/work/standard/"))
    assert "What changed against edition 1" in page
    assert "Published, to come" in page


def test_administrators_see_who_has_not_read_it_and_who_was_late(
    desk: Desk, administrator: Visit
) -> None:
    row = in_force(desk, hours=1)
    editions.acknowledge(desk.cause(desk.lead), row.pk)
    desk.later(hours=2)
    page = text(administrator.get(url("document", row.pk)))
    assert "1 specialist has not acknowledged it yet." in page
    assert "not yet, the shift has begun" in page


def test_a_replay_is_asked_for_done_and_shown(desk: Desk, owner: Visit) -> None:
    in_force(desk, days=3)
    row = drafted(desk)
    assert "Nothing was replayed yet" in owner.page(url("replay", row.pk))
    assert owner.post(url("replay", row.pk), weeks="9").status_code == 422
    assert owner.post(url("replay", row.pk), weeks="1").status_code == 302
    assert "Under way: 0 of" in text(owner.get(url("replay", row.pk)))
    while replays.tick(desk.now):
        pass
    page = text(owner.get(url("replay", row.pk)))
    assert "The draft finds" in page
    assert "By person" in page
    assert "Olha Persha" in page


def test_the_effect_of_an_edition_says_when_there_is_too_little(
    desk: Desk, administrator: Visit
) -> None:
    row = in_force(desk, days=3)
    page = text(administrator.get(url("effect", row.pk)))
    assert "It is the first edition" in page
    assert "too little to tell" in page
    assert "no proof of a cause" in page


def test_the_difference_of_two_times_is_that_of_the_times_shown() -> None:
    low_high = Interval(-600.0, -20.0)
    change = MedianChange(
        Median(40, 29.4 * 60, Interval(1500.0, 1900.0)),
        Median(40, 22.9 * 60, Interval(30.0, 1500.0)),
        -6.5 * 60,
        low_high,
    )
    with translation.override("en"):
        shown = trials.median(change)
    figures = [
        str(shown[name]).replace("\xa0", " ").replace(trials.JOINER, "")
        for name in ("before", "after", "ratio")
    ]
    assert figures == [
        "29 min (25 min – 32 min)",
        "23 min (under a minute – 25 min)",
        "−6 min (−10 min … −under a minute)",
    ]


def test_rules_that_were_called_wrong_are_told_where_they_are_mended(
    desk: Desk, owner: Visit
) -> None:
    row = in_force(desk, days=3)
    for clause in ("1.2", "1.2", "3.1"):
        found = violated(desk, clause=clause)
        cause = desk.cause(desk.house.administrator, "control")
        rulings.rule_violation(cause, found.pk, "rule_wrong", "A fire drill is no idleness.")
    wrong = f"/control/violations/wrong-rules/?edition={row.pk}"
    draft = drafted(desk)
    for edition in (row, draft):
        page = text(owner.get(url("document", edition.pk)))
        assert f'href="{wrong}"' in page and '<span class="badge soon">3</span>' in page
        assert f'{wrong}#clause-1-2">A rule was called wrong 2 times under First<' in page
        assert f'{wrong}#clause-3-1">A rule was called wrong 1 time under First<' in page
        assert f"{wrong}#clause-1-1" not in page
    assert "A rule was called wrong 2 times" in text(owner.get(url("clause", draft.pk, "1.2")))
    assert f'{wrong}#clause-1-1">Rules that' in text(owner.get(url("clause", draft.pk, "1.1")))
    page = owner.page(wrong)
    assert 'id="clause-1-2"' in page and "found under First" in page
    assert "found under" not in owner.page("/control/violations/wrong-rules/?edition=999")


def test_the_days_to_a_ruling_are_a_number_of_the_clause(desk: Desk, owner: Visit) -> None:
    in_force(desk, days=3)
    row = drafted(desk)
    page = text(owner.get(url("clause", row.pk, "8.1")))
    assert "To the ruling on a violation, in working days" in page
    sent = filled(row, "8.1", ruled_in_time__violation_days="11")
    assert owner.post(url("clause", row.pk, "8.1"), **sent).status_code == 422
    sent = filled(row, "8.1", ruled_in_time__violation_days="2")
    assert owner.post(url("clause", row.pk, "8.1"), **sent).status_code == 302
    page = text(owner.get(url("document", row.pk)))
    assert "A violation is ruled on within 2 working days after the day" in page


def test_pages_cost_a_constant_number_of_queries(
    desk: Desk, owner: Visit, specialist: Visit
) -> None:
    row = in_force(desk, days=3)
    assert owner.queries(url("index")) <= 20
    assert owner.queries(url("document", row.pk)) <= 20
    assert specialist.queries("/work/standard/") <= 20
