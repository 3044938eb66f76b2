"""Mails about complaints: to administrators that one waits, to the partner its answer."""

from __future__ import annotations

from django.utils.translation import gettext as _

from desk.channels import addresses, words
from desk.channels.email.letter import Letter
from desk.channels.models import Delivery
from desk.oversight.models import Complaint
from desk.tickets import queries as tickets
from desk.web import formats

VERBS = ("complain", "answer_complaint")
QUOTE_MAX = 4000


def letter(delivery: Delivery) -> Letter:
    """The mail of one complaint; who may read it was asked before."""
    entry, person = delivery.entry, delivery.person
    assert person is not None, "a complaint is told to people"
    rows = Complaint.objects.select_related("partner", "ticket__partner", "raised_by")
    row = rows.get(pk=entry.facts["complaint"])
    answered = entry.verb == "answer_complaint"
    headline = words.headline(entry.verb)
    text = row.answer if answered else row.text
    return Letter(
        subject=f"{headline}: {row.partner.name}",
        headline=headline,
        facts=tuple(_facts(row, answered=answered)),
        quoted_from="" if answered else row.raised_by.name,
        quote=text[:QUOTE_MAX],
        link=(
            _("Open the complaints"),
            addresses.whole(addresses.complaints(staff=tickets.access(person).is_staff)),
        ),
        why=words.why(delivery.why),
        thread=entry.subject,
    )


def _facts(row: Complaint, *, answered: bool) -> list[tuple[str, str]]:
    facts = [(_("Ticket"), tickets.number(row.ticket))] if row.ticket is not None else []
    if not answered:
        return [*facts, (_("Answer by"), formats.moment(row.due_at))]
    outcome = _("You are right") if row.upheld else _("It stays as it is")
    facts += [(_("Outcome"), outcome), (_("Clause of the Standard"), row.clause)]
    if row.redone:
        facts.append((_("The work"), _("is done anew, free")))
    return facts
