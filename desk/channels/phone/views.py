"""Calls of the hotline for our people: live cards, the day's list, one call and its decision."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from desk.channels import addresses
from desk.channels.phone import actions, queries, shown
from desk.channels.phone.actions import Decided, NotHeard, UnknownCaller
from desk.channels.phone.fold import CallState
from desk.channels.phone.forms import AnswerForm, ChoiceForm, ClaimForm, FileForm, NoteForm
from desk.channels.phone.models import Call, CallBack
from desk.channels.phone.spoken import Why
from desk.partners.models import StaffRole
from desk.rules.lifecycle import State
from desk.tickets import queries as tickets
from desk.tickets.actions import Incomplete
from desk.web import access, edge, formats, inputs
from desk.web.access import staff_page
from desk.web.forms import DeskForm, Guards

CHANNEL = "phone"
ANSWERS = (StaffRole.SPECIALIST, StaffRole.ADMINISTRATOR)
Context = dict[str, Any]
UNHEARD = {
    Why.NOT_YOURS: gettext_lazy("Only whoever has the call records what is said on it."),
    Why.NOBODY_TALKED: gettext_lazy("Nobody has talked on this call."),
    Why.TOO_LATE: gettext_lazy(
        "The call has ended too long ago: send the caller to the link in the mail."
    ),
    Why.WHOSE_NUMBER: gettext_lazy(
        "It is not certain whose number this is, so nothing is confirmed by it."
    ),
    Why.HANDED_OVER_LATER: gettext_lazy("The result was handed over only after this call."),
}


@require_safe
@staff_page(*ANSWERS)
def index(request: HttpRequest) -> HttpResponse:
    """Whom to call back, what nobody has decided, and the day's calls."""
    at = edge.now()
    context = {
        "callbacks": shown.callbacks(queries.open_callbacks(), at),
        "undecided": [shown.row(one) for one in queries.undecided(at)],
        "calls": [shown.row(one) for one in queries.today(at)],
        "month": queries.month(at),
        "lines": hotlines(),
    }
    return render(request, "phone/calls.html", context)


@require_safe
@staff_page(*ANSWERS)
def now(request: HttpRequest) -> HttpResponse:
    """The cards of the reader's calls alone, for a page that heard of one."""
    return render(request, "phone/now.html")


def live_calls(request: HttpRequest) -> Context | None:
    """What phone/now.html needs on every page of who answers calls; None for everybody else. The
    page of a call does not need the card of the same call."""
    known = access.of(request)
    if not known.staff & set(ANSWERS):
        return None
    person, at, beside = edge.person(request), edge.now(), _beside(request)
    found = [one for one in queries.live(known) if str(one.pk) != beside]
    return {
        "template": "phone/now.html",
        "topic": f"person:{person.pk}",
        "url": reverse("calls:now") + (f"?beside={beside}" if beside else ""),
        "cards": [{**shown.card(one, person, known, at), "form": ChoiceForm(one)} for one in found],
        "guard": Guards(),
    }


def _beside(request: HttpRequest) -> str:
    """The call whose page this is, or stands around this fragment."""
    match = request.resolver_match
    if match is not None and match.view_name == "calls:now":
        asked = request.GET.get("beside", "")
        return asked if asked.isascii() and asked.isdigit() else ""
    of_call = match is not None and match.namespace == "calls" and "call_id" in match.kwargs
    return str(match.kwargs["call_id"]) if match is not None and of_call else ""


def hotlines() -> list[Context]:
    """The numbers for critical errors; asked for by the pages that show them."""
    at = edge.now()
    return [shown.hotline(line, at) for line in queries.hotlines()]


@require_safe
@staff_page(*ANSWERS)
def call(request: HttpRequest, call_id: int) -> HttpResponse:
    """One call: who, what is known, what was decided."""
    return _page(request, queries.call(call_id))


@require_POST
@staff_page(*ANSWERS)
def critical(request: HttpRequest, call_id: int) -> HttpResponse:
    """It is a critical error: a bug is opened, once."""
    found = queries.call(call_id)
    cause, form = edge.cause(request, CHANNEL), ClaimForm(found, request.POST)
    if not form.is_valid():
        return _page(request, found, critical=form)
    before = found.ticket_id
    try:
        done = actions.critical(cause, call_id, form.claim())
    except (UnknownCaller, Incomplete) as error:
        return _page(request, found, critical=_with(form, error))
    return _opened(request, done, before)


@require_POST
@staff_page(*ANSWERS)
def not_critical(request: HttpRequest, call_id: int) -> HttpResponse:
    """It is none: nothing is opened."""
    found = queries.call(call_id)
    cause, form = edge.cause(request, CHANNEL), AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, found, answer=form)
    try:
        actions.not_critical(cause, call_id, form.cleaned_data["note"])
    except (Decided, Incomplete) as error:
        return _page(request, found, answer=_with(form, error))
    messages.success(request, _("Nothing was opened. File a ticket only if the partner asks."))
    return _to("calls:call", call_id)


@require_POST
@staff_page(*ANSWERS)
def file(request: HttpRequest, call_id: int) -> HttpResponse:
    """A ticket that the partner wants, once."""
    found = queries.call(call_id)
    cause, form = edge.cause(request, CHANNEL), FileForm(found, request.POST)
    if not form.is_valid():
        return _page(request, found, file=form)
    before = found.ticket_id
    try:
        wished = form.cleaned_data["wished"]
        done = actions.file(cause, call_id, form.claim(), wished=wished)
    except (UnknownCaller, Incomplete, Decided) as error:
        return _page(request, found, file=_with(form, error))
    return _opened(request, done, before)


