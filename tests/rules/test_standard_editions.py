"""Editions, scores, audits (specification 4)."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.rules.standard import audits, first_edition
from desk.rules.standard.edition import (
    KINDS,
    Change,
    Clause,
    Edition,
    EditionError,
    Rule,
    Severity,
    compare,
    reminders,
)
from desk.rules.standard.parameters import Breaks, Minutes, Parameters, Rulings
from desk.rules.standard.score import score
from tests.rules.standard_facts import asked, clock, story, stretch

FIRST = first_edition.clauses({})
TABLE = "1.1 1.2 2.1 2.2 2.3 3.1 3.2 3.3 4.1 5.1 5.2 6.1 6.2 7.1 8.1 8.2"


def test_the_first_edition_has_the_clauses_of_the_specification() -> None:
    assert [clause.number for clause in FIRST.clauses] == TABLE.split()
    used = {rule.kind for clause in FIRST.clauses for rule in clause.rules}
    assert used == set(KINDS)
    assert FIRST.covered_by_machine() == (15, 16)


def test_a_text_that_is_missing_in_a_language_is_named() -> None:
    said = {"1.1": {"uk": "План дня", "ru": "План дня", "en": " "}}
    assert ("1.1", "en") in first_edition.clauses(said).untranslated()
    assert ("1.1", "uk") not in first_edition.clauses(said).untranslated()


def test_an_edition_from_before_the_days_of_rulings_had_one() -> None:
    stored = {"kind": "ruled_in_time", "parameters": {}}
    assert Rule.parse(stored) == Rule("ruled_in_time", Rulings(violation_days=1))
    three = {"kind": "ruled_in_time", "parameters": {"violation_days": 3}}
    assert Rule.parse(three).parameters == Rulings(violation_days=3)
    for days in (0, 11, "2"):
        with pytest.raises(EditionError, match="violation_days is not"):
            Rule.parse({"kind": "ruled_in_time", "parameters": {"violation_days": days}})


@pytest.mark.parametrize("kind", KINDS)
def test_a_rule_is_stored_and_read_again(kind: str) -> None:
    [rule] = {rule for one in FIRST.clauses for rule in one.rules if rule.kind == kind}
    assert Rule.parse(rule.to_dict()) == rule


def test_an_edition_is_stored_and_read_again() -> None:
    said = {"1.1": {"uk": "План дня", "ru": "План дня", "en": "The plan"}}
    whole = first_edition.clauses(said)
    assert Edition.parse(json.loads(json.dumps(whole.to_dict()))) == whole


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"number": "0.1"}, "no number of a clause"),
        ({"number": 1}, "no number of a clause"),
        ({"texts": {"de": "Plan"}}, "by language"),
        ({"rules": {}}, "not a list"),
        ({"rules": ["plan"]}, "not an object"),
        ({"severity": "fatal"}, "1.1: 'fatal'"),
        ({"grace_seconds": -1}, "grace is out of bounds"),
        ({"grace_seconds": "1"}, "not a number of seconds"),
        ({"excuses": ["weather"]}, "1.1: 'weather'"),
    ],
)
def test_a_wrong_clause_is_refused_by_name(change: dict[str, object], words: str) -> None:
    stored = FIRST.clauses[0].to_dict() | change
    with pytest.raises(EditionError, match=words):
        Edition.parse({"clauses": [stored]})


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        ({"kind": "be_kind"}, "no rule that the machine knows"),
        ({"kind": ["plan_confirmed"]}, "no rule that the machine knows"),
        ({"kind": "plan_confirmed"}, "minutes is missing"),
        ({"kind": "plan_confirmed", "parameters": {"minutes": 0}}, "not between 1 and 1440"),
        ({"kind": "plan_confirmed", "parameters": {"minutes": True}}, "not a whole number"),
        ({"kind": "plan_confirmed", "parameters": {"minutes": 5, "hours": 1}}, "not a parameter"),
        ({"kind": "not_all_away", "parameters": {"share_percent": 101}}, "between 1 and 100"),
        ({"kind": "promise_kept", "parameters": {"minutes": 5}}, "not a parameter"),
    ],
)
def test_a_wrong_rule_is_refused_by_name(stored: dict[str, object], words: str) -> None:
    with pytest.raises(EditionError, match=words):
        Rule.parse(stored)


def test_a_rule_takes_its_own_parameters_only() -> None:
    with pytest.raises(EditionError, match="takes Minutes"):
        Rule("plan_confirmed", Breaks(2, 15, 1, 60))
    with pytest.raises(EditionError, match="two clauses"):
        Edition((Clause("1.1", {}), Clause("1.1", {})))


def test_editions_are_compared_clause_by_clause() -> None:
    clauses = {clause.number: clause for clause in FIRST.clauses}
    changed = [clause for number, clause in clauses.items() if number != "8.2"]
    changed[0] = replace(changed[0], rules=(Rule("plan_confirmed", Minutes(20)),))
    changed[1] = replace(changed[1], texts={"uk": "Інакше"})
    changed += [Clause("10.1", {}), Clause("9.1", {})]
    assert list(compare(FIRST, Edition(tuple(changed))).items()) == [
        ("1.1", Change.ALTERED),
        ("1.2", Change.REWORDED),
        ("8.2", Change.REMOVED),
        ("9.1", Change.ADDED),
        ("10.1", Change.ADDED),
    ]
    assert compare(FIRST, FIRST) == {}


def test_the_specialist_is_reminded_before_the_limit() -> None:
    found = stretch(story(acceptances=(asked("09:10", "10:10", "10:05"),)))

    def reminded(moment: str) -> list[str]:
        keys = [one.key for one in reminders(FIRST, found, (), clock(moment))]
        return [key for key in keys if "accept" in key]

    assert reminded("09:59") == []
    assert reminded("10:00") == ["2.1:7:ticket:1/accept:1"]
    assert reminded("10:05") == []


def test_the_score_is_the_weighted_share_that_was_kept() -> None:
    kept = Counter({Severity.NOTE: 10, Severity.MAJOR: 2})
    assert score(kept, Counter()).tenths == 1000
    assert score(kept, Counter({Severity.MAJOR: 1})).tenths == 750
    assert score(Counter(), Counter({Severity.NOTE: 1})).tenths == 0
    assert score(Counter(), Counter()).tenths is None


def test_kappa_of_the_published_example() -> None:
    """Fleiss, Cohen and Everitt, Psychological Bulletin 72 (1969), 323-327: two raters, three
    categories, 200 subjects; kappa .429, standard error .054."""
    table = {"aa": 106, "ab": 10, "ac": 4, "ba": 22, "bb": 28, "bc": 10, "ca": 2, "cb": 12, "cc": 6}
    pairs = [(key[0], key[1]) for key, count in table.items() for _ in range(count)]
    found = audits.agreement(pairs)
    assert found.count == 200
    assert found.kappa == pytest.approx(0.429, abs=0.0006)
    assert found.error == pytest.approx(0.054, abs=0.0006)


def test_agreement_without_any_contrast_is_not_called_perfect() -> None:
    assert audits.agreement([]).kappa is None
    assert audits.agreement([("yes", "yes")] * 9).kappa is None
    opposite = audits.agreement([("yes", "no"), ("no", "yes")] * 5)
    assert opposite.kappa == pytest.approx(-1.0)


weeks = st.dictionaries(
    st.integers(1, 9), st.sets(st.integers(1, 400), max_size=60).map(sorted), max_size=5
)


@given(resolved=weeks, share=st.integers(1, 100), seed=st.text(max_size=4))
def test_a_draw_skips_nobody_and_can_be_done_again(
    resolved: dict[int, list[int]], share: int, seed: str
) -> None:
    week = {person: [person * 1000 + one for one in rows] for person, rows in resolved.items()}
    drawn = audits.draw(seed, week, share, frozenset())
    assert drawn == audits.draw(seed, week, share, frozenset())
    assert len(drawn) == len(set(drawn))
    for rows in week.values():
        mine = set(rows) & set(drawn)
        assert bool(mine) == bool(rows)
        assert len(mine) * 100 >= share * len(rows)
    assert audits.draw(seed, week, share, frozenset(drawn)) == []


def test_parameters_without_any_are_empty() -> None:
    assert Parameters.parse({}) == Parameters()
