"""The words for what the rules name: states, turns, types, steps, roles, verbs, reasons.

Each function takes the plain value (a string or StrEnum member) and returns text in the reader's
language; an unknown value is returned as it is, so that a page never breaks over a word. A test
holds every enum of desk.rules against these tables.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from desk.web import labels_of_control

Words = Mapping[str, str | Promise]

# What the partner reads (specification 2, "States").
STATES: Words = {
    "submitted": _("Submitted, waiting for acceptance"),
    "awaiting_deposit": _("Top up the deposit to start"),
    "awaiting_estimate": _("БП: production is estimating"),
    "awaiting_approval": _("Approve the number of parts, or the estimate"),
    "accepted": _("Accepted, planned"),
    "in_work": _("In work"),
    "awaiting_partner": _("Your answer is needed"),
    "awaiting_production": _("БП: production is consulted"),
    "delivered": _("Done, please check"),
    "resolved": _("Resolved"),
    "declined": _("Declined"),
    "cancelled": _("Cancelled"),
    "merged": _("Merged with another ticket"),
}

# The same for our own people, who are not the "you" of the partner's words.
STAFF_STATES: Words = {
    **STATES,
    "submitted": _("Waiting for acceptance"),
    "awaiting_deposit": _("Waits for the deposit"),
    "awaiting_approval": _("Waits for the partner's approval"),
    "awaiting_partner": _("Waits for the partner's answer"),
    "delivered": _("Handed over, the partner checks"),
}

STATE_TONES: dict[str, str] = {
    "submitted": "accent",
    "awaiting_deposit": "money",
    "awaiting_estimate": "standing",
    "awaiting_approval": "money",
    "accepted": "accent",
    "in_work": "accent",
    "awaiting_partner": "soon",
    "awaiting_production": "standing",
    "delivered": "calm",
    "resolved": "calm",
}

TURNS: Words = {
    "specialist": _("The specialist's turn"),
    "partner": _("The partner's turn"),
    "production": _("Production's turn"),
    "nobody": _("Nothing to do"),
}

MY_TURN = _("Your turn")

TYPES: Words = {
    "simple": pgettext_lazy("ticket type", "Simple"),
    "complex": pgettext_lazy("ticket type", "Complex"),
    "bug": pgettext_lazy("ticket type", "Bug"),
    "customisation": pgettext_lazy("ticket type", "Customisation"),
}

STEPS: Words = {
    "recorded": _("Recorded"),
    "solving": _("Solving"),
    "implementing": _("Implementing"),
    "handed_over": _("Handed over"),
}

ROLES: Words = {
    "owner": _("Owner"),
    "finance": _("Finance"),
    "member": _("Member"),
    "viewer": _("Viewer"),
    "author": _("Author"),
    "executor": _("Executor"),
    "lead": _("Lead"),
    "cover": _("Cover"),
    "specialist": _("Specialist"),
    "administrator": _("Administrator"),
    "production": _("Production"),
    "accountant": _("Accountant"),
    "vendor": _("Owner of the desk"),
    "system": _("The desk"),
    "partner": _("Partner"),
}

# Texts of buttons.
VERBS: Words = {
    "submit": _("Submit"),
    "accept": _("Accept"),
    "decline": _("Decline"),
    "estimate": _("Send the estimate"),
    "approve": _("Approve"),
    "refuse": _("Refuse"),
    "expire": _("Ask for a new estimate"),
    "fund": _("Start, the deposit suffices"),
    "start": _("Start work"),
    "step": _("Next step"),
    "ask": _("Ask the partner"),
    "answer": _("Answer"),
    "resume": _("Resume: answered"),
    "consult": _("Consult production"),
    "escalate": _("Escalate"),
    "reply": _("Reply"),
    "supplement": _("Ask for more hours"),
    "log": _("Log hours"),
    "build": _("Hand over to the specialist"),
    "finish_part": _("Finish the part"),
    "split": _("Split: one more part"),
    "absorb": _("Absorb the surplus"),
    "deliver": _("Hand over the result"),
    "recall": _("Take back"),
    "confirm": _("Confirm"),
    "return": _("Return"),
    "reopen": _("Reopen"),
    "re_promise": _("Propose another date"),
    "agree": _("Agree"),
    "disagree": _("Keep the date"),
    "reclassify": _("Change the type"),
    "confirm_defect": _("Confirm a defect"),
    "cancel": _("Cancel the ticket"),
    "merge": _("Merge"),
    "hand_over": _("Hand over to a colleague"),
    "message": _("Send"),
    "note": _("Save the note"),
    "contest": _("Contest"),
    "doubt": _("Is this right?"),
    "rule": _("Rule"),
    "excuse": _("Excuse"),
    "redo": _("Have it done anew"),
    "follow": _("Follow"),
    "unfollow": _("Stop following"),
}

# What the history and the live pages say has happened.
HAPPENED: Words = {
    "submit": _("Submitted"),
    "accept": _("Accepted"),
    "decline": _("Declined"),
    "estimate": _("Estimated by production"),
    "approve": _("Approved"),
    "refuse": _("Refused"),
    "expire": _("The offer expired"),
    "fund": _("The deposit suffices, planned"),
    "start": _("Work began"),
    "step": _("The step changed"),
    "ask": _("A question was asked"),
    "answer": _("The partner answered"),
    "resume": _("Work goes on"),
    "consult": _("Production is consulted"),
    "reply": _("Production replied"),
    "supplement": _("More hours were asked for"),
    "log": _("Hours were logged"),
    "build": _("Production finished"),
    "finish_part": _("A part is finished"),
    "split": _("One more part"),
    "absorb": _("The surplus is absorbed"),
    "deliver": _("Result handed over"),
    "recall": _("The result was taken back"),
    "confirm": _("Confirmed"),
    "return": _("Returned"),
    "reopen": _("Reopened"),
    "re_promise": _("Another date was proposed"),
    "agree": _("The new date is agreed"),
    "disagree": _("The old date stays"),
    "reclassify": _("The type was changed"),
    "confirm_defect": _("A defect is confirmed"),
    "cancel": _("Cancelled"),
    "merge": _("Merged"),
    "hand_over": _("Another executor"),
    "message": _("New message"),
    "note": _("New internal note"),
    "contest": _("Contested"),
    "doubt": _("“Is this right?”"),
    "rule": _("Ruled"),
    "excuse": _("A breach was excused"),
    "redo": _("It is done anew, free"),
    "breach": _("The deadline was missed"),
    "warn": _("The deadline comes near"),
    "remind": _("A reminder was sent"),
    "take_in": _("Another ticket was merged in"),
    "order": _("The partner's queue was reordered"),
    "rescue": _("A change of type saved a late deadline"),
    "overhear": _("An automatic reply has come"),
    "undelivered": _("The partner did not get a mail"),
    "disable_webhook": _("A webhook was switched off"),
    "lose_way": _("You are no longer reached by one of your ways"),
    "miss_call": _("A call to the hotline was missed"),
    "escalate_call": _("Nobody has called back yet"),
    "trouble": _("A channel needs you"),
    "trouble_over": _("A channel is well again"),
    **labels_of_control.HAPPENED,
}

EVENT_ICONS: dict[str, str] = {
    "submit": "inbox",
    "accept": "circle-check",
    "decline": "x",
    "approve": "check",
    "start": "play",
    "ask": "message",
    "answer": "message",
    "message": "message",
    "note": "lock",
    "consult": "building",
    "reply": "building",
    "estimate": "building",
    "build": "building",
    "finish_part": "list-check",
    "split": "list-check",
    "deliver": "package",
    "confirm": "check",
    "return": "return",
    "recall": "return",
    "reopen": "return",
    "redo": "return",
    "fund": "wallet",
    "merge": "merge",
    "hand_over": "users",
    "breach": "alert",
    "warn": "alert",
    "contest": "scale",
    "doubt": "scale",
    "rule": "scale",
    "re_promise": "calendar",
    "agree": "calendar",
    "disagree": "calendar",
    "cancel": "x",
    **labels_of_control.EVENT_ICONS,
}

# The closed list of reasons to decline.
REASONS: Words = {
    "not_our_product": _("Not about our product"),
    "duplicate": _("A duplicate of another ticket"),
    "not_a_partners_person": _("Not sent by a person of the partner"),
    "abuse": _("Abuse"),
    "impossible": _("Impossible, as production found"),
}

# What moved a deposit, as a line of its statement.
MOVEMENTS: Words = {
    "buy": _("Consultations bought"),
    "top_up": _("Money paid in"),
    "convert": _("Money turned into consultations"),
    "hold": _("Held for a ticket"),
    "capture": _("Charged for a ticket"),
    "release": _("Given back"),
    "reverse": _("Charge taken back"),
    "adjust": _("Correction"),
    "refund": _("Refunded"),
    "expire": _("Expired"),
}

LOT_SOURCES: Words = {
    "bought": pgettext_lazy("lot", "bought"),
    "bonus": pgettext_lazy("lot", "bonus"),
    "topped_up": pgettext_lazy("lot", "money paid in"),
    "converted": pgettext_lazy("lot", "converted from money"),
    "rest": pgettext_lazy("lot", "rest of a payment"),
    "credit": pgettext_lazy("lot", "on credit"),
    "adjusted": pgettext_lazy("lot", "correction"),
}

PROJECT_STATES: Words = {
    "waiting": _("Waits for a specialist"),
    "active": pgettext_lazy("project", "Active"),
    "archived": pgettext_lazy("project", "Archived"),
}

CHANNELS: Words = {
    "cabinet": _("cabinet"),
    "onebox": _("OneBox"),
    "email": _("e-mail"),
    "phone": _("phone"),
    "api": _("API"),
    "workplace": _("workplace"),
    "control": _("control room"),
    "system": _("by itself"),
}


def _word(words: Words, value: str) -> str:
    return str(words.get(str(value), value))


def state_label(state: str, side: str = "partner") -> str:
    """A state in the partner's words; for our own people with side "staff"."""
    return _word(STAFF_STATES if side == "staff" else STATES, state)


