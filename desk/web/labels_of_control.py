"""What control notices and what happens under the Standard, as histories and live pages say it
(see labels.py)."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as in_context

Words = Mapping[str, str | Promise]

SEVERITIES: Words = {
    "note": in_context("severity", "Note"),
    "minor": in_context("severity", "Minor"),
    "major": in_context("severity", "Major"),
    "critical": in_context("severity", "Critical"),
}
SEVERITY_TONES = {"note": "", "minor": "accent", "major": "soon", "critical": "late"}
VERDICTS: Words = {
    "upheld": in_context("verdict", "Upheld"),
    "excused": in_context("verdict", "Excused"),
    "rule_wrong": _("The rule was wrong"),
}
HAPPENED: Words = {
    "work_warning": _("45 minutes were worked on one part"),
    "work_limit": _("An hour was worked on one part"),
    "hours_warning": _("The approved hours are nearly used up"),
    "surplus": _("Work beyond the hour was absorbed without a decision"),
    "end_of_shift": _("The timer ran on after the shift"),
    "confirm_day": _("The plan of a day was confirmed"),
    "change_day": _("The plan of a day was changed"),
    "replan_day": _("The rest of a day was planned anew"),
    "misfit": _("The planned day no longer fits the promise"),
    "escalate": _("Escalated"),
    "violation": _("A limit of the Standard was not kept"),
    "remind_standard": _("A limit of the Standard comes near"),
    "note_outage": _("An outage of ours was noted"),
    "correct_outage": _("An outage of ours was corrected"),
    "control_failed": _("Machine control could not look at somebody"),
    "explain_violation": _("A violation was explained"),
    "rule_violation": _("A violation was ruled on"),
    "complain": _("A complaint was made"),
    "answer_complaint": _("A complaint was answered"),
    "draw_audits": _("The audits of the week are drawn"),
    "take_audit": _("An audit was taken"),
    "answer_audit": _("An audit was answered"),
    "digest_control": _("What waits in the control room today"),
    "summary_control": _("The week under the Standard"),
    "draft_edition": _("An edition of the Standard was begun"),
    "change_edition": _("An edition of the Standard was changed"),
    "ask_review": _("A review of an edition was asked for"),
    "review_edition": _("An edition of the Standard was reviewed"),
    "publish_edition": _("An edition of the Standard was published"),
    "discard_edition": _("An edition of the Standard was discarded"),
    "acknowledge": _("An edition of the Standard was acknowledged"),
    "replay_edition": _("A replay of an edition was begun"),
    "end_replay": _("A replay of an edition has ended"),
    "offer_work": _("Offered to the cover"),
    "withdraw_offer": _("The offer was taken back"),
    "take_offer": _("The offer was taken"),
    "ask_manager": _("A partner asks for another manager"),
    "answer_manager": _("A request for another manager was decided"),
    "assign": _("A project has another manager"),
    "await_specialist": _("A project waits for a specialist"),
    "place_free": _("A place has become free"),
    "note_absence": _("An absence was noted"),
    "withdraw_absence": _("An absence was taken back"),
    "come_back": _("Somebody is back"),
}

EVENT_ICONS: Mapping[str, str] = {
    "escalate": "alert",
    "violation": "scale",
    "remind_standard": "clock",
    "ask_review": "scale",
    "review_edition": "scale",
    "publish_edition": "calendar",
}
