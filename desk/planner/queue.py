"""The plain queue, first come, first served: what the planner is checked by (M/G/c)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heapify, heapreplace
from math import sqrt

from desk.planner import formulas, streams
from desk.planner.estimates import Estimate, estimate, percentile

REPLICATIONS = 20
CUSTOMERS = 40_000
SETTLING_FACTOR = 40
SETTLING_MAX = 200_000
SERVERS_MAX = 500


@dataclass(frozen=True, slots=True)
class Queue:
    """Poisson arrivals, gamma service times with a coefficient of variation, equal servers."""

    arrivals_per_hour: float
    service_minutes: float
    service_cv: float = 1.0
    servers: int = 1

    @property
    def load(self) -> float:
        """The share of time in which a server works. Raises formulas.Unstable."""
        return formulas.load(self.arrivals_per_hour / 60, self.service_minutes, self.servers)


@dataclass(frozen=True, slots=True)
class Waits:
    """What was seen: waits and sojourns (wait and service together) in minutes."""

    wait: Estimate
    sojourn: Estimate
    p50: float
    p90: float
    utilisation: float


def simulate(
    queue: Queue, seed: int, replications: int = REPLICATIONS, customers: int = CUSTOMERS
) -> Waits:
    """Run the queue `replications` times, each from empty, without its settling in.

    Raises formulas.Unstable where more comes than can be served.
    """
    settling = _settling(queue)
    waits, stays, busy = list[float](), list[float](), list[float]()
    sojourns: list[float] = []
    for replication in range(replications):
        served = list(_served(queue, seed, replication, settling + customers))[settling:]
        waits.append(sum(wait for wait, _, _ in served) / customers)
        stays.append(sum(wait + service for wait, service, _ in served) / customers)
        span = served[-1][2] - served[0][2]
        work = sum(service for _, service, _ in served[:-1])
        busy.append(work / (span * queue.servers))
        sojourns.extend(wait + service for wait, service, _ in served)
    sojourns.sort()
    return Waits(
        wait=estimate(waits),
        sojourn=estimate(stays),
        p50=percentile(sojourns, 50),
        p90=percentile(sojourns, 90),
        utilisation=sum(busy) / replications,
    )


def _settling(queue: Queue) -> int:
    """Customers after which the empty start is forgotten: the relaxation time of M/M/1, which
    grows with 1 / (1 - sqrt(load))^2, many times over."""
    relaxed = 1 / (1 - sqrt(queue.load)) ** 2
    return min(SETTLING_MAX, round(SETTLING_FACTOR * relaxed * queue.servers))


def _served(
    queue: Queue, seed: int, replication: int, customers: int
) -> Iterator[tuple[float, float, float]]:
    """Wait, service and arrival of each customer (Kiefer and Wolfowitz 1955: the next customer
    goes to the server that is free first)."""
    gap = streams.stream(seed, "queue", "arrivals", replication).expovariate
    rng = streams.stream(seed, "queue", "service", replication)
    service_of = streams.work(rng, queue.service_minutes, queue.service_cv)
    rate, free, at = queue.arrivals_per_hour / 60, [0.0] * queue.servers, 0.0
    heapify(free)
    for _ in range(customers):
        at += gap(rate)
        start = max(at, free[0])
        service = service_of()
        heapreplace(free, start + service)
        yield start - at, service, at
