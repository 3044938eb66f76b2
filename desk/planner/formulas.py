"""What theory says of plain queues; the simulation is held against it in the tests.

Sources: A. K. Erlang (1917) for C servers; F. Pollaczek (1930) and A. Khinchine (1932) for one
server with any distribution of work. Waits are means in the unit of `service`; rates are per that
unit.
"""

from __future__ import annotations


class Unstable(ValueError):
    """More work comes than can be done: the queue grows without end. `load` is 1 or more."""

    def __init__(self, load: float) -> None:
        super().__init__(f"load {load:.3f}")
        self.load = load


def load(rate: float, service: float, servers: int = 1) -> float:
    """The share of time in which a server works. Raises Unstable from 1 on."""
    found = rate * service / servers
    if found >= 1:
        raise Unstable(found)
    return found


def erlang_c(rate: float, service: float, servers: int) -> float:
    """The probability that somebody has to wait, M/M/c.

    By the recursion of Erlang's loss formula, which does not overflow for many servers.
    """
    share = load(rate, service, servers)
    offered, blocked = rate * service, 1.0
    for busy in range(1, servers + 1):
        blocked = offered * blocked / (busy + offered * blocked)
    return blocked / (1 - share * (1 - blocked))


def wait_mmc(rate: float, service: float, servers: int = 1) -> float:
    """The mean wait, M/M/c."""
    share = load(rate, service, servers)
    return erlang_c(rate, service, servers) * service / (servers * (1 - share))


def wait_mg1(rate: float, service: float, cv: float) -> float:
    """The mean wait, M/G/1: `cv` is standard deviation over mean (Pollaczek-Khinchine)."""
    share = load(rate, service)
    return share * service * (1 + cv * cv) / (2 * (1 - share))
