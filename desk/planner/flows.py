"""Two ways of working side by side: personal managers, alone, in chains or in pods; and the
classic line with its second line (specification 5).

Time is minutes of working time. Work is done first come, first served, urgent work first, and is
not interrupted. Whoever has the ticket does it to its end.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from heapq import heapify, heapreplace

from desk.planner import streams
from desk.planner.streams import DAY

YEAR_DAYS = 250
CV_MAX = 10.0
TARGET_MINUTES = 480.0


class Way(StrEnum):
    """How tickets find their specialist. PERSONAL: to the partner's own. CHAIN: the next one in
    the ring takes over when the own one is too busy. POD: a small group shares its partners."""

    PERSONAL = "personal"
    CHAIN = "chain"
    POD = "pod"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of ticket: its share, the work of who knows the project, and what was promised."""

    name: str = "simple"
    share: float = 1.0
    minutes: float = 30.0
    cv: float = 0.35
    target_minutes: float = TARGET_MINUTES
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class Team:
    """Personal managers. `entry_minutes`: what getting into a colleague's project costs;
    `cover_factor`: how much longer its work takes then; `gap_minutes`: by how much more than
    that the own queue must be longer before the cover takes over. `absence_days` a year each."""

    specialists: int = 6
    projects_each: int = 12
    tickets_a_project_a_month: float = 8.0
    kinds: tuple[Kind, ...] = (Kind(),)
    way: Way = Way.PERSONAL
    entry_minutes: float = 5.0
    cover_factor: float = 1.2
    gap_minutes: float = 0.0
    pod_size: int = 3
    pod_factor: float = 1.1
    absence_days: int = 0
    profile: tuple[float, ...] = ()

    @property
    def per_minute(self) -> float:
        """Tickets a minute of the whole team; a month has a twelfth of a year's days."""
        tickets = self.specialists * self.projects_each * self.tickets_a_project_a_month
        return tickets / (YEAR_DAYS / 12 * DAY)

    @property
    def minutes_each(self) -> float:
        """Mean work of a ticket by who knows the project."""
        shares = sum(kind.share for kind in self.kinds)
        return sum(kind.share * kind.minutes for kind in self.kinds) / shares

    @property
    def load(self) -> float:
        """Work that comes over the time that is there."""
        present = self.specialists * (1 - self.absence_days / YEAR_DAYS)
        return self.per_minute * self.minutes_each / present


@dataclass(frozen=True, slots=True)
class Line:
    """The classic line: whoever is free takes the next ticket of the shared queue, and a share
    of them needs the second line as well. Nobody knows the project."""

    first: int = 4
    second: int = 3
    per_minute: float = 0.1
    first_minutes: float = 40.0
    second_share: float = 0.4
    second_minutes: float = 65.0
    cv: float = 0.35
    target_minutes: float = TARGET_MINUTES
    profile: tuple[float, ...] = ()

    @property
    def minutes_each(self) -> float:
        """Mean work of a ticket on both lines."""
        return self.first_minutes + self.second_share * self.second_minutes

    @property
    def load(self) -> float:
        """The load of the busier line."""
        first = self.per_minute * self.first_minutes / self.first
        second = self.per_minute * self.second_share * self.second_minutes / self.second
        return max(first, second)


@dataclass(slots=True)
class Outcome:
    """What became of the tickets of one run, after settling in. Sojourns in minutes, by arrival;
    `late` of them missed their promise; `covered` were done by a colleague."""

    sojourns: list[float] = field(default_factory=list)
    late: int = 0
    covered: int = 0
    busy_minutes: float = 0.0


@dataclass(slots=True)
class _Task:
    arrived: float
    minutes: float
    target: float
    counts: bool