def partner_state(state: str, kind: str = "") -> str:
    """A state in the partner's words; of an approval it says what is to be approved."""
    if state != "awaiting_approval" or not kind:
        return state_label(state)
    estimated = kind == "customisation"
    return gettext("Approve the estimate") if estimated else gettext("Approve the number of parts")


def waits_label(state: str, side: str = "partner") -> str:
    """Who is waited for while the clock stands in a state."""
    if state in ("awaiting_estimate", "awaiting_production"):
        return gettext("waiting for production")
    return gettext("waiting for the partner") if side == "staff" else gettext("waiting for you")


def state_tone(state: str) -> str:
    """The badge's tone: accent, calm, soon, standing, money or none."""
    return STATE_TONES.get(str(state), "")


def turn_label(turn: str, mine: str = "") -> str:
    """Whose turn it is; "Your turn" when it is that of the reader's side, `mine`."""
    return str(MY_TURN) if mine and str(turn) == mine else _word(TURNS, turn)


def type_label(type_: str) -> str:
    """A type of ticket."""
    return _word(TYPES, type_)


def step_label(step: str) -> str:
    """One of the four steps of the personal manager."""
    return _word(STEPS, step)


def role_label(role: str) -> str:
    """What a person is to a partner, a ticket or the desk."""
    return _word(ROLES, role)


