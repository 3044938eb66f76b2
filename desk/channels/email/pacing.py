"""How many mails of one ticket somebody gets in a day, so that no loop of mail programs runs away.

Ten go at once. The eleventh waits for the next morning and tells then of everything that was held;
what comes after it is folded into that one mail. What asks for an answer by a date or hands a
result over is counted, but never held: only a deed of one of our people makes such a mail, so no
loop can.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from desk.channels import topics, words
from desk.channels.email import actions
from desk.channels.email.models import Turn, TurnKind
from desk.channels.errors import Busy, Pointless
from desk.channels.models import Delivery
from desk.rules.lifecycle import Verb

MORNING = time(8)
# A mail about these never waits.
URGENT: frozenset[str] = frozenset(
    {
        Verb.ACCEPT,
        Verb.DECLINE,
        Verb.ESTIMATE,
        Verb.SUPPLEMENT,
        Verb.ASK,
        Verb.DELIVER,
        Verb.RECALL,
        Verb.RE_PROMISE,
        Verb.CANCEL,
        "remind",
        "breach",
    }
)


def take(delivery: Delivery, zone: ZoneInfo, at: datetime) -> None:
    """Let a mail go, or raise `Busy` for one that waits until the morning of its reader, and
    `Pointless` for one that is told of by another."""
    ticket_id = topics.ticket_id(delivery.entry)
    if ticket_id is None or delivery.entry.subject.startswith("deposit:"):
        return
    today = at.astimezone(zone).date()
    always = delivery.entry.verb in URGENT
    turn = actions.take_turn(delivery, ticket_id, today, always=always)
    if turn.kind == TurnKind.FOLDED:
        limit = actions.MAILS_PER_DAY_MAX
        raise Pointless(f"held: more than {limit} mails of this ticket in a day; told together")
    if turn.kind == TurnKind.HELD:
        morning = datetime.combine(turn.on + timedelta(days=1), MORNING, zone)
        actions.note_held(
            delivery,
            f"held until {morning:%Y-%m-%d %H:%M}: {actions.MAILS_PER_DAY_MAX} mails of this"
            " ticket have gone today",
        )
        raise Busy(max(1, int((morning - at).total_seconds())))


def held(delivery: Delivery) -> Counter[str] | None:
    """What a mail of the morning tells of: headlines and how often; None for any other mail."""
    # Told together with a mail of the morning, it may not have had its own turn yet.
    kinds = (TurnKind.HELD, TurnKind.SUMMARY)
    turn = Turn.objects.filter(delivery=delivery, kind__in=kinds).first()
    if turn is None:
        return None
    rows = Turn.objects.filter(ticket=turn.ticket_id, address=turn.address, held_on=turn.held_on)
    verbs = rows.order_by("delivery_id").values_list("delivery__entry__verb", flat=True)
    return Counter(words.headline(verb) for verb in verbs)
