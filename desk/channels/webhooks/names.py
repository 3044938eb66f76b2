"""Which journal entries are events, and what these are called.

One for each move of a ticket that its partner may know of, and one for each movement of a
deposit. Notes, logged hours, warnings and everything else of the desk's own affairs are not here,
and what is not here never leaves.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Q, QuerySet

from desk.journal.models import Entry
from desk.rules.ledger import Cover

PING = "desk.ping"
PING_VERB = "ping_webhook"

TICKET: Mapping[str, str] = {
    "submit": "ticket.submitted",
    "accept": "ticket.accepted",
    "decline": "ticket.declined",
    "estimate": "ticket.estimated",
    "supplement": "ticket.supplement_offered",
    "approve": "ticket.approved",
    "refuse": "ticket.refused",
    "expire": "ticket.offer_expired",
    "fund": "ticket.funded",
    "start": "ticket.started",
    "step": "ticket.step_changed",
    "ask": "ticket.question_asked",
    "answer": "ticket.question_answered",
    "resume": "ticket.resumed",
    "consult": "ticket.production_consulted",
    "escalate": "ticket.escalated",
    "reply": "ticket.production_replied",
    "build": "ticket.built",
    "finish_part": "ticket.part_finished",
    "split": "ticket.part_offered",
    "message": "ticket.message_added",
    "deliver": "ticket.delivered",
    "recall": "ticket.recalled",
    "confirm": "ticket.confirmed",
    "return": "ticket.returned",
    "reopen": "ticket.reopened",
    "redo": "ticket.redone",
    "re_promise": "ticket.date_proposed",
    "agree": "ticket.date_agreed",
    "disagree": "ticket.date_kept",
    "reclassify": "ticket.reclassified",
    "confirm_defect": "ticket.defect_confirmed",
    "hand_over": "ticket.executor_changed",
    "contest": "ticket.contested",
    "doubt": "ticket.doubted",
    "rule": "ticket.ruled",
    "excuse": "ticket.breach_excused",
    "cancel": "ticket.cancelled",
    "merge": "ticket.merged",
}

DEPOSIT: Mapping[str, str] = {
    "buy": "deposit.bought",
    "top_up": "deposit.topped_up",
    "convert": "deposit.converted",
    "hold": "deposit.held",
    "capture": "deposit.charged",
    "release": "deposit.released",
    "reverse": "deposit.reversed",
    "adjust": "deposit.adjusted",
    "refund": "deposit.refunded",
    "expire": "deposit.expired",
}
KINDS: Mapping[str, Mapping[str, str]] = {"ticket": TICKET, "deposit": DEPOSIT}
ALL = (*TICKET.values(), *DEPOSIT.values())
VERBS = {name: verb for table in KINDS.values() for verb, name in table.items()}
# A bug that the deposit did not cover moves nothing.
MOVED_NOTHING = Cover.UNCOVERED.value


def of(entry: Entry) -> str | None:
    """The name of the event that an entry is; None for what is not told."""
    kind, _, rest = entry.subject.partition(":")
    if kind == "endpoint" and entry.verb == PING_VERB:
        return PING
    if not rest.isdigit() or entry.facts.get("cover") == MOVED_NOTHING:
        return None
    return KINDS.get(kind, {}).get(entry.verb)


def told_of(subject: str) -> QuerySet[Entry]:
    """The entries of one subject that are events; ids order them (journal.models.Entry)."""
    verbs = [*KINDS.get(subject.partition(":")[0], {}), PING_VERB]
    rows = Entry.objects.filter(subject=subject, verb__in=verbs)
    return rows.exclude(Q(facts__has_key="cover") & Q(facts__cover=MOVED_NOTHING))
