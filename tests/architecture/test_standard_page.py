"""The page on writing an edition names every rule as the screens do, with its numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from django.utils import translation

from desk.rules.standard import effect
from desk.rules.standard.edition import KINDS
from desk.rules.standard.obligation import Excuse
from desk.rules.standard.parameters import bounds
from desk.rules.standard.score import WEIGHTS
from desk.staff.standard import words

PAGE = Path(__file__).resolve().parents[2] / "docs" / "standard.md"


def rows() -> Iterator[str]:
    """The table of rules as the page has to have it."""
    for kind, known in KINDS.items():
        explained = words.RULES[kind]
        names = [item.name for item in fields(known.parameters)]
        asks = str(explained.asks) % dict.fromkeys(names, "…")
        numbers = [f"{words.PARAMETERS[n]} ({bounds(n)[0]}–{bounds(n)[1]})" for n in names]
        listed = "; ".join(numbers) or "none"
        yield f"| {explained.name} | {asks} | {listed} | {explained.evidence} |"


def test_the_page_has_every_rule_as_the_screens_have_it() -> None:
    with translation.override("en"):
        expected = list(rows())
    text = PAGE.read_text(encoding="utf-8")
    table = text.split("| rule | what it asks")[1].split("\n\n")[0].splitlines()[2:]
    assert table == expected


def test_every_rule_parameter_and_excuse_has_its_words() -> None:
    assert set(words.RULES) == set(KINDS)
    wanted = {item.name for known in KINDS.values() for item in fields(known.parameters)}
    assert set(words.PARAMETERS) == wanted
    assert set(words.EXCUSES) == {str(each) for each in Excuse}


def test_the_page_names_weights_and_least_numbers() -> None:
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert f"({', '.join(str(weight) for weight in WEIGHTS.values())})" in text
    least = (effect.EVENTS_MIN, effect.SHIFTS_MIN, effect.TIMES_MIN)
    said = "fewer than %s violations in all, %s shifts on either side, or %s tickets on either side"
    assert said % least in text
