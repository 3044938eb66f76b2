"""Machine control while the worker is killed: each violation found, once, at its instant.

Three days pass by a shifted clock, a few minutes at a time. Tickets come in, partners write, some
of it is answered and most is not; the worker (the real one, all of its loops) is killed at random.
In the end what is on record must be what an undisturbed look at the whole record gives.
"""

from __future__ import annotations

import time
from collections import Counter
from datetime import datetime, timedelta

from desk.journal.models import Entry
from desk.lib import clock
from desk.oversight.actions import control, editions
from desk.oversight.models import Edition, EditionState, Reminder, Violation, Watch
from desk.oversight.queries import control as queries
from desk.rules.lifecycle import State, Type
from desk.tickets import actions
from desk.tickets.models import Ticket
from simulation.faults.run import Run, Worker, wait_until
from tests.language import OPENED, Desk

DAYS = 3
STEP_MINUTES = (3, 25)
PAUSE_SECONDS = (0.05, 0.6)
START_SECONDS_MAX = 120
END_SECONDS_MAX = 300
ACCEPTED_PERCENT = 40
BUG = actions.Accepting(type=Type.BUG, message="I look at it at once.")


def run(run: Run) -> list[str]:
    """Live the days, kill, look again at everything, compare."""
    desk = Desk.open()
    began_at = desk.now
    _set(desk.now)
    Edition.objects.create(
        number=1,
        title="Faults",
        content=editions.first_content(),
        state=EditionState.PUBLISHED,
        drafted_at=OPENED,
        drafted_by=desk.house.vendor,
        reviewed_by=desk.house.administrator,
        reviewed_at=OPENED,
        published_by=desk.house.vendor,
        published_at=OPENED,
        effective_at=began_at - timedelta(hours=1),
    )
    worker = Worker("desk.config.worker", run.folder)
    worker.start()
    try:
        if not wait_until(Watch.objects.exists, START_SECONDS_MAX):
            return ["The worker did not look at anybody."]
        killed = _live(run, desk, worker, began_at + timedelta(days=DAYS))
        ended = wait_until(lambda: _looked_since(desk.now), END_SECONDS_MAX)
    finally:
        worker.stop()
    run.figures.update(violations=Violation.objects.count(), killed=killed)
    wrong = _wrong(began_at)
    return wrong if ended else ["Not everybody had been looked at in time.", *wrong]


def _set(at: datetime) -> None:
    """Let all processes of the desk believe that it is `at`."""
    real = clock.now() - clock.shift()
    clock.set_shift((at - real).total_seconds())


def _live(run: Run, desk: Desk, worker: Worker, end: datetime) -> int:
    """Let the time pass in steps; how often the worker was killed."""
    steps = int((end - desk.now) / timedelta(minutes=sum(STEP_MINUTES) / 2))
    kills = set(run.random.sample(range(steps), min(run.kills, steps)))
    tickets = set(run.random.sample(range(steps // 2), min(run.count, steps // 2)))
    killed = 0
    for step in range(steps):
        if step in tickets:
            _submits(run, desk)
        _writes(run, desk)
        if step in kills:
            worker.kill()
            killed += 1
        desk.now = max(clock.now(), desk.now) + timedelta(minutes=run.random.uniform(*STEP_MINUTES))
        _set(desk.now)
        if step in kills:
            worker.start()
        time.sleep(run.random.uniform(*PAUSE_SECONDS))
    return killed


def _submits(run: Run, desk: Desk) -> None:
    company = desk.company
    asked = actions.Submission(
        company.partner.pk,
        company.project.pk,
        "Orders are not saved",
        "Nothing is saved any more.",
        author_id=desk.member.pk,
        critical_claim=run.random.random() < 0.2,
    )
    actions.submit(desk.cause(desk.member, key=desk.key()), asked)


def _writes(run: Run, desk: Desk) -> None:
    """On each open ticket something may happen, or nothing."""
    for ticket in Ticket.objects.filter(state__in=(State.SUBMITTED, State.ACCEPTED)):
        dice = run.random.random() * 100
        if ticket.state == State.SUBMITTED and dice < ACCEPTED_PERCENT and ticket.executor:
            actions.accept(desk.cause(ticket.executor), ticket.pk, BUG)
        elif dice > 95:
            actions.message(desk.cause(desk.member), ticket.pk, "Is anybody there?")


def _looked_since(at: datetime) -> bool:
    return not Watch.objects.filter(person__in=queries.watched(), looked_at__lt=at).exists()


def _wrong(began_at: datetime) -> list[str]:
    """A sentence for each violation that was missed, invented, misdated or noted twice."""
    looked_at = min(Watch.objects.values_list("looked_at", flat=True))
    given = {
        one.found.key: one.found.judgement.at
        for each in queries.findings(queries.watched(), looked_at, began_at).values()
        for one in each
        if one.found.judgement.outcome in control.WRONG
    }
    stored = dict(Violation.objects.filter(at__lte=looked_at).values_list("key", "at"))
    found = [f"{key} was missed." for key in given.keys() - stored.keys()]
    found += [f"{key} was invented." for key in stored.keys() - given.keys()]
    found += [
        f"{key} has another instant." for key in given if stored.get(key, given[key]) != given[key]
    ]
    noted = Counter(
        Entry.objects.filter(verb="violation").values_list("facts__violation", flat=True)
    )
    found += [f"Violation {number} was noted {n} times." for number, n in noted.items() if n != 1]
    if sum(noted.values()) != Violation.objects.count():
        found.append("Not every violation has its entry.")
    if Entry.objects.filter(verb="remind_standard").count() != Reminder.objects.count():
        found.append("Not every reminder has its entry.")
    return found
