"""Somebody goes away and comes back: what they add to the brief, the digest on return (the loop
"returns"), and taking one's tickets back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from desk.journal import actions as journal
from desk.journal import cause as causes
from desk.journal.cause import Cause
from desk.oversight.models import BriefNote, Return
from desk.oversight.queries import briefs, returns
from desk.partners.models import Project
from desk.tickets import actions as tickets
from desk.tickets.actions import Because, Incomplete, engine
from desk.tickets.models import Ticket
from desk.workdays import queries as workdays
from desk.workdays.models import Absence

NOTE_MAX = 5_000
DIGITS_MAX = 18


def tick(at: datetime) -> int:
    """Tell who is back what happened meanwhile, once; how many were told."""
    return sum(_tell(absence, at) for absence in returns.ended(at))


def write_brief(cause: Cause, absence_id: int, subject: str, text: str) -> BriefNote:
    """Add to the brief of a project or a ticket, before or while one is away; it replaces what
    was added before. Only the absent one writes. Raises `Incomplete`, `Absence.DoesNotExist`."""
    with transaction.atomic():
        absence = Absence.objects.select_for_update(no_key=True).get(
            pk=absence_id, person=cause.person_id, withdrawn_at=None
        )
        words = engine.text("text", text, required=False, longest=NOTE_MAX)
        subject, partner_id = _about(absence, subject)
        content = {"verb": "write_brief", "subject": subject, "text": words}
        row, _ = BriefNote.objects.get_or_create(
            absence=absence, subject=subject, defaults={"text": words, "written_at": cause.at}
        )
        about = f"absence:{absence.pk}"
        if journal.earlier(cause, about, content) is not None:
            return row
        row.text, row.written_at = words, cause.at
        row.save(update_fields=["text", "written_at"])
        facts = {"about": subject, "person": absence.person_id}
        journal.record(cause, "write_brief", about, facts, partner_id, content)
        return row


def take_back(cause: Cause, absence_id: int, ticket_ids: Collection[int]) -> int:
    """Who is back takes tickets back that were handed over for the absence: those that are still
    open and that nobody works on at this moment; how many. The partner is told of each.

    Raises `Absence.DoesNotExist` for another's, `Incomplete` for who is still away.
    """
    with transaction.atomic():
        absence = Absence.objects.select_for_update(no_key=True).get(
            pk=absence_id, person=cause.person_id
        )
        content = {"verb": "take_back", "tickets": sorted(ticket_ids)}
        subject = f"absence:{absence.pk}"
        if journal.earlier(cause, subject, content) is not None:
            return 0
        if workdays.away(absence.person_id, cause.at):
            raise Incomplete("executor", "away")
        free = [one for one in returns.back(absence, cause.at) if not one.at_hand]
        chosen = [one.line.id for one in free if one.line.id in ticket_ids]
        facts = {"person": absence.person_id, "tickets": sorted(chosen)}
        entry = journal.record(cause, "take_back", subject, facts, content=content)
        system = causes.system(cause.at, parent=entry.pk)
        for ticket_id in sorted(chosen):
            tickets.take_over(system, ticket_id, absence.person_id, Because.BACK)
        return len(chosen)


@transaction.atomic
def _tell(absence: Absence, at: datetime) -> int:
    _, made = Return.objects.get_or_create(absence=absence, defaults={"at": at})
    if not made:
        return 0
    facts = {"absence": absence.pk, **returns.counts(absence, at)}
    journal.record(causes.system(at), "come_back", f"person:{absence.person_id}", facts)
    return 1


def _about(absence: Absence, subject: str) -> tuple[str, int]:
    """What the brief is about, written in one way only, and its partner; it must be the absent
    one's."""
    kind, _, digits = subject.partition(":")
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= DIGITS_MAX
    key = int(digits) if is_number else 0
    if kind == "ticket":
        ticket = Ticket.objects.filter(pk=key).first()
        mine = ticket is not None and (
            ticket.executor_id == absence.person_id or ticket.pk in briefs.handed_over(absence)
        )
        if ticket is not None and mine:
            return ticket.key, ticket.partner_id
    elif kind == "project":
        led = Project.objects.filter(
            pk=key, assignments__specialist__person=absence.person_id, assignments__until_at=None
        ).first()
        if led is not None:
            return f"project:{led.pk}", led.partner_id
    raise Incomplete("subject", "missing")
