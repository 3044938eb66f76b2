"""Reading what concerns mail: which addresses are ours, and what came of mails that came in."""

from __future__ import annotations

import re
from collections.abc import Iterable

from desk.channels.email import replies
from desk.channels.email.models import Received
from desk.channels.email.replies import Own

# A foreign Message-ID goes into a header of ours only when it is a plain one.
_PLAIN_ID = re.compile(r"[!-;=?-~]{1,120}@[!-;=?-~]{1,120}")


def own_addresses() -> list[Own]:
    """Every address that mail for the desk comes in by: those of running mailboxes first, then
    those that only the built-in receiver takes. In small letters."""
    return replies.own()


def is_ours(address: str, known: Iterable[Own] | None = None) -> bool:
    """Whether mail to this address is for the desk: one of our addresses, or one with a plus part
    where the plus rule is on. `known` saves the look-up for many at once."""
    found = own_addresses() if known is None else known
    return replies.is_own(address, found) is not None


def first_mail(ticket_id: int, person_id: int | None) -> str:
    """The Message-ID of the first mail that this person sent on a ticket, without <>; "" when
    there is none that may stand in a header."""
    rows = Received.objects.filter(ticket=ticket_id, person=person_id, automatic="")
    found = rows.exclude(mail_id="").order_by("pk").values_list("mail_id", flat=True).first()
    return found if found and _PLAIN_ID.fullmatch(found) else ""
