"""The questions of specification 5, answered by simulation, with intervals from replications."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil
from statistics import fmean

from desk.planner.estimates import Estimate, estimate, percentile
from desk.planner.flows import YEAR_DAYS, Line, Outcome, Team, Way, run_line, run_team
from desk.planner.formulas import Unstable

PROMISE = 0.95
PROJECTS_MAX = 60
GAPS = (10.0, 20.0, 30.0, 45.0, 60.0, 90.0)
ENTRIES = (0.0, 5.0, 10.0, 15.0, 20.0, 30.0)
LOADS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is simulated: so many runs of so many working days, from this seed on."""

    seed: int = 1
    replications: int = 8
    days: int = YEAR_DAYS


@dataclass(frozen=True, slots=True)
class Figures:
    """What a way of working gives. Minutes of working time from submission to resolution;
    `in_time` and `covered` are shares; `load` is work over the time that is there."""

    load: float
    mean: Estimate
    p50: float
    p90: float
    in_time: Estimate
    covered: float


@dataclass(frozen=True, slots=True)
class Cap:
    """So many projects each keep the promise, and what one more would do."""

    projects: int
    figures: Figures | None
    one_more: Figures | None


@dataclass(frozen=True, slots=True)
class Cover:
    """What a chain of covers gives at one cost of getting into a project: at its best threshold."""

    entry_minutes: float
    gap_minutes: float
    figures: Figures
    gain: float


@dataclass(frozen=True, slots=True)
class Compared:
    """Personal managers beside the classic line at one load: by how much resolution is shorter,
    staffed for the same load, and with as many heads (None: the line cannot do the work)."""

    load: float
    personal: Figures
    classic: Figures
    gain: float
    gain_equal_heads: float | None


def figures(team: Team, effort: Effort) -> Figures:
    """Years of the team. Raises Unstable from a load of 1 on."""
    if team.load >= 1:
        raise Unstable(team.load)
    return _figures(team.load, lambda one: run_team(team, one, effort.days), effort)


def line_figures(line: Line, effort: Effort) -> Figures:
    """Years of the classic line. Raises Unstable from a load of 1 on."""
    if line.load >= 1:
        raise Unstable(line.load)
    return _figures(line.load, lambda one: run_line(line, one, effort.days), effort)


def cap(team: Team, effort: Effort, promise: float = PROMISE) -> Cap:
    """The most projects each that keep `promise` of the deadlines, the lower end of its interval
    counted: what is promised to partners must not hang on luck."""
    known: dict[int, Figures | None] = {}

    def at(projects: int) -> Figures | None:
        if projects not in known:
            sized = replace(team, projects_each=projects)
            known[projects] = figures(sized, effort) if sized.load < 1 else None
        return known[projects]

    low, high = 0, PROJECTS_MAX
    while low < high:
        middle = (low + high + 1) // 2
        found = at(middle)
        low, high = (middle, high) if found and found.in_time.low >= promise else (low, middle - 1)
    return Cap(low, at(low) if low else None, at(low + 1))


def managers(team: Team, projects: int, effort: Effort, promise: float = PROMISE) -> int | None:
    """How many managers so many projects need; None where not even one project each is kept."""
    most = cap(team, effort, promise).projects
    return ceil(projects / most) if most else None


def cover(
    team: Team, effort: Effort, entries: Sequence[float] = ENTRIES, gaps: Sequence[float] = GAPS
) -> list[Cover]:
    """From which cost of getting into a project on does a cover pay? Each cost at the threshold
    that is best for it; `gain` is against the same team without covers, below 0 a loss."""
    alone = figures(replace(team, way=Way.PERSONAL), effort)
    found = []
    for entry in entries:
        tried = []
        for gap in gaps:
            chain = replace(team, way=Way.CHAIN, entry_minutes=entry, gap_minutes=gap)
            tried.append((figures(chain, effort), gap))
        best, gap = min(tried, key=lambda one: one[0].mean.mean)
        found.append(Cover(entry, gap, best, 1 - best.mean.mean / alone.mean.mean))
    return found


def absence(team: Team, days: int, effort: Effort) -> tuple[Figures, Figures]:
    """Nobody away, and everybody away for so many days of the year."""
    return figures(replace(team, absence_days=0), effort), figures(
        replace(team, absence_days=days), effort
    )


def compare(
    team: Team, line: Line, effort: Effort, loads: Sequence[float] = LOADS
) -> list[Compared]:
    """Both ways of working at each load of the managers; `line` says how long its work takes."""
    return [_compared(at_load(team, load), line, load, effort) for load in loads]


def at_load(team: Team, load: float) -> Team:
    """The same team with as many tickets as make this load."""
    tickets = team.tickets_a_project_a_month * load / team.load
    return replace(team, tickets_a_project_a_month=tickets)


def staffed(line: Line, per_minute: float, load: float) -> Line:
    """The line with as many people as make this load, and the rate that makes it exact."""
    first = max(1, round(per_minute * line.first_minutes / load))
    second = max(1, round(per_minute * line.second_share * line.second_minutes / load))
    rate = load * (first + second) / line.minutes_each
    return replace(line, first=first, second=second, per_minute=rate)


def _compared(team: Team, line: Line, load: float, effort: Effort) -> Compared:
    personal = figures(team, effort)
    same_load = staffed(line, team.per_minute, load)
    classic = line_figures(same_load, effort)
    heads = _with_heads(line, team)
    shorter = None
    if heads.load < 1:
        shorter = 1 - personal.mean.mean / line_figures(heads, effort).mean.mean
    gain = 1 - personal.mean.mean / classic.mean.mean
    return Compared(load, personal, classic, gain, shorter)


def _with_heads(line: Line, team: Team) -> Line:
    """The line with as many people as the team has, divided as its work is."""
    share = line.first_minutes / line.minutes_each
    first = min(max(1, round(team.specialists * share)), max(1, team.specialists - 1))
    second = max(1, team.specialists - first)
    return replace(line, first=first, second=second, per_minute=team.per_minute)


def _figures(load: float, run: Callable[[int], Outcome], effort: Effort) -> Figures:
    means, in_time, covered = list[float](), list[float](), list[float]()
    sojourns: list[float] = []
    for replication in range(effort.replications):
        outcome = run(effort.seed * 1_000 + replication)
        count = len(outcome.sojourns)
        means.append(fmean(outcome.sojourns))
        in_time.append(1 - outcome.late / count)
        covered.append(outcome.covered / count)
        sojourns.extend(outcome.sojourns)
    sojourns.sort()
    return Figures(
        load,
        estimate(means),
        percentile(sojourns, 50),
        percentile(sojourns, 90),
        estimate(in_time),
        fmean(covered),
    )
