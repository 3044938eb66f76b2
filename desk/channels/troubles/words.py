"""What a trouble is called, and what to do about it, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.channels.models import TroubleKind

VERBS = ("trouble", "trouble_over")
WHERE: Mapping[str, str | Promise] = {
    "inbox:email": gettext_lazy("E-mail in"),
    "inbox:onebox": gettext_lazy("OneBox in"),
    "inbox:phone": gettext_lazy("Telephone exchange"),
    "inbox:telegram": gettext_lazy("The bot of Telegram"),
    "outbox:email": gettext_lazy("E-mail out"),
    "outbox:webhook": gettext_lazy("Webhooks"),
    "outbox:onebox": gettext_lazy("OneBox out"),
    "outbox:push": gettext_lazy("Notices in browsers"),
    "outbox:telegram": gettext_lazy("Telegram"),
    "relay": gettext_lazy("Passing on what happened"),
}
KINDS_OF_SOURCE: Mapping[str, str | Promise] = {
    "mailbox": gettext_lazy("Mailbox %(number)s"),
    "connection": gettext_lazy("OneBox connection %(number)s"),
}
WHAT: Mapping[str, str | Promise] = {
    TroubleKind.QUARANTINE: gettext_lazy("something came in that cannot be used"),
    TroubleKind.DEAD: gettext_lazy("something was given up"),
    TroubleKind.PARKED: gettext_lazy("something cannot be passed on"),
    TroubleKind.LATE: gettext_lazy("what is due is not taken up"),
    TroubleKind.AWAY: gettext_lazy("the other side has not taken anything for an hour"),
    TroubleKind.SILENT: gettext_lazy("it cannot be reached"),
}
MEND: Mapping[str, str | Promise] = {
    TroubleKind.QUARANTINE: gettext_lazy("Look at it there: try it again, or put it aside."),
    TroubleKind.DEAD: gettext_lazy("Mend the cause named there, then send it again."),
    TroubleKind.PARKED: gettext_lazy("Mend the cause named there, then let it be tried again."),
    TroubleKind.LATE: gettext_lazy("See on the health page whether the background work runs."),
    TroubleKind.AWAY: gettext_lazy("It is tried again by itself. Ask whoever runs the other side."),
    TroubleKind.SILENT: gettext_lazy(
        "Try the connection there step by step; nothing that waits on the other side is lost."
    ),
}


def sentence(subject: str, facts: Mapping[str, object]) -> str:
    """What is wrong where: "E-mail in: something came in that cannot be used (3)"; only where
    when `facts` do not say what."""
    kind, count = str(facts.get("kind", "")), facts.get("count")
    text = f"{where(subject)}: {WHAT.get(kind, kind)}"
    return f"{text} ({count})" if isinstance(count, int) and count > 1 else text


def where(subject: str) -> str:
    """The name of what is in trouble."""
    kind, _colon, number = subject.partition(":")
    if kind in KINDS_OF_SOURCE:
        return str(KINDS_OF_SOURCE[kind]) % {"number": number}
    return str(WHERE.get(subject, subject))


def mend(facts: Mapping[str, object]) -> str:
    """What to do about it."""
    kind = str(facts.get("kind", ""))
    return str(MEND.get(kind, _("Look at the page of the channels.")))
