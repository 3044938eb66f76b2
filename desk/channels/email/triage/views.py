"""Set-up's pages of mails that wait: read one, say whose it is, let it in, or block its sender."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from desk.channels import actions as channels
from desk.channels.actions import NotQuarantined
from desk.channels.email.triage import actions, queries
from desk.channels.email.triage.queries import ALL, KEPT, WAITING, Opened
from desk.channels.models import Arrival
from desk.journal import queries as journal
from desk.journal.cause import Cause
from desk.partners.models import StaffRole
from desk.tickets import queries as tickets
from desk.web import access, edge
from desk.web.forms import Guards

CHANNEL = "setup"
# Who decides about mails that nobody could use: their hour runs for administrators.
SORTERS = (StaffRole.VENDOR, StaffRole.ADMINISTRATOR)
Deed = Callable[[Cause, Opened, HttpRequest], str]
DIGITS_MAX = 18


@require_GET
@access.staff_page(*SORTERS)
def index(request: HttpRequest) -> HttpResponse:
    """Mails that wait, that were kept without a ticket, or all of the newest."""
    show = request.GET.get("show", WAITING)
    show = show if show in (WAITING, KEPT, ALL) else WAITING
    names = {WAITING: _("Wait for a person"), KEPT: _("Kept without a ticket"), ALL: _("All")}
    counts = queries.counts()
    tabs = [
        {
            "label": label,
            "url": f"{reverse('email:arrivals')}?show={key}",
            "current": key == show,
            "count": counts.get(key, 0),
        }
        for key, label in names.items()
    ]
    context = {"tabs": tabs, "rows": queries.listed(show), "show": show}
    return render(request, "email/arrivals.html", context)


@require_GET
@access.staff_page(*SORTERS)
def arrival(request: HttpRequest, arrival_id: int) -> HttpResponse:
    """One mail as a person reads it, and what may be done with it."""
    found = _opened(arrival_id)
    context = {
        "found": found,
        "mail": found.mail,
        "people": queries.people() if found.is_unknown else [],
        "ticket_number": tickets.number(found.ticket) if found.ticket else "",
        "follows_number": tickets.number(found.follows) if found.follows else "",
        "may_invite": StaffRole.VENDOR in access.of(request).staff,
        "guard": Guards(),
    }
    return render(request, "email/arrival.html", context)


class NoPerson(Exception):
    """Nobody was chosen, or one of our own people."""


def _opened(arrival_id: int) -> Opened:
    try:
        return queries.opened(arrival_id)
    except Arrival.DoesNotExist as error:
        raise Http404 from error


def _done(request: HttpRequest, arrival_id: int, deed: Deed) -> HttpResponse:
    """Do it once and say what was done, or why it was not."""
    found, cause = _opened(arrival_id), edge.cause(request, CHANNEL)
    if cause.key is None or journal.by_key(cause.key) is None:
        try:
            messages.success(request, deed(cause, found, request))
        except NotQuarantined:
            messages.info(request, _("This mail does not wait any more."))
        except NoPerson:
            messages.error(request, _("Choose a person of a partner."))
        except actions.NoAddress:
            messages.error(request, _("The mail does not say who it is from."))
        except actions.Known:
            messages.error(request, _("The address is somebody's already."))
        except actions.TooMany:
            messages.error(request, _("There are as many as the desk looks after."))
    return redirect("email:arrivals")


def _deed(deed: Deed) -> Callable[..., HttpResponse]:
    """The page behind a button: do it once, and say what was done."""

    @require_POST
    @access.staff_page(*SORTERS)
    @wraps(deed)
    def page(request: HttpRequest, arrival_id: int) -> HttpResponse:
        return _done(request, arrival_id, deed)

    return page


@_deed
def replay(cause: Cause, found: Opened, _request: HttpRequest) -> str:
    """Try the mail again as it is."""
    channels.replay(cause, found.arrival.pk)
    return _("It is tried again.")


@_deed
def dismiss(cause: Cause, found: Opened, _request: HttpRequest) -> str:
    """Put the mail aside for good."""
    channels.dismiss(cause, found.arrival.pk)
    return _("It is put aside.")


@_deed
def attribute(cause: Cause, found: Opened, request: HttpRequest) -> str:
    """Say which person of which partner writes from this address."""
    chosen = request.POST.get("person", "")
    is_number = chosen.isascii() and chosen.isdigit() and len(chosen) <= DIGITS_MAX
    number = int(chosen) if is_number else 0
    if not queries.is_person_of_partner(number):
        raise NoPerson
    actions.attribute(cause, found.arrival.pk, found.mail.sender.address, number)
    return _("From now on mail of this address is theirs. This one is tried again.")


@_deed
def vouch(cause: Cause, found: Opened, _request: HttpRequest) -> str:
    """Say that the mail is genuine and to be used."""
    actions.vouch(cause, found.arrival.pk)
    return _("It is used as a mail of its sender.")


@_deed
def follow(cause: Cause, found: Opened, _request: HttpRequest) -> str:
    """Make the sender a participant of the ticket that the mail answers."""
    if found.follows is None or found.sender is None:
        raise NotQuarantined
    person = found.sender.person
    actions.let_follow(cause, found.arrival.pk, found.follows.pk, person.pk)
    said = _("%(name)s takes part in the ticket. The mail is tried again.")
    return said % {"name": person.name}


@_deed
def block(cause: Cause, found: Opened, _request: HttpRequest) -> str:
    """Listen to the sender no more, and put the mail aside."""
    actions.block(cause, found.arrival.pk, found.mail.sender.address)
    return _("Nothing is made of mails of this address any more. They are still kept.")
