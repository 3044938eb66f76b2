"""What one area's entry makes another area do: one table, verb → reactions.

Areas below do not know those above, so nobody there can call them. The relay runs a reaction in the
transaction that takes the entry off the list: it happens once, or the entry stays.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from desk.deposits.actions import lowness
from desk.journal import cause
from desk.journal.models import Entry
from desk.oversight.actions import days
from desk.oversight.queries import days as plans
from desk.partners import actions as partners
from desk.rules.ledger import Cover
from desk.tickets import actions as tickets

Reaction = Callable[[Entry, datetime], None]


def fund_waiting(entry: Entry, at: datetime) -> None:
    """Any rise of what is available starts tickets that wait for the deposit (spec 2, fund).

    The cause carries no key of its own: one rise may fund several tickets, each with an entry.
    """
    if entry.partner_id is not None:
        tickets.fund_waiting(cause.system(max(at, entry.at), parent=entry.pk), entry.partner_id)


def look_at_balance(entry: Entry, _at: datetime) -> None:
    """Whatever moved what is available may begin or end an episode of a low deposit (L10). It is
    told as of its moment: what was low in a past that is read in late disturbs nobody."""
    moved = entry.subject.startswith("deposit:") and entry.facts.get("cover") != Cover.UNCOVERED
    if moved and entry.partner_id is not None:
        looked = cause.system(entry.at, parent=entry.pk)
        lowness.look_at_balance(looked, entry.partner_id, rose=entry.verb in RAISE)


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


# What puts something into a deposit, or back; a correction may, and a purchase does.
RAISE = ("buy", "top_up", "convert", "release", "reverse", "adjust")
# An absence is handed over by the watcher, which sees it begin. Tickets that wait take their part
# of a rise before it is looked at whether the deposit is still low.
REACTIONS: dict[str, tuple[Reaction, ...]] = {
    **dict.fromkeys(RAISE, (fund_waiting, look_at_balance)),
    **dict.fromkeys(("hold", "refund", "expire"), (look_at_balance,)),
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
