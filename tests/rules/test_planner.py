"""The planner against theory: plain queues, the long chain, and what must hold of any team."""

from __future__ import annotations

from dataclasses import replace
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.planner import answers, flexibility, flows, formulas, queue, streams
from desk.planner.answers import Effort
from desk.planner.estimates import estimate, percentile, student
from desk.planner.flows import Kind, Line, Team, Way
from desk.planner.formulas import Unstable
from desk.planner.queue import Queue

SEED = 20
SHORT = Effort(SEED, replications=3, days=120)
WELL = Effort(SEED, replications=5)
# Load 0.8 with half an hour of work a ticket, six specialists.
BUSY = answers.at_load(Team(specialists=6), 0.8)


@pytest.mark.parametrize(
    ("servers", "load", "waits"),
    # Erlang C by its sum, worked out apart: (a^c / c!) / ((1 - rho) sum + a^c / c!).
    [(1, 0.5, 0.5), (1, 0.9, 0.9), (2, 0.5, 1 / 3), (2, 0.8, 0.71111), (5, 0.8, 0.55411)],
)
def test_erlang_c(servers: int, load: float, waits: float) -> None:
    assert formulas.erlang_c(load * servers, 1.0, servers) == pytest.approx(waits, abs=1e-4)


@given(st.floats(0.05, 0.95), st.floats(1, 200))
def test_one_server_of_mmc_is_mm1_and_mg1_with_a_coefficient_of_one(
    load: float, service: float
) -> None:
    rate = load / service
    plain = load * service / (1 - load)
    assert formulas.wait_mmc(rate, service, 1) == pytest.approx(plain)
    assert formulas.wait_mg1(rate, service, 1.0) == pytest.approx(plain)


def test_what_grows_without_end_is_refused() -> None:
    with pytest.raises(Unstable) as refused:
        queue.simulate(Queue(2.0, 30), SEED)
    assert refused.value.load == pytest.approx(1.0)
    with pytest.raises(Unstable):
        answers.figures(replace(BUSY, tickets_a_project_a_month=100), SHORT)


@pytest.mark.parametrize(
    ("asked", "theory"),
    [
        (Queue(1.0, 30), formulas.wait_mmc(1 / 60, 30)),
        (Queue(1.6, 30), formulas.wait_mmc(1.6 / 60, 30)),
        (Queue(8.0, 30, servers=5), formulas.wait_mmc(8 / 60, 30, 5)),
        (Queue(16.0, 30, servers=10), formulas.wait_mmc(16 / 60, 30, 10)),
        (Queue(1.6, 30, 0.35), formulas.wait_mg1(1.6 / 60, 30, 0.35)),
        (Queue(1.0, 30, 0.0), formulas.wait_mg1(1 / 60, 30, 0.0)),
        (Queue(1.2, 30, 2.0), formulas.wait_mg1(1.2 / 60, 30, 2.0)),
    ],
)
def test_the_plain_queue_waits_as_theory_says(asked: Queue, theory: float) -> None:
    seen = queue.simulate(asked, SEED, customers=15_000)
    width = seen.wait.high - seen.wait.low
    assert abs(seen.wait.mean - theory) < 0.75 * width
    assert width < 0.25 * theory  # precise enough to be a check
    assert seen.utilisation == pytest.approx(asked.load, rel=0.02)
    assert seen.sojourn.mean == pytest.approx(seen.wait.mean + asked.service_minutes, rel=0.02)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    theory, held = formulas.wait_mmc(1 / 60, 30), 0
    for seed in range(100):
        seen = queue.simulate(Queue(1.0, 30), seed, replications=5, customers=400)
        held += seen.wait.low <= theory <= seen.wait.high
    assert 85 <= held <= 100  # 95 of 100 are expected


def test_the_median_of_an_exponential_sojourn() -> None:
    # M/M/1: sojourns are exponential with the mean 1 / (mu - lambda).
    seen = queue.simulate(Queue(1.0, 30), SEED, customers=10_000)
    assert seen.p50 == pytest.approx(60 * 0.6931, rel=0.03)
    assert seen.p90 == pytest.approx(60 * 2.3026, rel=0.03)


def test_the_same_seed_gives_the_same_figures() -> None:
    assert queue.simulate(Queue(1.0, 30), 7, 3, 500) == queue.simulate(Queue(1.0, 30), 7, 3, 500)
    assert flows.run_team(BUSY, 7, days=20) == flows.run_team(BUSY, 7, days=20)
    assert flows.run_team(BUSY, 7, days=20) != flows.run_team(BUSY, 8, days=20)


def test_personal_managers_are_queues_of_one_server() -> None:
    seen = answers.figures(BUSY, WELL)
    theory = 30 + formulas.wait_mg1(0.8 / 30, 30, 0.35)
    assert seen.mean.low - 3 < theory < seen.mean.high + 3
    assert seen.covered == 0


