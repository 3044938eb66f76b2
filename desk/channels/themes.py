"""What people are told about, in the few themes that they choose from: one table, verb → theme.

Each rule of `recipients.RULES` that mails by itself is loud; one for the bell alone is quiet. A
theme holds only loud rules or only quiet ones, so that what is ticked is what comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from desk.channels import recipients
from desk.channels.reasons import Told, Why
from desk.journal.models import Entry


class Theme(StrEnum):
    """CRITICAL and ASKED cannot be switched off entirely: they keep a way beside the bell."""

    CRITICAL = "critical"
    ASKED = "asked"
    MESSAGES = "messages"
    PROGRESS = "progress"
    MONEY = "money"
    PRODUCTION = "production"
    ADMINISTRATION = "administration"
    DEADLINES = "deadlines"
    STEPS = "steps"


@dataclass(frozen=True, slots=True)
class News:
    """What one person is told, for the choice of ways. `promised`: the service owes this mail
    (a deadline notice, a question, a result to check), so it goes although the person has looked
    in the desk meanwhile. `ticket` is the ticket's number in the database."""

    theme: Theme
    promised: bool = False
    ticket: int | None = None


@dataclass(frozen=True, slots=True)
class Themes:
    """The themes of a verb: `loud`, but for some reasons another one; `quiet` for the bell."""

    loud: Theme = Theme.PROGRESS
    quiet: Theme = Theme.STEPS
    by_why: Mapping[Why, Theme] = field(default_factory=dict)


W, T = Why, Theme
FOLLOWS = {W.FOLLOWER: T.PROGRESS}
ASKS = Themes(T.ASKED, by_why=FOLLOWS)
ASKS_WHO_PAYS = Themes(by_why={W.PAYS: T.ASKED, W.PRODUCTION: T.PRODUCTION})
TO_ADMINISTRATORS = Themes(T.ADMINISTRATION)
PROGRESS = Themes()
MESSAGES = Themes(T.MESSAGES)
MONEY = Themes(T.MONEY)
OF_PRODUCTION = Themes(T.PRODUCTION)
CRITICAL = Themes(T.CRITICAL, quiet=T.DEADLINES)
DEADLINES = Themes(T.DEADLINES, quiet=T.DEADLINES)

