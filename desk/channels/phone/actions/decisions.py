"""What was decided of a call: critical, and a bug is opened; or not, and nothing is, unless the
partner says aloud that a ticket is wanted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from desk.channels.phone import callers
from desk.channels.phone.models import NOTE_MAX, Call
from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.partners.models import Person
from desk.rules.lifecycle import Type, Verb
from desk.tickets import actions as tickets
from desk.tickets import queries
from desk.tickets.actions import Accepting, Incomplete, Submission
from desk.tickets.actions.engine import text
from desk.tickets.models import Ticket

CHANNEL = "phone"
Decision = Call.Decision


class UnknownCaller(Exception):
    """Nobody has this number on their card: nothing that is billed is opened for it."""


class Decided(Exception):
    """Another decision was made of this call, and a ticket was opened by it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What the ticket of a call says. Empty words are the desk's own, in the author's language."""

    project_id: int | None = None
    author_id: int | None = None
    subject: str = ""
    text: str = ""


@transaction.atomic
def critical(cause: Cause, call_id: int, claim: Claim) -> Call:
    """It is a critical error: a bug, submitted at the start of the call (R4), and accepted at once
    where the specialist may accept it; else its executor has the 15 minutes of a critical claim.

    Said twice, or by two people at once, it is one ticket. Raises `UnknownCaller`, `Incomplete`.
    """
    call = _locked(call_id)
    if call.ticket_id is not None:
        return call
    submitted = _submitted(cause, call, claim, critical_claim=True)
    call.ticket = _accepted(cause, submitted, call)
    return _decided(cause, call, Decision.CRITICAL)


@transaction.atomic
def not_critical(cause: Cause, call_id: int, note: str) -> Call:
    """It is none: nothing is opened. `note` says what was told. Raises `Decided`."""
    call = _locked(call_id)
    if call.ticket_id is not None:
        raise Decided
    words = text("note", note, required=False, longest=NOTE_MAX)
    if call.decision == Decision.NOT_CRITICAL and call.note == words:
        return call
    call.note = words
    return _decided(cause, call, Decision.NOT_CRITICAL)


@transaction.atomic
def file(cause: Cause, call_id: int, claim: Claim, *, wished: bool) -> Call:
    """A ticket as in the cabinet, because the partner said aloud that it is wanted. Raises
    `Incomplete`, `UnknownCaller`, `Decided` before it was found to be not critical."""
    call = _locked(call_id)
    if call.ticket_id is not None:
        return call
    if call.decision != Decision.NOT_CRITICAL:
        raise Decided
    if not wished:
        raise Incomplete("wished", "missing")
    claim = replace(claim, subject=text("subject", claim.subject), text=text("text", claim.text))
    call.ticket = _submitted(cause, call, claim, critical_claim=False)
    return _decided(cause, call, Decision.NOT_CRITICAL)


def claimed_at(call: Call) -> datetime:
    """When the partner called: at the first call of those that were missed before."""
    if call.callback is None:
        return call.started_at
    return min(call.started_at, call.callback.since_at)


def _locked(call_id: int) -> Call:
    """The call under its lock. Of the calls that belong together (missed ones, and the one by
    which they were reached), what was opened for one is opened for all."""
    call = Call.objects.select_for_update(of=("self",)).select_related("callback").get(pk=call_id)
    if call.callback_id is None or call.ticket_id is not None:
        return call
    same = Call.objects.select_for_update().filter(callback=call.callback_id).order_by("pk")
    opened = next((one for one in same if one.ticket_id is not None), None)
    if opened is not None:
        call.ticket_id, call.decision = opened.ticket_id, opened.decision
        call.decided_by_id, call.decided_at = opened.decided_by_id, opened.decided_at
        call.save(update_fields=["ticket", "decision", "decided_by", "decided_at"])
    return call


def _submitted(cause: Cause, call: Call, claim: Claim, *, critical_claim: bool) -> Ticket:
    author = _author(call, claim)
    project_id = claim.project_id or call.project_id
    if project_id is None:
        raise Incomplete("project", "missing")
    assert call.partner_id is not None, "an author belongs to a partner"
    with translation.override(author.language):
        subject = claim.subject.strip() or _("Critical error, reported by phone")
        words = claim.text.strip() or _("Reported by phone. We have talked it over on the call.")
    submission = Submission(
        partner_id=call.partner_id,
        project_id=project_id,
        subject=subject,
        text=words,
        author_id=author.pk,
        critical_claim=critical_claim,
        received_at=call.heard_at,
    )
    at = min(claimed_at(call), cause.at)
    by_call = Cause(cause.by, at, CHANNEL, key=call.key)
    return tickets.submit(by_call, submission)


def _author(call: Call, claim: Claim) -> Person:
    if call.partner_id is None:
        raise UnknownCaller
    possible = {person.pk: person for person in callers.authors(call)}
    chosen = claim.author_id or (next(iter(possible)) if len(possible) == 1 else None)
    if chosen not in possible:
        raise Incomplete("author", "missing" if chosen is None else "not_a_partners_person")
    return possible[chosen]


def _accepted(cause: Cause, ticket: Ticket, call: Call) -> Ticket:
    """Accept it, where the table lets this person: lead, cover, or executor."""
    assert cause.person_id is not None, "a person decides"
    if Verb.ACCEPT not in queries.verbs(cause.person_id, ticket, cause.at):
        return ticket
    assert ticket.author is not None, "a call's ticket has an author"
    with translation.override(ticket.author.language):
        message = _("We have taken your call and are working on it.")
    by_call = Cause(cause.by, cause.at, CHANNEL, key=f"{call.key}:accept")
    return tickets.accept(by_call, ticket.pk, Accepting(Type.BUG, message))


def _decided(cause: Cause, call: Call, decision: str) -> Call:
    call.decision, call.decided_by_id, call.decided_at = decision, cause.person_id, cause.at
    call.save()
    facts = {"decision": decision, "ticket": call.ticket_id, "people": [cause.person_id]}
    journal.record(cause, "judge_call", call.key, facts, call.partner_id)
    return call
