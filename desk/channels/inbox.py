"""From what came in to what it does: stored raw first, used once, and never in the way.

An edge (a mail server, a webhook's page) calls `actions.keep` and says "taken" when its transaction
has committed. The worker's loop then hands each arrival to its channel's handler. The handler's
actions and the note that it is done are one transaction: an arrival does what it does exactly
once, however often the worker is killed. What cannot be used waits in quarantine, and what comes
behind it goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import chain, zip_longest

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from desk.channels import actions
from desk.channels.email import inbound as email
from desk.channels.errors import Unclear, Unreachable
from desk.channels.models import UNREAD, Arrival, Intake
from desk.channels.onebox import inbound as onebox
from desk.channels.phone import inbound as phone

# So many of one source are used in a round: a flood from one place starves no other.
SHARE_MAX = 25
# What the database answers when it, and not the arrival, is the trouble: SQLSTATE or its class.
NOT_ITS_FAULT = ("08", "40", "53", "55", "57P")
Handler = Callable[[Arrival, datetime], str]
# Each returns what was made of the arrival: "ticket:42", "repeat of 17", "call:5".
HANDLERS: dict[str, Handler] = {
    Intake.EMAIL: email.handle,
    Intake.ONEBOX: onebox.handle,
    Intake.PHONE: phone.handle,
}

log = logging.getLogger(__name__)


def tick(at: datetime) -> int:
    """Use what waits, in the order in which it came (the worker's loop "inbox")."""
    sources = due(at).order_by().values_list("channel", "source").distinct()
    shares = [list(_share(channel, source, at)) for channel, source in sources]
    taken = chain.from_iterable(zip_longest(*shares))
    return sum(process(number, at) for number in taken if number is not None)


def _share(channel: str, source: str, at: datetime) -> Iterator[int]:
    waiting = due(at).filter(channel=channel, source=source)
    yield from waiting.values_list("pk", flat=True)[:SHARE_MAX]


def due(at: datetime) -> QuerySet[Arrival]:
    """Arrivals that may be tried at `at`, the oldest first."""
    return Arrival.objects.filter(state__in=UNREAD, next_at__lte=at).order_by("id")


def process(arrival_id: int, at: datetime) -> bool:
    """Use one arrival, if it is due and its source is free; tells whether it was tried."""
    attempt = actions.begin(arrival_id, at)
    if attempt is None:
        return False
    try:
        with transaction.atomic():
            arrival = _claim(arrival_id, attempt)
            if arrival is None:
                actions.not_yet(arrival_id, attempt, at)
                return False
            outcome = HANDLERS[arrival.channel](arrival, at)
            actions.used(arrival, at, outcome)
    except Unclear as reason:
        actions.quarantined(arrival_id, at, str(reason))
    except (Unreachable, OperationalError) as error:
        log.warning("Arrival %s has to wait: %s", arrival_id, error)
        actions.unused(arrival_id, at, str(error), counts=not _passing(error))
    except Exception as error:
        # One that cannot be used must not stop those behind it, nor be lost from sight.
        log.exception("Arrival %s cannot be used.", arrival_id)
        actions.unused(arrival_id, at, repr(error), counts=True)
    return True


def _passing(error: Exception) -> bool:
    """Whether the trouble passes by itself: a system that is away, a busy or broken database."""
    if isinstance(error, Unreachable):
        return True
    code = getattr(error.__cause__, "sqlstate", None)
    return code is None or code.startswith(NOT_ITS_FAULT)


def _claim(arrival_id: int, attempt: int) -> Arrival | None:
    """Lock an arrival and its source: what comes from one place is used one after another."""
    own = Arrival.objects.filter(pk=arrival_id, attempts=attempt, state__in=UNREAD)
    found = own.select_for_update(skip_locked=True).first()
    if found is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"inbox:{found.channel}:{found.source}"],
        )
        (alone,) = cursor.fetchone()
    return found if alone else None