def verb_label(verb: str) -> str:
    """A move as the text of its button."""
    return _word(VERBS, verb)


def happened_label(verb: str) -> str:
    """A move as something that has happened."""
    return _word(HAPPENED, verb)


def happened_labels() -> dict[str, str]:
    """All of `happened_label` by verb."""
    return {verb: str(text) for verb, text in HAPPENED.items()}


def event_icon(verb: str) -> str:
    """The icon of a move in a history."""
    return EVENT_ICONS.get(str(verb), "dot")


def reason_label(reason: str) -> str:
    """Why a ticket was declined."""
    return _word(REASONS, reason)


def channel_label(channel: str) -> str:
    """The way something reached us."""
    return _word(CHANNELS, channel)


def movement_label(verb: str) -> str:
    """What moved a deposit."""
    return _word(MOVEMENTS, verb)


def lot_source_label(source: str) -> str:
    """How a lot came to be."""
    return _word(LOT_SOURCES, source)


def project_state_label(state: str) -> str:
    """Whether a project has its specialist."""
    return _word(PROJECT_STATES, state)


def refusal_sentence(state: str, verb: str, allowed: tuple[str, ...], *, by_state: bool) -> str:
    """Why a move was refused (T1): names the state, the move and what is allowed instead."""
    names = {"move": verb_label(verb), "state": state_label(state)}
    if by_state:
        text = gettext("“%(move)s” is not possible while the ticket is “%(state)s”.") % names
    else:
        text = gettext("You may not do “%(move)s” on this ticket (“%(state)s”).") % names
    moves = ", ".join(f"“{verb_label(each)}”" for each in allowed)
    rest = gettext("What you can do: %(moves)s.") % {"moves": moves}
    if not allowed:
        rest = gettext("There is nothing for you to do on it now.")
    return f"{text} {rest}"
