"""What happens behind a desk's pages: the relay goes round, and deliveries are tried."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

from django.core.mail import EmailMessage as DjangoMessage
from django.db.models import QuerySet

from desk.channels import outbox
from desk.channels.errors import Later
from desk.channels.gathering import PERSONAL
from desk.channels.models import Delivery
from desk.channels.notices.models import Notice
from desk.channels.routing import GRACE_SECONDS
from desk.config import relay
from desk.journal import cause as causes
from desk.journal.cause import Cause
from desk.partners.models import Person
from desk.rules.lifecycle import Type
from desk.tickets import actions
from desk.tickets.models import Ticket
from tests.language import OPENED, Desk


def submitted(desk: Desk, text: str = "Nothing is saved any more.") -> Ticket:
    """A ticket of the partner's member at the present moment."""
    submission = actions.Submission(
        partner_id=desk.company.partner.pk,
        project_id=desk.company.project.pk,
        subject="Orders are not saved",
        text=text,
        author_id=desk.company.member.pk,
    )
    return actions.submit(desk.cause(desk.company.member), submission)


def accepted(desk: Desk, message: str = "I look at it today.") -> Ticket:
    """A bug that the lead has accepted: it needs no deposit."""
    ticket = submitted(desk)
    desk.later(minutes=5)
    accepting = actions.Accepting(type=Type.BUG, message=message)
    return actions.accept(desk.cause(desk.lead), ticket.pk, accepting)


def relayed(at: datetime) -> None:
    """Let the relay go round until nothing waits."""
    while relay.tick(at):
        pass


def sent(at: datetime) -> int:
    """Try every delivery that is due, as the queue's workers would, and a minute later those that
    were waiting only for more of their ticket; returns how many."""
    count = sent_by(at)
    rest = Delivery.objects.filter(attempts=0, channel__in=PERSONAL)
    return count + sent_by(at + timedelta(seconds=GRACE_SECONDS), rest)


def sent_by(at: datetime, found: QuerySet[Delivery] | None = None) -> int:
    """Try every delivery that is due at this very moment; returns how many."""
    rows = Delivery.objects.all() if found is None else found
    due = rows.filter(next_at__lte=at).order_by("next_at", "pk")
    numbers = list(due.values_list("pk", flat=True))
    for number in numbers:
        with contextlib.suppress(Later):
            outbox.send(number, at)
    return len(numbers)


def told(person: Person) -> list[str]:
    """The verbs that a person has notices of, the oldest first."""
    return list(Notice.objects.filter(person=person).order_by("id").values_list("verb", flat=True))


def mailed(person: Person) -> list[str]:
    """The verbs that a person has deliveries of, the oldest first."""
    rows = Delivery.objects.filter(person=person).order_by("id")
    return list(rows.values_list("entry__verb", flat=True))


def system() -> Cause:
    """The system's cause at a moment that no test looks at."""
    return causes.system(OPENED)


def parsed(message: DjangoMessage) -> EmailMessage:
    """A message of Django's as it goes over the wire."""
    found = message_from_bytes(message.message().as_bytes(), policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found
