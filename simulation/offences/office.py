"""The administrators of the proof: they rule, answer and audit in time, or once too late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from desk.oversight.actions import audits, rulings
from desk.oversight.actions.audits import Answers, Given
from desk.oversight.models import Audit, Verdict, Violation
from desk.partners.models import Person
from desk.tickets import actions
from desk.tickets.actions import Ruling
from desk.tickets.models import Dispute
from simulation.offences.course import Course
from simulation.offences.hours import SERVICE_HOURS as SERVICE
from simulation.offences.hours import moment
from simulation.offences.jobs import MINUTE, NOTHING, SECOND

AUDIT_DAYS = 5


class Office:
    """Whoever has been an administrator for longest and is there owes what is due."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self.duty, self.second = course.ground.administrators
        self.faults: set[str] = set()
        self.left: set[int] = set()

    def contested(self, dispute: Dispute, due_at: datetime) -> None:
        self._rules(dispute, due_at, "contest")

    def doubted(self, dispute: Dispute, due_at: datetime) -> None:
        self._rules(dispute, due_at, "doubt")

    def _rules(self, dispute: Dispute, due_at: datetime, fault: str) -> None:
        """Rule in time, often at the last instant; late where that was planned."""
        late = self._late(fault)
        chance = self.course.random
        if late:
            due_at = self.course.lengthened(self.course.now, due_at)
        early = chance.choice((NOTHING, SECOND, chance.uniform(30, 150) * MINUTE))
        at = due_at + late if late else due_at - early
        if late:
            self.course.expect("8.1", self.duty, due_at, (f"dispute:{dispute.pk}",))
        ruling = Ruling(upheld=False, text="Так: спершу причина.", clause="1.2")

        def rule() -> None:
            self.course.do(self.duty, actions.rule, dispute.pk, ruling)

        self.course.call(at, rule)

    def _late(self, fault: str) -> timedelta:
        if fault not in self.faults:
            return NOTHING
        self.faults.discard(fault)
        return self.course.random.choice((1, 240, 4000)) * SECOND

    def morning(self) -> None:
        """Rule on what the machine found since the last time."""
        for row in Violation.objects.filter(excuse="", ruling=None).order_by("at", "pk"):
            judge = self.second if row.person_id == self.duty.pk else self.duty
            self._say(row, judge)

    def _say(self, row: Violation, judge: Person) -> None:
        words = "Так і було, зі слів спеціаліста."
        rule: Callable[..., object] = rulings.rule_violation
        self.course.do(judge, rule, row.pk, Verdict.UPHELD, words)

    def audits(self) -> None:
        """Audit what was drawn, each by somebody else of a pair; one too late where planned."""
        for row in Audit.objects.filter(done_at=None).order_by("pk"):
            auditor = self._auditor(row) if row.pk not in self.left else None
            if auditor is None:
                continue
            late = self._late("audit") if row.first_id is None else NOTHING
            if not late:
                self._audit(row.pk, auditor)
                continue
            self.left.add(row.pk)
            week_over = moment(row.week_on, 0) + timedelta(days=7) - SECOND
            closing = SERVICE.closing(week_over, AUDIT_DAYS)
            due_at = self.course.lengthened(row.drawn_at, closing)
            self.course.expect("8.2", auditor, due_at, (f"audit:{row.pk}",))
            self.course.call(due_at + late, partial(self._audit, row.pk, auditor))

    def _auditor(self, row: Audit) -> Person | None:
        """Who takes it: whoever had a part in the ticket may not, nor the same one of a pair."""
        order = (self.duty, self.second) if row.first_id is None else (self.second, self.duty)
        for person in order:
            try:
                self.course.do(person, audits.take_audit, row.pk)
            except audits.AuditRefused:
                continue
            return person
        return None

    def _audit(self, audit_id: int, auditor: Person) -> None:
        row = Audit.objects.select_related("edition").get(pk=audit_id)
        if row.done_at is not None:
            return
        self.course.do(auditor, audits.take_audit, row.pk)
        given = {name: Given("yes") for name in audits.questions(row.edition)}
        self.course.do(auditor, audits.answer_audit, row.pk, Answers(given))
