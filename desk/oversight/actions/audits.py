"""Audits: drawn once a week from what was resolved, taken and answered by administrators.

The draw is random and can be done again: its journal entry holds seed, share and all tickets that
it was drawn from. A share of the drawn is audited twice, blindly, by different people.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from desk.journal import actions as journal
from desk.journal import cause as causes
from desk.journal import queries as history
from desk.journal.cause import Cause
from desk.oversight.models import Audit, AuditAnswer, Edition
from desk.oversight.queries import drawing, editions
from desk.oversight.queries.drawing import Frame, Week
from desk.partners.models import Organisation, StaffRole
from desk.partners.queries import staff_roles
from desk.rules.standard import audits as rules
from desk.rules.worktime import Calendar
from desk.workdays import queries as workdays

# Of the drawn tickets, this share is audited by a second person who does not see the first.
TWICE_PERCENT = 20
# Audits are due at the end of so many working days after the week from which they were drawn.
DUE_WORKING_DAYS = 5
SEED_BYTES = 16
NOTE_MAX = 2_000
REMARK_MAX = 4_000
YES, NO, NOT_HERE = "yes", "no", "none"
ANSWERS = (YES, NO, NOT_HERE)
DAY = timedelta(days=1)
MOMENT = timedelta(seconds=1)


class AuditRefused(Exception):
    """Somebody may not do this to an audit: `why` is "role", "involved", "twice" (the other half
    of a pair is theirs), "taken", "done" or "not_taken"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class AnswersIncomplete(Exception):
    """Questions without an answer, or whose "no" does not say why, by their names."""

    def __init__(self, missing: Sequence[str], unexplained: Sequence[str]) -> None:
        super().__init__(", ".join((*missing, *unexplained)))
        self.missing = tuple(missing)
        self.unexplained = tuple(unexplained)


@dataclass(frozen=True, slots=True)
class Given:
    """The answer to one question: "yes", "no" or "none" (does not apply). A "no" has its note."""

    answer: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """What an auditor says of a ticket: by the name of each question of the edition."""

    answers: Mapping[str, Given] = field(default_factory=dict)
    remark: str = ""


def draw_audits(at: datetime) -> int:
    """Draw the audits of each week that has ended and was not drawn from; returns how many rows
    were written. Called at any time and as often as one likes, each week is drawn once."""
    return sum(_drawn(week, at) for week in drawing.undrawn(at))


@transaction.atomic
def take_audit(cause: Cause, audit_id: int) -> Audit:
    """An administrator takes an audit. Who took it may be followed only when not there any more.
    Raises `AuditRefused`, `Audit.DoesNotExist`."""
    row = _locked(audit_id)
    if row.auditor_id == cause.person_id:
        return row
    _may(cause, row)
    if row.auditor_id is not None and not _gone(row, cause.at):
        raise AuditRefused("taken")
    row.auditor_id, row.taken_at = cause.person_id, cause.at
    if cause.at <= row.due_at:
        # What was taken too late stays owed by whoever was to do it until then.
        row.owed_by_id = cause.person_id
    row.save(update_fields=["auditor", "taken_at", "owed_by"])
    _record(cause, "take_audit", row)
    return row


@transaction.atomic
def answer_audit(cause: Cause, audit_id: int, answers: Answers) -> Audit:
    """Answer every question of an audit that one has taken; once, for good. Its specialist may
    then read it. Raises `AuditRefused`, `AnswersIncomplete`, `Audit.DoesNotExist`."""
    row = _locked(audit_id)
    content = {"verb": "answer_audit", "audit": audit_id, "answers": _content(answers)}
    if journal.earlier(cause, f"audit:{row.pk}", content) is not None:
        return row
    if row.auditor_id != cause.person_id:
        raise AuditRefused("not_taken")
    _may(cause, row)
    asked = questions(row.edition)
    _refuse_incomplete(asked, answers)
    row.done_at, row.remark = cause.at, _cut(answers.remark, REMARK_MAX)
    row.save(update_fields=["done_at", "remark"])
    AuditAnswer.objects.bulk_create(_rows(row, asked, answers))
    _record(cause, "answer_audit", row, content, person=row.person_id)
    return row


def questions(edition: Edition) -> list[str]:
    """The names of an edition's questions, in their order."""
    return [str(one["name"]) for one in edition.content.get("questions", [])]


def _drawn(week: Week, at: datetime) -> int:
    """Draw one week in one transaction: a second worker waits, and finds it drawn."""
    with transaction.atomic():
        Organisation.objects.select_for_update().get()
        found = editions.at(at)
        if found is None or history.by_key(week.key) is not None:
            return 0
        frame = drawing.frame(week)
        seed, share = secrets.token_hex(SEED_BYTES), drawing.share_percent(found)
        chosen = rules.draw(seed, frame.from_which(), share, frozenset())
        doubled = _doubled(seed, chosen, frame)
        rows = _audits(week, frame, chosen, doubled)
        for row in rows:
            row.edition_id, row.seed, row.drawn_at = found.id, seed, at
            row.due_at = _due(week, at)
            row.save()
        _note_draw(week, at, {"seed": seed, "share_percent": share}, (frame, chosen, doubled))
        return len(rows)


