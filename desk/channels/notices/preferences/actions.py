"""Writing what a person chooses: themes and ways, quiet hours, digests, pauses, muted tickets.

What waits already is planned anew at once, so that a choice holds for it too. The journal keeps
what was changed, and by whom; a mail's link acts as the person it was sent to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from desk.channels.models import Channel, Delivery, DeliveryState
from desk.channels.notices import choices
from desk.channels.notices.models import Held, Preferences
from desk.channels.routing import (
    DEFAULTS,
    WEEK_DAYS,
    Digest,
    Hold,
    Several,
    Way,
    sendings,
)
from desk.channels.themes import News, Theme
from desk.journal import actions as journal
from desk.journal import queries as history
from desk.journal.cause import Cause
from desk.partners.models import Person

MUTED_MAX = 500
PAUSE_DAYS_MAX = 62
TRIAL = "try_notices"
TRIAL_SECONDS = 60
HELD_LONG = (Hold.QUIET, Hold.DIGEST, Hold.PAUSE)


class Unfit(Exception):
    """A choice that cannot be: `field` names it."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class TooSoon(Exception):
    """A test message was sent a moment ago."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Everything on the page of preferences but pauses and muted tickets. `ticked` holds every box
    that was shown; those that were not shown stay as they were."""

    ticked: Mapping[tuple[Theme, Way], bool]
    several: Several = Several.FOLLOW
    quiet_since: time | None = None
    quiet_until: time | None = None
    quiet_days: frozenset[int] = frozenset()
    digest: Digest = Digest.OFF
    digest_hour: int = 9


def choose(cause: Cause, person: Person, chosen: Chosen) -> Preferences:
    """Keep what a person has chosen. Raises `Unfit`."""
    _check(chosen)
    with transaction.atomic():
        row = _locked(person)
        before = _fields(row)
        row.ticked = _merged(row.ticked, chosen.ticked)
        row.several, row.digest = chosen.several.value, chosen.digest.value
        row.digest_hour = chosen.digest_hour
        row.quiet_since, row.quiet_until = chosen.quiet_since, chosen.quiet_until
        row.quiet_days = sorted(chosen.quiet_days)
        return _keep(cause, person, row, before)


def stop_mails(cause: Cause, person: Person, themes: Iterable[Theme]) -> Preferences:
    """No more mails of these themes; everything else stays."""
    with transaction.atomic():
        row = _locked(person)
        before = _fields(row)
        row.ticked = _merged(row.ticked, {(theme, Way.EMAIL): False for theme in themes})
        return _keep(cause, person, row, before)


def pause(cause: Cause, person: Person, until_at: datetime | None) -> Preferences:
    """Hold everything that is not critical or promised until a moment; None ends it.
    Raises `Unfit` for the past, and for longer than `PAUSE_DAYS_MAX`."""
    if until_at is not None:
        longest = cause.at + timedelta(days=PAUSE_DAYS_MAX)
        if not cause.at < until_at <= longest:
            raise Unfit("paused_until")
    with transaction.atomic():
        row = _locked(person)
        before = _fields(row)
        row.paused_until_at = until_at
        return _keep(cause, person, row, before)


def mute(cause: Cause, person: Person, ticket_id: int, *, muted: bool) -> Preferences:
    """Tell of a ticket only what is asked of the person, or all of it again. The caller has made
    sure that the person sees it. Raises `Unfit` for too many."""
    with transaction.atomic():
        row = _locked(person)
        before = _fields(row)
        others = [number for number in row.muted if number != ticket_id]
        row.muted = [*others, ticket_id] if muted else others
        if len(row.muted) > MUTED_MAX:
            raise Unfit("muted")
        return _keep(cause, person, row, before)


def try_ways(
    cause: Cause, person: Person, addresses: Mapping[Way, Iterable[str]]
) -> list[Delivery]:
    """Send a test message by every way that the person has. Raises `TooSoon`."""
    subject = f"person:{person.pk}"
    with transaction.atomic():
        _locked(person)
        earlier = journal.earlier(cause, subject, {"verb": TRIAL})
        if earlier is not None:
            return list(earlier.deliveries.all())
        latest = history.of(subject).filter(verb=TRIAL).order_by("-id").first()
        if latest is not None and cause.at - latest.at < timedelta(seconds=TRIAL_SECONDS):
            raise TooSoon
        entry = journal.record(cause, TRIAL, subject, {}, content={"verb": TRIAL})
        rows = [
            Delivery(
                entry=entry,
                channel=Channel(way.value),
                address=address,
                person=person,
                why="own",
                next_at=cause.at,
                created_at=cause.at,
            )
            for way, known in addresses.items()
            for address in known
        ]
        return Delivery.objects.bulk_create(rows)


def _check(chosen: Chosen) -> None:
    since, until = chosen.quiet_since, chosen.quiet_until
    if (since is None) != (until is None) or (since is not None and since == until):
        raise Unfit("quiet_until")
    if not chosen.quiet_days <= frozenset(range(WEEK_DAYS)):
        raise Unfit("quiet_days")
    # A week without a single moment to be told would hold everything for ever.
    if len(chosen.quiet_days) == WEEK_DAYS:
        raise Unfit("quiet_days")
    if not 0 <= chosen.digest_hour < 24:
        raise Unfit("digest_hour")


def _locked(person: Person) -> Preferences:
    Preferences.objects.get_or_create(person=person)
    return Preferences.objects.select_for_update().get(person=person)


def _fields(row: Preferences) -> dict[str, object]:
    quiet = (row.quiet_since, row.quiet_until, row.quiet_days)
    own = {name: row.ticked.get(name) for name in row.ticked}
    others = {
        "several": row.several,
        "quiet": quiet,
        "digest": (row.digest, row.digest_hour),
        "paused_until": row.paused_until_at,
        "muted": row.muted,
    }
    return {**own, **others}


def _merged(known: Mapping[str, bool], ticked: Mapping[tuple[Theme, Way], bool]) -> dict[str, bool]:
    """What differs from the defaults, with these boxes as they are now."""
    found = dict(known)
    for (theme, way), on in ticked.items():
        name = choices.name(theme, way)
        if on == (theme in DEFAULTS[way]):
            found.pop(name, None)
        else:
            found[name] = on
    return found


def _keep(
    cause: Cause, person: Person, row: Preferences, before: Mapping[str, object]
) -> Preferences:
    after = _fields(row)
    changed = sorted(n for n in before.keys() | after.keys() if before.get(n) != after.get(n))
    if changed:
        row.save()
        journal.record(cause, "prefer", f"person:{person.pk}", {"changed": changed})
        _plan_anew(person, row, cause.at)
    return row


def _plan_anew(person: Person, row: Preferences, at: datetime) -> None:
    """Let what waits for the end of something wait as the choices are now. It stays together."""
    own = choices.read(person, row)
    waiting = Delivery.objects.filter(person=person, state=DeliveryState.WAITING, attempts=0)
    same = waiting.filter(entry=OuterRef("entry"), channel=OuterRef("channel"))
    for held in Held.objects.filter(Exists(same), person=person, hold__in=HELD_LONG):
        news = News(Theme(held.theme), held.promised, held.ticket_id)
        planned = sendings(news, own, {Way(held.channel)}, at)
        due_at = planned[0].due_at if planned else at
        waiting.filter(entry=held.entry_id, channel=held.channel).update(next_at=due_at)
        if planned and planned[0].hold in HELD_LONG and planned[0].hold != held.hold:
            Held.objects.filter(pk=held.pk).update(hold=planned[0].hold)
