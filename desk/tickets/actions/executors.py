"""Another executor takes a ticket over: by a person's decision, or because one is away (T9)."""

from __future__ import annotations

from enum import StrEnum

from django.db import transaction

from desk.journal.cause import Cause
from desk.partners import queries as partners
from desk.partners.models import Person, StaffRole
from desk.rules.lifecycle import STATES, Verb
from desk.tickets.actions import conversation, engine, troubles, work
from desk.tickets.actions.conversation import Said
from desk.tickets.actions.engine import Case, Incomplete, text
from desk.tickets.models import MessageKind, Ticket
from desk.workdays import actions as workdays
from desk.workdays import queries as timeline
from desk.workdays.models import Absence

OPEN = [state for state, row in STATES.items() if row.open]


class Because(StrEnum):
    """Why a ticket has another executor, as the partner may read it; "" when a person decided.

    ABSENT: whoever had it is away. OFFERED: so that it is done in time. BACK: the lead is back.
    ASSIGNED: the project has a lead again.
    """

    ABSENT = "absent"
    OFFERED = "offered"
    BACK = "back"
    ASSIGNED = "assigned"


@transaction.atomic
def hand_over(cause: Cause, ticket_id: int, executor_id: int, why: str = "") -> Ticket:
    """Give an open ticket to another specialist who is there; history and promise stay, the
    partner is told, `why` stays inside the desk. Whoever works on it at the moment stops."""
    content = {"executor": executor_id, "text": why}
    case = engine.open_case(cause, ticket_id, Verb.HAND_OVER, content)
    if case.replayed:
        return case.ticket
    words = text("text", why, required=False)
    _refuse(case, executor_id)
    entry_id = _give(case, executor_id)
    if words:
        said = Said(MessageKind.NOTE, words, (), case.cause.person_id)
        conversation.add(case.cause, case.ticket, said, entry_id)
    return case.ticket


@transaction.atomic
def take_over(cause: Cause, ticket_id: int, executor_id: int, because: Because) -> Ticket:
    """Give an open ticket to a specialist who asked for it and may have it, which the caller has
    found out: the cover who takes an offer, the lead who is back. `cause` is the system's, and
    follows the entry of that deed. Who has the ticket already keeps it."""
    case = engine.open_case(cause, ticket_id, Verb.HAND_OVER)
    if case.ticket.executor_id != executor_id:
        _refuse(case, executor_id)
        _give(case, executor_id, because)
    return case.ticket


def give_pool(cause: Cause, project_id: int) -> int:
    """Give the open tickets of a project that nobody has to its lead, or its cover; how many. What
    somebody has in hand stays with them."""
    given = 0
    nobodys = Ticket.objects.filter(project_id=project_id, executor=None, state__in=OPEN)
    for ticket_id in nobodys.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            case = engine.open_case(cause, ticket_id, Verb.HAND_OVER)
            present = timeline.executor_for(project_id, case.cause.at)
            if case.ticket.executor_id is None and present is not None:
                _give(case, present.pk, Because.ASSIGNED)
                given += 1
    return given


def hand_over_absent(cause: Cause, absence_id: int) -> int:
    """Hand over the open tickets of somebody who is away: to the cover, or the lead; where both
    are away, to the administrators' pool. Gives back how many.

    Each ticket is a transaction of its own, so that one that fails stops no other; the absence
    is marked when none is left, and asked again otherwise.
    """
    absence = Absence.objects.get(pk=absence_id)
    if absence.handed_over_at is not None or absence.withdrawn_at is not None:
        return 0
    tickets = Ticket.objects.filter(executor_id=absence.person_id, state__in=OPEN)
    about, handed, failed = f"absence:{absence.pk}", 0, False
    for ticket_id in tickets.order_by("pk").values_list("pk", flat=True):
        if troubles.since(ticket_id, about, cause.at - troubles.RETRY_AFTER):
            failed = True
            continue
        try:
            handed += _hand_over_absent(cause, ticket_id, absence)
        except Exception as error:  # noqa: BLE001  # whatever it is, other tickets go on
            failed = True
            troubles.report(ticket_id, about, error, cause.at)
    if not failed:
        workdays.hand_over_absence(cause, absence_id)
    return handed


@transaction.atomic
def _hand_over_absent(cause: Cause, ticket_id: int, absence: Absence) -> int:
    case = engine.open_case(cause, ticket_id, Verb.HAND_OVER)
    present = timeline.executor_for(case.ticket.project_id, case.cause.at)
    executor_id = present.pk if present is not None else None
    if case.ticket.executor_id != absence.person_id or executor_id == absence.person_id:
        return 0
    _give(case, executor_id, Because.ABSENT, absence.pk)
    return 1


def _refuse(case: Case, executor_id: int) -> None:
    if executor_id == case.ticket.executor_id:
        raise Incomplete("executor", "same")
    active = Person.objects.filter(pk=executor_id, is_active=True).exists()
    if not active or StaffRole.SPECIALIST not in partners.staff_roles(executor_id):
        raise Incomplete("executor", "not_a_specialist")
    if timeline.away(executor_id, case.cause.at):
        raise Incomplete("executor", "away")


def _give(
    case: Case,
    executor_id: int | None,
    because: Because | None = None,
    absence_id: int | None = None,
) -> int:
    before = case.ticket.executor_id
    work.stop_all_work(case)
    case.ticket.executor_id = executor_id
    facts = {
        "executor_from": before,
        "executor": executor_id,
        "pool": executor_id is None,
        "absence": absence_id,
        "because": because or "",
    }
    return engine.carry_out(case, facts).pk