def _doubled(seed: str, chosen: Sequence[int], frame: Frame) -> list[int]:
    """Those audited twice, of those that two people may audit."""
    by_two = [one for one in chosen if len(frame.auditors[one]) > 1]
    return rules.twice(seed, by_two, TWICE_PERCENT)


def _audits(week: Week, frame: Frame, chosen: Iterable[int], doubled: Sequence[int]) -> list[Audit]:
    """The rows of a draw, each first one before its second."""
    of = {one: person_id for person_id, tickets in frame.resolved.items() for one in tickets}
    rows: list[Audit] = []
    for ticket_id in chosen:
        first = Audit(ticket_id=ticket_id, person_id=of[ticket_id], week_on=week.on)
        rows.append(first)
        if ticket_id in doubled:
            rows.append(
                Audit(ticket_id=ticket_id, person_id=of[ticket_id], week_on=week.on, first=first)
            )
    return rows


def _note_draw(
    week: Week,
    at: datetime,
    how: Mapping[str, object],
    drawn: tuple[Frame, Sequence[int], Sequence[int]],
) -> None:
    frame, chosen, doubled = drawn
    from_which = {str(person): list(each) for person, each in frame.from_which().items()}
    done = {
        **how,
        "week_on": week.on.isoformat(),
        "resolved": sum(len(each) for each in frame.resolved.values()),
        "from": from_which,
        "drawn": list(chosen),
        "twice": list(doubled),
    }
    journal.record(causes.system(at, week.key), drawing.DRAW, week.subject, done)


def _due(week: Week, at: datetime) -> datetime:
    """Counted from the week's end; from the day before the draw where that came late."""
    calendar: Calendar = workdays.service_calendar(at)
    return calendar.end_of_working_day(max(week.until_at - MOMENT, at - DAY), DUE_WORKING_DAYS)


def _locked(audit_id: int) -> Audit:
    """The audit under the lock of its pair: both halves wait for each other."""
    first_id = Audit.objects.values_list("first_id", flat=True).get(pk=audit_id) or audit_id
    Audit.objects.select_for_update().get(pk=first_id)
    return Audit.objects.select_for_update(of=("self",)).select_related("edition").get(pk=audit_id)


def _may(cause: Cause, row: Audit) -> None:
    if row.done_at is not None:
        raise AuditRefused("done")
    person_id = cause.person_id
    if person_id is None or StaffRole.ADMINISTRATOR not in staff_roles(person_id):
        raise AuditRefused("role")
    if person_id not in drawing.may_audit([row.ticket_id])[row.ticket_id]:
        raise AuditRefused("involved")
    pair = Audit.objects.filter(first_id=row.pk) | Audit.objects.filter(pk=row.first_id or 0)
    if pair.filter(auditor_id=person_id).exists():
        raise AuditRefused("twice")


def _gone(row: Audit, at: datetime) -> bool:
    """Whether who took it is away, or no administrator any more, or got into the ticket."""
    assert row.auditor_id is not None, "it was taken"
    left = row.auditor_id not in drawing.may_audit([row.ticket_id])[row.ticket_id]
    return left or workdays.away(row.auditor_id, at)


def _refuse_incomplete(asked: Sequence[str], answers: Answers) -> None:
    given = answers.answers
    missing = [name for name in asked if name not in given or given[name].answer not in ANSWERS]
    unexplained = [
        name
        for name in asked
        if name in given and given[name].answer == NO and not _cut(given[name].note, NOTE_MAX)
    ]
    if missing or unexplained:
        raise AnswersIncomplete(missing, unexplained)


def _rows(row: Audit, asked: Iterable[str], answers: Answers) -> list[AuditAnswer]:
    return [
        AuditAnswer(
            audit=row,
            question=name,
            answer=answers.answers[name].answer,
            note=_cut(answers.answers[name].note, NOTE_MAX),
        )
        for name in asked
    ]


def _cut(text: str, longest: int) -> str:
    return text.replace("\x00", "").strip()[:longest]


def _content(answers: Answers) -> dict[str, object]:
    given = {name: [one.answer, one.note] for name, one in sorted(answers.answers.items())}
    return {"given": given, "remark": answers.remark}


def _record(
    cause: Cause, verb: str, row: Audit, content: Mapping[str, object] | None = None, **more: int
) -> None:
    """The entry says nothing of what was answered: another may be auditing the same blindly."""
    noted = {"audit": row.pk, "ticket_id": row.ticket_id, **more}
    journal.record(cause, verb, f"audit:{row.pk}", noted, content=content)