@require_POST
@staff_page(*ANSWERS)
def hear_confirm(request: HttpRequest, call_id: int, ticket_id: int) -> HttpResponse:
    """The caller says that the result is right: it is confirmed in the caller's name."""
    try:
        done = actions.hear_confirm(edge.cause(request, CHANNEL), call_id, ticket_id)
    except NotHeard as error:
        messages.error(request, UNHEARD[error.why])
    else:
        said = _("%(number)s is confirmed. The caller is told at once that you wrote it down.")
        messages.success(request, said % {"number": tickets.number(done)})
    return _to("calls:call", call_id)


@require_POST
@staff_page(*ANSWERS)
def match(request: HttpRequest, call_id: int) -> HttpResponse:
    """Look again whose number it is."""
    found = actions.match(edge.cause(request, CHANNEL), call_id)
    if found.partner_id is None:
        messages.info(request, _("Still nobody has this number on the card."))
    else:
        messages.success(request, _("The caller is known now."))
    return _to("calls:call", call_id)


@require_POST
@never_cache
@staff_page(*ANSWERS)
def recording(request: HttpRequest, call_id: int) -> HttpResponse:
    """The link of the recording, for who may hear it; that it was asked for is on record."""
    found = queries.call(call_id)
    if not queries.may_listen(found, access.of(request), edge.now()):
        raise PermissionDenied
    link = actions.listen(edge.cause(request, CHANNEL), call_id)
    if not link:
        raise Http404
    context = {
        "call": shown.row(found),
        "link": link,
        "is_address": link.startswith(("https://", "http://")),
        "consent": found.recording_consent,
        "until_at": found.recording_until_at,
    }
    return render(request, "phone/recording.html", context)


@require_POST
@staff_page(*ANSWERS)
def called_back(request: HttpRequest, callback_id: int) -> HttpResponse:
    """A person writes that it is done, and how."""
    found = CallBack.objects.get(pk=callback_id)
    first = found.calls.order_by("started_at")[0]
    cause, form = edge.cause(request, CHANNEL), NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, queries.call(first.pk), note=form)
    actions.called_back(cause, callback_id, form.cleaned_data["note"])
    messages.success(request, _("Done: nobody is reminded of it any more."))
    return _to("calls:call", first.pk)


def _page(request: HttpRequest, found: Call, **refused: DeskForm) -> HttpResponse:
    """One call; a form that was refused stands where it was sent from."""
    at, known = edge.now(), access.of(request)
    task = found.callback
    undecided = not found.outgoing or task is not None
    context = {
        "call": shown.card(found, edge.person(request), known, at),
        "row": found,
        "critical": refused.get("critical") or ClaimForm(found),
        "answer": refused.get("answer") or AnswerForm(initial={"note": found.note}),
        "file": refused.get("file") or FileForm(found),
        "note": refused.get("note") or NoteForm(),
        "may_decide": undecided and found.ticket_id is None,
        "may_file": found.decision == Call.Decision.NOT_CRITICAL and found.ticket_id is None,
        "callback": shown.callbacks([task], at)[0] if task is not None else None,
        "has_recording": bool(found.recording),
        "may_listen": queries.may_listen(found, known, at),
        "is_live": found.state in (CallState.RINGING, CallState.ANSWERED),
        "guard": Guards(),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    return render(request, "phone/call.html", context, status=status)


def _with(form: Any, error: Exception) -> Any:
    """The form with the sentence of a refusal."""
    field = error.field if isinstance(error, Incomplete) else None
    form.add_error(field if field in form.fields else None, _sentence(error))
    return form


def _sentence(error: Exception) -> str:
    match error:
        case UnknownCaller():
            return _(
                "Nobody has this number on the card, so nothing is opened for it. Let the caller "
                "write the number on the own page, or file a ticket in the workplace."
            )
        case Decided():
            return _("This call was decided otherwise meanwhile. Look at it again.")
        case Incomplete():
            return inputs.shortcoming(error.field, error.why)
    raise error


def _opened(request: HttpRequest, done: Call, before: int | None) -> HttpResponse:
    """Say what was opened, or that somebody was faster, and go there."""
    ticket = done.ticket
    assert ticket is not None, "it was opened"
    names = {"number": tickets.number(ticket)}
    names["who"] = ticket.executor.name if ticket.executor else _("the administrators")
    if before is not None or done.decided_by_id != edge.person(request).pk:
        messages.info(request, _("%(number)s was opened for this call already.") % names)
    elif ticket.state == State.SUBMITTED and ticket.critical_claim:
        said = _("%(number)s is opened. To be accepted within 15 minutes: %(who)s.")
        messages.success(request, said % names)
    elif ticket.due_at is not None:
        names["moment"] = formats.moment(ticket.due_at)
        said = _("%(number)s is opened and accepted, to be done by %(moment)s.")
        messages.success(request, said % names)
    else:
        messages.success(request, _("%(number)s is filed.") % names)
    return HttpResponseRedirect(addresses.ticket(ticket, staff=True), status=HTTPStatus.SEE_OTHER)


def _to(name: str, number: int) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(name, args=[number]), status=HTTPStatus.SEE_OTHER)