class _Desk:
    """One specialist: the queue, and when the one at hand is done."""

    __slots__ = ("away", "free_at", "urgent", "usual")

    def __init__(self) -> None:
        self.urgent: deque[_Task] = deque()
        self.usual: deque[_Task] = deque()
        self.free_at = 0.0
        self.away: deque[tuple[float, float]] = deque()

    def waiting(self) -> int:
        return len(self.urgent) + len(self.usual)

    def advance(self, until: float, done: Callable[[_Task, float], None]) -> None:
        """Begin everything that begins before `until`."""
        while self.urgent or self.usual:
            queue = self._next()
            start = self._present(max(self.free_at, queue[0].arrived))
            if start >= until:
                return
            task = queue.popleft()
            self.free_at = start + task.minutes
            done(task, self.free_at)

    def is_away(self, at: float) -> bool:
        while self.away and self.away[0][1] <= at:
            self.away.popleft()
        return bool(self.away) and self.away[0][0] <= at

    def _next(self) -> deque[_Task]:
        """Urgent work first, if it is there when the specialist is free."""
        if not self.urgent:
            return self.usual
        if not self.usual or self.urgent[0].arrived <= max(self.free_at, self.usual[0].arrived):
            return self.urgent
        return self.usual

    def _present(self, at: float) -> float:
        """The first moment from `at` on at which the specialist is there."""
        for begins, ends in self.away:
            if at < begins:
                break
            at = max(at, ends) if at < ends else at
        return at


class _Run:
    """One run of a team over a span of time."""

    def __init__(self, team: Team, rng: random.Random, settling: float) -> None:
        self.team, self.settling = team, settling
        self.outcome = Outcome()
        self.desks = [_Desk() for _ in range(team.specialists)]
        self.absences = deque(_absences(team, rng, settling))
        for begins, ends, who in self.absences:
            self.desks[who].away.append((begins, ends))
        self.works = [streams.work(rng, kind.minutes, kind.cv) for kind in team.kinds]
        self.cover_minutes = team.minutes_each * team.cover_factor + team.entry_minutes

    def take(self, at: float, kind: int, lead: int) -> None:
        """A ticket comes in for the partner of `lead`."""
        while self.absences and self.absences[0][0] <= at:
            begins, _, who = self.absences.popleft()
            self._hand_over(who, begins)
        chosen = self._chosen(at, lead)
        described, minutes = self.team.kinds[kind], self.works[kind]()
        if chosen != lead:
            minutes = self._as_cover(minutes)
            self.outcome.covered += at >= self.settling
        task = _Task(at, minutes, described.target_minutes, at >= self.settling)
        desk = self.desks[chosen]
        desk.advance(at, self._done)
        (desk.urgent if described.is_urgent else desk.usual).append(task)

    def end(self) -> Outcome:
        """Work off what is left."""
        for desk in self.desks:
            desk.advance(float("inf"), self._done)
        return self.outcome

    def _done(self, task: _Task, at: float) -> None:
        if task.counts:
            sojourn = at - task.arrived
            self.outcome.sojourns.append(sojourn)
            self.outcome.late += sojourn > task.target
            self.outcome.busy_minutes += task.minutes

    def _as_cover(self, minutes: float) -> float:
        team = self.team
        if team.way is Way.POD:
            return minutes * team.pod_factor
        return minutes * team.cover_factor + team.entry_minutes

    def _chosen(self, at: float, lead: int) -> int:
        """Who does it: the lead, or who stands in."""
        team, own = self.team, self.desks[lead]
        if own.is_away(at):
            return self._standing_in(at, lead)
        if team.way is Way.PERSONAL:
            return lead
        if team.way is Way.CHAIN:
            cover = (lead + 1) % team.specialists
            extra = self.cover_minutes - team.minutes_each + team.gap_minutes
            gains = not self.desks[cover].is_away(at) and self._ahead(at, lead) > (
                self._ahead(at, cover) + extra
            )
            return cover if gains else lead
        first = lead - lead % team.pod_size
        pod = range(first, min(first + team.pod_size, team.specialists))
        there = [one for one in pod if not self.desks[one].is_away(at)]
        return min(there, key=lambda one: (self._ahead(at, one), one != lead))

    def _standing_in(self, at: float, lead: int) -> int:
        size = self.team.specialists
        ring = ((lead + step) % size for step in range(1, size))
        return next((one for one in ring if not self.desks[one].is_away(at)), lead)

    def _ahead(self, at: float, one: int) -> float:
        """Minutes of work ahead of a new ticket there, as a desk can know them: what is at hand
        is half done on average."""
        desk = self.desks[one]
        desk.advance(at, self._done)
        at_hand = self.team.minutes_each / 2 if desk.free_at > at else 0.0
        return desk.waiting() * self.team.minutes_each + at_hand

    def _hand_over(self, who: int, at: float) -> None:
        """An absence begins: what has not been begun goes to who stands in."""
        desk = self.desks[who]
        desk.advance(at, self._done)
        to = self._standing_in(at, who)
        if to == who:
            return
        self.desks[to].advance(at, self._done)
        for name in ("urgent", "usual"):
            moved, target = getattr(desk, name), getattr(self.desks[to], name)
            for task in moved:
                task.minutes = self._as_cover(task.minutes)
            target.extend(moved)
            moved.clear()


