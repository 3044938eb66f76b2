"""Set-up's page of addresses: which are ours, who else writes from where, and who is blocked."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from desk.channels.email import actions, outbound, replies
from desk.channels.email.models import Alias, BlockedSender, Mailbox, OwnAddress
from desk.channels.email.triage import actions as triage
from desk.journal import queries as journal
from desk.journal.cause import Cause
from desk.partners.models import StaffRole
from desk.web import access, edge
from desk.web.forms import DeskForm, Guards

CHANNEL = "setup"
SHOWN_MAX = 200
UNPROCESSABLE = 422


class AddressForm(DeskForm):
    """What a person enters of an address that is ours."""

    address = forms.EmailField(label=gettext_lazy("E-mail address"), max_length=254)
    plus = forms.BooleanField(
        label=gettext_lazy("The server takes name+anything@ for name@"),
        required=False,
        initial=True,
    )
    authserv_id = forms.CharField(
        label=gettext_lazy("Name in Authentication-Results"),
        help_text=gettext_lazy(
            "With it the desk believes what the server says about forged senders."
        ),
        max_length=253,
        required=False,
    )


@require_GET
@access.staff_page(StaffRole.VENDOR)
def addresses(request: HttpRequest) -> HttpResponse:
    """Every address that mail comes in by, and what the desk's own mails say."""
    return _page(request, AddressForm())


@require_POST
@access.staff_page(StaffRole.VENDOR)
def add(request: HttpRequest) -> HttpResponse:
    """Let the built-in receiver take mail for one more address."""
    cause, form = edge.cause(request, CHANNEL), AddressForm(request.POST)
    if form.is_valid() and not _repeated(cause):
        found = form.cleaned_data
        try:
            address = found["address"].lower()
            if replies.is_own(address, replies.own()) is not None:
                raise actions.AddressTaken
            actions.add_address(cause, address, found["authserv_id"], plus=found["plus"])
        except actions.AddressTaken:
            form.add_error("address", _("This address is ours already."))
        except actions.TooMany:
            form.add_error(None, _("There are as many addresses as the desk looks after."))
        else:
            messages.success(request, _("Mail for this address is taken from now on."))
    return _page(request, form) if form.errors else redirect("email:addresses")


@require_POST
@access.staff_page(StaffRole.VENDOR)
def remove(request: HttpRequest, address_id: int) -> HttpResponse:
    """Take no more mail for an address; a second click does nothing more."""
    actions.remove_address(edge.cause(request, CHANNEL), address_id)
    messages.success(request, _("Mail for this address is not taken any more."))
    return redirect("email:addresses")


@require_POST
@access.staff_page(StaffRole.VENDOR)
def remove_alias(request: HttpRequest, alias_id: int) -> HttpResponse:
    """Mail of this other address is nobody's again."""
    triage.remove_alias(edge.cause(request, CHANNEL), alias_id)
    messages.success(request, _("Mail of this address waits for a person again."))
    return redirect("email:addresses")


@require_POST
@access.staff_page(StaffRole.VENDOR)
def unblock(request: HttpRequest, blocked_id: int) -> HttpResponse:
    """Listen to this address again."""
    triage.unblock(edge.cause(request, CHANNEL), blocked_id)
    messages.success(request, _("Mail of this address is used again."))
    return redirect("email:addresses")


def _repeated(cause: Cause) -> bool:
    return cause.key is not None and journal.by_key(cause.key) is not None


def _page(request: HttpRequest, form: AddressForm) -> HttpResponse:
    sender, domain = outbound.sender()
    answered_at = replies.answered_at()
    context = {
        "mailboxes": Mailbox.objects.order_by("pk"),
        "added": OwnAddress.objects.order_by("address"),
        "aliases": Alias.objects.select_related("person").order_by("address")[:SHOWN_MAX],
        "blocked": BlockedSender.objects.order_by("-pk")[:SHOWN_MAX],
        "sender": sender,
        "domain": domain,
        "answered_at": answered_at,
        "sample": replies.reply_to(1, answered_at),
        "goes_out": settings.MAIL_GOES_OUT,
        "form": form,
        "guard": Guards(),
    }
    status = UNPROCESSABLE if form.errors else None
    return render(request, "email/addresses.html", context, status=status)
