"""How much of what went otherwise than the Standard asks was found by the machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from desk.oversight.models import AuditAnswer, Complaint, Violation

NO = "no"


@dataclass(frozen=True, slots=True)
class Deviations:
    """What the machine found, and what people did: complaints that were upheld and questions of
    audits that were answered with no."""

    by_machine: int
    complaints: int
    audits: int

    @property
    def whole(self) -> int:
        return self.by_machine + self.complaints + self.audits

    @property
    def share(self) -> float | None:
        """Found by the machine, of all; None where there was nothing."""
        return self.by_machine / self.whole if self.whole else None


def of_deviations(since_at: datetime, at: datetime) -> Deviations:
    """In a span: three queries. What a rule excused by itself is none."""
    found = Violation.objects.filter(at__gte=since_at, at__lt=at, excuse="")
    complaints = Complaint.objects.filter(
        upheld=True, answered_at__gte=since_at, answered_at__lt=at
    )
    answers = AuditAnswer.objects.filter(
        answer=NO, audit__done_at__gte=since_at, audit__done_at__lt=at
    )
    return Deviations(found.count(), complaints.count(), answers.count())
