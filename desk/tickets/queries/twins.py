"""The same ticket submitted again: the browser's "back" brings a form with a fresh key."""

from __future__ import annotations

from datetime import datetime, timedelta

from desk.tickets.models import Ticket

TWIN_WITHIN = timedelta(minutes=10)


def twin(author_id: int, project_id: int, subject: str, text: str, at: datetime) -> Ticket | None:
    """The ticket that the same person submitted with the same words a few minutes before `at`."""
    # As they are kept: without the character that no text of the database can hold.
    subject, text = subject.replace("\0", ""), text.replace("\0", "")
    lately = Ticket.objects.filter(
        author_id=author_id,
        project_id=project_id,
        subject=subject.strip(),
        submitted_at__gte=at - TWIN_WITHIN,
    )
    wanted = "\n".join(text.split())
    for ticket in lately.order_by("-pk")[:5]:
        first = ticket.messages.order_by("pk").first()
        if first is not None and "\n".join(first.text.split()) == wanted:
            return ticket
    return None
