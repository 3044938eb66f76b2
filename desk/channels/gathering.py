"""What goes out together: a delivery to a person takes along what waits for the same moment.

Within the grace time of a mail, all of its ticket becomes one mail. At the end of quiet hours, of
a pause, and with a digest, everything that waits is one. What its reader has seen in the desk
meanwhile, or has switched off, is left out. All of it is claimed at once under a lock of the
person and channel, so that two workers never make two letters of it.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from desk.channels import actions, spreading
from desk.channels.email.models import Turn, TurnKind
from desk.channels.models import OPEN, Channel, Delivery, DeliveryState
from desk.channels.notices import choices
from desk.channels.notices.models import Held, Notice
from desk.channels.routing import GRACE_SECONDS, Hold, Way
from desk.channels.themes import NEEDED, Theme

# Ways to people; the others are told of entries as such.
PERSONAL = frozenset({Channel.EMAIL, Channel.PUSH, Channel.TELEGRAM})
# What waits for one of these is sent together, whatever ticket it is of.
GATHERED = frozenset({Hold.QUIET, Hold.DIGEST, Hold.PAUSE})
TOGETHER_MAX = 200
SEEN = "its reader has seen it in the desk meanwhile"
SWITCHED_OFF = "its reader has switched it off meanwhile"


def take(delivery_id: int, at: datetime, together: Container[str]) -> list[Delivery]:
    """Claim a due delivery and what goes with it, in the order of what happened; empty when there
    is nothing to send. `together` are the channels that know a letter of several."""
    found = Delivery.objects.filter(pk=delivery_id).first()
    if found is None:
        return []
    if found.person_id is None or found.channel not in PERSONAL:
        claimed = actions.claim(delivery_id, at)
        return [claimed] if claimed else []
    with transaction.atomic():
        _one_at_a_time(f"{found.channel}:{found.person_id}")
        lead = actions.claim(delivery_id, at)
        if lead is None:
            return []
        others = _companions(lead, at) if found.channel in together else []
        # What waits for more of its ticket is taken before its time.
        early = at + timedelta(seconds=GRACE_SECONDS)
        claimed_too = [actions.claim(number, early) for number in others]
        taken = [lead, *(row for row in claimed_too if row is not None)]
    return sorted(_wanted(taken, at), key=lambda row: row.entry_id)


def _companions(lead: Delivery, at: datetime) -> list[int]:
    held = _held(lead)
    same = Held.objects.filter(
        person=lead.person_id, channel=lead.channel, entry=OuterRef("entry_id")
    )
    if held is not None and held.hold in GATHERED:
        limit = at
    else:
        ticket = held.ticket_id if held is not None else spreading.ticket_of(lead.entry)
        same = same.filter(hold__in=(Hold.GRACE, Hold.FOLLOW), ticket=ticket)
        limit = at + timedelta(seconds=GRACE_SECONDS)
        if ticket is None:
            return []
    mine = Delivery.objects.filter(
        person=lead.person_id, channel=lead.channel, address=lead.address, state__in=OPEN
    )
    waiting = mine.filter(next_at__lte=limit).exclude(pk=lead.pk)
    rows = waiting.filter(Exists(same)).order_by("entry_id")
    return list(rows.values_list("pk", flat=True)[:TOGETHER_MAX])


def _wanted(taken: Sequence[Delivery], at: datetime) -> list[Delivery]:
    """Those of the claimed deliveries that are still to be sent; the others are dropped."""
    entries = [row.entry_id for row in taken]
    lead = taken[0]
    mine = Held.objects.filter(person=lead.person_id, channel=lead.channel, entry__in=entries)
    held = {row.entry_id: row for row in mine}
    if not held:
        return list(taken)
    off, seen = _off(lead, held), _seen(lead, held) - _owed(lead, held)
    if seen:
        seen -= _speaking_for_others(taken)
    wanted = []
    for row in taken:
        if row.entry_id in off | seen:
            actions.dropped(row, at, SWITCHED_OFF if row.entry_id in off else SEEN)
        else:
            wanted.append(row)
    return wanted


def _seen(lead: Delivery, held: dict[int, Held]) -> set[int]:
    """Entries whose notice the person has read since it was written."""
    read = Notice.objects.filter(person=lead.person_id, entry__in=held, read_at__isnull=False)
    since = Delivery.objects.filter(
        person=lead.person_id, channel=lead.channel, entry=OuterRef("entry_id")
    ).filter(created_at__lt=OuterRef("read_at"))
    return set(read.filter(Exists(since)).values_list("entry_id", flat=True))


def _speaking_for_others(taken: Sequence[Delivery]) -> set[int]:
    """Entries whose mail waits for the morning, to tell then of what was held besides."""
    rows = Turn.objects.filter(delivery__in=taken, kind=TurnKind.HELD)
    return set(rows.values_list("delivery__entry_id", flat=True))


def _owed(lead: Delivery, held: dict[int, Held]) -> set[int]:
    """Entries that the service has promised to tell by more than the bell, and has not yet."""
    others = Delivery.objects.exclude(channel=lead.channel).filter(
        person=lead.person_id, entry__in=held, state=DeliveryState.SENT
    )
    told = set(others.values_list("entry_id", flat=True))
    return {number for number, row in held.items() if row.promised and number not in told}


def _off(lead: Delivery, held: dict[int, Held]) -> set[int]:
    """Entries of themes that the person has switched off for this way, or of muted tickets."""
    if lead.person is None:
        return set()
    chosen, way = choices.of(lead.person), Way(lead.channel)
    return {
        number
        for number, row in held.items()
        if row.theme not in NEEDED
        and (row.ticket_id in chosen.muted or not chosen.on(Theme(row.theme), way))
    }


def _held(lead: Delivery) -> Held | None:
    rows = Held.objects.filter(entry=lead.entry_id, person=lead.person_id, channel=lead.channel)
    return rows.first()


def _one_at_a_time(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
