"""What audits come to: scorecards of specialists, and how far those who audit agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models.functions import Greatest

from desk.oversight.models import Audit, AuditAnswer
from desk.oversight.queries import audits
from desk.oversight.queries.audits import Score
from desk.rules.standard import audits as rules
from desk.rules.standard.audits import Agreement
from desk.tickets.queries import number

# From so many answers given twice on, an agreement is more than chance and its interval honest.
PAIRS_MIN = 20


@dataclass(frozen=True, slots=True)
class Card:
    """A specialist's scorecard over a time: all questions, and each by its name."""

    person_id: int
    name: str
    whole: Score
    by_question: Mapping[str, Score]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A question of a pair to which two auditors gave different answers."""

    audit_id: int
    number: str
    question: str
    first: str
    second: str
    first_by: str
    second_by: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """How far auditors agree over a time, by question and in all; `is_enough` says whether the
    figure means something."""

    whole: Agreement
    by_question: Mapping[str, Agreement]
    disagreements: tuple[Disagreement, ...]

    @property
    def is_enough(self) -> bool:
        return self.whole.count >= PAIRS_MIN


def cards(since_at: datetime, until_at: datetime) -> list[Card]:
    """Each specialist's scorecard of the audits that were finished in a span, by name."""
    rows = AuditAnswer.objects.filter(
        audit__done_at__gte=since_at, audit__done_at__lt=until_at
    ).exclude(answer="none")
    # Of a pair that is not open nothing shows, not even in an average.
    rows = rows.exclude(audit__first__isnull=False, audit__first__done_at=None)
    rows = rows.exclude(audit__second__isnull=False, audit__second__done_at=None)
    found: dict[tuple[int, str], list[tuple[int, str, str]]] = {}
    given = rows.values_list(
        "audit__person_id", "audit__person__name", "audit_id", "question", "answer"
    )
    for person_id, name, audit_id, question, answer in given:
        found.setdefault((person_id, name), []).append((audit_id, question, answer))
    return [
        Card(person_id, name, _scored(each), _by_question(each))
        for (person_id, name), each in sorted(found.items(), key=lambda item: item[0][1])
    ]


def agreed(since_at: datetime, until_at: datetime) -> Agreed:
    """How far those agree who audited the same tickets: pairs whose second half was finished in a
    span."""
    seconds = Audit.objects.filter(first__done_at__isnull=False, done_at__isnull=False)
    ended = seconds.annotate(ended_at=Greatest("done_at", "first__done_at"))
    last = ended.filter(ended_at__gte=since_at, ended_at__lt=until_at)
    rows = list(last.select_related("ticket__partner", "auditor", "first__auditor").order_by("pk"))
    answers = audits.answers_of([number for row in rows for number in (row.pk, row.first_id or 0)])
    pairs: dict[str, list[tuple[str, str]]] = {}
    apart: list[Disagreement] = []
    for row in rows:
        first, second = answers.get(row.first_id or 0, {}), answers.get(row.pk, {})
        for name in first.keys() & second.keys():
            given = (first[name].answer, second[name].answer)
            pairs.setdefault(name, []).append(given)
            if given[0] != given[1]:
                apart.append(_apart(row, name, given))
    every = [pair for each in pairs.values() for pair in each]
    by_question = {name: rules.agreement(each) for name, each in sorted(pairs.items())}
    return Agreed(rules.agreement(every), by_question, tuple(apart))


def question_texts(language: str) -> dict[str, str]:
    """Every question that was ever asked in an audit, in the latest words."""
    found: dict[str, str] = {}
    editions = Audit.objects.order_by("edition__number").values_list("edition__content", flat=True)
    for content in editions.distinct():
        for one in content.get("questions", []):
            found[str(one["name"])] = audits.text_of(one, language)
    return found


def _scored(given: Sequence[tuple[int, str, str]]) -> Score:
    audits = len({audit_id for audit_id, _question, _answer in given})
    return Score(sum(answer == "yes" for *_rest, answer in given), len(given), audits)


def _by_question(given: Sequence[tuple[int, str, str]]) -> dict[str, Score]:
    by_name: dict[str, list[tuple[int, str, str]]] = {}
    for one in given:
        by_name.setdefault(one[1], []).append(one)
    return {name: _scored(each) for name, each in sorted(by_name.items())}


def _apart(row: Audit, name: str, given: tuple[str, str]) -> Disagreement:
    first = row.first
    assert first is not None and first.auditor is not None, "both halves are answered"
    assert row.auditor is not None, "both halves are answered"
    return Disagreement(
        first.pk,
        number(row.ticket),
        name,
        *given,
        first.auditor.name,
        row.auditor.name,
    )
