"""Set-up of mail that comes in: mailboxes, their trial, and addresses that get nothing more."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from desk.channels.email import actions, probe, views
from desk.channels.email.forms import MailboxForm
from desk.channels.email.models import Mailbox, Suppression
from desk.journal import queries as journal
from desk.journal.cause import Cause
from desk.partners.models import StaffRole
from desk.web import access, edge
from desk.web.forms import Guards


@require_POST
@access.staff_page(StaffRole.VENDOR)
def add(request: HttpRequest) -> HttpResponse:
    """Begin to read a mailbox."""
    cause, form = edge.cause(request, views.CHANNEL), MailboxForm(request.POST)
    if form.is_valid() and not _repeated(cause):
        try:
            made = actions.add_mailbox(cause, form.card())
        except actions.AddressTaken:
            form.add_error("address", _("This address is read already."))
        except actions.TooMany:
            form.add_error(None, _("There are as many mailboxes as the desk reads."))
        else:
            messages.success(request, _("The mailbox is read from now on. Test the connection."))
            return redirect("email:mailbox", made.pk)
    return views.page(request, form) if form.errors else redirect("email:index")


@require_http_methods(["GET", "POST"])
@access.staff_page(StaffRole.VENDOR)
def mailbox(request: HttpRequest, mailbox_id: int) -> HttpResponse:
    """One mailbox: how it does, and the form to change it."""
    found = get_object_or_404(Mailbox, pk=mailbox_id)
    if request.method == "GET":
        return _page(request, found, MailboxForm(kept=found))
    cause, form = edge.cause(request, views.CHANNEL), MailboxForm(request.POST, kept=found)
    if form.is_valid() and not _repeated(cause):
        try:
            actions.change_mailbox(cause, mailbox_id, form.card())
        except actions.AddressTaken:
            form.add_error("address", _("This address is read already."))
        else:
            messages.success(request, _("Saved."))
    return _page(request, found, form) if form.errors else redirect("email:mailbox", found.pk)


@require_POST
@access.staff_page(StaffRole.VENDOR)
def test(request: HttpRequest, mailbox_id: int) -> HttpResponse:
    """Try the connection and show every step; nothing is read and nothing changes."""
    found = get_object_or_404(Mailbox, pk=mailbox_id)
    return _page(request, found, MailboxForm(kept=found), probe.probe(found))


@require_POST
@access.staff_page(StaffRole.VENDOR)
def switch(request: HttpRequest, mailbox_id: int) -> HttpResponse:
    """Pause a mailbox, or read it again."""
    found = get_object_or_404(Mailbox, pk=mailbox_id)
    cause, on = edge.cause(request, views.CHANNEL), request.POST.get("on") == "1"
    if not _repeated(cause):
        actions.switch_mailbox(cause, found.pk, on=on)
    said = _("The mailbox is read again.") if on else _("Paused. Mails wait on the server.")
    messages.success(request, said)
    return redirect("email:index")


@require_POST
@access.staff_page(StaffRole.VENDOR)
def lift(request: HttpRequest, suppression_id: int) -> HttpResponse:
    """Send to an address again; a second click does nothing more."""
    found = get_object_or_404(Suppression, pk=suppression_id)
    actions.lift(edge.cause(request, views.CHANNEL), found.pk)
    said = _("Mails go to %(address)s again.") % {"address": found.address}
    messages.success(request, said)
    return redirect("email:index")


def _repeated(cause: Cause) -> bool:
    """Whether this very form came before."""
    return cause.key is not None and journal.by_key(cause.key) is not None


def _page(
    request: HttpRequest, found: Mailbox, form: MailboxForm, steps: list[probe.Step] | None = None
) -> HttpResponse:
    context = {"box": found, "form": form, "steps": steps, "guard": Guards()}
    status = views.UNPROCESSABLE if form.errors else None
    return render(request, "email/mailbox.html", context, status=status)
