"""What the audit log calls what happened: deeds on the desk itself; those on tickets and deposits
have their words in desk.web.labels."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from desk.web import labels

DEEDS: dict[str, str | Promise] = {
    "organise": _("The desk was founded"),
    "add_calendar": _("Calendar added"),
    "add_calendar_version": _("New version of a calendar"),
    "choose_calendar": _("Service calendar chosen"),
    "add_plan": _("Plan added"),
    "add_plan_version": _("New version of a plan"),
    "add_person": _("Person added"),
    "change_person": _("Person changed"),
    "change_email": _("E-mail address changed"),
    "deactivate": _("Person let in no more"),
    "reactivate": _("Person let in again"),
    "appoint": _("Role given"),
    "dismiss": _("Role ended"),
    "set_caps": _("Most projects set"),
    "enrol_partner": _("Partner enrolled"),
    "change_partner": _("Partner changed"),
    "add_membership": _("Person joined a partner"),
    "change_membership": _("Role at a partner changed"),
    "end_membership": _("Person left a partner"),
    "invite": _("Invited"),
    "withdraw_invitation": _("Invitation withdrawn"),
    "accept_invitation": _("Invitation accepted"),
    "add_project": _("Project added"),
    "change_project": _("Project changed"),
    "archive_project": _("Project archived"),
    "restore_project": _("Project restored"),
    "assign": _("Lead or cover named"),
    "assign_partner": _("Lead or cover of a partner named"),
    "unassign": _("Lead or cover ended"),
    "await_specialist": _("Project waits for a specialist"),
    "propose_adjustment": _("Correction proposed"),
    "decline_adjustment": _("Correction declined"),
    "note_absence": _("Absence noted"),
    "withdraw_absence": _("Absence withdrawn"),
    "set_bot": _("Telegram bot connected"),
    "remove_bot": _("Telegram bot removed"),
    "renew_push_key": _("New key of web push"),
    "add_browser": _("Notices allowed in a browser"),
    "remove_browser": _("Notices ended in a browser"),
    "prefer": _("What one is told of changed"),
    "try_notices": _("Test notice asked for"),
    "link_telegram": _("Telegram connected"),
    "unlink_telegram": _("Telegram disconnected"),
    "resend": _("Delivery tried again"),
    "replay": _("Tried again what came in"),
    "set_aside": _("Put aside what came in"),
    "unpark": _("Entry passed on again"),
    "add_mailbox": _("Mailbox added"),
    "change_mailbox": _("Mailbox changed"),
    "switch_mailbox": _("Mailbox paused or read again"),
    "lift": _("Suppressed address lifted"),
    "add_address": _("Address of the desk added"),
    "remove_address": _("Address of the desk removed"),
    "add_alias": _("Other address of a person added"),
    "remove_alias": _("Other address of a person removed"),
    "block_sender": _("Sender of mail blocked"),
    "unblock_sender": _("Sender of mail no longer blocked"),
    "vouch": _("Mail declared genuine"),
    "write_dossier": _("Dossier written"),
    "serve_waiting": _("Project that waited was given a lead"),
    "divide_partner": _("Partner divided by project"),
    "write_brief": _("Brief of an absence added to"),
    "take_back": _("Tickets taken back after an absence"),
    "hand_over_absence": _("Tickets of an absence handed over"),
    "set_company": _("Company of ours entered or changed"),
    "set_contract": _("Contract of a partner changed"),
    "offer_pack": _("Pack offered"),
    "end_pack": _("Pack ended"),
}

# Where a deed was done; the channels of tickets have their words in desk.web.labels.
PLACES: dict[str, str | Promise] = {
    "setup": _("set-up page"),
    "accounting": _("accounting page"),
    "production": _("production page"),
    "worker": _("by itself"),
    "command": _("command line"),
}


def place(channel: str) -> str:
    """Where it was done, in words."""
    return str(PLACES[channel]) if channel in PLACES else labels.channel_label(channel)


def label(verb: str) -> str:
    """What happened, in words; the verb itself where there are none."""
    if verb in DEEDS:
        return str(DEEDS[verb])
    if verb in labels.MOVEMENTS:
        return labels.movement_label(verb)
    return labels.happened_label(verb)


def choices() -> list[tuple[str, str]]:
    """All deeds that can be looked for, by their words."""
    verbs = {*DEEDS, *labels.MOVEMENTS, *labels.HAPPENED}
    return sorted(((verb, label(verb)) for verb in verbs), key=lambda pair: pair[1].casefold())
