"""Arrivals while the worker is killed: none lost, none used twice.

Arrivals come in from this process, each offered several times and out of turn, as senders do that
heard no answer. The worker (`channels_worker`) makes one journal entry of each. It is killed at
random moments; in the end each arrival must have exactly one entry.
"""

from __future__ import annotations

import time
from collections import Counter

from desk.channels import actions
from desk.channels.actions import Incoming
from desk.channels.models import UNREAD, Arrival, ArrivalState, Intake
from desk.journal.models import Entry
from desk.lib import clock
from simulation.faults.run import Run, Worker, wait_until

SOURCES = 5
OFFERS = 3
VERB = "arrive"
POISONED = b"poison"
POISONED_EACH = 97
PAUSE_SECONDS = (0.3, 2.5)
END_SECONDS_MAX = 120


def run(run: Run) -> list[str]:
    """Offer, kill, count."""
    offers = [number for number in range(run.count) for _ in range(OFFERS)]
    run.random.shuffle(offers)
    worker = Worker("simulation.faults.channels_worker", run.folder)
    worker.start()
    killed = 0
    each = max(len(offers) // max(run.kills, 1), 1)
    try:
        for position, number in enumerate(offers, start=1):
            _offer(number)
            if position % each == 0 and killed < run.kills:
                time.sleep(run.random.uniform(*PAUSE_SECONDS))
                worker.kill()
                worker.start()
                killed += 1
        ended = wait_until(lambda: not _waiting(), END_SECONDS_MAX)
    finally:
        worker.stop()
    return _count(run, killed, ended)


def _offer(number: int) -> None:
    """Hand one in; what it is follows from its number."""
    raw = POISONED if number % POISONED_EACH == 0 else str(number).encode()
    source = f"connection:{number % SOURCES}"
    actions.keep(Incoming(Intake.ONEBOX, source, str(number), raw), clock.now())


def _waiting() -> bool:
    """Whether something is left that is no fault of its own."""
    left = Arrival.objects.filter(state__in=UNREAD)
    return left.exclude(raw=POISONED).exists()


def _count(run: Run, killed: int, ended: bool) -> list[str]:
    effects = Counter(Entry.objects.filter(verb=VERB).values_list("facts__key", flat=True))
    poisoned = {str(number) for number in range(0, run.count, POISONED_EACH)}
    expected = {str(number) for number in range(run.count)} - poisoned
    done = Arrival.objects.filter(state=ArrivalState.DONE).count()
    doubled = [key for key, times in effects.items() if times > 1]
    run.figures.update(
        arrivals=run.count, offers=run.count * OFFERS, killed=killed, used=len(effects), done=done
    )
    found = [] if ended else ["Arrivals were left waiting when the time was up."]
    found += [f"Arrival {key} was lost." for key in sorted(expected - set(effects))]
    found += [f"Arrival {key} was used {effects[key]} times." for key in doubled]
    found += [f"Poisoned {key} was used." for key in sorted(poisoned & set(effects))]
    if Arrival.objects.count() != run.count:
        found.append(f"{Arrival.objects.count()} arrivals are stored instead of {run.count}.")
    return found
