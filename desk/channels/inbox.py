"""From what came in to what it does: stored raw first, used once, and never in the way.

An edge (a mail server, a webhook's page) calls `actions.keep` and says "taken" when its transaction
has committed. The worker's loop then hands each arrival to its channel's handler. The handler's
actions and the note that it is done are one transaction: an arrival does what it does exactly
once, however often the worker is killed. What cannot be used waits in quarantine, and what comes
behind it goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from desk.channels import actions
from desk.channels.email import inbound as email
from desk.channels.errors import Unclear, Unreachable
from desk.channels.models import UNREAD, Arrival, Intake

BATCH_MAX = 100
Handler = Callable[[Arrival, datetime], str]
# Each returns what was made of the arrival: "ticket:42", "repeat of 17", "call:5".
HANDLERS: dict[str, Handler] = {Intake.EMAIL: email.handle}

log = logging.getLogger(__name__)


def tick(at: datetime) -> int:
    """Use what waits, in the order in which it came (the worker's loop "inbox")."""
    numbers = list(due(at).values_list("pk", flat=True)[:BATCH_MAX])
    return sum(process(number, at) for number in numbers)


def due(at: datetime) -> QuerySet[Arrival]:
    """Arrivals that may be tried at `at`, the oldest first."""
    return Arrival.objects.filter(state__in=UNREAD, next_at__lte=at).order_by("id")


def process(arrival_id: int, at: datetime) -> bool:
    """Use one arrival, if it is due and its source is free; tells whether it was tried."""
    try:
        with transaction.atomic():
            arrival = _claim(arrival_id, at)
            if arrival is None:
                return False
            outcome = HANDLERS[arrival.channel](arrival, at)
            actions.used(arrival, at, outcome)
    except Unclear as reason:
        actions.quarantined(arrival_id, at, str(reason))
    except (Unreachable, OperationalError) as error:
        log.warning("Arrival %s has to wait: %s", arrival_id, error)
        actions.unused(arrival_id, at, str(error), counts=False)
    except Exception as error:
        # One that cannot be used must not stop those behind it, nor be lost from sight.
        log.exception("Arrival %s cannot be used.", arrival_id)
        actions.unused(arrival_id, at, repr(error), counts=True)
    return True


def _claim(arrival_id: int, at: datetime) -> Arrival | None:
    """Lock a due arrival and its source: what comes from one place is used one after another."""
    found = due(at).filter(pk=arrival_id).select_for_update(skip_locked=True).first()
    if found is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"inbox:{found.channel}:{found.source}"],
        )
        (alone,) = cursor.fetchone()
    return found if alone else None
