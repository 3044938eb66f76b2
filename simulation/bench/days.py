"""The plan of a day with sixty open parts: proposed from the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.test.utils import CaptureQueriesContext

from desk.oversight.queries import days
from desk.partners import queries as partners
from desk.rules.lifecycle import Type
from desk.tickets import actions
from desk.tickets.actions import Accepting, Submission
from desk.workdays import queries as workdays
from simulation.bench import figures
from simulation.bench.figures import Cost
from simulation.moves import TAKEN, TEXT
from simulation.people import Company, cause_of

PARTS = 60
TIMES = 40
QUICK_TIMES = 10
LIMIT_MILLISECONDS = 50


@dataclass(frozen=True, slots=True)
class Proposed:
    """`misfits` is how much of so full a day does not fit: what the specialist is told."""

    cost: Cost
    statements: int
    slots: int
    misfits: int


def measure(company: Company, now: datetime, *, quick: bool) -> Proposed:
    """Give a lead sixty open parts, and propose the next morning."""
    project = company.projects[0]
    lead = partners.lead_of(project.pk, now)
    assert lead is not None, "every project of the world is led"
    for number in range(PARTS):
        asked = Submission(
            company.partner.pk, project.pk, f"Part {number}", TEXT, author_id=company.member.pk
        )
        ticket = actions.submit(cause_of(company.member, now, "cabinet"), asked)
        actions.accept(cause_of(lead, now, "workplace"), ticket.pk, Accepting(Type.BUG, TAKEN))
    at = workdays.schedule(lead.pk, now).next_open(now)
    with CaptureQueriesContext(connection) as caught:
        found = days.proposal(lead.pk, at)
    cost = figures.spend(
        QUICK_TIMES if quick else TIMES,
        lambda: days.proposal(lead.pk, at),
        figures.backend_of_django(),
    )
    work = [slot for slot in found.slots if slot.subject]
    return Proposed(cost, len(caught), len(work), len(found.misfits))
