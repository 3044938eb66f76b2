"""The words of notices and mails: what happened, why one is told, what is expected.

Texts are English source strings; each reader gets them in the language active when they are made.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from desk.web import formats

Words = Mapping[str, str | Promise]

# One sentence for each verb that anybody is told of. It opens a mail, and titles a notice.
HEADLINES: Words = {
    "submit": _("A new ticket waits for acceptance"),
    "accept": _("The ticket is accepted"),
    "decline": _("The ticket is declined"),
    "estimate": _("The estimate is ready"),
    "supplement": _("More hours are needed than were approved"),
    "hours_warning": _("The approved hours are nearly used up"),
    "approve": _("It is approved"),
    "refuse": _("The offer was refused"),
    "expire": _("The offer has expired"),
    "fund": _("The deposit suffices, work is planned"),
    "ask": _("A question for you"),
    "answer": _("The partner has answered"),
    "resume": _("Work goes on"),
    "message": _("A new message"),
    "note": _("A new internal note"),
    "consult": _("A consultation is asked for"),
    "escalate": _("A critical error is escalated"),
    "reply": _("Production has replied"),
    "build": _("Production has finished"),
    "finish_part": _("A part is finished"),
    "split": _("One more part is proposed"),
    "deliver": _("Done, please check"),
    "recall": _("The result was taken back, work goes on"),
    "confirm": _("The ticket is resolved"),
    "return": _("The result was returned"),
    "reopen": _("The ticket is reopened"),
    "redo": _("The work is done anew, free"),
    "re_promise": _("Another date is proposed"),
    "agree": _("The new date is agreed"),
    "disagree": _("The old date stays"),
    "reclassify": _("The type of the ticket was changed"),
    "confirm_defect": _("A defect is confirmed, the ticket costs nothing"),
    "cancel": _("The ticket is cancelled"),
    "merge": _("The ticket was merged with another one"),
    "hand_over": _("The ticket has another executor"),
    "contest": _("Something is contested and needs a ruling"),
    "doubt": _("“Is this right?” was asked"),
    "rule": _("A ruling was given"),
    "excuse": _("A missed deadline was excused"),
    "breach": _("A deadline was missed"),
    "warn": _("A deadline comes near"),
    "work_warning": _("45 minutes were worked on one part"),
    "work_limit": _("An hour was worked on one part: decide how to go on"),
    "end_of_shift": _("Your shift has ended and the timer still runs"),
    "replan_day": _("A bug has come in: your day was planned anew"),
    "misfit": _("The planned day no longer fits a promise"),
    "surplus": _("Work beyond the hour was absorbed without a decision"),
    "rescue": _("A change of type saved a late deadline"),
    "watch_failed": _("The watcher could not look at a ticket"),
    "remind": _("A reminder: it is your turn"),
    "overhear": _("An automatic reply has come"),
    "undelivered": _("The partner did not get a mail"),
    "buy": _("Consultations were added to the deposit"),
    "top_up": _("The deposit was topped up"),
    "refund": _("A refund from the deposit was approved"),
    "pay_refund": _("The money of a refund was sent"),
    "announce_expiry": _("Consultations of the deposit expire soon"),
    "tell_expiry": _("Consultations of the deposit have expired"),
    "low_balance": _("The deposit is running low"),
    "issue_invoice": _("An invoice is ready to be paid"),
    "issue_act": _("The act of a month is issued"),
    "issue_reconciliation": _("A reconciliation statement is ready"),
    "issue_correction": _("A paper was taken back"),
    "reverse_online": _("A provider took an online payment back"),
    "disable_webhook": _("A webhook was switched off"),
    "try_notices": _("A test: notices reach you by this way"),
    "lose_way": _("You are no longer reached by one of your ways"),
    "ask_review": _("An edition of the Standard waits to be reviewed"),
    "review_edition": _("An edition of the Standard was reviewed and may be published"),
    "publish_edition": _("A new edition of the Standard is published"),
    "miss_call": _("A call to the hotline was missed: call back"),
    "escalate_call": _("Nobody has called back yet"),
    "complain": _("A complaint was made and waits for an answer"),
    "answer_complaint": _("A complaint was answered"),
    "draw_audits": _("The audits of the week are drawn"),
    "answer_audit": _("A resolved ticket of yours was audited"),
    "digest_control": _("What waits in the control room today"),
    "summary_control": _("The week under the Standard"),
    "rule_violation": _("An administrator has ruled on a violation of the Standard"),
    "remind_standard": _("A limit of the Standard comes near"),
    "violation": _("A limit of the Standard was not kept"),
    "control_failed": _("Machine control could not look at somebody"),
    "note_outage": _("An outage of ours was noted"),
    "trouble": _("A channel needs you"),
    "trouble_over": _("A channel is well again"),
    "ask_manager": _("A partner asks for another manager"),
    "answer_manager": _("Your request for another manager was decided"),
    "assign": _("A project has another manager"),
    "await_specialist": _("A project waits for a specialist"),
    "place_free": _("A place has become free for a project that waits"),
    "offer_work": _("A ticket is offered to you"),
    "withdraw_offer": _("An offer was taken back: it is taken care of"),
    "note_absence": _("An absence was noted"),
    "withdraw_absence": _("An absence was taken back"),
    "come_back": _("You are back: what happened meanwhile"),
}

# What machine control and the Standard itself say: of no ticket, and to no partner.
STANDARD = frozenset(
    {
        "remind_standard",
        "violation",
        "rule_violation",
        "control_failed",
        "note_outage",
        "ask_review",
        "review_edition",
        "publish_edition",
    }
)

WHYS: Words = {
    "author": _("You are its author."),
    "follower": _("You follow this ticket; its page lets you stop."),
    "executor": _("You are its executor."),
    "before": _("You were its executor until now."),
    "cover": _("You cover for its executor."),
    "administrator": _("You are an administrator of the desk."),
    "specialist": _("You are a specialist of the desk."),
    "production": _("You work in production."),
    "pays": _("You approve and pay for your company."),
    "raiser": _("You raised it."),
    "owner": _("You are an owner at your company."),
    "vendor": _("You set this desk up."),
    "accountant": _("You keep the books."),
    "on_call": _("Calls to the hotline come to you."),
    "spoke": _("It was done in your name, as you said on the phone."),
    "invited": _("Somebody entered your address to invite you."),
    "account": _("Somebody asked for it with your address."),
    "audited": _("The work was yours."),
    "own": _("It is about you."),
    "help": _("You are called to help."),
    "named": _("You were named."),
    "offered": _("It would be too late otherwise."),
    "stands_in": _("You stand in meanwhile."),
}

# What the state asks of the reader's side.
EXPECTED_OF_PARTNER: Words = {
    "submitted": _("Nothing for now: your specialist is about to accept it."),
    "awaiting_deposit": _("Top up the deposit, work starts then by itself."),
    "awaiting_estimate": _("Nothing for now: production is estimating."),
    "awaiting_approval": _("An owner or finance person of your company approves or refuses it."),
    "accepted": _("Nothing for now: it is planned."),
    "in_work": _("Nothing for now: it is in work."),
    "awaiting_partner": _("Answer the question; the clock stands until then."),
    "awaiting_production": _("Nothing for now: production is consulted."),
    "delivered": _("Check the result, then confirm it or return it."),
    "resolved": _("Nothing more. If it comes back, reopen the ticket."),
    "declined": _("If you disagree, contest it on the ticket's page."),
    "cancelled": _("Nothing more."),
    "merged": _("Nothing: it goes on under the other ticket."),
}

EXPECTED_OF_STAFF: Words = {
    "submitted": _("Accept it or decline it in time."),
    "awaiting_estimate": _("Production makes an estimate."),
    "accepted": _("The executor starts work."),
    "in_work": _("The executor goes on."),
    "awaiting_production": _("Production replies."),
}
AGREE_OR_KEEP = _("Agree to the new date, or keep the present one.")
WAITS_FOR_PARTNER = _("Nothing for now: the partner's turn.")
NOTHING_MORE = _("Nothing more.")


def headline(verb: str) -> str:
    """What happened, as a short sentence; the verb itself where nobody is told of it."""
    return str(HEADLINES.get(verb, verb))


LOST_WAYS: Words = {
    "push": _(
        "%(label)s shows no more notices: the sign-in there has ended, or the browser gave them"
        " up. What you may not miss comes by mail."
    ),
    "telegram": _(
        "The bot can no longer write to you in %(label)s: it was blocked, or the chat is gone."
        " What you may not miss comes by mail."
    ),
}


def lost_way(facts: Mapping[str, object]) -> str:
    """Which way of a person has ended that nobody switched off (facts of "lose_way")."""
    text = str(LOST_WAYS.get(str(facts.get("way")), ""))
    return text % {"label": facts.get("label", "")} if text else ""


def of_standard(verb: str, facts: Mapping[str, object]) -> str:
    """What machine control says: the headline, the clause, and the limit."""
    text, at = headline(verb), facts.get("due_at") or facts.get("at")
    if not facts.get("clause") or not isinstance(at, str):
        return text
    told = {"headline": text, "clause": facts["clause"]}
    moment = formats.moment(datetime.fromisoformat(at))
    return gettext("%(headline)s: clause %(clause)s, %(moment)s") % {**told, "moment": moment}


def why(reason: str) -> str:
    """Why the reader is told."""
    return str(WHYS.get(reason, ""))


def expected(state: str, *, staff: bool, ended: bool) -> str:
    """What is expected of the reader's side in this state."""
    if not staff:
        return str(EXPECTED_OF_PARTNER[state])
    return str(EXPECTED_OF_STAFF.get(state, NOTHING_MORE if ended else WAITS_FOR_PARTNER))
