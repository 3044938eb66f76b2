"""The moves of a ticket: one table, one endpoint for each line. Who may make a move, and when, is
decided where the pages have it decided: by the action (desk.rules.lifecycle)."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja import Query

from desk.channels.api import bodies, calls, files
from desk.channels.api.calls import Call
from desk.channels.api.routing import Answer, Area, Says
from desk.channels.api.scopes import Scope
from desk.channels.api.shapes import Given
from desk.channels.api.submitting import numbered
from desk.channels.api.ticket_shapes import AcceptancePreview
from desk.channels.api.ticket_shapes import Ticket as TicketShape
from desk.channels.api.tickets import Number, again, shown
from desk.knowledge import actions as knowledge
from desk.knowledge.actions import News
from desk.rules.lifecycle import Step, Type
from desk.tickets import actions, queries
from desk.tickets.actions import (
    Accepting,
    Handover,
    Incomplete,
    Level,
    Objection,
    Offer,
    Reclassifying,
    Reply,
    Ruling,
)
from desk.tickets.models import Clock, Dispute, Ticket

moves = Area("moves", "What is done with a ticket. Each answers the ticket as it is after.")

WRITE, APPROVE, WORK = Scope.TICKETS_WRITE, Scope.TICKETS_APPROVE, Scope.WORK
Do = Callable[[Call, Ticket, Any], object]


@dataclass(frozen=True, slots=True)
class Verb:
    """One move: what the token needs, what the move is given, the action, and its words."""

    scope: Scope
    body: type[Given]
    do: Do
    summary: str
    about: str = ""


def _contest(call: Call, ticket: Ticket, given: bodies.Contesting) -> object:
    objection = Objection(given.about, given.text, given.pause_id)
    return actions.contest(call.cause(), ticket.pk, objection)


def _message(call: Call, ticket: Ticket, given: bodies.Said) -> object:
    named = files.named(call, given.files)
    return actions.message(call.cause(), ticket.pk, given.text, named)


def _note(call: Call, ticket: Ticket, given: bodies.Said) -> object:
    named = files.named(call, given.files)
    return actions.note(call.cause(), ticket.pk, given.text, named)


def _accept(call: Call, ticket: Ticket, given: bodies.AcceptingTicket) -> object:
    accepting = Accepting(given.type, given.message, tuple(given.parts), given.reason)
    return actions.accept(call.cause(), ticket.pk, accepting)


def _reclassify(call: Call, ticket: Ticket, given: bodies.ReclassifyingTicket) -> object:
    change = Reclassifying(given.type, given.reason, tuple(given.parts))
    return actions.reclassify(call.cause(), ticket.pk, change)


def _deliver(call: Call, ticket: Ticket, given: bodies.Delivering) -> object:
    handover = Handover(given.solution, given.changes, given.checking)
    news = News(given.dossier, given.nothing_new)
    return knowledge.deliver(call.cause(), ticket.pk, handover, news)


def _merge(call: Call, ticket: Ticket, given: bodies.Merging) -> object:
    try:
        into = numbered(call, given.into)
    except Ticket.DoesNotExist as error:
        raise Incomplete("into", "unknown") from error
    return actions.merge(call.cause(), ticket.pk, into.pk)


def _offer(given: bodies.Offering) -> Offer:
    return Offer(**given.model_dump())


def _rule(call: Call, ticket: Ticket, given: bodies.RulingOn) -> object:
    if not Dispute.objects.filter(pk=given.dispute_id, ticket=ticket).exists():
        raise Incomplete("dispute_id", "unknown")
    ruling = Ruling(given.upheld, given.text, given.clause, given.give_back)
    return actions.rule(call.cause(), given.dispute_id, ruling)


def _excuse(call: Call, ticket: Ticket, given: bodies.Excusing) -> object:
    if not Clock.objects.filter(pk=given.clock_id, ticket=ticket).exists():
        raise Incomplete("clock_id", "unknown")
    return actions.excuse(call.cause(), given.clock_id, given.text)


# fmt: off
VERBS: dict[str, Verb] = {
    "message": Verb(WRITE, bodies.Said, _message, "Write a message",
        "The partner's message while an answer is awaited is the answer."),
    "approve": Verb(APPROVE, bodies.Nothing, lambda c, t, _: actions.approve(c.cause(), t.pk),
        "Approve what is asked for",
        "Recorded consent to what `approval` names; for owners and finance."),
    "refuse": Verb(APPROVE, bodies.MaybeWhy, lambda c, t, g: actions.refuse(
        c.cause(), t.pk, g.text), "Refuse what is asked for"),
    "expire": Verb(WRITE, bodies.Nothing, lambda c, t, _: actions.expire(c.cause(), t.pk),
        "Ask for a new estimate", "When the present one is out of date."),
    "confirm": Verb(WRITE, bodies.Confirming, lambda c, t, g: actions.confirm(
        c.cause(), t.pk, g.rating, g.comment), "Confirm the result"),
    "return": Verb(WRITE, bodies.WithText, lambda c, t, g: actions.return_(
        c.cause(), t.pk, g.text), "Return the result", "With what is still wrong."),
    "reopen": Verb(WRITE, bodies.WithText, lambda c, t, g: actions.reopen(
        c.cause(), t.pk, g.text), "Reopen a resolved ticket"),
    "cancel": Verb(WRITE, bodies.MaybeWhy, lambda c, t, g: actions.cancel(
        c.cause(), t.pk, g.text), "Cancel a ticket"),
    "agree": Verb(WRITE, bodies.Nothing, lambda c, t, _: actions.agree(c.cause(), t.pk),
        "Agree to the proposed date"),
    "disagree": Verb(WRITE, bodies.Nothing, lambda c, t, _: actions.disagree(c.cause(), t.pk),
        "Keep the promised date"),
    "contest": Verb(WRITE, bodies.Contesting, _contest, "Contest a decision",
        "An administrator who took no part rules in two working days."),
    "doubt": Verb(WRITE, bodies.WithText, lambda c, t, g: actions.doubt(c.cause(), t.pk, g.text),
        "Ask whether something is right", "An administrator answers with the clause."),
    "order": Verb(WRITE, bodies.Ordering, lambda c, t, g: actions.put_in_order(
        c.cause(), t.pk, up=g.up), "Move a ticket in the partner's own queue"),
    "accept": Verb(WORK, bodies.AcceptingTicket, _accept, "Accept a ticket",
        "Promises a deadline and holds its price on the deposit."),
    "decline": Verb(WORK, bodies.Declining, lambda c, t, g: actions.decline(
        c.cause(), t.pk, g.reason, g.text), "Decline a ticket"),
    "start": Verb(WORK, bodies.Nothing, lambda c, t, _: actions.start(c.cause(), t.pk),
        "Start the work"),
    "step": Verb(WORK, bodies.Stepping, lambda c, t, g: actions.step(
        c.cause(), t.pk, Step(g.step)), "Go to another step of the work"),
    "ask": Verb(WORK, bodies.Asking, lambda c, t, g: actions.ask(
        c.cause(), t.pk, g.text, g.part), "Ask the partner"),
    "resume": Verb(WORK, bodies.WithText, lambda c, t, g: actions.resume(c.cause(), t.pk, g.text),
        "Go on without a written answer", "How it was answered is kept as an internal note."),
    "consult": Verb(WORK, bodies.Asking, lambda c, t, g: actions.consult(
        c.cause(), t.pk, g.text, g.part), "Ask production"),
    "escalate": Verb(WORK, bodies.Escalating, lambda c, t, g: actions.escalate(
        c.cause(), t.pk, Level(g.level), g.text), "Escalate a critical error",
        "Production or an administrator is told at once; the clock runs on."),
    "finish_part": Verb(WORK, bodies.FinishingPart, lambda c, t, g: actions.finish_part(
        c.cause(), t.pk, g.part, g.result), "Finish a part"),
    "split": Verb(WORK, bodies.Splitting, lambda c, t, g: actions.split(
        c.cause(), t.pk, g.title), "Offer one more part"),
    "absorb": Verb(WORK, bodies.OfPart, lambda c, t, g: actions.absorb(c.cause(), t.pk, g.part),
        "Absorb what goes beyond an hour"),
    "deliver": Verb(WORK, bodies.Delivering, _deliver, "Hand the result over"),
    "recall": Verb(WORK, bodies.WithText, lambda c, t, g: actions.recall(c.cause(), t.pk, g.text),
        "Take a result back"),
    "re_promise": Verb(WORK, bodies.RePromising, lambda c, t, g: actions.re_promise(
        c.cause(), t.pk, g.due_at, g.reason), "Propose another date"),
    "reclassify": Verb(WORK, bodies.ReclassifyingTicket, _reclassify, "Change the type"),
    "hand_over": Verb(WORK, bodies.HandingOver, lambda c, t, g: actions.hand_over(
        c.cause(), t.pk, g.executor_id, g.text), "Hand over to a colleague"),
    "merge": Verb(WORK, bodies.Merging, _merge, "Merge into another ticket"),
    "note": Verb(WORK, bodies.Said, _note, "Write an internal note", "No partner ever sees it."),
    "work_start": Verb(WORK, bodies.OfPart, lambda c, t, g: actions.work_start(
        c.cause(), t.pk, g.part), "Start the clock of your own work"),
    "work_stop": Verb(WORK, bodies.Nothing, lambda c, t, _: actions.work_stop(c.cause(), t.pk),
        "Stop the clock of your own work"),
    "reply": Verb(WORK, bodies.Replying, lambda c, t, g: actions.reply(
        c.cause(), t.pk, Reply(g.text, g.released)), "Answer as production"),
    "estimate": Verb(WORK, bodies.Offering, lambda c, t, g: actions.estimate(
        c.cause(), t.pk, _offer(g)), "Estimate a customisation"),
    "supplement": Verb(WORK, bodies.Offering, lambda c, t, g: actions.supplement(
        c.cause(), t.pk, _offer(g)), "Ask for more hours"),
    "log": Verb(WORK, bodies.Logging, lambda c, t, g: actions.log(
        c.cause(), t.pk, g.minutes, g.worked_on, g.note), "Log programmers' work"),
    "build": Verb(WORK, bodies.WithText, lambda c, t, g: actions.build(c.cause(), t.pk, g.text),
        "Say that it is built"),
    "confirm_defect": Verb(WORK, bodies.WithText, lambda c, t, g: actions.confirm_defect(
        c.cause(), t.pk, g.text), "Confirm a defect of the product", "The ticket costs nothing."),
    "rule": Verb(WORK, bodies.RulingOn, _rule, "Rule on a dispute"),
    "excuse": Verb(WORK, bodies.Excusing, _excuse, "Excuse a broken promise"),
}
# fmt: on


def _endpoint(verb: Verb) -> Callable[..., Answer]:
    """The function behind the address of one verb. A body that may be empty may be left out."""
    optional = not any(field.is_required() for field in verb.body.model_fields.values())

    def view(request: HttpRequest, number: str, body: Given | None = None) -> Answer:
        call = calls.of(request)
        ticket = numbered(call, number)
        verb.do(call, ticket, body or verb.body())
        return shown(call, again(call, ticket.pk))

    of_request = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    of_number = inspect.Parameter(
        "number", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Number
    )
    of_body = inspect.Parameter(
        "body",
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        annotation=verb.body | None if optional else verb.body,
        default=None if optional else inspect.Parameter.empty,
    )
    view.__signature__ = inspect.Signature([of_request, of_number, of_body])  # type: ignore[attr-defined]  # Python's own convention
    return view


for _name, _verb in VERBS.items():
    _says = Says(name=f"{_name}_ticket", summary=_verb.summary, about=_verb.about)
    moves.post(f"/tickets/{{number}}/{_name}", _verb.scope, TicketShape, _says)(_endpoint(_verb))


@moves.get("/tickets/{number}/preview", WORK, AcceptancePreview)
def preview_acceptance(
    request: HttpRequest, number: Number, wanted: Query[bodies.Previewing]
) -> AcceptancePreview:
    """Preview an acceptance.

    What accepting would promise and charge at this moment; nothing is done.
    """
    call = calls.of(request)
    if not call.access.is_staff:
        raise PermissionDenied
    ticket = numbered(call, number)
    found = queries.preview_acceptance(ticket, Type(wanted.type), wanted.parts, call.at)
    return AcceptancePreview.model_validate(found)


@moves.put("/tickets/{number}/following", WRITE, TicketShape)
def follow_ticket(request: HttpRequest, number: Number) -> Answer:
    """Follow a ticket.

    Be told of what happens on it.
    """
    return _follow(request, number, follows=True)


@moves.delete("/tickets/{number}/following", WRITE)
def unfollow_ticket(request: HttpRequest, number: Number) -> None:
    """Follow a ticket no longer."""
    _follow(request, number, follows=False)


def _follow(request: HttpRequest, number: str, *, follows: bool) -> Answer:
    call = calls.of(request)
    ticket = numbered(call, number)
    actions.follow(call.cause(), ticket.pk, call.person.pk, follows=follows)
    return shown(call, again(call, ticket.pk))
