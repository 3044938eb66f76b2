"""Reading audits: what is to be done, one with its questions, and what one's own came to.

Blindness: the results of a pair are open when both halves are answered, except to the auditor of
the half; and whoever has one half is not shown that there is another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db.models import Q, QuerySet

from desk.oversight.models import Audit, AuditAnswer
from desk.oversight.queries import drawing
from desk.rules.standard.effect import Interval, share_interval
from desk.tickets.queries import number

LIST_MAX = 200
OWN_MAX = 100
# Of fewer answers no average is shown as one.
ANSWERS_MIN = 10
LANGUAGE = "uk"


class Show(StrEnum):
    """Which audits a list shows."""

    TO_DO = "to_do"
    MINE = "mine"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Line:
    """An audit in a list. `auditor` "" as long as nobody has taken it; `barred` says why the
    reader may not: "role", "involved", "taken" or ""; `is_mine`: the reader has taken it."""

    id: int
    number: str
    subject: str
    partner: str
    specialist: str
    week_on: date
    due_at: datetime
    done_at: datetime | None
    auditor: str
    is_mine: bool
    barred: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question of an edition in the reader's language, and the answer: "" before it is given."""

    name: str
    text: str
    answer: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One audit as the reader may see it. `questions` have answers only where `is_open`: to its
    own auditor once answered, to others when no half of the pair is left. `other` is the second
    half, or the first, when both are open."""

    line: Line
    ticket_id: int
    edition: int
    questions: tuple[Question, ...]
    remark: str
    is_open: bool
    is_second: bool
    other: Sheet | None = None

    @property
    def score(self) -> Score:
        """Of the questions that apply, those answered with yes."""
        return score(one.answer for one in self.questions)


@dataclass(frozen=True, slots=True)
class Score:
    """Yes among yes and no, with the interval in which the true share lies; None of nothing."""

    yes: int
    count: int
    audits: int = 1

    @property
    def share(self) -> float | None:
        return self.yes / self.count if self.count else None

    @property
    def interval(self) -> Interval | None:
        return share_interval(self.yes, self.count) if self.count else None

    @property
    def is_enough(self) -> bool:
        """Whether it may be shown as an average."""
        return self.count >= ANSWERS_MIN


def listed(
    reader_id: int,
    show: Show,
    week_on: date | None = None,
    person_id: int | None = None,
) -> list[Line]:
    """The audits that an administrator sees, what is due first at the top; done ones by date."""
    rows = _shown_to(reader_id)
    if show == Show.DONE:
        rows = rows.exclude(done_at=None).order_by("-done_at", "-pk")
    else:
        rows = rows.filter(done_at=None).order_by("due_at", "pk")
    if show == Show.MINE:
        rows = rows.filter(auditor=reader_id)
    if week_on is not None:
        rows = rows.filter(week_on=week_on)
    if person_id is not None:
        rows = rows.filter(person=person_id)
    return _lines(reader_id, list(rows[:LIST_MAX]))


def counts(reader_id: int) -> dict[Show, int]:
    """How many are to do, and how many of them the reader has taken."""
    waiting = _shown_to(reader_id).filter(done_at=None)
    return {
        Show.TO_DO: waiting.count(),
        Show.MINE: waiting.filter(auditor=reader_id).count(),
    }


def weeks() -> list[date]:
    """The weeks that were drawn from, the latest first."""
    rows = Audit.objects.order_by("-week_on").values_list("week_on", flat=True).distinct()
    return list(rows[:LIST_MAX])


def sheet(reader_id: int, audit_id: int, language: str) -> Sheet:
    """One audit for an administrator. Raises `Audit.DoesNotExist`, also for the other half of a
    pair of which the reader has one that is not open yet."""
    row = _shown_to(reader_id).get(pk=audit_id)
    pair = list(_rows().filter(Q(pk=row.first_id or 0) | Q(first=row.pk)))
    found = _sheet(reader_id, row, pair, language)
    if not (found.is_open and pair and pair[0].done_at is not None and row.done_at is not None):
        return found
    return _with_other(found, _sheet(reader_id, pair[0], [row], language))


def own(person_id: int, language: str) -> list[Sheet]:
    """The finished audits of a specialist's tickets, the latest first; of a pair both, and both
    only when both are answered. Who did the second is not told."""
    rows = _rows().filter(person=person_id).exclude(done_at=None)
    rows = rows.exclude(first__done_at=None, first__isnull=False)
    rows = rows.exclude(second__done_at=None, second__isnull=False)
    found = list(rows.order_by("-done_at", "-pk")[:OWN_MAX])
    answers = answers_of([row.pk for row in found])
    return [
        Sheet(
            line=_line(0, row, barred="", name=row.first_id is None),
            ticket_id=row.ticket_id,
            edition=row.edition.number,
            questions=_questions(row, answers.get(row.pk, {}), language),
            remark=row.remark,
            is_open=True,
            is_second=row.first_id is not None,
        )
        for row in found
    ]


def score(answers: Iterable[str]) -> Score:
    """Of the answers that apply, those that are yes."""
    known = [answer for answer in answers if answer in ("yes", "no")]
    return Score(sum(answer == "yes" for answer in known), len(known))


def _rows() -> QuerySet[Audit]:
    return Audit.objects.select_related("ticket__partner", "person", "auditor", "edition")


def _shown_to(reader_id: int) -> QuerySet[Audit]:
    """All but the other half of a pair that is not open: of the one that the reader has, and,
    before anybody took the first half, the second."""
    rows = _rows()
    rows = rows.exclude(Q(first__auditor=reader_id) & (Q(done_at=None) | Q(first__done_at=None)))
    rows = rows.exclude(Q(second__auditor=reader_id) & (Q(done_at=None) | Q(second__done_at=None)))
    return rows.exclude(first__isnull=False, first__auditor=None)


def _lines(reader_id: int, rows: Sequence[Audit]) -> list[Line]:
    open_ones = [row.ticket_id for row in rows if row.done_at is None]
    if open_ones and reader_id not in drawing.administrators():
        return [_line(reader_id, row, barred="" if row.done_at else "role") for row in rows]
    allowed = drawing.may_audit(open_ones)
    return [_line(reader_id, row, barred=_barred(reader_id, row, allowed)) for row in rows]


def _barred(reader_id: int, row: Audit, allowed: Mapping[int, Collection[int]]) -> str:
    if row.done_at is not None:
        return ""
    if reader_id not in allowed.get(row.ticket_id, ()):
        return "involved"
    return "taken" if row.auditor_id not in (None, reader_id) else ""


def _line(reader_id: int, row: Audit, *, barred: str, name: bool = True) -> Line:
    return Line(
        id=row.pk,
        number=number(row.ticket),
        subject=row.ticket.subject,
        partner=row.ticket.partner.name,
        specialist=row.person.name,
        week_on=row.week_on,
        due_at=row.due_at,
        done_at=row.done_at,
        auditor=row.auditor.name if row.auditor is not None and name else "",
        is_mine=row.auditor_id == reader_id,
        barred=barred,
    )


def _sheet(reader_id: int, row: Audit, pair: Sequence[Audit], language: str) -> Sheet:
    mine = row.auditor_id == reader_id
    is_open = row.done_at is not None and (mine or all(one.done_at for one in pair))
    answers = answers_of([row.pk]).get(row.pk, {}) if is_open else {}
    [line] = _lines(reader_id, [row])
    return Sheet(
        line=line,
        ticket_id=row.ticket_id,
        edition=row.edition.number,
        questions=_questions(row, answers, language),
        remark=row.remark if is_open else "",
        is_open=is_open,
        is_second=row.first_id is not None,
    )


def _with_other(found: Sheet, other: Sheet) -> Sheet:
    return Sheet(
        found.line,
        found.ticket_id,
        found.edition,
        found.questions,
        found.remark,
        found.is_open,
        found.is_second,
        other,
    )


def answers_of(audit_ids: Collection[int]) -> dict[int, dict[str, AuditAnswer]]:
    found: dict[int, dict[str, AuditAnswer]] = {}
    for answer in AuditAnswer.objects.filter(audit__in=audit_ids):
        found.setdefault(answer.audit_id, {})[answer.question] = answer
    return found


def _questions(
    row: Audit, answers: Mapping[str, AuditAnswer], language: str
) -> tuple[Question, ...]:
    found = []
    for one in row.edition.content.get("questions", []):
        name = str(one["name"])
        given = answers.get(name)
        note = given.note if given else ""
        found.append(Question(name, text_of(one, language), given.answer if given else "", note))
    return tuple(found)


def text_of(question: Mapping[str, Mapping[str, str]], language: str) -> str:
    texts = question.get("texts", {})
    return texts.get(language) or texts.get(LANGUAGE) or str(question["name"])