def run_team(team: Team, seed: int, days: int = YEAR_DAYS, settling_days: int = 20) -> Outcome:
    """One run of a team: `days` that count, after `settling_days` that do not."""
    rng = streams.stream(seed, "team")
    run = _Run(team, streams.stream(seed, "work"), settling_days * DAY)
    kinds = _picker(rng, [kind.share for kind in team.kinds])
    until = (settling_days + days) * DAY
    for at in streams.arrivals(
        streams.stream(seed, "arrivals"), team.per_minute, until, team.profile
    ):
        run.take(at, kinds(), rng.randrange(team.specialists))
    return run.end()


def run_line(line: Line, seed: int, days: int = YEAR_DAYS, settling_days: int = 20) -> Outcome:
    """One run of the classic line: the first line's queue, then for a share the second one's."""
    rng, settling = streams.stream(seed, "line"), settling_days * DAY
    first = _pooled(line.first, streams.work(rng, line.first_minutes, line.cv))
    second = _pooled(line.second, streams.work(rng, line.second_minutes, line.cv))
    outcome, passed = Outcome(), []
    until = (settling_days + days) * DAY
    for at in streams.arrivals(
        streams.stream(seed, "arrivals"), line.per_minute, until, line.profile
    ):
        done = first(at)
        if rng.random() < line.second_share:
            passed.append((done, at))
        else:
            _count(outcome, line, at, done, settling)
    # The second line's queue is in the order in which the first line passes tickets on.
    for came, at in sorted(passed):
        _count(outcome, line, at, second(came), settling)
    return outcome


def _count(outcome: Outcome, line: Line, at: float, done: float, settling: float) -> None:
    if at >= settling:
        outcome.sojourns.append(done - at)
        outcome.late += done - at > line.target_minutes


def _pooled(servers: int, work: Callable[[], float]) -> Callable[[float], float]:
    """Equal servers and one queue: when a ticket that comes at a moment is done."""
    free = [0.0] * servers
    heapify(free)

    def take(at: float) -> float:
        done = max(at, free[0]) + work()
        heapreplace(free, done)
        return done

    return take


def _picker(rng: random.Random, shares: Sequence[float]) -> Callable[[], int]:
    if len(shares) == 1:
        return lambda: 0
    indexes, weights = range(len(shares)), list(shares)
    return lambda: rng.choices(indexes, weights)[0]


def _absences(
    team: Team, rng: random.Random, settling: float
) -> Iterator[tuple[float, float, int]]:
    """Each specialist is away once a year, for all the days together, somewhere in it."""
    if not team.absence_days:
        return
    span = team.absence_days * DAY
    latest = settling + (YEAR_DAYS - team.absence_days) * DAY
    found = [(rng.uniform(settling, latest), who) for who in range(team.specialists)]
    for begins, who in sorted(found):
        yield begins, begins + span, who
