"""Writing an edition clause by clause, and what changed from one to another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desk.rules.standard import comparison, drafting, first_edition
from desk.rules.standard.comparison import Piece, Term, Words
from desk.rules.standard.drafting import Fault, Lack
from desk.rules.standard.edition import Clause, Edition, EditionError, Rule, Severity
from desk.rules.standard.parameters import Minutes

WHOLE = {"uk": "Так.", "ru": "Так.", "en": "So."}
FIRST = first_edition.clauses({})


def test_a_clause_takes_its_place_by_number() -> None:
    found = drafting.put(FIRST, Clause("2.10", WHOLE))
    numbers = [one.number for one in found.clauses]
    assert numbers[numbers.index("2.10") - 1] == "2.3"
    moved = drafting.put(found, Clause("9.1", WHOLE), instead_of="2.10")
    assert moved.clauses[-1].number == "9.1"
    assert moved.clause("2.10") is None


def test_a_number_is_given_once() -> None:
    with pytest.raises(EditionError, match="two clauses"):
        drafting.put(FIRST, Clause("1.1", WHOLE), instead_of="2.1")


def test_a_new_clause_gets_the_next_free_number() -> None:
    assert drafting.free_number(FIRST, "2.1") == "2.4"
    assert drafting.free_number(FIRST, "8.2") == "8.3"
    assert drafting.free_number(Edition(()), "") == "1.1"
    assert drafting.free_number(Edition((Clause("3", WHOLE),)), "3") == "4"


def test_what_is_missing_is_named() -> None:
    clause = Clause("1.1", {"uk": "Так.", "en": " "})
    content = {
        "clauses": [clause.to_dict()],
        "questions": [{"name": "right", "texts": {"uk": "Так?", "ru": "Так?"}}],
    }
    assert drafting.faults(content) == [
        Fault(Lack.NO_TEXT, "1.1", "ru"),
        Fault(Lack.NO_TEXT, "1.1", "en"),
        Fault(Lack.NO_QUESTION, "right", "en"),
    ]
    assert drafting.faults({"clauses": []}) == [Fault(Lack.NO_CLAUSES)]


@pytest.mark.parametrize(
    "questions",
    [
        {},
        ["why"],
        [{"name": "Why?", "texts": {}}],
        [{"name": "why", "texts": {"fr": "Pourquoi?"}}],
        [{"name": "why", "texts": {}}, {"name": "why", "texts": {}}],
        [{"name": "why", "texts": {"en": "w" * (drafting.QUESTION_MAX + 1)}}],
    ],
)
def test_faulty_questions_are_refused(questions: object) -> None:
    with pytest.raises(EditionError):
        drafting.check({"clauses": [], "questions": questions})


def test_a_text_has_a_length() -> None:
    long = Clause("1.1", {"en": "w" * (drafting.TEXT_MAX + 1)})
    with pytest.raises(EditionError, match=r"1\.1"):
        drafting.check({"clauses": [long.to_dict()]})


def test_texts_are_compared_by_the_word() -> None:
    found = comparison.words("within 15 minutes of the shift", "within 20 minutes of the day")
    assert found == [
        Words(Piece.SAME, "within"),
        Words(Piece.GONE, "15"),
        Words(Piece.NEW, "20"),
        Words(Piece.SAME, "minutes of the"),
        Words(Piece.GONE, "shift"),
        Words(Piece.NEW, "day"),
    ]
    assert comparison.words("", "new") == [Words(Piece.NEW, "new")]


def test_terms_are_compared_one_by_one() -> None:
    before = FIRST.clause("1.1")
    assert before is not None
    after = replace(
        before,
        severity=Severity.MAJOR,
        rules=(Rule("plan_confirmed", Minutes(20)), Rule("slot_kept", Minutes(15))),
    )
    assert comparison.terms(before, after) == [
        Term("severity", Severity.MINOR, Severity.MAJOR),
        Term("parameter", 15, 20, "plan_confirmed", "minutes"),
        Term("rule", before=None, after=True, rule="slot_kept"),
    ]
    assert comparison.terms(before, before) == []
