"""The glossary, the enums of the rules and the catalogues of messages say the same."""

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path

import pytest
from django.utils import translation

from desk.config import messages
from desk.rules import ledger, lifecycle
from desk.web import labels

GLOSSARY = Path(__file__).resolve().parents[2] / "docs" / "glossary.md"
TABLES: dict[str, tuple[type[StrEnum], Callable[[str], str]]] = {
    "States": (lifecycle.State, labels.state_label),
    "Turns": (lifecycle.Turn, labels.turn_label),
    "Types": (lifecycle.Type, labels.type_label),
    "Steps": (lifecycle.Step, labels.step_label),
    "Moves": (lifecycle.Verb, labels.verb_label),
    "Roles": (lifecycle.Actor, labels.role_label),
    "Reasons to decline": (lifecycle.Reason, labels.reason_label),
    "Lots": (ledger.Source, labels.lot_source_label),
}
# Long enough to tell words apart, short enough to leave out most endings.
STEM_LETTERS_MAX = 6


def section(title: str) -> str:
    """The text under a heading, up to the next one."""
    parts = re.split(r"^#+ (.+)$", GLOSSARY.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert title in found, f"docs/glossary.md has no section {title}"
    return found[title]


def rows(title: str) -> Iterator[list[str]]:
    """The cells of each row of the table under a heading."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    for line in lines[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


@cache
def catalogue(language: str) -> str:
    """Everything that screens and mails say in a language, in small letters."""
    texts: list[str] = []
    for area in messages.areas():
        found = messages.read(messages.catalogue_path(area, language))
        for message in found:
            said = message.string or ""
            texts += [said] if isinstance(said, str) else said
    return "\n".join(texts).casefold()


@pytest.mark.parametrize("title", TABLES)
def test_every_value_is_named_as_the_screens_name_it(title: str) -> None:
    enum, label = TABLES[title]
    expected = []
    for member in enum:
        cells = [f"`{member}`"]
        for language in ("en", *messages.LANGUAGES):
            with translation.override(language):
                cells.append(label(member))
        expected.append(cells)
    assert list(rows(title)) == expected


@pytest.mark.parametrize(("language", "column"), [("uk", 2), ("ru", 3)])
def test_the_screens_use_the_words_of_the_glossary(language: str, column: int) -> None:
    """Each word's stem occurs: endings differ with the case."""
    unused = [
        word
        for row in rows("Words")
        for word in row[column].casefold().split()
        if word[:STEM_LETTERS_MAX].rstrip("аеиіоуяьйёэюєї") not in catalogue(language)
    ]
    assert unused == []


def test_each_term_is_there_once_with_all_its_cells() -> None:
    terms = [row[0] for row in rows("Words")]
    assert len(terms) == len(set(terms))
    for term, meaning, ukrainian, russian in rows("Words"):
        assert meaning, term
        assert bool(ukrainian) == bool(russian), term
