"""Forms of an edition: a clause with its rules, the questions of audits, the date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from desk.oversight.actions.editions import TITLE_MAX
from desk.rules.standard import drafting
from desk.rules.standard.drafting import Question
from desk.rules.standard.edition import (
    GRACE_SECONDS_MAX,
    KINDS,
    LANGUAGES,
    NUMBER,
    REMIND_SECONDS_MAX,
    Clause,
    Edition,
    Rule,
    Severity,
)
from desk.rules.standard.obligation import Excuse
from desk.rules.standard.parameters import bounds
from desk.staff.standard import words
from desk.web import labels_of_control
from desk.web.forms import DeskForm

MINUTE = words.MINUTE
SHORT = {"class": "input-short", "inputmode": "numeric"}
DAYS_AHEAD_MAX = 366
NEW_QUESTIONS = 1


def _minutes(label: Any, seconds_max: int, hint: Any) -> forms.IntegerField:
    widget = forms.NumberInput(attrs=SHORT)
    most = seconds_max // MINUTE
    return forms.IntegerField(
        label=label, help_text=hint, min_value=0, max_value=most, initial=0, widget=widget
    )


class ClauseForm(DeskForm):
    """One clause. Its rules have a switch each, and fields made from their parameters' types."""

    number = forms.CharField(
        label=lazy("Number"),
        max_length=11,
        validators=[RegexValidator(rf"^({NUMBER.pattern})$", lazy("Write a number like 2.4."))],
        widget=forms.TextInput(attrs={"class": "input-short"}),
    )
    severity = forms.ChoiceField(
        label=lazy("Severity"),
        choices=lambda: [(each.value, labels_of_control.SEVERITIES[each]) for each in Severity],
        help_text=lazy(
            "How much a violation weighs; of a critical one administrators hear at once."
        ),
    )
    grace = _minutes(
        lazy("Grace, in minutes"),
        GRACE_SECONDS_MAX,
        lazy("Added to every limit of the clause before a violation is found."),
    )
    remind = _minutes(
        lazy("Reminder, in minutes before the limit"),
        REMIND_SECONDS_MAX,
        lazy("0 means that nobody is reminded."),
    )
    excuses = forms.MultipleChoiceField(
        label=lazy("Excused by"),
        choices=lambda: [(each.value, words.EXCUSES[each]) for each in Excuse],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=lazy("While it lasts, limits of the clause stand."),
    )

    def __init__(self, *args: Any, edition: Edition, instead_of: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.edition, self.instead_of = edition, instead_of
        for language in LANGUAGES:
            self.fields[f"text_{language}"] = forms.CharField(
                label=str(words.LANGUAGE_NAMES[language]),
                max_length=drafting.TEXT_MAX,
                required=False,
                widget=forms.Textarea(attrs={"rows": 4, "lang": language}),
            )
        for kind in KINDS:
            self.fields[f"on_{kind}"] = forms.BooleanField(
                label=str(words.RULES[kind].name), required=False
            )
            for name in _names(kind):
                self.fields[f"{kind}__{name}"] = _parameter(name)

    @staticmethod
    def initial_of(clause: Clause) -> dict[str, object]:
        """The form's values for a clause that is there."""
        found: dict[str, object] = {
            "number": clause.number,
            "severity": clause.severity.value,
            "grace": clause.grace_seconds // MINUTE,
            "remind": clause.remind_seconds // MINUTE,
            "excuses": sorted(clause.excuses),
        }
        found |= {f"text_{language}": text for language, text in clause.texts.items()}
        for rule in clause.rules:
            found[f"on_{rule.kind}"] = True
            given = rule.parameters.to_dict().items()
            found |= {f"{rule.kind}__{name}": number for name, number in given}
        return found

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"]
        if number != self.instead_of and self.edition.clause(number) is not None:
            raise forms.ValidationError(_("Another clause has this number."))
        return number

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        for kind in KINDS:
            missing = [name for name in _names(kind) if found.get(f"{kind}__{name}") is None]
            for name in missing if found.get(f"on_{kind}") else ():
                if f"{kind}__{name}" not in self.errors:
                    self.add_error(f"{kind}__{name}", _("A rule that is on needs this number."))
        return found

    def clause(self) -> Clause:
        """The clause as it was written. Raises `EditionError`."""
        found = self.cleaned_data
        return Clause(
            number=found["number"],
            texts={each: found[f"text_{each}"].strip() for each in LANGUAGES},
            rules=tuple(self._rule(kind) for kind in KINDS if found[f"on_{kind}"]),
            severity=Severity(found["severity"]),
            grace_seconds=found["grace"] * MINUTE,
            remind_seconds=found["remind"] * MINUTE,
            excuses=frozenset(Excuse(name) for name in found["excuses"]),
        )

    def texts(self) -> list[forms.BoundField]:
        """The fields of the clause's texts, by language."""
        return [self[f"text_{language}"] for language in LANGUAGES]

    def rules(self) -> Iterator[dict[str, Any]]:
        """Each rule's switch with its fields and what it asks; those that are on come first."""
        for kind in sorted(KINDS, key=lambda kind: not self._is_on(kind)):
            yield {
                "kind": kind,
                "switch": self[f"on_{kind}"],
                "is_on": self._is_on(kind),
                "asks": _asks(kind),
                "evidence": words.RULES[kind].evidence,
                "fields": [self[f"{kind}__{name}"] for name in _names(kind)],
            }

    def _is_on(self, kind: str) -> bool:
        return bool(self[f"on_{kind}"].value())

    def _rule(self, kind: str) -> Rule:
        given = {name: self.cleaned_data[f"{kind}__{name}"] for name in _names(kind)}
        return Rule(kind, KINDS[kind].parameters.parse(given))


class QuestionsForm(DeskForm):
    """The questions of audits: each with its texts; one more than there are. Emptied, a question
    goes; a new one gets the next free name, which stays with it for ever."""

    def __init__(self, *args: Any, questions: tuple[Question, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before = questions
        self.count = min(len(questions) + NEW_QUESTIONS, drafting.QUESTIONS_MAX)
        for place in range(self.count):
            known = questions[place].texts if place < len(questions) else {}
            for language in LANGUAGES:
                self.fields[f"q{place}_{language}"] = forms.CharField(
                    label=str(words.LANGUAGE_NAMES[language]),
                    max_length=drafting.QUESTION_MAX,
                    required=False,
                    initial=known.get(language, ""),
                    widget=forms.TextInput(attrs={"lang": language}),
                )

    def groups(self) -> list[dict[str, Any]]:
        """The fields of each question."""
        return [
            {
                "number": place + 1,
                "is_new": place >= len(self.before),
                "fields": [self[f"q{place}_{language}"] for language in LANGUAGES],
            }
            for place in range(self.count)
        ]

    def questions(self) -> list[dict[str, object]]:
        """The questions as they are stored."""
        taken = {one.name for one in self.before}
        found = []
        for place in range(self.count):
            texts = {each: self.cleaned_data[f"q{place}_{each}"].strip() for each in LANGUAGES}
            if not any(texts.values()):
                continue
            fresh = place >= len(self.before)
            name = _free(taken) if fresh else self.before[place].name
            taken.add(name)
            found.append(Question(name, texts).to_dict())
        return found


class TitleForm(DeskForm):
    """What an edition is called."""

    title = forms.CharField(label=lazy("Title"), max_length=TITLE_MAX)


class DateForm(DeskForm):
    """From which day on an edition is in force."""

    effective_on = forms.DateField(
        label=lazy("In force from"),
        widget=forms.DateInput(attrs={"type": "date", "class": "input-medium"}, format="%Y-%m-%d"),
        help_text=lazy(
            "From the beginning of that day. Specialists read and acknowledge it before their "
            "first shift under it: leave them some days."
        ),
    )

    def __init__(self, *args: Any, first_on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.first_on = first_on
        self.fields["effective_on"].widget.attrs["min"] = first_on.isoformat()

    def clean_effective_on(self) -> date:
        found: date = self.cleaned_data["effective_on"]
        if found < self.first_on:
            raise forms.ValidationError(
                _(
                    "Choose a later day: an edition begins tomorrow at the earliest, and after "
                    "the one before it."
                )
            )
        if found > self.first_on + timedelta(days=DAYS_AHEAD_MAX):
            raise forms.ValidationError(_("Choose a day within a year."))
        return found


class WeeksForm(DeskForm):
    """Over how many past weeks a draft is replayed."""

    weeks = forms.TypedChoiceField(label=lazy("Past weeks"), coerce=int, choices=())

    def __init__(self, *args: Any, choices: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["weeks"].choices = choices  # type: ignore[attr-defined]  # it is a choice field


def _names(kind: str) -> list[str]:
    return [item.name for item in fields(KINDS[kind].parameters)]


def _parameter(name: str) -> forms.IntegerField:
    least, most = bounds(name)
    hint = _("From %(least)s to %(most)s.") % {"least": least, "most": most}
    return forms.IntegerField(
        label=str(words.PARAMETERS[name]),
        help_text=hint,
        min_value=least,
        max_value=most,
        required=False,
        widget=forms.NumberInput(attrs=SHORT),
    )


def _asks(kind: str) -> str:
    """What a rule asks, with a sign in place of each number."""
    return str(words.RULES[kind].asks) % dict.fromkeys(_names(kind), "…")


def _free(taken: Mapping[str, object] | set[str]) -> str:
    number = len(taken) + 1
    while f"question_{number}" in taken:
        number += 1
    return f"question_{number}"
