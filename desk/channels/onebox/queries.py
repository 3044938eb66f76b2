"""Reading what concerns partners' boxes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from desk.channels.models import (
    UNREAD,
    Arrival,
    ArrivalState,
    Channel,
    Delivery,
    DeliveryState,
    Intake,
)
from desk.channels.onebox.models import Connection, Process, Said
from desk.channels.onebox.reading import Comment
from desk.partners.models import Membership, PartnerRole, Person

SUBMITS = (PartnerRole.OWNER, PartnerRole.MEMBER)
# So many digits from the end tell a telephone number, with and without the country's prefix.
PHONE_DIGITS = 9
SHOWN_MAX = 20


def connections() -> QuerySet[Connection]:
    """Connections that are not removed, by partner."""
    found = Connection.objects.filter(removed_at=None)
    return found.select_related("partner", "project", "person").order_by("partner__name", "id")


def connection_of(source: str) -> Connection:
    """The connection that an arrival or a delivery names, also when it is removed."""
    rows = Connection.objects.select_related("partner", "project", "person")
    return rows.get(pk=source.partition(":")[2])


def due(at: datetime) -> list[int]:
    """The connections that are to be looked at, whose look has waited longest first."""
    rows = Connection.objects.filter(is_active=True, removed_at=None, poll_next_at__lte=at)
    return list(rows.exclude(workflow="").order_by("poll_next_at").values_list("pk", flat=True))


def stuck(found: Iterable[Connection]) -> dict[int, int]:
    """How much waits for a person, by connection: in quarantine, or given up."""
    by_address = {one.address: one.pk for one in found}
    counts: Counter[int] = Counter()
    kept = Arrival.objects.filter(channel=Intake.ONEBOX, source__in=by_address)
    kept = kept.filter(state=ArrivalState.QUARANTINED).order_by()
    dead = Delivery.objects.filter(channel=Channel.ONEBOX, address__in=by_address)
    dead = dead.filter(state=DeliveryState.DEAD).order_by()
    for rows in (
        kept.values_list("source").annotate(Count("pk")),
        dead.values_list("address").annotate(Count("pk")),
    ):
        for address, count in rows:
            counts[by_address[address]] += count
    return counts


def process_of(ticket_id: int | None) -> Process | None:
    """The process that a ticket is, on a connection that is not removed."""
    if ticket_id is None:
        return None
    rows = Process.objects.filter(ticket=ticket_id, connection__removed_at=None)
    return rows.select_related("connection", "ticket").first()


def known(connection: Connection, processes: Collection[str]) -> dict[str, Process]:
    """What is known of these processes, by their ids."""
    rows = Process.objects.filter(connection=connection, process__in=processes)
    return {row.process: row for row in rows}


def has_news(process: Process) -> bool:
    """Whether something that was seen in a process still waits to be used."""
    rows = Arrival.objects.filter(channel=Intake.ONEBOX, source=process.connection.address)
    return rows.filter(state__in=UNREAD, facts__process=process.process).exists()


def matching(process: Process, comment: Comment, event_key: str) -> Said | None:
    """The comment that this one is, as it was told before: by its id; else by its words, when
    that one was not told of in this way (by a row, or by an event) already."""
    rows = Said.objects.filter(process=process).order_by("id")
    same = rows.filter(digest=comment.digest)
    if comment.id:
        return rows.filter(comment_id=comment.id).first() or same.filter(comment_id="").first()
    if event_key:
        return same.filter(Q(event_key=event_key) | Q(event_key="")).first()
    return same.first()


def written_digests(process: Process, digests: Collection[str]) -> dict[str, int]:
    """How often we have written these words there, as far as we know."""
    rows = Said.objects.filter(process=process, ours=True, digest__in=list(digests), comment_id="")
    known = rows.exclude(written_at=None).values_list("digest").annotate(Count("pk")).order_by()
    return dict(known)


def person_like(connection: Connection, email: str, phone: str) -> Person | None:
    """Whose address or telephone number this is among the partner's people; None for nobody, and
    when a number is that of several."""
    present = Membership.objects.filter(
        partner=connection.partner_id, until_at=None, person__is_active=True
    )
    if email:
        found = present.filter(person__email__iexact=email).select_related("person").first()
        if found is not None:
            return found.person
    digits = _digits(phone)
    if len(digits) < PHONE_DIGITS:
        return None
    people = [row.person for row in present.select_related("person").order_by("id")]
    same = [one for one in people if _digits(one.phone) == digits]
    return same[0] if len(same) == 1 else None


def submits(connection: Connection, person: Person) -> bool:
    """Whether somebody may open tickets of this partner."""
    rows = Membership.objects.filter(
        partner=connection.partner_id, person=person, until_at=None, role__in=SUBMITS
    )
    return person.is_active and rows.exists()


def opened_since(connection: Connection, since: datetime) -> int:
    """How many tickets came of a connection since then."""
    rows = Process.objects.filter(connection=connection, ticket__submitted_at__gt=since)
    return rows.count()


def arrivals(connection: Connection) -> QuerySet[Arrival]:
    """What came in of a connection, the newest first, without the bytes."""
    rows = Arrival.objects.filter(channel=Intake.ONEBOX, source=connection.address)
    return rows.defer("raw").order_by("-id")


def deliveries(connection: Connection) -> QuerySet[Delivery]:
    """What was written to a connection, or is to be, the newest first."""
    rows = Delivery.objects.filter(channel=Channel.ONEBOX, address=connection.address)
    return rows.select_related("entry").order_by("-id")


def _digits(phone: str) -> str:
    return "".join(each for each in phone if each.isdigit())[-PHONE_DIGITS:]
