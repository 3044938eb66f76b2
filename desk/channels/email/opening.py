"""A new ticket from a mail: by whom, for which project, and how many an hour."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from desk.channels.email import senders
from desk.channels.email.models import Received
from desk.channels.email.reading import Mail
from desk.channels.email.senders import Sender
from desk.channels.errors import Unclear
from desk.channels.models import Arrival
from desk.partners.models import PartnerRole, Project, ProjectState
from desk.tickets.models import Ticket

# More is no person but a machine gone wild, or another desk that answers itself.
TICKETS_PER_HOUR_MAX = 30
MAY_SUBMIT = (PartnerRole.OWNER, PartnerRole.MEMBER)
_TAG = re.compile(r"\[([^\[\]]{1,200})\]")
_PLUS = re.compile(r"p(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Choice:
    """The project of a new ticket. `guessed`: nothing in the mail named it."""

    project: Project
    guessed: bool = False


def refuse_flood(sender: Sender, at: datetime) -> None:
    """Raise `Unclear` when this sender has opened too many tickets within the hour."""
    since = at - timedelta(hours=1)
    rows = Received.objects.filter(person=sender.person, at__gt=since).exclude(ticket=None)
    opened = rows.filter(ticket__author=sender.person, ticket__submitted_at__gt=since)
    if opened.values("ticket").distinct().count() >= TICKETS_PER_HOUR_MAX:
        limit = {"name": sender.person.name, "count": TICKETS_PER_HOUR_MAX}
        text = _("%(name)s has opened %(count)s tickets by mail within an hour: is it a machine?")
        raise Unclear(text % limit)


def project(mail: Mail, arrival: Arrival, sender: Sender) -> Choice:
    """The project that is meant. Raises `Unclear` for who may open tickets nowhere.

    The only one; else the one that the plus address or a [name] in the subject gives; else that of
    the sender's last ticket; else of the partner's last ticket; else the oldest one.
    """
    submits = [r.partner_id for r in sender.access.roles if r.role in MAY_SUBMIT]
    if not submits:
        who = {"name": sender.person.name}
        raise Unclear(_("%(name)s may not open tickets: the role does not allow it.") % who)
    rows = Project.objects.filter(partner__in=submits, partner__is_active=True)
    rows = rows.exclude(state=ProjectState.ARCHIVED).select_related("partner").order_by("pk")
    projects = list(rows)
    if not projects:
        who = {"name": sender.person.name}
        raise Unclear(_("The company of %(name)s has no project that tickets belong to.") % who)
    if len(projects) == 1:
        return Choice(projects[0])
    named = _by_address(mail, arrival, projects) or _by_subject(mail, projects)
    return Choice(named) if named else Choice(_usual(sender, projects), guessed=True)


def _by_address(mail: Mail, arrival: Arrival, projects: list[Project]) -> Project | None:
    """The project of "support+p5@…"."""
    addresses = [*senders.recipients(arrival), *(p.address for p in (*mail.to, *mail.cc))]
    for address in addresses:
        found = _PLUS.fullmatch(address.rpartition("@")[0].partition("+")[2].lower())
        number = int(found[1]) if found else None
        for one in projects:
            if one.pk == number:
                return one
    return None


def _by_subject(mail: Mail, projects: list[Project]) -> Project | None:
    """The project whose name, or whose client's name, stands in brackets in the subject."""
    tags = {" ".join(tag.split()).casefold() for tag in _TAG.findall(mail.subject)}
    found = [
        one
        for one in projects
        if one.name.casefold() in tags or (one.client and one.client.casefold() in tags)
    ]
    return found[0] if len(found) == 1 else None


def _usual(sender: Sender, projects: list[Project]) -> Project:
    known = Ticket.objects.filter(project__in=projects).order_by("-pk")
    last = known.filter(author=sender.person).first() or known.first()
    return next((one for one in projects if last and one.pk == last.project_id), projects[0])
