"""Set-up's page of mail: mailboxes, what waits, what was given up, and mails of the data folder."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from desk.channels import actions, queries, words
from desk.channels.email import folder
from desk.channels.email.forms import MailboxForm
from desk.channels.email.models import Mailbox, Suppression, TurnKind
from desk.channels.email.triage import queries as triage
from desk.channels.models import OPEN, Channel, Delivery, Stumble
from desk.partners.models import StaffRole
from desk.web import access, edge
from desk.web.forms import Guards

CHANNEL = "setup"
UNPROCESSABLE = 422
SUPPRESSED_MAX = 200
FOLDED_SHOWN = timedelta(days=2)


@require_GET
@access.staff_page(StaffRole.VENDOR)
def index(request: HttpRequest) -> HttpResponse:
    """Everything about mail on one page."""
    return page(request, MailboxForm())


def page(request: HttpRequest, form: MailboxForm) -> HttpResponse:
    """The page with a form of a new mailbox, which may be one that was refused."""
    context = {
        "health": next(way for way in queries.ways_out() if way.channel == Channel.EMAIL),
        "parked_count": queries.parked().count(),
        "goes_out": settings.MAIL_GOES_OUT,
        "host": getattr(settings, "EMAIL_HOST", "") if settings.MAIL_GOES_OUT else "",
        "folder": str(settings.EMAIL_FILE_PATH),
        "mailboxes": Mailbox.objects.order_by("pk"),
        "suppressed": Suppression.objects.filter(lifted_at=None).order_by("-pk")[:SUPPRESSED_MAX],
        "form": form,
        "dead": [_delivery(row) for row in _mails(queries.dead())],
        "failing": [_delivery(row) for row in _mails(queries.failing())],
        "held": [_delivery(row) for row in _held(edge.now())],
        "waiting_mails": triage.counts()[triage.WAITING],
        "parked": [_stumble(row) for row in queries.parked()[: queries.SHOWN_MAX]],
        "stored": folder.listing(),
        "guard": Guards(),
    }
    status = UNPROCESSABLE if form.errors else None
    return render(request, "email/index.html", context, status=status)


@require_GET
@access.staff_page(StaffRole.VENDOR)
def stored(request: HttpRequest, name: str) -> HttpResponse:
    """One mail of the data folder, as plain text."""
    try:
        mail = folder.read(name)
    except FileNotFoundError as error:
        raise Http404 from error
    return render(request, "email/stored.html", {"mail": mail})


@require_POST
@access.staff_page(StaffRole.VENDOR)
def unpark(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Let the relay try an entry again that it has parked."""
    try:
        actions.unpark(edge.cause(request, CHANNEL), entry_id)
    except actions.NotDead:
        messages.info(request, _("This entry has passed already."))
    else:
        messages.success(request, _("The entry is passed on again."))
    return redirect("email:index")


def _mails(found: QuerySet[Delivery]) -> QuerySet[Delivery]:
    return found.filter(channel=Channel.EMAIL)[: queries.SHOWN_MAX]


def _held(at: datetime) -> QuerySet[Delivery]:
    """Mails that wait for the morning, because their ticket has sent enough of them today, and
    those that are lately told of by these."""
    waiting = Q(state__in=OPEN, turn__kind=TurnKind.HELD)
    folded = Q(turn__kind=TurnKind.FOLDED, created_at__gt=at - FOLDED_SHOWN)
    found = Delivery.objects.filter(waiting | folded).select_related("entry")
    return found.order_by("-id")[: queries.SHOWN_MAX]


def _delivery(row: Delivery) -> dict[str, object]:
    return {
        "id": row.pk,
        "address": row.address,
        "about": words.headline(row.entry.verb),
        "at": row.created_at,
        "next_at": row.next_at,
        "attempts": row.attempts,
        "error": row.error,
    }


def _stumble(row: Stumble) -> dict[str, object]:
    return {
        "id": row.entry_id,
        "about": f"{row.entry.verb} · {row.entry.subject}",
        "at": row.parked_at,
        "error": row.error,
    }