def test_the_classic_line_without_a_second_one_is_erlangs() -> None:
    line = Line(first=4, second=1, per_minute=0.08, first_minutes=40, second_share=0, cv=1)
    seen = answers.line_figures(line, WELL)
    theory = 40 + formulas.wait_mmc(0.08, 40, 4)
    assert seen.mean.low - 2 < theory < seen.mean.high + 2


def test_a_chain_meets_nearly_what_full_flexibility_meets() -> None:
    # Jordan and Graves 1995: ten plants of 100, demand normal (100, 40) within two deviations:
    # 853 alone, 950 in one chain, 954 with full flexibility.
    rng = streams.stream(SEED, "demand")
    alone, chained, pooled = list[float](), list[float](), list[float]()
    for _ in range(2_000):
        demands = list[float]()
        while len(demands) < 10:
            demand = rng.gauss(100, 40)
            if abs(demand - 100) <= 80:
                demands.append(demand)
        alone.append(flexibility.alone(demands, 100))
        chained.append(flexibility.chained(demands, 100))
        pooled.append(flexibility.pooled(demands, 100))
    assert fmean(alone) == pytest.approx(853, rel=0.01)
    assert fmean(chained) == pytest.approx(950, rel=0.01)
    assert fmean(pooled) == pytest.approx(954, rel=0.01)


@given(st.lists(st.floats(0, 300), min_size=2, max_size=6))
def test_a_chain_lies_between_nothing_shared_and_all(demands: list[float]) -> None:
    chained = flexibility.chained(demands, 100)
    assert flexibility.alone(demands, 100) - 1e-6 <= chained
    assert chained <= flexibility.pooled(demands, 100) + 1e-6


def test_a_cover_helps_when_getting_in_is_cheap_and_harms_when_it_is_dear() -> None:
    cheap, dear = answers.cover(BUSY, SHORT, entries=(0.0, 60.0), gaps=(20.0,))
    assert cheap.gain > 0.15
    assert dear.gain < cheap.gain
    assert 0 < cheap.figures.covered < 0.5


def test_a_free_chain_is_better_than_alone_and_a_free_pod_better_still() -> None:
    free = replace(BUSY, entry_minutes=0.0, cover_factor=1.0, pod_factor=1.0, pod_size=6)
    alone, chain, pod = (
        answers.figures(replace(free, way=way), SHORT).mean.mean
        for way in (Way.PERSONAL, Way.CHAIN, Way.POD)
    )
    assert alone > chain > pod > 30


def test_the_personal_manager_stops_being_faster_somewhere() -> None:
    low, high = answers.compare(Team(specialists=12), Line(), SHORT, loads=(0.3, 0.8))
    assert 0.38 < low.gain < 0.55  # work alone caps it at 1 - 30 / 66
    assert high.gain < 0
    assert low.gain_equal_heads is None or low.gain_equal_heads > low.gain


def test_the_cap_keeps_the_promise_and_one_more_does_not() -> None:
    found = answers.cap(Team(specialists=4), SHORT)
    assert found.figures is not None
    assert found.figures.in_time.low >= answers.PROMISE
    assert found.one_more is None or found.one_more.in_time.low < answers.PROMISE
    needed = answers.managers(Team(specialists=4), 100, SHORT)
    assert needed == -(-100 // found.projects)


def test_absence_makes_resolution_slower() -> None:
    team = answers.at_load(Team(specialists=6), 0.6)
    nobody, everybody = answers.absence(team, 25, SHORT)
    assert everybody.mean.mean > nobody.mean.mean
    assert everybody.covered > 0.05
    assert everybody.load > nobody.load


def test_urgent_work_is_done_first() -> None:
    kinds = (Kind(share=0.9), Kind("bug", 0.1, 30.0, target_minutes=180.0, is_urgent=True))
    mixed = flows.run_team(replace(BUSY, kinds=kinds), SEED)
    alike = flows.run_team(
        replace(BUSY, kinds=(kinds[0], replace(kinds[1], is_urgent=False))), SEED
    )
    assert mixed.late < alike.late
    assert len(mixed.sojourns) == len(alike.sojourns)


def test_arrivals_follow_the_weeks_profile() -> None:
    profile = (3.0, 1.0)  # the first half of the week is three times as busy
    times = list(streams.arrivals(streams.stream(SEED), 0.5, 40 * streams.WEEK, profile))
    early = sum(at % streams.WEEK < streams.WEEK / 2 for at in times)
    assert len(times) == pytest.approx(0.5 * 40 * streams.WEEK, rel=0.03)
    assert early / len(times) == pytest.approx(0.75, abs=0.02)


def test_estimates_and_percentiles() -> None:
    seen = estimate([1.0, 2.0, 3.0])
    assert (seen.mean, round(seen.high, 3)) == (2.0, 4.484)  # 4.303 / sqrt(3)
    assert student(1_000) == pytest.approx(1.962, abs=0.001)
    assert [percentile([1, 2, 3, 4], one) for one in (0, 25, 50, 90, 100)] == [1, 1, 2, 4, 4]