THEMES: dict[str, Themes] = {
    "submit": Themes(T.ASKED, by_why={W.AUTHOR: T.PROGRESS, W.ADMINISTRATOR: T.ADMINISTRATION}),
    "accept": ASKS_WHO_PAYS,
    "decline": PROGRESS,
    "estimate": ASKS_WHO_PAYS,
    "supplement": ASKS_WHO_PAYS,
    "hours_warning": Themes(T.MONEY, by_why={W.PRODUCTION: T.PRODUCTION, W.EXECUTOR: T.DEADLINES}),
    "approve": PROGRESS,
    "refuse": PROGRESS,
    "expire": Themes(by_why={W.PRODUCTION: T.PRODUCTION}),
    "fund": PROGRESS,
    "ask": ASKS,
    "answer": MESSAGES,
    "resume": PROGRESS,
    "message": MESSAGES,
    "note": MESSAGES,
    "consult": OF_PRODUCTION,
    "escalate": Themes(T.CRITICAL),
    "reply": OF_PRODUCTION,
    "build": OF_PRODUCTION,
    "finish_part": PROGRESS,
    "split": ASKS_WHO_PAYS,
    "deliver": ASKS,
    "recall": PROGRESS,
    "confirm": Themes(by_why={W.SPOKE: T.ASKED}),
    "return": Themes(T.ASKED, by_why={W.ADMINISTRATOR: T.ADMINISTRATION}),
    "reopen": ASKS,
    "redo": ASKS,
    "re_promise": ASKS,
    "agree": PROGRESS,
    "disagree": PROGRESS,
    "reclassify": ASKS_WHO_PAYS,
    "confirm_defect": PROGRESS,
    "cancel": PROGRESS,
    "merge": PROGRESS,
    "hand_over": Themes(by_why={W.EXECUTOR: T.ASKED, W.ADMINISTRATOR: T.ADMINISTRATION}),
    "contest": TO_ADMINISTRATORS,
    "doubt": TO_ADMINISTRATORS,
    "rule": PROGRESS,
    "excuse": PROGRESS,
    "breach": CRITICAL,
    "warn": CRITICAL,
    "work_warning": DEADLINES,
    "work_limit": DEADLINES,
    "end_of_shift": DEADLINES,
    "replan_day": DEADLINES,
    "misfit": Themes(T.ADMINISTRATION, quiet=T.DEADLINES),
    "rescue": TO_ADMINISTRATORS,
    "surplus": TO_ADMINISTRATORS,
    "watch_failed": TO_ADMINISTRATORS,
    "remind": ASKS,
    "overhear": MESSAGES,
    "undelivered": TO_ADMINISTRATORS,
    "buy": MONEY,
    "top_up": MONEY,
    "refund": MONEY,
    "pay_refund": MONEY,
    "announce_expiry": MONEY,
    "tell_expiry": MONEY,
    "low_balance": MONEY,
    "issue_invoice": MONEY,
    "issue_act": MONEY,
    "issue_reconciliation": MONEY,
    "issue_correction": MONEY,
    "reverse_online": MONEY,
    "ask_review": TO_ADMINISTRATORS,
    "review_edition": TO_ADMINISTRATORS,
    "publish_edition": Themes(T.ADMINISTRATION, by_why={W.SPECIALIST: T.ASKED}),
    "miss_call": CRITICAL,
    "escalate_call": CRITICAL,
    "disable_webhook": TO_ADMINISTRATORS,
    "lose_way": Themes(T.ASKED),
    "complain": TO_ADMINISTRATORS,
    "draw_audits": TO_ADMINISTRATORS,
    "answer_audit": PROGRESS,
    "digest_control": TO_ADMINISTRATORS,
    "summary_control": TO_ADMINISTRATORS,
    "answer_complaint": PROGRESS,
    "remind_standard": DEADLINES,
    "rule_violation": PROGRESS,
    "violation": CRITICAL,
    "control_failed": TO_ADMINISTRATORS,
    "note_outage": TO_ADMINISTRATORS,
    "trouble": TO_ADMINISTRATORS,
    "trouble_over": TO_ADMINISTRATORS,
    "ask_manager": TO_ADMINISTRATORS,
    "answer_manager": PROGRESS,
    "assign": PROGRESS,
    "await_specialist": Themes(T.ADMINISTRATION),
    "place_free": TO_ADMINISTRATORS,
    "offer_work": Themes(T.ASKED),
    "withdraw_offer": PROGRESS,
    "note_absence": Themes(T.ASKED),
    "withdraw_absence": PROGRESS,
    "come_back": PROGRESS,
}

# What the service owes to the one who asked and to those who pay, by mail (specification 2, T6
# and T10): that it is taken or not and until when, what is asked of them, and how it ended.
PROMISED = frozenset(
    {"accept", "decline", "ask", "deliver", "re_promise", "remind", "confirm", "cancel", "expire"}
)
OWED_TO = frozenset({W.AUTHOR, W.PAYS, W.SPOKE})
ACT_AT_ONCE = frozenset({W.EXECUTOR, W.ADMINISTRATOR})
QUIET = frozenset({T.DEADLINES, T.STEPS})
# Themes that break through quiet hours, pauses, digests and muted tickets.
BREAKS_THROUGH = frozenset({T.CRITICAL})
# Themes that always keep a way beside the bell, whatever is ticked.
NEEDED = frozenset({T.CRITICAL, T.ASKED})


def of(entry: Entry, told: Told, ticket: int | None = None) -> News:
    """The theme of what a person is told, by the verb, the reason and the facts of its entry."""
    promised = told.mail and entry.verb in PROMISED and told.why in OWED_TO
    return News(_theme(entry, told.why, loud=told.mail), promised, ticket)


def of_delivery(entry: Entry, why: str) -> Theme:
    """The theme of a delivery, which keeps no more of its rule than the reason."""
    return _theme(entry, why, loud=recipients.mails(entry, why))


def _theme(entry: Entry, why: str, *, loud: bool) -> Theme:
    known = THEMES.get(entry.verb, PROGRESS)
    if not loud:
        return known.quiet
    # Somebody's work stands still: who has to act is told at any hour.
    if entry.verb == "submit" and entry.facts.get("critical_claim") and why in ACT_AT_ONCE:
        return Theme.CRITICAL
    return next((theme for reason, theme in known.by_why.items() if reason == why), known.loud)
