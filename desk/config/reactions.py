"""What one area's entry makes another area do: one table, verb → reactions.

Areas below do not know those above, so nobody there can call them. The relay runs a reaction in the
transaction that takes the entry off the list: it happens once, or the entry stays.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from desk.journal import cause
from desk.journal.models import Entry
from desk.oversight.actions import days
from desk.oversight.queries import days as plans
from desk.partners import actions as partners
from desk.tickets import actions as tickets

Reaction = Callable[[Entry, datetime], None]


def fund_waiting(entry: Entry, at: datetime) -> None:
    """Any rise of what is available starts tickets that wait for the deposit (spec 2, fund).

    The cause carries no key of its own: one rise may fund several tickets, each with an entry.
    """
    if entry.partner_id is not None:
        tickets.fund_waiting(cause.system(max(at, entry.at), parent=entry.pk), entry.partner_id)


def replan(entry: Entry, at: datetime) -> None:
    """A bug that came to somebody plans the rest of their day anew (specification 4). What is in
    the plan already needs none: a critical claim is planned before it is accepted."""
    found = plans.new_bug(entry.subject, at)
    if found is not None:
        key = f"replan:{entry.pk}"
        days.replan_day(cause.system(max(at, entry.at), key, entry.pk), *found)


def announce_place(entry: Entry, at: datetime) -> None:
    """Whatever makes a place free lets the administrators hear of the first in line."""
    partners.announce_place(cause.system(max(at, entry.at), parent=entry.pk))


def give_pool(entry: Entry, at: datetime) -> None:
    """A project that has its lead, or its cover, takes its tickets out of the pool."""
    project = entry.facts.get("project")
    if isinstance(project, int):
        tickets.give_pool(cause.system(max(at, entry.at), parent=entry.pk), project)


# An absence is handed over by the watcher, which sees it begin.
REACTIONS: dict[str, tuple[Reaction, ...]] = {
    "buy": (fund_waiting,),
    "top_up": (fund_waiting,),
    "convert": (fund_waiting,),
    "release": (fund_waiting,),
    "reverse": (fund_waiting,),
    "adjust": (fund_waiting,),
    "archive_project": (announce_place,),
    "unassign": (announce_place,),
    "set_caps": (announce_place,),
    "appoint": (announce_place,),
    "assign": (give_pool, announce_place),
    **dict.fromkeys(("submit", "accept", "hand_over", "reclassify", "return", "reopen"), (replan,)),
}


def react(entry: Entry, at: datetime) -> None:
    """Do what an entry entails, in the caller's transaction."""
    for reaction in REACTIONS.get(entry.verb, ()):
        reaction(entry, at)
