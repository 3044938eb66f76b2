"""Mails of a ticket that say something else than what the entry alone would: that a mail has come
and is a ticket, and in the morning what was held the day before."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.channels.email import actions, pacing
from desk.channels.models import Delivery
from desk.channels.reasons import Why
from desk.partners.models import Person
from desk.rules.lifecycle import State
from desk.tickets import queries as tickets
from desk.tickets.models import Ticket
from desk.tickets.queries import offers
from desk.web import formats


@dataclass(frozen=True, slots=True)
class Variant:
    """What stands in the mail instead of the entry's own headline and quote."""

    headline: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()
    why: str = ""


def of(delivery: Delivery, ticket: Ticket) -> Variant | None:
    """The other words of this delivery, None for the usual ones."""
    if delivery.why == actions.SENDER:
        return _acknowledgement(ticket)
    if delivery.why == Why.SPOKE:
        return _spoken(delivery, ticket)
    return _morning(delivery)


def _acknowledgement(ticket: Ticket) -> Variant:
    number = tickets.number(ticket)
    paragraphs = []
    if ticket.state == State.SUBMITTED:
        paragraphs.append(
            _(
                "What happens next: a specialist reads it and accepts it by the time below."
                " Then you learn the type, the deadline and what it costs at most."
            )
        )
    paragraphs.append(_("Keep the number in the subject when you write about it again."))
    return Variant(
        headline=_("We have your mail: it is ticket %(number)s") % {"number": number},
        paragraphs=tuple(text % {"number": number} for text in paragraphs),
        facts=((_("Project"), ticket.project.name),),
        why=_("You sent a mail to the desk. Within an hour only the first one is answered so."),
    )


def _spoken(delivery: Delivery, ticket: Ticket) -> Variant:
    """What was confirmed aloud, with the way back for who did not say so."""
    heard_by = Person.objects.filter(pk=delivery.entry.facts.get("heard_by")).first()
    names = {"number": tickets.number(ticket), "name": heard_by.name if heard_by else ""}
    until_at = offers.reopen_until(ticket)
    back = _(
        "You said no such thing, or it does not work after all? Open the ticket and contest it."
    )
    if until_at is not None:
        back = _(
            "You said no such thing, or it does not work after all? Open the ticket: until"
            " %(moment)s you reopen it free of charge, or contest the charge."
        ) % {"moment": formats.moment(until_at)}
    return Variant(
        headline=_("You have confirmed %(number)s on the phone") % names,
        paragraphs=(
            _("%(name)s heard you say so on the call and has confirmed it for you.") % names,
            back,
        ),
    )


def _morning(delivery: Delivery) -> Variant | None:
    held = pacing.held(delivery)
    if held is None:
        return None
    count = sum(held.values())
    told = ngettext(
        "%(count)s more thing happened after the last mail of that day.",
        "%(count)s more things happened after the last mail of that day.",
        count,
    )
    limit = _("At most %(count)s mails of one ticket are sent in a day; this one tells the rest.")
    return Variant(
        headline=_("There is more on the ticket"),
        paragraphs=(
            told % {"count": count},
            *(f"{times} × {headline}" for headline, times in held.items()),
            limit % {"count": actions.MAILS_PER_DAY_MAX},
        ),
    )
