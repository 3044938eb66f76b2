"""Sentences for the refusals of all areas but the tickets' own, which refusals.py tells."""

from __future__ import annotations

from http import HTTPStatus

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.deposits import actions as deposits
from desk.oversight.actions import days, offers
from desk.oversight.actions.audits import AnswersIncomplete, AuditRefused
from desk.oversight.actions.editions import NotNow
from desk.oversight.actions.refusals import NotToSay
from desk.partners import actions as partners
from desk.partners.invitations import Refusal
from desk.partners.models import AssignmentRole, Person
from desk.rules.standard.edition import EditionError
from desk.tickets.actions import Involved
from desk.tickets.queries import BadCursor
from desk.web import inputs, sentences_of_money, sentences_of_papers
from desk.workdays import actions as workdays

CONFLICT, UNPROCESSABLE = HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY

# Refusals that one sentence says it all of.
SENTENCES: dict[type[Exception], tuple[HTTPStatus, str | Promise]] = {
    EditionError: (
        UNPROCESSABLE,
        gettext_lazy(
            "The edition cannot be kept like this: it is too long, or a number is double."
        ),
    ),
    Involved: (CONFLICT, gettext_lazy("Who took part in a ticket does not rule on it.")),
    BadCursor: (HTTPStatus.NOT_FOUND, gettext_lazy("This page of the list does not exist.")),
    partners.SignInFirst: (
        CONFLICT,
        gettext_lazy("This address has an account already. Sign in, then open the link again."),
    ),
    partners.EmailTaken: (CONFLICT, gettext_lazy("Somebody signs in with this address already.")),
    partners.OtherSide: (
        CONFLICT,
        gettext_lazy("A person belongs either to a partner or to the desk, not to both."),
    ),
    partners.SpecialistOrAdministrator: (
        CONFLICT,
        gettext_lazy("Nobody is specialist and administrator at once."),
    ),
    partners.StillAssigned: (
        CONFLICT,
        gettext_lazy("This specialist still leads or covers projects. Hand them over first."),
    ),
    partners.NotSpecialist: (CONFLICT, gettext_lazy("Only specialists lead and cover projects.")),
    partners.LeadIsCover: (
        CONFLICT,
        gettext_lazy("The lead of a project cannot cover it. Choose somebody else."),
    ),
    partners.NotWaiting: (
        CONFLICT,
        gettext_lazy("This project has its manager already: somebody was quicker."),
    ),
    offers.OfferGone: (
        CONFLICT,
        gettext_lazy("It is taken care of already: the lead was quicker."),
    ),
    offers.NotOffered: (CONFLICT, gettext_lazy("This was offered to somebody else.")),
    partners.ProjectArchived: (
        CONFLICT,
        gettext_lazy("This project is archived. Restore it first."),
    ),
    partners.CodeTaken: (
        CONFLICT,
        gettext_lazy("Another partner has this code. Choose another one."),
    ),
    partners.ProjectNameTaken: (CONFLICT, gettext_lazy("A project of this name is there already.")),
    partners.NameTaken: (CONFLICT, gettext_lazy("This name is taken. Choose another one.")),
    partners.AlreadyOrganised: (CONFLICT, gettext_lazy("The desk is set up already.")),
    partners.InForce: (
        CONFLICT,
        gettext_lazy("What is in force stays. Choose a later date for the new version."),
    ),
    deposits.AmountNotPositive: (
        UNPROCESSABLE,
        gettext_lazy("The amount must be a whole number above zero."),
    ),
    deposits.MoreThanLeft: (CONFLICT, gettext_lazy("This is more than is left of the charge.")),
    deposits.SecondPersonNeeded: (
        CONFLICT,
        gettext_lazy("A second person has to decide on this correction."),
    ),
    deposits.AdjustmentDecided: (CONFLICT, gettext_lazy("This correction was decided before.")),
    deposits.RefundDecided: (
        CONFLICT,
        gettext_lazy("This refund was decided before, or waits for its second person."),
    ),
    deposits.RefundPaid: (
        CONFLICT,
        gettext_lazy("The money of this refund is noted as sent on another day."),
    ),
    deposits.NotRefundable: (
        CONFLICT,
        gettext_lazy("This was given for nothing: there is no money to give back."),
    ),
    deposits.ReasonMissing: (UNPROCESSABLE, gettext_lazy("Give a reason.")),
    deposits.AlreadyHeld: (CONFLICT, gettext_lazy("This is held on the deposit already.")),
    deposits.HoldMissing: (CONFLICT, gettext_lazy("Nothing is held on the deposit for this.")),
    deposits.HoldEnded: (CONFLICT, gettext_lazy("What was held on the deposit has ended before.")),
    workdays.Overlaps: (CONFLICT, gettext_lazy("Something is on record in this span already.")),
    workdays.InFuture: (
        UNPROCESSABLE,
        gettext_lazy("What has not happened yet cannot be on record."),
    ),
    workdays.TooLong: (UNPROCESSABLE, gettext_lazy("The span is too long. Check both times.")),
    workdays.Backwards: (UNPROCESSABLE, gettext_lazy("The span ends before it begins.")),
    workdays.ReasonMissing: (UNPROCESSABLE, gettext_lazy("Give a reason.")),
    workdays.AlreadyStruck: (CONFLICT, gettext_lazy("This row was taken out before.")),
    days.NoShift: (CONFLICT, gettext_lazy("There is no shift to plan today, or it is over.")),
    days.AlreadyConfirmed: (
        CONFLICT,
        gettext_lazy("The plan of this shift is confirmed already. Change it instead."),
    ),
    days.NotFitting: (
        UNPROCESSABLE,
        gettext_lazy("These slots do not fit together, or not into the shift."),
    ),
    days.NotYours: (CONFLICT, gettext_lazy("Only your own work goes into your plan.")),
    days.Stale: (
        CONFLICT,
        gettext_lazy("The plan was changed meanwhile. Look at it again, then decide."),
    ),
    workdays.InForce: (
        CONFLICT,
        gettext_lazy("Hours that are in force stay. Choose a later date for the new ones."),
    ),
}
LINK_REFUSALS: dict[Refusal, str | Promise] = {
    Refusal.UNKNOWN: gettext_lazy("This link is not known. Ask for a new invitation."),
    Refusal.USED: gettext_lazy("This invitation was accepted before. Sign in instead."),
    Refusal.WITHDRAWN: gettext_lazy("This invitation was withdrawn. Ask for a new one."),
    Refusal.EXPIRED: gettext_lazy("This invitation has expired. Ask for a new one."),
}

