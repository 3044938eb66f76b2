"""A ticket that is submitted by a program: whose it is, and on whose behalf."""

from __future__ import annotations

from django.core.exceptions import ObjectDoesNotExist
from pydantic import Field

from desk.channels.api import files
from desk.channels.api.calls import Call
from desk.channels.api.files import References
from desk.channels.api.problems import Problem
from desk.channels.api.shapes import Day, Given, GivenId, Words, Yes
from desk.partners.models import Project
from desk.tickets import actions, queries
from desk.tickets.actions import Incomplete, Submission, Submitted
from desk.tickets.models import Ticket

SUBJECT_MAX, TEXT_MAX, EXTERNAL_ID_MAX = 200, 20_000, 200


class NewTicket(Given):
    """A ticket that is asked for."""

    project_id: GivenId = Field(description="The installation it is about: see `GET /projects`.")
    subject: Words = Field(min_length=1, max_length=SUBJECT_MAX, description="In one line.")
    text: Words = Field(
        min_length=1, max_length=TEXT_MAX, description="What happens, and what should."
    )
    critical_claim: Yes = Field(
        default=False, description="Nobody can work, or data are being lost."
    )
    wanted_by_on: Day | None = Field(None, description="A wish; it moves no deadline.")
    external_id: Words | None = Field(
        None,
        min_length=1,
        max_length=EXTERNAL_ID_MAX,
        description="Your own id of it: submitted again, the first ticket is answered.",
    )
    author_id: GivenId | None = Field(
        None,
        description="Whose request it is: for our people, and for integrations of the partner.",
    )
    files: References = Field(default_factory=list)


def submit(call: Call, wanted: NewTicket, step: object = "") -> Submitted:
    """The ticket, with its rows when it is a new one. Raises as `tickets.submit`, and `Problem`
    when the external id is of a ticket that the caller may not know of."""
    submission = Submission(
        partner_id=_partner_id(call, wanted.project_id),
        project_id=wanted.project_id,
        subject=wanted.subject,
        text=wanted.text,
        author_id=_author(call, wanted.author_id),
        critical_claim=wanted.critical_claim,
        wanted_by_on=wanted.wanted_by_on,
        external_id=wanted.external_id,
        files=files.named(call, wanted.files),
        received_at=call.at,
    )
    try:
        made = actions.submit_rows(call.cause(step), submission, call.access)
    except Project.DoesNotExist as error:
        raise Incomplete("project_id", "unknown") from error
    if made.rows is None and not _may_know(call, made.ticket):
        raise Problem("conflict", more={"reason": "external_id_taken"})
    return made


def _partner_id(call: Call, project_id: int) -> int:
    """Whose project it is; one that the person may not submit for is not told apart from none.
    Of a partner's person it is the partner's, or `submit` finds that there is no such project."""
    known = call.access
    if not known.is_staff and len(known.roles) == 1:
        return known.roles[0].partner_id
    found = Project.objects.filter(pk=project_id)
    if not known.is_staff:
        found = found.filter(partner__in=[role.partner_id for role in known.roles])
    partner_id = found.values_list("partner_id", flat=True).first()
    if partner_id is None:
        raise Incomplete("project_id", "unknown")
    return partner_id


def _author(call: Call, wanted: int | None) -> int | None:
    """Our people and integrations write for others; everybody else for themselves."""
    if call.access.is_staff:
        return wanted
    own = call.person.pk
    if wanted in (None, own) or call.admitted.partner_id is not None:
        return wanted or own
    raise Incomplete("author_id", "not_possible")


def _may_know(call: Call, ticket: Ticket) -> bool:
    return queries.visible_to(call.person, call.access).filter(pk=ticket.pk).exists()


def numbered(call: Call, text: str) -> Ticket:
    """The ticket with the number, or `ObjectDoesNotExist`."""
    if "\0" in text:
        raise ObjectDoesNotExist
    return queries.by_number(call.person, text, call.access)
