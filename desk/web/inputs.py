"""What is wrong with an input, in sentences: a field's name and one word of a closed list."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import pgettext_lazy as in_form

NUMBER_DIGITS_MAX = 18
FIELDS = {
    "about": in_form("field", "What it is about"),
    "address": in_form("field", "Web address"),
    "answer": in_form("field", "Answer"),
    "author": in_form("field", "Author"),
    "changes": in_form("field", "What was changed"),
    "checking": in_form("field", "How to check it"),
    "clause": in_form("field", "Clause of the Standard"),
    "client": in_form("field", "End client"),
    "code": in_form("field", "Code of ticket numbers"),
    "comment": in_form("field", "Comment"),
    "dossier": in_form("field", "For the project's dossier"),
    "due_at": in_form("field", "New date"),
    "email": in_form("field", "E-mail"),
    "estimate": in_form("field", "Estimate"),
    "executor": in_form("field", "Executor"),
    "files": in_form("field", "Files"),
    "give_back": in_form("field", "What is given back"),
    "hour_kopecks": in_form("field", "Hourly rate"),
    "hours_max": in_form("field", "Hours"),
    "includes": in_form("field", "What is included"),
    "into": in_form("field", "Ticket to merge into"),
    "language": in_form("field", "Language"),
    "message": in_form("field", "First message"),
    "minutes": in_form("field", "Minutes"),
    "name": in_form("field", "Name"),
    "note": in_form("field", "Note"),
    "part": in_form("field", "Part"),
    "parts": in_form("field", "Parts"),
    "password": in_form("field", "Password"),
    "pause": in_form("field", "Which pause"),
    "phone": in_form("field", "Phone"),
    "position": in_form("field", "Position"),
    "project": in_form("field", "Project"),
    "quantity": in_form("field", "Quantity"),
    "rating": in_form("field", "Rating"),
    "reason": in_form("field", "Reason"),
    "result": in_form("field", "Result"),
    "role": in_form("field", "Role"),
    "solution": in_form("field", "Solution"),
    "subject": in_form("field", "Subject"),
    "text": in_form("field", "Text"),
    "theme": in_form("field", "Theme"),
    "timezone": in_form("field", "Time zone"),
    "title": in_form("field", "Title"),
    "type": in_form("field", "Type"),
    "valid_until": in_form("field", "Valid until"),
    "verdict": in_form("field", "Ruling"),
    "wanted_by_on": in_form("field", "I need it by"),
    "worked_on": in_form("field", "Day"),
    "working_seconds": in_form("field", "Working time"),
}

SHORTCOMINGS = {
    "missing": gettext_lazy("Fill in “%(field)s”."),
    "too_long": gettext_lazy("“%(field)s” is too long. Shorten it, or attach the text as a file."),
    "too_many": gettext_lazy("“%(field)s”: too many at once."),
    "two_or_more": gettext_lazy("A complex ticket has at least two parts. Name each of them."),
    "one_of_two": gettext_lazy(
        "Write what is new for the dossier, or tick that nothing is: one of the two."
    ),
    "full": gettext_lazy("The dossier has no room left. Shorten it first, on the project's page."),
    "only_complex": gettext_lazy("Only a complex ticket has parts."),
    "only_simple_or_complex": gettext_lazy("Only simple and complex tickets can be split."),
    "only_impossible": gettext_lazy("Production can decline a ticket only as impossible."),
    "not_a_partners_person": gettext_lazy("This person does not belong to the partner."),
    "archived": gettext_lazy("This project is archived. Choose another one."),
    "not_ahead": gettext_lazy("“%(field)s” must lie ahead, within two years."),
    "ahead": gettext_lazy("“%(field)s” must not lie ahead."),
    "out_of_range": gettext_lazy("“%(field)s” is outside of what is possible."),
    "out_of_date": gettext_lazy("The estimate is out of date. Ask for a new one."),
    "still_valid": gettext_lazy("The estimate is still valid: approve or refuse it."),
    "none_offered": gettext_lazy("There are no extra parts to decide on."),
    "none_open": gettext_lazy("No question is open any more."),
    "not_open": gettext_lazy("This part is not open any more."),
    "unfinished": gettext_lazy("Finish every part before you hand the result over."),
    "beyond_approved": gettext_lazy(
        "This is more than the approved hours. Ask the partner for a supplement first."
    ),
    "real_needed": gettext_lazy("A work of this size needs the partner's own confirmation."),
    "too_late": gettext_lazy("The time for this is over. Submit a new ticket instead."),
    "away": gettext_lazy("This specialist is away. Choose another one."),
    "not_a_specialist": gettext_lazy("Choose a specialist."),
    "same": gettext_lazy("“%(field)s”: nothing would change."),
    "involved": gettext_lazy("Who took part in a ticket does not rule on it."),
    "not_contestable": gettext_lazy("This cannot be contested."),
    "not_about_it": gettext_lazy("Choose a pause only if the contest is about one."),
    "unknown": gettext_lazy("“%(field)s”: there is no such thing on this ticket."),
    "struck_before": gettext_lazy("A ruling has struck this pause before."),
    "not_accepted_yet": gettext_lazy("The ticket is not accepted yet."),
    "not_declined": gettext_lazy("The ticket was not declined."),
    "not_charged_yet": gettext_lazy("Nothing was charged for this ticket yet."),
    "negative": gettext_lazy("“%(field)s” cannot be below zero."),
    "waits_already": gettext_lazy("This waits for a ruling already."),
    "own_wait": gettext_lazy(
        "Too many of your complaints wait for an answer. When one of them is answered, write the"
        " next one."
    ),
    "others_wait": gettext_lazy(
        "Too many complaints of your company wait for an answer. When one of them is answered,"
        " write the next one."
    ),
    "explained_enough": gettext_lazy(
        "You have added to this as often as you can. What you wrote is on record."
    ),
    "no_clause": gettext_lazy("The edition in force has no such clause. Choose one of the list."),
    "not_upheld": gettext_lazy("Only what an upheld complaint of a ticket is about is done anew."),
    "nothing_handed_over": gettext_lazy(
        "Nothing was handed over on this ticket that could be done anew: its work just goes on."
    ),
    "confirmed_before": gettext_lazy("The defect was confirmed before."),
    "one_is_open": gettext_lazy("Another date is proposed already: wait for the partner's answer."),
    "not_breached": gettext_lazy("This deadline was not missed."),
    "excused_before": gettext_lazy("This was excused before."),
    "not_possible": gettext_lazy("“%(field)s”: not possible here."),
}


def field_label(field: str) -> str:
    """The name of a field as forms show it."""
    return str(FIELDS.get(field, field.replace("_", " ").capitalize()))


def shortcoming(field: str, why: str) -> str:
    """One sentence: what is wrong with which field."""
    known = SHORTCOMINGS.get(why)
    if known is None:
        return _("“%(field)s” cannot be taken like this.") % {"field": field_label(field)}
    return str(known) % {"field": field_label(field)}


def number(text: str) -> int | None:
    """The number of a thing in an address or a form; None for what names none."""
    is_number = text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS_MAX
    return int(text) if is_number else None
