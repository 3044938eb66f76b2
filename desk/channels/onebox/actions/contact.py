"""What came of talking with a box: when, how it went, and what was learnt of it."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.db import transaction

from desk.channels import actions as channels
from desk.channels.actions import Incoming
from desk.channels.models import Arrival, Intake
from desk.channels.onebox.client import Session
from desk.channels.onebox.models import ERROR_MAX, Connection
from desk.lib import sealed

# A look that never came to an end (its worker was killed) is made again after so long.
LEASE_SECONDS = 180
# A box that fails is looked at less and less often, up to this.
REST_SECONDS_MAX = 900
DOUBLINGS_MAX = 8
# Events knock: the box is looked at soon, but not more often than this.
KNOCK_SECONDS = 5
# A body that comes again within this and the next such span of time is the same event.
SAME_EVENT_SECONDS = 3600


def claim_look(connection_id: int, at: datetime) -> bool:
    """Take a due look, so that no other worker makes it too."""
    due = Connection.objects.filter(pk=connection_id, is_active=True, poll_next_at__lte=at)
    return bool(due.update(poll_next_at=at + timedelta(seconds=LEASE_SECONDS)))


def later(connection_id: int, at: datetime, seconds: int) -> None:
    """The box is busy with us elsewhere: look again in `seconds`."""
    rows = Connection.objects.filter(pk=connection_id, is_active=True)
    rows.update(poll_next_at=at + timedelta(seconds=seconds))


def begin(connection_id: int, newest: int) -> None:
    """The first look: processes up to `newest` were there before us."""
    Connection.objects.filter(pk=connection_id, baseline=None).update(baseline=newest)


def looked(connection: Connection, at: datetime, trouble: str = "") -> None:
    """The box was looked at; `trouble` is what was wrong nevertheless."""
    rows = Connection.objects.filter(pk=connection.pk, is_active=True)
    next_at = at + timedelta(seconds=connection.polling_seconds)
    rows.update(polled_at=at, poll_next_at=next_at, tried_at=at, failures=0, error=trouble)


def failed(connection_id: int, at: datetime, error: str, *, looking: bool = True) -> None:
    """The box could not be looked at, or written; `error` is a code, and holds no secret."""
    with transaction.atomic():
        found = Connection.objects.select_for_update().get(pk=connection_id)
        found.error, found.tried_at = channels.clean(error, ERROR_MAX), at
        if looking and found.is_active:
            rest = found.polling_seconds * 2 ** min(found.failures, DOUBLINGS_MAX)
            longest = max(REST_SECONDS_MAX, found.polling_seconds)
            found.poll_next_at = at + timedelta(seconds=min(rest, longest))
            found.failures += 1
        found.save(update_fields=["error", "tried_at", "poll_next_at", "failures"])


def succeeded(connection_id: int, at: datetime) -> None:
    """The box took what was written."""
    rows = Connection.objects.filter(pk=connection_id)
    rows.update(tried_at=at, error="", failures=0)


def tried(connection_id: int, at: datetime) -> None:
    """A person tried the connection."""
    Connection.objects.filter(pk=connection_id).update(tried_at=at)


def learnt(connection_id: int, session: Session) -> None:
    """Keep the token and the form of the body that a session has found out."""
    token = sealed.seal(session.token) if session.token else ""
    rows = Connection.objects.filter(pk=connection_id, removed_at=None)
    rows.update(token=token, token_at=session.token_at, root=session.root)


def take_event(
    connection: Connection, raw: bytes, name: str, kind: str, at: datetime
) -> Arrival | None:
    """Store an event raw, and let the box be looked at soon; None when it came before.

    `name` is its own id, "" when it has none: then the same body within an hour or two is the
    same event. `kind` is its content type.
    """
    digest = hashlib.sha256(raw).hexdigest()
    with transaction.atomic():
        locked = Connection.objects.select_for_update().get(pk=connection.pk)
        locked.heard_at = at
        if locked.is_active and not _soon(locked, at):
            locked.poll_next_at = at
        locked.save(update_fields=["heard_at", "poll_next_at"])
        span = int(at.timestamp()) // SAME_EVENT_SECONDS
        keys = [f"event:{digest}:{each}" for each in (span, span - 1)]
        if name:
            keys = [f"named:{hashlib.sha256(name.encode()).hexdigest()}"]
        known = Arrival.objects.filter(channel=Intake.ONEBOX, source=connection.address)
        if known.filter(key__in=keys).exists():
            return None
        facts = {"kind": "event", "content_type": kind}
        incoming = Incoming(Intake.ONEBOX, connection.address, keys[0], raw, facts)
        return channels.keep(incoming, at)


def _soon(connection: Connection, at: datetime) -> bool:
    """Whether it was looked at a moment ago; the next look is then made at most so much later."""
    last = connection.polled_at
    if last is None or at - last >= timedelta(seconds=KNOCK_SECONDS):
        return False
    soon = last + timedelta(seconds=KNOCK_SECONDS)
    if connection.poll_next_at is None or connection.poll_next_at > soon:
        connection.poll_next_at = soon
    return True
