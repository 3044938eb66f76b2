"""Which open pages an entry concerns: the audience of a live event.

An event carries ids and its audience only (desk/web/live.py); who is told of a topic is decided
there. An internal verb never names the partner: that a note was written is itself internal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from desk.journal.models import Entry
from desk.tickets.models import ClockKind

INTERNAL = frozenset(
    {
        "note",
        "absorb",
        "log",
        "warn",
        "work_warning",
        "work_limit",
        "end_of_shift",
        "rescue",
        "surplus",
        "watch_failed",
        "resend",
        "unpark",
        "replay",
        "set_aside",
        "issue_token",
        "revoke_token",
        "overhear",
        "add_onebox",
        "arrange_onebox",
        "change_onebox",
        "onebox_refused",
        "pause_onebox",
        "remove_onebox",
        "resume_onebox",
        "rotate_onebox",
        "undelivered",
        "add_mailbox",
        "change_mailbox",
        "switch_mailbox",
        "lift",
        "add_address",
        "remove_address",
        "add_alias",
        "remove_alias",
        "block_sender",
        "unblock_sender",
        "vouch",
        "ring",
        "pick_up",
        "hang_up",
        "miss_call",
        "escalate_call",
        "call_back",
        "match_call",
        "judge_call",
        "listen_call",
        "forget_recording",
        "add_line",
        "change_line",
        "rotate_line",
        "pause_line",
        "resume_line",
        "trouble",
        "trouble_over",
        "confirm_day",
        "change_day",
        "replan_day",
        "misfit",
        "check_intake",
        "account_interval",
        "violation",
        "remind_standard",
        "control_failed",
        "note_outage",
        "correct_outage",
        "draft_edition",
        "change_edition",
        "ask_review",
        "review_edition",
        "publish_edition",
        "discard_edition",
        "acknowledge",
        "replay_edition",
        "end_replay",
        "explain_violation",
        "rule_violation",
        "draw_audits",
        "take_audit",
        "answer_audit",
        "digest_control",
        "summary_control",
        "note_absence",
        "withdraw_absence",
        "hand_over_absence",
        "write_brief",
        "take_back",
        "come_back",
        "offer_work",
        "withdraw_offer",
        "take_offer",
        "place_free",
        "serve_waiting",
        "set_online",
        "switch_online",
        "divide_partner",
        "close_period",
        "propose_refund",
        "decline_refund",
        "take_payment",
        "match_payment",
        "return_payment",
        "import_statement",
        "set_mapping",
        "set_company",
        "set_contract",
        "offer_pack",
        "end_pack",
    }
)
# Not even that it happened is told to colleagues: only administrators, and whose own matter it is.
CONFIDENTIAL = frozenset(
    {
        "violation",
        "remind_standard",
        "explain_violation",
        "rule_violation",
        "complain",
        "answer_complaint",
        "draw_audits",
        "take_audit",
        "answer_audit",
        "digest_control",
        "summary_control",
        "ask_manager",
        "answer_manager",
    }
)
CONTROLLERS = ("role:administrator", "role:vendor")
PRIVATE = frozenset(
    {
        "reset_password",
        "sign_in",
        "sign_out",
        "add_browser",
        "remove_browser",
        "link_telegram",
        "unlink_telegram",
        "lose_way",
    }
)
TICKET_FACTS = ("ticket", "into", "subject")
PERSON_FACTS = ("executor", "executor_from", "person")


def of(entry: Entry) -> list[str]:
    """The topics of one entry, each once: "ticket:42", "partner:3", "person:7", "staff"."""
    if entry.verb in PRIVATE:
        return [entry.subject]
    if entry.verb in CONFIDENTIAL:
        return _confidential(entry)
    if entry.verb == "doubt" or of_ruling(entry):
        return _judged(entry)
    found = [_thing(entry.subject)]
    found += _tickets(entry.facts)
    found += [f"person:{entry.facts[name]}" for name in PERSON_FACTS if _is_id(entry, name)]
    if entry.subject.startswith("call:"):
        # Who sees a call of the hotline live, and the list of all calls.
        found += [*(f"person:{number}" for number in entry.facts.get("people", ())), "calls"]
    if entry.partner_id is not None and not internal(entry):
        found.append(f"partner:{entry.partner_id}")
    found.append("staff")
    return list(dict.fromkeys(found))


def _confidential(entry: Entry) -> list[str]:
    """A violation is of a person, a complaint of whoever raised it: of no ticket and no partner."""
    raised_by = entry.facts.get("raised_by")
    own = [f"person:{raised_by}"] if raised_by else []
    own += [f"person:{entry.facts['person']}"] if _is_id(entry, "person") else []
    if entry.verb in ("complain", "ask_manager"):
        own = [entry.by]
    return list(dict.fromkeys([entry.subject, *own, *CONTROLLERS]))


def _judged(entry: Entry) -> list[str]:
    """A doubt that waits is the administrators' and the partner's: whoever works on the ticket
    reads of it when it is answered."""
    partner = [] if internal(entry) or entry.partner_id is None else [f"partner:{entry.partner_id}"]
    return [_thing(entry.subject), *partner, *CONTROLLERS]


def of_ruling(entry: Entry) -> bool:
    """Whether it is about the time that a ruling may take, also when its breach is excused."""
    name = "kind" if entry.verb == "excuse" else "clock"
    return bool(entry.facts.get(name) == ClockKind.RULING)


def internal(entry: Entry) -> bool:
    """Whether no partner may learn of the entry at all."""
    return entry.verb in INTERNAL


def ticket_id(entry: Entry) -> int | None:
    """The ticket that an entry is about: its own, or the one of a part, a hold or a session."""
    for text in (entry.subject, *_tickets(entry.facts)):
        kind, _, number = _thing(text).partition(":")
        if kind == "ticket" and number.isdigit():
            return int(number)
    return None


def _thing(subject: str) -> str:
    """The whole that a subject belongs to: "ticket:42/part:3" is of "ticket:42"."""
    return subject.partition("/")[0]


def _tickets(facts: Mapping[str, object]) -> Iterator[str]:
    for name in TICKET_FACTS:
        value = facts.get(name)
        if isinstance(value, str) and value.startswith("ticket:"):
            yield _thing(value)
        elif isinstance(value, int) and not isinstance(value, bool) and name != "subject":
            yield f"ticket:{value}"


def _is_id(entry: Entry, name: str) -> bool:
    value = entry.facts.get(name)
    return isinstance(value, int) and not isinstance(value, bool)
