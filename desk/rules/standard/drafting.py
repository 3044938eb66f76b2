"""Writing an edition clause by clause: what may stand in it, and what it still lacks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from desk.rules.standard.edition import LANGUAGES, Clause, Edition, EditionError, in_order

TEXT_MAX = 4_000
CLAUSES_MAX = 200
QUESTIONS_MAX = 20
QUESTION_MAX = 300
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Lack(StrEnum):
    """Why an edition cannot be reviewed yet."""

    NO_CLAUSES = "no_clauses"
    NO_TEXT = "no_text"
    NO_QUESTION = "no_question"


@dataclass(frozen=True, slots=True)
class Fault:
    """What an edition lacks: the clause or question by number or name, and the language."""

    lack: Lack
    thing: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question of audits: its name stays, so that answers of years can be compared."""

    name: str
    texts: Mapping[str, str]

    def to_dict(self) -> dict[str, object]:
        """The JSON object that `questions` reads."""
        return {"name": self.name, "texts": dict(self.texts)}


def put(edition: Edition, clause: Clause, instead_of: str = "") -> Edition:
    """The edition with the clause, in the order of numbers; `instead_of` is the number that it
    had. Raises `EditionError` where another clause has its number."""
    others = [one for one in edition.clauses if one.number != instead_of]
    if len(others) >= CLAUSES_MAX:
        raise EditionError(f"an edition has at most {CLAUSES_MAX} clauses")
    return Edition(tuple(sorted([*others, clause], key=lambda one: in_order(one.number))))


def without(edition: Edition, number: str) -> Edition:
    """The edition without the clause of that number."""
    return Edition(tuple(one for one in edition.clauses if one.number != number))


def questions(content: Mapping[str, object]) -> tuple[Question, ...]:
    """The questions of audits in the content of an edition. Raises `EditionError`."""
    stored = content.get("questions", [])
    if not isinstance(stored, list) or len(stored) > QUESTIONS_MAX:
        raise EditionError(f"an edition has at most {QUESTIONS_MAX} questions")
    found = tuple(_question(one) for one in stored)
    if len({one.name for one in found}) != len(found):
        raise EditionError("a name is given to two questions")
    return found


def check(content: Mapping[str, object]) -> Edition:
    """The clauses of a content that may be stored as a draft. Raises `EditionError`."""
    edition = Edition.parse(content)
    if len(edition.clauses) > CLAUSES_MAX:
        raise EditionError(f"an edition has at most {CLAUSES_MAX} clauses")
    long = [c.number for c in edition.clauses for t in c.texts.values() if len(t) > TEXT_MAX]
    if long:
        raise EditionError(f"{long[0]}: the text is too long")
    questions(content)
    return edition


def faults(content: Mapping[str, object]) -> list[Fault]:
    """What is missing before another person may review it. Raises `EditionError`."""
    edition = check(content)
    found = [] if edition.clauses else [Fault(Lack.NO_CLAUSES)]
    found += [Fault(Lack.NO_TEXT, number, language) for number, language in edition.untranslated()]
    return found + [
        Fault(Lack.NO_QUESTION, question.name, language)
        for question in questions(content)
        for language in LANGUAGES
        if not question.texts.get(language, "").strip()
    ]


def free_number(edition: Edition, after: str) -> str:
    """The next free number behind a clause: "2.4" after "2.3"; "1.1" in an empty edition."""
    taken = {one.number for one in edition.clauses}
    head, _dot, last = (after or "1.0").rpartition(".")
    number = int(last) + 1
    while f"{head}.{number}".strip(".") in taken:
        number += 1
    return f"{head}.{number}".strip(".")


def touched(
    before: Mapping[str, object], after: Mapping[str, object], changes: Sequence[str]
) -> list[str]:
    """Numbers of the changed clauses, and "questions" where these were changed."""
    asked = ["questions"] if before.get("questions", []) != after.get("questions", []) else []
    return [*changes, *asked]


def _question(stored: object) -> Question:
    if not isinstance(stored, Mapping):
        raise EditionError("a question is an object")
    name, texts = stored.get("name"), stored.get("texts", {})
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise EditionError(f"{name!r:.40} is no name of a question")
    if not isinstance(texts, Mapping) or not set(texts) <= set(LANGUAGES):
        raise EditionError(f"{name}: texts are by language")
    if any(len(str(text)) > QUESTION_MAX for text in texts.values()):
        raise EditionError(f"{name}: the text is too long")
    return Question(name, {language: str(text) for language, text in texts.items()})
