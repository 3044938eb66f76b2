"""A ticket begins: submitted by a partner, or filed by staff on a partner's behalf; and what is
said on it at any time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from desk.journal import actions as journal
from desk.journal import queries as history
from desk.journal.cause import Cause
from desk.journal.models import Entry
from desk.lib import joined
from desk.lib.files import StoredFile
from desk.partners import queries as partners
from desk.partners.models import Membership, Partner, Person, Project, ProjectState
from desk.rules import lifecycle, promises
from desk.rules.clock import due
from desk.rules.lifecycle import Actor, State, Verb
from desk.tickets import queries
from desk.tickets.actions import clocks, conversation, rows
from desk.tickets.actions.engine import Incomplete, text
from desk.tickets.models import Follower, MessageKind, Ticket
from desk.tickets.queries.fresh import Fresh
from desk.workdays import queries as workdays

SUBJECT_MAX = 200
WANTED_AHEAD_MAX = timedelta(days=731)
MEMBERS = frozenset({Actor.OWNER, Actor.FINANCE, Actor.MEMBER, Actor.VIEWER})


@dataclass(frozen=True, slots=True)
class Submission:
    """What a partner asks for. `received_at` is our own reading when a channel knows an earlier
    instant of submission as `cause.at` (R4). `external_id` makes it idempotent."""

    partner_id: int
    project_id: int
    subject: str
    text: str
    author_id: int | None = None
    critical_claim: bool = False
    wanted_by_on: date | None = None
    external_id: str | None = None
    files: Sequence[StoredFile] = ()
    received_at: datetime | None = None

    def content(self) -> dict[str, object]:
        """What the idempotency key stands for."""
        return {
            "verb": Verb.SUBMIT,
            "partner": self.partner_id,
            "project": self.project_id,
            "subject": self.subject,
            "text": self.text,
            "critical": self.critical_claim,
            "wanted_by_on": self.wanted_by_on,
            "files": [file.sha256 for file in self.files],
        }


@dataclass(frozen=True, slots=True)
class Submitted:
    """A ticket, with the rows that were written for it: None when it was submitted before."""

    ticket: Ticket
    rows: Fresh | None = None


def submit(cause: Cause, submission: Submission) -> Ticket:
    """Make a ticket; its acceptance clock runs from `cause.at` (R4, R5, T9).

    Submitted again with the same key or external id, the first ticket is returned. Raises
    `Incomplete`, `NotAllowed`, `Project.DoesNotExist` for another partner's project.
    """
    return submit_rows(cause, submission).ticket


@transaction.atomic
def submit_rows(
    cause: Cause, submission: Submission, known: queries.Access | None = None
) -> Submitted:
    """`submit` for whoever shows the ticket at once: with what was written, so that nothing is
    read again. `known` is what the cause's person is, where that was just asked."""
    partner, project = rows.locked_partner(submission.partner_id, submission.project_id)
    earlier = _earlier(cause, submission, partner)
    if earlier is not None:
        return Submitted(earlier)
    subject = text("subject", submission.subject, longest=SUBJECT_MAX).replace("\n", " ")
    body = text("text", submission.text)
    if project is None:
        raise Project.DoesNotExist
    _refuse(cause, submission, project, known)
    duty = workdays.duty(project.pk, cause.at)
    ticket = _create(cause, submission, project, subject, duty.executor)
    entry = journal.record(
        cause, Verb.SUBMIT, ticket.key, _facts(ticket), partner.pk, submission.content()
    )
    return Submitted(ticket, _begin(cause, submission, ticket, (entry, duty, body)))


def _earlier(cause: Cause, submission: Submission, partner: Partner) -> Ticket | None:
    if submission.external_id is not None:
        found = Ticket.objects.filter(partner=partner, external_id=submission.external_id).first()
        if found is not None:
            return found
    if cause.key is None:
        return None
    entry = history.by_key(cause.key)
    if entry is None:
        return None
    journal.earlier(cause, entry.subject, submission.content())
    return Ticket.objects.get(pk=int(entry.subject.removeprefix("ticket:")))


def _refuse(
    cause: Cause, submission: Submission, project: Project, known: queries.Access | None
) -> None:
    partner = project.partner
    if project.state == ProjectState.ARCHIVED or not partner.is_active:
        raise Incomplete("project", "archived")
    if submission.wanted_by_on is not None:
        today = cause.at.date()
        if not today <= submission.wanted_by_on <= today + WANTED_AHEAD_MAX:
            raise Incomplete("wanted_by_on", "not_ahead")
    blank = Ticket(partner=partner, project=project, author_id=submission.author_id)
    who = queries.actors(cause.person_id, blank, cause.at, known)
    if submission.author_id is not None and not _is_member(
        partner.pk, submission.author_id, cause, who
    ):
        raise Incomplete("author", "not_a_partners_person")
    lifecycle.decide(Verb.SUBMIT, None, who)


def _is_member(partner_id: int, author_id: int, cause: Cause, who: frozenset[Actor]) -> bool:
    """Whether the author is one of the partner's people; of whoever submits this is known."""
    if author_id == cause.person_id:
        return bool(who & MEMBERS)
    present = Membership.objects.filter(partner=partner_id, until_at=None)
    return present.filter(person_id=author_id).exists()


def _create(
    cause: Cause, submission: Submission, project: Project, subject: str, executor: Person | None
) -> Ticket:
    partner = project.partner
    number = rows.count_ticket(partner)
    plan_version, calendar_version = partners.versions_in_force(partner.plan_id, cause.at)
    own = cause.person_id == submission.author_id
    ticket = Ticket(
        partner=partner,
        project=project,
        number=number,
        author_id=submission.author_id,
        filed_by_id=None if own else cause.person_id,
        channel=cause.channel,
        external_id=submission.external_id,
        subject=subject,
        critical_claim=submission.critical_claim,
        wanted_by_on=submission.wanted_by_on,
        state=State.SUBMITTED,
        executor=executor,
        plan_version=plan_version,
        calendar_version=calendar_version,
        queue_rank=number,
        submitted_at=cause.at,
        received_at=submission.received_at or cause.at,
        changed_at=cause.at,
    )
    calendar = calendar_version.value()
    ticket.acceptance_due_at = due(calendar, cause.at, _acceptance_seconds(ticket))
    joined.insert([ticket])
    return ticket


def _begin(
    cause: Cause, submission: Submission, ticket: Ticket, rest: tuple[Entry, workdays.Duty, str]
) -> Fresh:
    """Clocks, the first message and who follows."""
    entry, duty, body = rest
    running = clocks.first(ticket, cause.at, _acceptance_seconds(ticket))
    joined.insert(running)
    author_id = submission.author_id
    said = conversation.Said(MessageKind.PARTNER, body, submission.files, author_id)
    message = conversation.add(cause, ticket, said, entry.pk)
    if author_id is not None:
        joined.insert([Follower(ticket=ticket, person_id=author_id)])
    return Fresh(ticket, tuple(running), message, entry, duty, bool(submission.files))


def _acceptance_seconds(ticket: Ticket) -> int:
    terms = ticket.plan_version.value()
    return promises.acceptance_target(terms, critical_claim=ticket.critical_claim)


def _facts(ticket: Ticket) -> dict[str, object]:
    return {
        "from": None,
        "to": State.SUBMITTED,
        "cycle": 1,
        "project": ticket.project_id,
        "author": ticket.author_id,
        "critical_claim": ticket.critical_claim,
        "executor": ticket.executor_id,
        "pool": ticket.executor_id is None,
        "on_behalf": ticket.filed_by_id is not None,
        "received_at": ticket.received_at.isoformat(),
    }
