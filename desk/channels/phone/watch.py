"""What time alone brings about on the hotline (the worker's loop "hotline")."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import OperationalError
from django.db.models import Q

from desk.channels.phone import actions
from desk.channels.phone.actions import calls
from desk.channels.phone.fold import CallState
from desk.channels.phone.models import Call, CallBack

LIMIT = 100

log = logging.getLogger(__name__)


def tick(at: datetime) -> int:
    """Tell more people of who was not called back, end calls whose end was lost, forget
    recordings whose time is over; how much was done. Each is a transaction of its own."""
    due = CallBack.objects.filter(next_at__lte=at).order_by("next_at", "pk")
    rings = Q(state=CallState.RINGING, heard_at__lte=at - calls.RINGS_MAX)
    talks = Q(state=CallState.ANSWERED, heard_at__lte=at - calls.TALKS_MAX)
    lost = Call.objects.filter(rings | talks).order_by("pk")
    old = Call.objects.filter(recording_until_at__lte=at).order_by("recording_until_at")
    return (
        _each(actions.escalate, due.values_list("pk", flat=True)[:LIMIT], at)
        + _each(actions.assume_over, lost.values_list("pk", flat=True)[:LIMIT], at)
        + _each(actions.forget, old.values_list("pk", flat=True)[:LIMIT], at)
    )


def _each(deed: Callable[[int, datetime], int], numbers: Iterable[int], at: datetime) -> int:
    """Do it for each; one that fails stops no other, and is tried again in the next round."""
    done = 0
    for number in list(numbers):
        try:
            done += deed(number, at)
        except OperationalError:
            raise
        except Exception:
            log.exception("%s of %s failed.", deed.__name__, number)
    return done
