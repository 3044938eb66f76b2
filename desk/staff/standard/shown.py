"""What the templates of the Standard draw: editions, clauses, comparisons, ready to show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.oversight.models import Edition
from desk.oversight.queries.editions import Listed, Stage, Writing
from desk.rules.standard import comparison, drafting
from desk.rules.standard.drafting import Fault, Lack
from desk.rules.standard.edition import LANGUAGES, Change, Clause, compare
from desk.rules.standard.edition import Edition as Rules
from desk.staff.standard import words
from desk.web import labels_of_control

Context = dict[str, Any]
NAME_MAX = 60
OPEN = (Stage.DRAFT, Stage.REVIEWED)


def edition(found: Listed) -> Context:
    """The head of an edition: where it stands, since when, by whom."""
    row = found.row
    return {
        "id": row.pk,
        "number": row.number,
        "title": row.title,
        "version": row.version,
        "stage": found.stage.value,
        "stage_label": str(words.STAGES[found.stage]),
        "stage_tone": words.STAGE_TONES.get(found.stage, ""),
        "is_open": found.stage in OPEN,
        "since_at": row.effective_at,
        "until_at": found.until_at,
        "drafted_by": row.drafted_by.name if row.drafted_by else _("with the desk"),
        "drafted_at": row.drafted_at,
        "reviewed_by": row.reviewed_by.name if row.reviewed_by else "",
        "reviewed_at": row.reviewed_at,
        "published_by": row.published_by.name if row.published_by else "",
        "published_at": row.published_at,
    }


def coverage(rules: Rules) -> Context:
    """How many clauses the machine holds."""
    held, whole = rules.covered_by_machine()
    return {"held": held, "whole": whole, "share": held / whole if whole else 0.0}


def clauses(rules: Rules) -> list[Context]:
    """The clauses of an edition as its document shows them."""
    return [clause(one) for one in rules.clauses]


def clause(one: Clause) -> Context:
    """A clause: its text in the reader's language, its rules in plain words, its terms."""
    name, text = _named(words.text(one.texts))
    return {
        "number": one.number,
        "anchor": one.number.replace(".", "-"),
        "name": name,
        "text": text,
        "rules": [
            {
                "name": str(words.RULES[rule.kind].name),
                "asks": words.sentence(rule),
                "evidence": str(words.RULES[rule.kind].evidence),
            }
            for rule in one.rules
        ],
        "severity": str(labels_of_control.SEVERITIES[one.severity]),
        "tone": labels_of_control.SEVERITY_TONES[one.severity],
        "notes": list(_notes(one)),
    }


def _named(text: str) -> tuple[str, str]:
    """The name with which a clause begins, "" for one that begins without, and the rest."""
    name, stop, rest = text.partition(". ")
    return (name, rest) if stop and len(name) <= NAME_MAX else ("", text)


def _notes(one: Clause) -> Iterator[str]:
    """Reminder, grace and excuses, as far as there are any."""
    if one.remind_seconds:
        yield _("Reminder %(span)s before the limit.") % {"span": words.span(one.remind_seconds)}
    if one.grace_seconds:
        yield _("Grace: %(span)s.") % {"span": words.span(one.grace_seconds)}
    if one.excuses:
        yield _("Excused by: %(what)s.") % {"what": words.excuses(one.excuses)}
    else:
        yield _("Nothing excuses by itself.")


def questions(row: Edition) -> list[str]:
    """The questions of audits in the reader's language."""
    return [words.text(one.texts) for one in drafting.questions(row.content)]


def faults(found: Iterable[Fault]) -> list[Context]:
    """What a draft still lacks, in sentences, each with the clause to mend."""
    return [{"text": _fault(one), "clause": _place(one)} for one in found]


def _fault(one: Fault) -> str:
    language = str(words.LANGUAGE_NAMES[one.language]) if one.language else ""
    match one.lack:
        case Lack.NO_TEXT:
            return _("Clause %(number)s lacks a text: %(language)s.") % {
                "number": one.thing,
                "language": language,
            }
        case Lack.NO_QUESTION:
            return _("A question of audits lacks a text: %(language)s.") % {"language": language}
    return _("The edition has no clause yet.")


def _place(one: Fault) -> str:
    return one.thing if one.lack == Lack.NO_TEXT else ""


def writings(found: Iterable[Writing]) -> list[Context]:
    """Who changed what of a draft and when."""
    return [
        {"by": one.by.name if one.by else "", "at": one.at, "what": _what(one.clauses)}
        for one in found
    ]


def _what(names: tuple[str, ...]) -> str:
    numbers = [name for name in names if name != "questions"]
    said = []
    if numbers:
        text = ngettext("clause %(numbers)s", "clauses %(numbers)s", len(numbers))
        said.append(text % {"numbers": ", ".join(numbers)})
    if "questions" in names:
        said.append(_("the questions of audits"))
    return ", ".join(said) or _("the title")


def changes(before: Rules, after: Rules) -> list[Context]:
    """Clause by clause what is otherwise than before; a clause that stayed is not named."""
    return [
        _changed(number, change, before.clause(number), after.clause(number))
        for number, change in compare(before, after).items()
    ]


def uneven(before: Rules, after: Rules) -> list[Context]:
    """Clauses whose text was changed in some languages and stayed in others: were the others
    forgotten?"""
    found = []
    for one in after.clauses:
        old = before.clause(one.number)
        same = [each for each in LANGUAGES if old and old.texts.get(each) == one.texts.get(each)]
        if old is not None and 0 < len(same) < len(LANGUAGES):
            names = ", ".join(str(words.LANGUAGE_NAMES[each]) for each in same)
            said = _("Clause %(number)s: the text has stayed as it was in: %(languages)s.")
            text = said % {"number": one.number, "languages": names}
            found.append({"text": text, "clause": one.number})
    return found


def _changed(number: str, change: Change, old: Clause | None, new: Clause | None) -> Context:
    blank = Clause(number, {})
    terms = comparison.terms(old, new) if old and new else []
    return {
        "number": number,
        "label": str(words.CHANGES[change]),
        "tone": words.CHANGE_TONES[change],
        "texts": _texts(old or blank, new or blank),
        "terms": [
            dict(zip(("name", "before", "after"), words.term(one), strict=True)) for one in terms
        ],
        "clause": clause(new) if new and not old else None,
    }


def _texts(old: Clause, new: Clause) -> list[Context]:
    """The texts that differ, by language, word by word; the reader's own language first."""
    found = []
    for language in sorted(LANGUAGES, key=lambda one: not words.is_own(one)):
        was, now = old.texts.get(language, ""), new.texts.get(language, "")
        if was != now:
            pieces = comparison.words(was, now)
            found.append({"language": str(words.LANGUAGE_NAMES[language]), "pieces": pieces})
    return found


def question_changes(before: Edition, after: Edition) -> list[Context]:
    """Questions of audits that came, went, or were reworded, in the reader's language."""
    old = {one.name: words.text(one.texts) for one in drafting.questions(before.content)}
    new = {one.name: words.text(one.texts) for one in drafting.questions(after.content)}
    return [
        {"pieces": comparison.words(old.get(name, ""), new.get(name, ""))}
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
    ]
