"""The words of the page of preferences: themes, ways, and what can go wrong."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from desk.channels.routing import Digest, Several, Way
from desk.channels.themes import Theme

Words = Mapping[str, str | Promise]

THEMES: Words = {
    Theme.CRITICAL: pgettext_lazy("theme", "Critical"),
    Theme.ASKED: _("Something is asked of you"),
    Theme.MESSAGES: _("Messages"),
    Theme.PROGRESS: _("Status and deadlines"),
    Theme.MONEY: _("Deposit and payments"),
    Theme.PRODUCTION: _("Production"),
    Theme.ADMINISTRATION: _("Administration"),
    Theme.DEADLINES: _("Warnings of deadlines"),
    Theme.STEPS: _("Small steps"),
}
HINTS: Words = {
    Theme.CRITICAL: _(
        "Somebody's work stands still, a deadline is missed or nearly so, a call was missed."
        " It comes at any hour and cannot be switched off: with nothing ticked, by mail."
    ),
    Theme.ASKED: _(
        "A question, a result to check, an approval, a new ticket for you. It cannot be switched"
        " off: with nothing ticked, it comes by mail."
    ),
    Theme.MESSAGES: _("Somebody wrote on a ticket."),
    Theme.PROGRESS: _("Accepted, declined, cancelled, another date, another executor."),
    Theme.MONEY: _(
        "A payment was credited, the deposit is running low, an invoice or an act is ready."
    ),
    Theme.PRODUCTION: _("Consultations, estimates, what production has finished."),
    Theme.ADMINISTRATION: _("What needs a ruling or a decision, and troubles of the desk."),
    Theme.DEADLINES: _("A deadline comes near, an hour was worked on one part."),
    Theme.STEPS: _("Everything else, for information: notes, parts finished, work that goes on."),
}
WAYS: Words = {
    Way.APP: _("Bell"),
    Way.TELEGRAM: _("Telegram"),
    Way.PUSH: _("Browser"),
    Way.EMAIL: pgettext_lazy("way", "Mail"),
}
SEVERAL: Words = {
    Several.FOLLOW: _("The quickest, and a mail only if I have not looked"),
    Several.ONE: _("Only the quickest"),
    Several.ALL: _("All that I ticked"),
}
SEVERAL_HINTS: Words = {
    Several.FOLLOW: _("Telegram or the browser at once; a mail half an hour later."),
    Several.ONE: _("Telegram, else the browser, else mail. What cannot be delivered is mailed."),
    Several.ALL: _("The same thing may reach you more than once."),
}
DIGESTS: Words = {
    Digest.OFF: _("One by one"),
    Digest.HOURLY: _("Together, once an hour"),
    Digest.DAILY: _("Together, once a day"),
}
UNFIT: Words = {
    "quiet_until": _("Enter both times of the quiet hours, and not the same one."),
    "quiet_days": _("Leave at least one day of the week that is not quiet."),
    "digest_hour": _("Choose an hour of the day."),
    "paused_until": _("Choose a day after today, within two months."),
    "ticket": _("There is no ticket with this number that you see."),
    "muted": _("So many tickets cannot be muted. Take some off the list."),
    "damaged": _("The form was damaged on its way. Reload the page and send it again."),
}
