"""A critical error that is not solved is escalated: told at once, its clock runs on (5.2)."""

from __future__ import annotations

import pytest
from django.utils import translation

from desk.channels.notices.models import Notice
from desk.journal.models import Entry
from desk.rules.lifecycle import NotAllowed, Type
from desk.tickets import actions, queries
from desk.tickets.actions import Level
from desk.tickets.models import Clock, ClockKind, Message, MessageKind
from desk.web import told
from tests.channels import post
from tests.language import Desk
from tests.scenarios.tickets import buys

BUG = actions.Accepting(type=Type.BUG, message="I look at it at once.")
SIMPLE = actions.Accepting(type=Type.SIMPLE, message="I look at it at once.")


def test_production_is_told_at_once_and_the_clock_runs_on(desk: Desk) -> None:
    ticket = post.submitted(desk)
    actions.accept(desk.cause(desk.lead), ticket.pk, BUG)
    actions.start(desk.cause(desk.lead), ticket.pk)
    due_at = Clock.objects.get(ticket=ticket, kind=ClockKind.RESOLUTION).due_at
    desk.later(minutes=20)
    actions.escalate(desk.cause(desk.lead), ticket.pk, Level.PRODUCTION, "The index is broken.")
    clock = Clock.objects.get(ticket=ticket, kind=ClockKind.RESOLUTION)
    ticket.refresh_from_db()
    assert (ticket.state, clock.due_at, clock.stopped_at) == ("in_work", due_at, None)
    assert Message.objects.get(ticket=ticket, kind=MessageKind.NOTE).text == "The index is broken."
    post.relayed(desk.now)
    entry = Entry.objects.get(verb="escalate")
    why = dict(Notice.objects.filter(entry=entry).values_list("person__name", "why"))
    assert why.pop(desk.house.production.name) == "help"
    assert set(why.values()) <= {"author", "follower"}


def test_the_partner_sees_to_whom_and_nothing_else(desk: Desk) -> None:
    ticket = post.submitted(desk)
    actions.accept(desk.cause(desk.lead), ticket.pk, BUG)
    actions.escalate(desk.cause(desk.lead), ticket.pk, Level.ADMINISTRATOR, "A secret reason.")
    ticket.refresh_from_db()
    view = queries.partner_view(ticket, desk.company.owner, desk.now)
    assert "secret" not in str(view)
    with translation.override("en"):
        newest = told.events(view.history)[0]
    assert (newest["verb"], newest["note"]) == ("escalate", "to an administrator")


def test_what_is_no_bug_is_not_escalated(desk: Desk) -> None:
    ticket = post.submitted(desk)
    buys(desk, 2)
    actions.accept(desk.cause(desk.lead), ticket.pk, SIMPLE)
    with pytest.raises(NotAllowed):
        actions.escalate(desk.cause(desk.lead), ticket.pk, Level.PRODUCTION, "Help")
    assert not Entry.objects.filter(verb="escalate").exists()
