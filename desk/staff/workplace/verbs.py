"""The moves that a specialist or an administrator makes on a ticket's page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from desk.journal.cause import Cause
from desk.knowledge import actions as knowledge
from desk.knowledge.actions import News
from desk.rules.lifecycle import Reason, Step, Type, Verb
from desk.staff.workplace import forms, preview
from desk.tickets import actions, queries
from desk.tickets.actions import Accepting, Handover, Level, Reclassifying
from desk.web import access, edge, moves
from desk.web.access import staff_page
from desk.web.moves import Area, Asked, Given, Move, MoveForm
from desk.workdays import actions as workdays
from desk.workdays.models import Activity

# So much of the time before an acceptance, where nothing else is on record, was its own.
ACCEPTING = timedelta(minutes=5)


def _part(given: Given) -> int | None:
    chosen = given.get("part")
    return int(chosen) if chosen else None


def _accept(cause: Cause, ticket_id: int, given: Given) -> object:
    reason = given.get("reason", "")
    accepting = Accepting(Type(given["type"]), given["message"], given["parts"], reason)
    accepted = actions.accept(cause, ticket_id, accepting)
    if cause.person_id is not None:
        # Reading and answering took its time: nobody has to note that besides.
        since_at = cause.at - ACCEPTING
        workdays.account(cause, cause.person_id, Activity.INTAKE, since_at)
    return accepted


def _reclassify(cause: Cause, ticket_id: int, given: Given) -> object:
    change = Reclassifying(Type(given["type"]), given["reason"], given["parts"])
    return actions.reclassify(cause, ticket_id, change)


def _deliver(cause: Cause, ticket_id: int, given: Given) -> object:
    handover = Handover(given["solution"], given["changes"], given["checking"])
    news = News(given["dossier"], given["nothing_new"])
    return knowledge.deliver(cause, ticket_id, handover, news)


def _excuse(cause: Cause, _ticket_id: int, given: Given) -> object:
    return actions.excuse(cause, int(given["clock"]), given["text"])


MOVES: dict[str, Move] = {
    "accept": Move(
        _accept, forms.AcceptForm, "a", "circle-check", "primary", template="workplace/accept.html"
    ),
    "start": Move(lambda c, pk, _: actions.start(c, pk), None, "s", "play"),
    "deliver": Move(_deliver, forms.DeliverForm, "d", "package", "primary"),
    "resume": Move(
        lambda c, pk, g: actions.resume(c, pk, g["text"]), forms.ResumeForm, "u", "play", "primary"
    ),
    "ask": Move(
        lambda c, pk, g: actions.ask(c, pk, g["text"], _part(g)), forms.AskForm, "q", "message"
    ),
    "consult": Move(
        lambda c, pk, g: actions.consult(c, pk, g["text"], _part(g)),
        forms.ConsultForm,
        "c",
        "building",
    ),
    "escalate": Move(
        lambda c, pk, g: actions.escalate(c, pk, Level(g["level"]), g["text"]),
        forms.EscalateForm,
        "g",
        "alert",
    ),
    "finish_part": Move(
        lambda c, pk, g: actions.finish_part(c, pk, int(g["part"]), g["result"]),
        forms.FinishForm,
        "f",
        "list-check",
    ),
    "split": Move(lambda c, pk, g: actions.split(c, pk, g["title"]), forms.SplitForm, "p", "stack"),
    "absorb": Move(
        lambda c, pk, g: actions.absorb(c, pk, _part(g)), forms.AbsorbForm, "b", "check"
    ),
    "recall": Move(
        lambda c, pk, g: actions.recall(c, pk, g["text"]), forms.RecallForm, "l", "return"
    ),
    "re_promise": Move(
        lambda c, pk, g: actions.re_promise(c, pk, g["due_at"], g["reason"]),
        forms.RePromiseForm,
        "e",
        "calendar",
    ),
    "reclassify": Move(
        _reclassify, forms.ReclassifyForm, "y", "tag", template="workplace/reclassify.html"
    ),
    "hand_over": Move(
        lambda c, pk, g: actions.hand_over(c, pk, g["executor"], g["text"]),
        forms.HandOverForm,
        "h",
        "users",
    ),
    "merge": Move(lambda c, pk, g: actions.merge(c, pk, g["into"]), forms.MergeForm, "m", "merge"),
    "decline": Move(
        lambda c, pk, g: actions.decline(c, pk, Reason(g["reason"]), g["text"]),
        forms.DeclineForm,
        "x",
        "x",
    ),
    "excuse": Move(_excuse, forms.ExcuseForm, "", "shield"),
    "step": Move(lambda c, pk, g: actions.step(c, pk, Step(g["step"])), forms.StepForm, "", "play"),
    "work_start": Move(
        lambda c, pk, g: actions.work_start(c, pk, _part(g)),
        forms.TimerForm,
        verb=Verb.STEP,
    ),
    "work_stop": Move(lambda c, pk, _: actions.work_stop(c, pk)),
    "message": Move(
        lambda c, pk, g: actions.message(c, pk, g["text"], g["files"]),
        forms.WriteForm,
        "r",
        "send",
        files=True,
    ),
    "note": Move(
        lambda c, pk, g: actions.note(c, pk, g["text"], g["files"]),
        forms.WriteForm,
        "i",
        "lock",
        files=True,
    ),
}
# Drawn elsewhere on the page than in the list of actions.
ELSEWHERE = frozenset({"step", "work_start", "work_stop", "message", "note"})


def _context(_request: HttpRequest, asked: Asked, form: MoveForm) -> dict[str, Any]:
    return preview.context(asked, form) if isinstance(form, forms.AcceptForm) else {}


AREA = Area("workplace", MOVES, "workplace/workplace.css", _context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def move(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """The form of a move, or the move itself; refused ones are answered by the middleware."""
    return moves.answer(request, number, verb, AREA)


@require_POST
@staff_page()
def accept_preview(request: HttpRequest, number: str) -> HttpResponse:
    """Deadline and charge of what is typed so far: nothing is sent."""
    person = edge.person(request)
    ticket = queries.by_number(person, number, access.of(request))
    return preview.answer(request, Asked(ticket, person, "accept", edge.now()), AREA)


@require_POST
@staff_page()
def follow(request: HttpRequest, number: str) -> HttpResponse:
    """Be told of what happens on a ticket, or no longer."""
    person = edge.person(request)
    ticket = queries.by_number(person, number, access.of(request))
    follows = request.POST.get("follows") == "1"
    actions.follow(edge.cause(request, "workplace"), ticket.pk, person.pk, follows=follows)
    return preview.back_to(AREA, number)
