"""By which ways, and when, one person is told one thing. Pure: values in, values out.

The bell has everything at once. The ways beside it follow the person's choices: which themes by
which way, one way or several, quiet hours, digests, pauses. Each way is planned once at most.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum

from desk.channels.themes import BREAKS_THROUGH, NEEDED, QUIET, News, Theme

# So long a mail that asks for nothing waits for more of its ticket, or for its reader to look.
GRACE_SECONDS = 60
# So long a mail waits for somebody who is told by a quicker way, and may look at the desk.
FOLLOW_SECONDS = 30 * 60
WEEK_DAYS = 7


class Way(StrEnum):
    """How a person is told. All but the bell are also names of channels out of the house."""

    APP = "app"
    TELEGRAM = "telegram"
    PUSH = "push"
    EMAIL = "email"


class Several(StrEnum):
    """What to do with a thing for which several ways are ticked: ONE, the quickest alone; FOLLOW,
    the quickest, and a mail later for what was not looked at; ALL, each."""

    ONE = "one"
    FOLLOW = "follow"
    ALL = "all"


class Digest(StrEnum):
    """How mails of what is not urgent are gathered."""

    OFF = "off"
    HOURLY = "hourly"
    DAILY = "daily"


class Hold(StrEnum):
    """Why something waits before it is sent."""

    NONE = ""
    GRACE = "grace"
    FOLLOW = "follow"
    DIGEST = "digest"
    PAUSE = "pause"
    QUIET = "quiet"


# The quickest first.
QUICK = (Way.TELEGRAM, Way.PUSH, Way.EMAIL)
INSTANT = frozenset({Theme.CRITICAL, Theme.ASKED, Theme.MESSAGES})
LOUD = frozenset(Theme) - QUIET
# What is ticked until a person chooses otherwise.
DEFAULTS: dict[Way, frozenset[Theme]] = {
    Way.APP: frozenset(Theme),
    Way.TELEGRAM: INSTANT,
    Way.PUSH: INSTANT,
    Way.EMAIL: LOUD,
}
PROMPT = frozenset({Theme.CRITICAL, Theme.ASKED})


@dataclass(frozen=True, slots=True)
class Quiet:
    """When a person wants no sound, in their own zone: each day between two times, over midnight
    where the first is the later one, and the whole of some weekdays (Monday is 0)."""

    since: time | None = None
    until: time | None = None
    days: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person has chosen. `ticked` holds what differs from `DEFAULTS`."""

    zone: tzinfo = UTC
    ticked: Mapping[tuple[Theme, Way], bool] = field(default_factory=dict)
    several: Several = Several.FOLLOW
    quiet: Quiet = Quiet()
    digest: Digest = Digest.OFF
    digest_hour: int = 9
    paused_until_at: datetime | None = None
    muted: Collection[int] = frozenset()

    def on(self, theme: Theme, way: Way) -> bool:
        return self.ticked.get((theme, way), theme in DEFAULTS[way])


@dataclass(frozen=True, slots=True)
class Sending:
    """One way beside the bell, when it is due, and why it waits until then."""

    way: Way
    due_at: datetime
    hold: Hold = Hold.NONE


def sendings(
    news: News, choices: Choices, reach: Collection[Way], at: datetime
) -> tuple[Sending, ...]:
    """The ways beside the bell by which a person is told, the quickest first.

    `reach` are the ways that exist for the person at all. The caller remembers that mail always
    does: what may not be silenced goes by mail where nothing else is ticked.
    """
    ways = _ways(news, choices, reach)
    if choices.several == Several.ALL:
        return tuple(_sending(way, news, choices, at, follows=False) for way in ways)
    first = tuple(_sending(way, news, choices, at, follows=False) for way in ways[:1])
    if choices.several == Several.FOLLOW and Way.EMAIL in ways[1:]:
        return (*first, _sending(Way.EMAIL, news, choices, at, follows=True))
    return first


def quiet_until(at: datetime, quiet: Quiet, zone: tzinfo) -> datetime:
    """The first moment from `at` on that is not quiet; `at` itself where it is not."""
    found = at
    # Each round ends one stretch; a week of quiet days with its nights has no more than these.
    for _round in range(2 * WEEK_DAYS + 1):
        end = _end(found.astimezone(zone), quiet)
        if end is None or end <= found:
            return found
        found = end.astimezone(UTC)
    return found


def digest_at(at: datetime, digest: Digest, hour: int, zone: tzinfo) -> datetime:
    """When the next digest after `at` is sent."""
    local = at.astimezone(zone)
    if digest == Digest.HOURLY:
        past = timedelta(minutes=local.minute, seconds=local.second)
        return at + timedelta(hours=1) - past - timedelta(microseconds=local.microsecond)
    day = local.date()
    while True:
        found = datetime.combine(day, time(hour), zone).astimezone(UTC)
        if found > at:
            return found
        day += timedelta(days=1)


def _ways(news: News, choices: Choices, reach: Collection[Way]) -> list[Way]:
    needed = news.theme in NEEDED
    if news.ticket is not None and news.ticket in choices.muted and not needed:
        return []
    found = [way for way in QUICK if way in reach and choices.on(news.theme, way)]
    return found or ([Way.EMAIL] if needed else [])


def _sending(way: Way, news: News, choices: Choices, at: datetime, *, follows: bool) -> Sending:
    """When a way is due: what holds it longest is why it waits."""
    if news.theme in BREAKS_THROUGH:
        follow_at = at + timedelta(seconds=FOLLOW_SECONDS) if follows else at
        return Sending(way, follow_at, Hold.FOLLOW if follows else Hold.NONE)
    due_at, hold = at, Hold.NONE
    if way == Way.EMAIL:
        due_at, hold = _mail_at(news, choices, at, follows=follows)
    paused = choices.paused_until_at
    if paused is not None and paused > due_at and not news.promised:
        due_at, hold = paused, Hold.PAUSE
    loud_at = quiet_until(due_at, choices.quiet, choices.zone)
    return Sending(way, loud_at, Hold.QUIET if loud_at > due_at else hold)


def _mail_at(news: News, choices: Choices, at: datetime, *, follows: bool) -> tuple[datetime, Hold]:
    due_at, hold = at, Hold.NONE
    if follows:
        due_at, hold = at + timedelta(seconds=FOLLOW_SECONDS), Hold.FOLLOW
    elif news.theme not in PROMPT:
        due_at, hold = at + timedelta(seconds=GRACE_SECONDS), Hold.GRACE
    if choices.digest != Digest.OFF and news.theme not in PROMPT:
        gathered_at = digest_at(at, choices.digest, choices.digest_hour, choices.zone)
        return max(gathered_at, due_at), Hold.DIGEST
    return due_at, hold


def _end(local: datetime, quiet: Quiet) -> datetime | None:
    """The end of the stretch of quiet that holds `local`; None outside of any."""
    if local.weekday() in quiet.days:
        return _clock(local, time(), days=1)
    since, until = quiet.since, quiet.until
    if since is None or until is None or since == until:
        return None
    clock = local.time()
    if since < until:
        inside, tomorrow = since <= clock < until, False
    else:
        inside, tomorrow = clock >= since or clock < until, clock >= since
    if not inside:
        return None
    return _clock(local, until, days=int(tomorrow))


def _clock(local: datetime, clock: time, days: int) -> datetime:
    """A time of the clock some days later; on the day an hour comes twice, the same one of them."""
    return datetime.combine(
        local.date() + timedelta(days=days), clock.replace(fold=local.fold), local.tzinfo
    )
