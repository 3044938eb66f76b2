"""What the bot says, as the HTML that Telegram takes: <b>, <i>, <a>, and three signs escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.channels import addresses
from desk.channels.notices.brief import Brief
from desk.partners.models import Person
from desk.rules.lifecycle import STATES, ClockState, State
from desk.tickets import queries as tickets
from desk.tickets.models import Ticket
from desk.web import formats, labels

# Telegram takes 4096 characters; a line is never cut in the middle, nor is a tag.
TEXT_MAX = 4096
LINE_MAX = 300
LISTED_MAX = 20
OPEN_STATES = tuple(state for state, row in STATES.items() if row.open)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def plain(text: str) -> str:
    """Somebody's words as one line in which nothing acts."""
    return escape(_CONTROL.sub(" ", text)[:LINE_MAX], quote=False)


def notice(found: Brief) -> str:
    """What happened, why one is told, and where to read on."""
    return _joined(_title(found), f"<i>{plain(found.why)}</i>", _links(found.path))


def several(told: Sequence[Brief]) -> str:
    """What waited while the reader was not to be disturbed, a line for each thing."""
    count = len(told)
    headline = ngettext(
        "%(count)s notice has waited for you",
        "%(count)s notices have waited for you",
        count,
    )
    lines = dict.fromkeys(_title(one) for one in told)
    shown = list(lines)[:LISTED_MAX]
    more = ["…"] if len(lines) > LISTED_MAX else []
    title = plain(headline % {"count": count})
    return _joined(title, *shown, *more, _links(addresses.notices()))


def link(path: str, label: str = "") -> str:
    """A link to a page of the desk."""
    shown = plain(label or _("Open on the desk"))
    return f'<a href="{escape(addresses.whole(path))}">{shown}</a>'


def _links(path: str) -> str:
    """Where to read on, and where to choose what comes."""
    return f"{link(path)} · {link(addresses.preferences(), _choose())}"


def _choose() -> str:
    return _("Choose what comes")


def linked(person: Person) -> str:
    """The chat is linked: with whom, and how it ends."""
    said = _("This chat now gets the notices of %(name)s.") % {"name": person.name}
    return _joined(plain(said), plain(_help()))


def status(person: Person) -> str:
    """The open tickets that the person asked for or works on: number, status, deadline."""
    staff = tickets.access(person).is_staff
    found = list(_open(person, staff=staff)[: LISTED_MAX + 1])
    if not found:
        return plain(_("No open tickets."))
    lines = [_line(ticket, staff=staff) for ticket in found[:LISTED_MAX]]
    if len(found) > LISTED_MAX:
        lines.append(link(addresses.tickets_of(staff=staff)))
    return _joined(plain(_("Your open tickets:")), *lines)


def words(person: Person | None) -> str:
    """What the bot understands."""
    if person is None:
        return plain(unlinked())
    said = _("This chat gets the notices of %(name)s.") % {"name": person.name}
    return _joined(plain(said), plain(_help()), link(addresses.preferences(), _choose()))


def unlinked() -> str:
    """To whoever writes to the bot and is linked with nobody."""
    return _("This chat is linked with nobody. Open the desk, Notices, and connect Telegram there.")


def stale() -> str:
    """To whoever comes by a link that links no more."""
    return _("This link is used or too old. Press “Connect Telegram” on the desk once more.")


def stopped() -> str:
    """Nothing more comes."""
    return _("This chat gets no more notices. What you may not miss comes by mail.")


def groups() -> str:
    """To a group: notices are one person's."""
    return _("This bot writes to single people only, and leaves this group.")


def _title(found: Brief) -> str:
    number = f"<b>{plain(found.number)}</b> · " if found.number else ""
    return f"{number}{plain(found.headline)}"


def _help() -> str:
    return _("/status shows your open tickets, /stop ends it. Answer on the ticket's page.")


def _open(person: Person, *, staff: bool) -> QuerySet[Ticket]:
    seen = tickets.visible_to(person, tickets.access(person)).filter(state__in=OPEN_STATES)
    mine = Q(executor=person) if staff else Q(author=person) | Q(followers__person=person)
    rows = seen.filter(pk__in=Ticket.objects.filter(mine).values("pk"))
    return rows.select_related("partner").order_by(F("due_at").asc(nulls_last=True), "pk")


def _line(ticket: Ticket, *, staff: bool) -> str:
    state = labels.partner_state(ticket.state, ticket.type)
    if staff:
        state = labels.state_label(ticket.state, "staff")
    said = " · ".join(filter(None, [state, _deadline(ticket)]))
    return f"<b>{plain(tickets.number(ticket))}</b> · {plain(said)}"


def _deadline(ticket: Ticket) -> str:
    if STATES[State(ticket.state)].clock == ClockState.ENDED:
        return ""
    if ticket.due_at is not None:
        return formats.moment(ticket.due_at)
    if ticket.stands_since_at is not None:
        return _("the clock stands")
    if ticket.acceptance_due_at is not None:
        moment = formats.moment(ticket.acceptance_due_at)
        return _("to be accepted by %(moment)s") % {"moment": moment}
    return ""


def _joined(*lines: str) -> str:
    """Lines as one message; those that do not fit any more are left out whole."""
    found: list[str] = []
    for line in lines:
        if sum(map(len, found)) + len(found) + len(line) <= TEXT_MAX:
            found.append(line)
    return "\n".join(found)
