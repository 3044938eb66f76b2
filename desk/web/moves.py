"""A move of a ticket as a form of its own: shown, checked, carried out, shown again when refused.

Each area of our people has a small table of moves (`Move`) and one view that calls `answer`. A
form is a page by itself and, for htmx, a fragment that opens on the ticket's page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from desk.journal.cause import Cause
from desk.lib.files import FILE_BYTES_MAX, FileRefused
from desk.partners.models import Person
from desk.rules.lifecycle import NotAllowed, State, Verb
from desk.tickets import queries
from desk.tickets.actions import Incomplete
from desk.tickets.models import Ticket
from desk.web import access, edge, inputs, labels, refusals
from desk.web.forms import DeskForm, Guard

Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form of a move is about: its fields offer what fits the ticket and the reader."""

    ticket: Ticket
    person: Person
    verb: str
    at: datetime

    @property
    def number(self) -> str:
        return queries.number(self.ticket)


class MoveForm(DeskForm):
    """Base of the forms: labels and sentences of the house, drafts kept while typing."""

    def __init__(self, asked: Asked, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = asked
        for name, each in self.fields.items():
            each.label = each.label or inputs.field_label(name)
            each.error_messages["required"] = inputs.shortcoming(name, "missing")
            if isinstance(each.widget, forms.Textarea):
                each.widget.attrs["data-draft"] = f"{asked.verb}-{asked.number}-{name}"
        self.offer()
        first = next(iter(self.fields.values()), None)
        if first is not None:
            first.widget.attrs["autofocus"] = True

    def offer(self) -> None:
        """Fill in the choices that depend on the ticket."""


Do = Callable[[Cause, int, Given], object]


@dataclass(frozen=True, slots=True)
class Move:
    """How a verb is done from a page: `do` gets the checked fields and "files"; without `form`
    it is one button. `key` is its shortcut on the ticket's page."""

    do: Do
    form: type[MoveForm] | None = None
    key: str = ""
    icon: str = "chevron-right"
    style: str = ""
    files: bool = False
    template: str = "web/moves/form.html"
    verb: Verb | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """Whose table it is: `name` is the channel of its causes and the namespace of its addresses.

    `style` is a style sheet of its own, `context` adds what a template of its own needs.
    """

    name: str
    moves: Mapping[str, Move]
    style: str = ""
    context: Callable[[HttpRequest, Asked, MoveForm], Mapping[str, Any]] = field(
        default=lambda _request, _asked, _form: {}
    )

    def url(self, number: str, verb: str) -> str:
        return reverse(f"{self.name}:move", args=[number, verb])

    def back(self, number: str) -> str:
        return reverse(f"{self.name}:ticket", args=[number])


def answer(request: HttpRequest, number: str, verb: str, area: Area) -> HttpResponse:
    """Show the form of a move, or make the move; what is missing is told beside its field."""
    move = area.moves.get(verb)
    if move is None:
        raise Http404
    person, known, at = edge.person(request), access.of(request), edge.now()
    ticket = queries.by_number(person, number, known)
    asked = Asked(ticket, person, verb, at)
    if request.method != "POST":
        if move.form is None:
            raise Http404
        _refuse_hopeless(asked, queries.verbs(person.pk, ticket, at, known), move)
        return shown(request, asked, area, move.form(asked))
    form = move.form(asked, request.POST) if move.form else None
    if form is not None and not form.is_valid():
        return shown(request, asked, area, form)
    try:
        given = {**(form.cleaned_data if form else {}), "files": _files(request, move)}
        move.do(edge.cause(request, area.name), ticket.pk, given)
    except (Incomplete, FileRefused) as error:
        if form is None:
            raise
        _beside_its_field(form, error)
        return shown(request, asked, area, form)
    return HttpResponseRedirect(area.back(asked.number), status=HTTPStatus.SEE_OTHER)


def shown(request: HttpRequest, asked: Asked, area: Area, form: MoveForm) -> HttpResponse:
    """The form as a page, or as a fragment for htmx; 422 when something is to be corrected."""
    move = area.moves[asked.verb]
    htmx = bool(request.headers.get("HX-Request"))
    context = {
        "form": form,
        "number": asked.number,
        "subject": asked.ticket.subject,
        "title": labels.verb_label(asked.verb),
        "icon_name": move.icon,
        "action": area.url(asked.number, asked.verb),
        "back": area.back(asked.number),
        "guard": Guard(version=asked.ticket.version),
        "files": move.files,
        "bytes_max": FILE_BYTES_MAX,
        "fragment": move.template,
        "level": "2" if htmx else "1",
        "style": area.style,
        **area.context(request, asked, form),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound and form.errors else HTTPStatus.OK
    template = move.template if htmx else "web/moves/page.html"
    return render(request, template, context, status=status)


def _refuse_hopeless(asked: Asked, allowed: tuple[Verb, ...], move: Move) -> None:
    wanted = move.verb or Verb(asked.verb)
    if wanted not in allowed:
        raise NotAllowed(wanted, State(asked.ticket.state), by_state=True, allowed=allowed)


def _files(request: HttpRequest, move: Move) -> tuple[Any, ...]:
    return edge.stored_files(request) if move.files else ()


def _beside_its_field(form: MoveForm, error: Incomplete | FileRefused) -> None:
    found = refusals.sentence(error)
    assert found is not None, "these errors have a sentence"
    name = getattr(error, "field", None)
    form.add_error(name if name in form.fields else None, found[1])
