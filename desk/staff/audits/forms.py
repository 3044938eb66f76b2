"""The form of an audit: a field for the answer and one for the note of each question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from desk.oversight.actions.audits import (
    NO,
    NOT_HERE,
    NOTE_MAX,
    REMARK_MAX,
    YES,
    Answers,
    AnswersIncomplete,
    Given,
)
from desk.oversight.queries.audits import Sheet


def answers(request: HttpRequest, questions: Iterable[str]) -> Answers:
    """What was sent; a question without an answer is left out."""
    sent = request.POST
    given = {
        name: Given(sent.get(f"answer-{name}", ""), sent.get(f"note-{name}", ""))
        for name in questions
    }
    return Answers(given, sent.get("remark", ""))


def fields(found: Sheet, typed: Mapping[str, object]) -> dict[str, Any]:
    """The questions as fields, with what was typed and what is wrong with it."""
    said, error = typed.get("answers"), typed.get("error")
    known = said if isinstance(said, Answers) else Answers()
    wrong = error if isinstance(error, AnswersIncomplete) else None
    return {
        "fields": [
            {
                "name": one.name,
                "text": one.text,
                "choices": _choices(known.answers.get(one.name, Given("")).answer),
                "note": known.answers.get(one.name, Given("")).note,
                "error": _error(one.name, wrong),
            }
            for one in found.questions
        ],
        "typed_remark": known.remark,
        "wrong": wrong is not None,
        "note_max": NOTE_MAX,
        "remark_max": REMARK_MAX,
    }


def _choices(chosen: str) -> list[dict[str, Any]]:
    words = {YES: _("Yes"), NO: _("No"), NOT_HERE: _("Does not apply")}
    return [
        {"value": value, "label": label, "checked": value == chosen}
        for value, label in words.items()
    ]


def _error(name: str, wrong: AnswersIncomplete | None) -> str:
    if wrong is None:
        return ""
    if name in wrong.missing:
        return _("Choose an answer.")
    return _("Say what was wrong: the specialist reads it.") if name in wrong.unexplained else ""
