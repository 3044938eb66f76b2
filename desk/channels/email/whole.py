"""The whole of a mail that became a message: its text and HTML, how it came, and its bytes.

The HTML of strangers is a document of its own in a frame that runs, loads and sends nothing.
"""

from __future__ import annotations

from http import HTTPStatus

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from desk.channels import addresses
from desk.channels.email import found
from desk.channels.email.found import Forgotten, Whole
from desk.channels.email.models import Received
from desk.tickets import queries as tickets
from desk.web import access, edge

# Pictures come from our own address, with the reader's cookie, so the frame keeps our origin; no
# script runs in it, and a link opens a page of its own.
SANDBOX = "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
FRAME = (
    f"{SANDBOX}; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; "
    "frame-ancestors 'self'"
)
INERT = "sandbox; default-src 'none'"


@login_required
@require_safe
def page(request: HttpRequest, message_id: int) -> HttpResponse:
    """The mail with everything that its reader may know of it."""
    try:
        whole = found.whole(message_id, edge.person(request))
    except Received.DoesNotExist as error:
        raise Http404 from error
    except Forgotten:
        return render(request, "email/whole_forgotten.html", status=HTTPStatus.GONE)
    ticket = whole.message.ticket
    staff = access.of(request).is_staff
    context = {
        "mail": whole.mail,
        "said": whole.mail.reply_text or whole.mail.text,
        "rest": found.folded(whole.mail.reply_text, whole.mail.text),
        "way": found.way(whole) if whole.knows else None,
        "html_url": reverse("mail:html", args=[message_id]) if whole.mail.html else "",
        "raw_url": reverse("mail:raw", args=[message_id]) if whole.knows else "",
        "number": tickets.number(ticket),
        "ticket_url": addresses.ticket(ticket, staff=staff),
    }
    return render(request, "email/whole.html", context)


@login_required
@require_safe
def html(request: HttpRequest, message_id: int) -> HttpResponse:
    """The sanitised HTML as a document for the frame; no remote picture is loaded."""
    content = found.page(_whole(request, message_id))
    if content is None:
        raise Http404
    response = render(request, "email/whole_html.html", {"content": content})
    response["Content-Security-Policy"] = FRAME
    response["X-Frame-Options"] = "SAMEORIGIN"
    return _private(response)


@login_required
@require_safe
def picture(request: HttpRequest, message_id: int, position: int) -> HttpResponse:
    """A picture that the mail itself brought along."""
    known = found.picture(_whole(request, message_id), position)
    if known is None:
        raise Http404
    kind, content = known
    response = HttpResponse(content, content_type=kind)
    response["Content-Security-Policy"] = INERT
    return _private(response)


@login_required
@require_safe
def raw(request: HttpRequest, message_id: int) -> HttpResponse:
    """The mail as it came, as a download that no browser runs: for our people and its author."""
    whole = _whole(request, message_id)
    if not whole.knows:
        raise Http404
    content = bytes(whole.arrival.raw)
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="mail-{message_id}.eml"'
    response["Content-Security-Policy"] = INERT
    return _private(response)


def _whole(request: HttpRequest, message_id: int) -> Whole:
    try:
        return found.whole(message_id, edge.person(request))
    except (Received.DoesNotExist, Forgotten) as error:
        raise Http404 from error


def _private(response: HttpResponse) -> HttpResponse:
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    return response
