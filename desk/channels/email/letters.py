"""What a mail says, before it is laid out: one letter for each delivery, in its reader's language.

Made when the mail is sent, from the entry and from what is true by then: the state, the deadline
and the executor are the present ones. Whoever may no longer see the ticket gets nothing. An
internal note or a question to production is in no mail, not even in one to our own people.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from babel.dates import format_datetime
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from desk.channels import addresses, money_told, recipients, standing, topics, visible, words
from desk.channels.email import (
    account,
    complaints,
    control_letters,
    details,
    links,
    replies,
    variants,
)
from desk.channels.email.letter import Letter
from desk.channels.errors import Pointless
from desk.channels.models import Delivery
from desk.channels.reasons import Why
from desk.channels.troubles import words as troubles
from desk.journal.models import Entry
from desk.partners import invitations
from desk.partners import queries as partners
from desk.partners.models import Invitation, Person
from desk.rules.lifecycle import STATES, ClockState, State, Verb
from desk.tickets import queries as tickets
from desk.tickets.models import AlarmKind, Message, MessageKind, Ticket
from desk.web import formats, labels

QUOTE_MAX = 4000
RESET_HOURS_MAX = 3
ACCOUNT_VERBS = ("invite", "reset_password")


def of(delivery: Delivery, at: datetime) -> Letter:
    """The letter of a delivery, in the active language and zone. Raises `Pointless`."""
    entry = delivery.entry
    if entry.verb == "invite":
        return _invitation(entry, delivery, at)
    person = delivery.person
    if person is None:
        raise Pointless("nobody to write to")
    if entry.verb == "reset_password":
        return _reset(entry, person, at)
    ticket = _ticket(entry)
    if person.email != delivery.address or not recipients.may_know(person, entry, ticket):
        raise Pointless("the reader may no longer see it")
    if entry.verb in OF_THE_PERSON:
        return OF_THE_PERSON[entry.verb](delivery)
    if ticket is not None:
        return _of_ticket(delivery, person, ticket, at)
    if entry.verb == "disable_webhook":
        return _of_webhook(delivery, person)
    if entry.subject.startswith("call:"):
        return _of_call(delivery)
    if entry.verb in troubles.VERBS:
        return _of_trouble(delivery)
    return _of_money(delivery)


def _ticket(entry: Entry) -> Ticket | None:
    number = None if entry.subject.startswith("deposit:") else topics.ticket_id(entry)
    rows = Ticket.objects.select_related("partner", "project", "executor")
    return rows.get(pk=number) if number is not None else None


def _of_ticket(delivery: Delivery, person: Person, ticket: Ticket, at: datetime) -> Letter:
    staff = tickets.access(person).is_staff
    number = tickets.number(ticket)
    other = variants.of(delivery, ticket)
    author, quote = _said(delivery.entry) if other is None else ("", "")
    return Letter(
        subject=f"[{number}] {ticket.subject}",
        headline=other.headline if other else words.headline(delivery.entry.verb),
        paragraphs=other.paragraphs if other else (),
        facts=(
            *(other.facts if other else ()),
            *_proposed(delivery.entry),
            *standing.because(delivery.entry),
            *_facts(ticket, staff=staff, verb=delivery.entry.verb),
            *details.asked(delivery.entry, ticket),
            *details.handed_over(delivery.entry, ticket),
        ),
        quoted_from=author,
        quote=quote,
        link=(
            _("Open %(number)s") % {"number": number},
            addresses.whole(addresses.ticket(ticket, staff=staff)),
        ),
        act=("", "") if staff else _act(ticket, person, at),
        why=(other.why if other else "") or words.why(delivery.why),
        thread=ticket.key,
        answer=_answer(delivery, ticket, at, staff=staff),
        unheard=_("You may read this ticket, but not write on it: an answer is not taken."),
    )


def _answer(delivery: Delivery, ticket: Ticket, at: datetime, *, staff: bool) -> str:
    """What becomes of an answer by mail, "" for who may not write on the ticket."""
    if staff and not replies.spoken(delivery.entry):
        return _("If you reply to this mail, your answer is an internal note.")
    if Verb.MESSAGE not in tickets.verbs(delivery.person_id, ticket, at):
        return ""
    if staff:
        return _("If you reply to this mail, the partner reads your answer.")
    return _("To answer, simply reply to this mail, or write on the page.")


def _act(ticket: Ticket, person: Person, at: datetime) -> tuple[str, str]:
    """Where the reader confirms, returns or answers right from the mail (T10)."""
    path = links.path(ticket, person, at)
    if not path:
        return "", ""
    delivered = ticket.state == State.DELIVERED
    label = _("Confirm or return") if delivered else _("Answer the question")
    return label, addresses.whole(path)


def _proposed(entry: Entry) -> tuple[tuple[str, str], ...]:
    """With a proposal goes the date that is proposed."""
    due_at = entry.facts.get("due_at")
    if entry.verb != Verb.RE_PROMISE or not isinstance(due_at, str):
        return ()
    return ((_("Proposed date"), moment(datetime.fromisoformat(due_at))),)


def _facts(ticket: Ticket, *, staff: bool, verb: str) -> tuple[tuple[str, str], ...]:
    """Status, deadline, executor, and what is expected."""
    status = labels.partner_state(ticket.state, ticket.type)
    if staff:
        status = labels.state_label(ticket.state, "staff")
    executor = ticket.executor.name if ticket.executor else _("is being found")
    rows = [
        (_("Ticket"), f"{tickets.number(ticket)}. {ticket.subject}"),
        (_("Status"), status),
        (_("Deadline"), deadline(ticket)),
        (_("Executor"), executor),
        (_("Expected of you"), _expected(ticket, staff=staff, verb=verb)),
    ]
    return tuple((label, value) for label, value in rows if value)


def deadline(ticket: Ticket) -> str:
    """The promise as it stands: no date while the clock stands, since it would move (R10)."""
    if STATES[State(ticket.state)].clock == ClockState.ENDED:
        return ""
    if ticket.stands_since_at is not None and ticket.due_at is None:
        since = {"moment": moment(ticket.stands_since_at)}
        stands = pgettext("mail", "Stands since %(moment)s") % since
        if ticket.left_seconds is None:
            return stands
        left = {"time": formats.long_duration(ticket.left_seconds)}
        over = ticket.left_seconds < 0
        rest = _("%(time)s overdue") if over else _("%(time)s of working time left")
        return f"{stands}, {rest % left}"
    if ticket.due_at is not None:
        return moment(ticket.due_at)
    if ticket.acceptance_due_at is not None:
        return _("To be accepted by %(moment)s") % {"moment": moment(ticket.acceptance_due_at)}
    return ""


def moment(at: datetime) -> str:
    """A moment in the reader's zone, with the weekday and the zone: a mail is read anywhere."""
    here = timezone.localtime(at)
    offset = here.utcoffset() or timedelta()
    hours, minutes = divmod(int(offset.total_seconds()) // 60, 60)
    zone = f"UTC{hours:+d}" + (f":{minutes:02d}" if minutes else "")
    day = format_datetime(here, "EEEE, d MMMM", locale=formats.language())
    return f"{day}, {here:%H:%M} ({zone})"


def _expected(ticket: Ticket, *, staff: bool, verb: str) -> str:
    ended = not STATES[State(ticket.state)].open
    if verb == Verb.RE_PROMISE and not staff and not ended:
        return str(words.AGREE_OR_KEEP)
    text = words.expected(ticket.state, staff=staff, ended=ended)
    if staff or ticket.state != State.DELIVERED:
        return text
    alarm = ticket.alarms.filter(kind=AlarmKind.CONFIRM_DELIVERED).first()
    if alarm is None:
        return text
    silence = _("Without an answer it counts as confirmed on %(moment)s.")
    return f"{text} {silence % {'moment': moment(alarm.at)}}"


def _said(entry: Entry) -> tuple[str, str]:
    """Who wrote what with this entry; a note is never quoted."""
    rows = Message.objects.filter(entry_id=entry.pk).exclude(kind=MessageKind.NOTE)
    message = rows.select_related("author").order_by("id").first()
    if message is None:
        return "", ""
    text = message.text
    if len(text) > QUOTE_MAX:
        text = f"{text[:QUOTE_MAX].rstrip()}…"
    return message.author.name if message.author else "", text


def _of_money(delivery: Delivery) -> Letter:
    entry = delivery.entry
    headline = money_told.sentence(entry) or words.headline(entry.verb)
    return Letter(
        subject=headline,
        headline=headline,
        facts=money_told.facts(entry),
        link=money_told.link(entry),
        why=words.why(delivery.why),
        thread=f"deposit:{entry.partner_id}",
    )


def _of_standard(delivery: Delivery) -> Letter:
    entry, person = delivery.entry, delivery.person
    headline = words.of_standard(entry.verb, entry.facts)
    own = person is not None and entry.subject == f"person:{person.pk}"
    path = addresses.standard(entry.verb, own=own)
    if entry.verb in standing.VERBS:
        headline, path = standing.sentence(entry), standing.path(entry, person)
    return Letter(
        subject=headline,
        headline=headline,
        link=(_("Read on"), addresses.whole(path)),
        why=words.why(delivery.why),
        thread=entry.subject,
    )


def _of_webhook(delivery: Delivery, person: Person) -> Letter:
    staff = tickets.access(person).is_staff
    headline = words.headline(delivery.entry.verb)
    gone = delivery.entry.facts.get("why") == "gone"
    reason = _("The receiver answered 410 Gone: it wants no more events.")
    if not gone:
        reason = _("The receiver has not taken an event for 24 hours.")
    return Letter(
        subject=headline,
        headline=headline,
        paragraphs=(
            reason,
            _("Mend the receiver, switch the webhook on again, then send what was missed."),
        ),
        link=(_("Open the webhooks"), addresses.whole(addresses.webhooks(staff=staff))),
        why=words.why(delivery.why),
        thread=delivery.entry.subject,
    )


def _of_way(delivery: Delivery) -> Letter:
    entry = delivery.entry
    headline = words.headline(entry.verb)
    return Letter(
        subject=headline,
        headline=headline,
        paragraphs=(words.lost_way(entry.facts),),
        link=(_("Connect it again"), addresses.whole(addresses.way(str(entry.facts.get("way"))))),
        why=words.why(delivery.why),
        thread=entry.subject,
    )


def _trial(delivery: Delivery) -> Letter:
    headline = words.headline(delivery.entry.verb)
    label = _("Choose what you are told of, and how")
    link = (label, addresses.whole(addresses.preferences()))
    return Letter(subject=headline, headline=headline, link=link, why=words.why(delivery.why))


# What concerns only how the reader is told.
OF_THE_PERSON: dict[str, Callable[[Delivery], Letter]] = {
    "lose_way": _of_way,
    "try_notices": _trial,
    **dict.fromkeys((*words.STANDARD, *standing.VERBS), _of_standard),
    **dict.fromkeys(complaints.VERBS, complaints.letter),
    **dict.fromkeys(control_letters.VERBS, control_letters.letter),
}


def _of_call(delivery: Delivery) -> Letter:
    headline = words.headline(delivery.entry.verb)
    return Letter(
        subject=headline,
        headline=headline,
        paragraphs=(_("The page of calls says who called, and by when to call back."),),
        link=(_("Open the calls"), addresses.whole(addresses.calls())),
        why=words.why(delivery.why),
        thread=delivery.entry.subject,
    )


def _of_trouble(delivery: Delivery) -> Letter:
    entry = delivery.entry
    said = troubles.sentence(entry.subject, entry.facts)
    reason = str(entry.facts.get("reason", ""))
    facts = ((_("Reason"), visible.line(reason)),) if reason else ()
    return Letter(
        subject=said,
        headline=words.headline(entry.verb),
        paragraphs=(said, troubles.mend(entry.facts)),
        facts=facts,
        link=(_("Open the channels"), addresses.whole(addresses.trouble(entry.subject))),
        why=words.why(delivery.why),
        thread=entry.subject,
    )


def _invitation(entry: Entry, delivery: Delivery, at: datetime) -> Letter:
    rows = Invitation.objects.select_related("partner", "invited_by")
    row = rows.get(pk=entry.subject.partition(":")[2])
    token = invitations.token(row)
    if invitations.refusal(row, token, at) is not None:
        raise Pointless("the invitation is no longer open")
    organisation = partners.organisation()
    desk = organisation.name if organisation else "Partner Desk"
    names = {"desk": desk, "role": labels.role_label(row.role)}
    names["company"] = row.partner.name if row.partner else desk
    names["inviter"] = row.invited_by.name if row.invited_by else desk
    until = _("The link works once, until %(moment)s.") % {"moment": moment(row.expires_at)}
    return Letter(
        subject=_("Invitation to the desk of %(desk)s") % names,
        headline=_("You are invited to the desk of %(desk)s") % names,
        paragraphs=(
            _("%(inviter)s invites you as “%(role)s” of %(company)s.") % names,
            until,
        ),
        link=(_("Accept the invitation"), addresses.whole(addresses.invitation(token))),
        why=words.why(delivery.why),
    )


def _reset(entry: Entry, person: Person, at: datetime) -> Letter:
    if not person.is_active or at - entry.at > timedelta(hours=RESET_HOURS_MAX):
        raise Pointless("the request is out of date")
    return Letter(
        subject=_("A new password for the desk"),
        headline=_("Choose a new password"),
        paragraphs=(
            _("A new password was asked for with the address %(email)s.") % {"email": person.email},
            _("If it was not you, do nothing: the present password stays."),
        ),
        link=(_("Choose a new password"), addresses.whole(account.reset_path(person))),
        why=words.why(Why.ACCOUNT),
    )