NOT_NOW: dict[str, str | Promise] = {
    "published": gettext_lazy(
        "This edition is published or put aside: it is not changed any more."
    ),
    "own": gettext_lazy("Nobody reviews what they wrote. Ask somebody else."),
    "draft": gettext_lazy("This edition was not reviewed, or was changed after its review."),
    "untranslated": gettext_lazy("Texts are missing. Fill them in all three languages first."),
    "past": gettext_lazy("Choose a later date: after now, and after the edition before it."),
    "begun": gettext_lazy("This desk has an edition already."),
    "stale": gettext_lazy(
        "Somebody changed this draft while you were looking at it. Nothing was saved: see what "
        "changed, then decide."
    ),
}

NOT_TO_SAY: dict[str, str | Promise] = {
    "own": gettext_lazy("Nobody rules on an own case."),
    "involved": gettext_lazy("Who stepped into a ticket does not rule on it."),
    "not_administrator": gettext_lazy("Only administrators rule."),
    "not_yours": gettext_lazy("Only whom it is about may explain it."),
    "not_complainant": gettext_lazy("Only people of the partner complain, and viewers do not."),
    "by_itself": gettext_lazy("A rule excused this already: it needs no word."),
}
AUDIT_REFUSALS: dict[str, str | Promise] = {
    "role": gettext_lazy("Only administrators audit."),
    "involved": gettext_lazy("Who stepped into a ticket does not audit it."),
    "twice": gettext_lazy("Another person has to audit this one."),
    "taken": gettext_lazy("Somebody else has taken this audit."),
    "done": gettext_lazy("This audit is answered, and answers stay as they are."),
    "not_taken": gettext_lazy("Take the audit first."),
}


def of(error: Exception) -> tuple[HTTPStatus, str] | None:
    """Status and sentence of a domain error, or None for what is none."""
    match error:
        case partners.Incomplete():
            return UNPROCESSABLE, inputs.shortcoming(error.field, "not_like_this")
        case partners.InvitationRefused():
            return CONFLICT, str(LINK_REFUSALS[error.refusal])
        case partners.LastOwner():
            return CONFLICT, _last_owner(error)
        case partners.CapExceeded():
            return CONFLICT, _cap(error)
        case AuditRefused():
            return CONFLICT, str(AUDIT_REFUSALS[error.why])
        case AnswersIncomplete():
            return UNPROCESSABLE, _("Answer every question; a “no” says why.")
        case NotNow():
            return CONFLICT, str(NOT_NOW[error.why])
        case NotToSay():
            return CONFLICT, not_to_say(error)
    known = SENTENCES.get(type(error))
    if known:
        return known[0], str(known[1])
    return sentences_of_money.of(error) or sentences_of_papers.of(error)


def not_to_say(error: NotToSay) -> str:
    """Why somebody's word on a violation or a complaint is not taken, and who was first."""
    if error.by_id is None:
        return str(NOT_TO_SAY[error.why])
    name = Person.objects.values_list("name", flat=True).get(pk=error.by_id)
    return _("%(name)s has decided this already.") % {"name": name}


def _last_owner(error: partners.LastOwner) -> str:
    if error.partner_id is None:
        return _("Somebody has to own the desk. Name another owner first.")
    return _("Somebody has to own the partner. Name another owner first.")


def _cap(error: partners.CapExceeded) -> str:
    names = {"count": error.max}
    if error.role == AssignmentRole.LEAD:
        return _("This specialist leads %(count)s projects, which is the most allowed.") % names
    return _("This specialist covers %(count)s projects, which is the most allowed.") % names
