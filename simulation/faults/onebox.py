"""A partner's OneBox that goes away while the worker is killed: nothing lost, nothing twice.

In the box (a process of its own, real HTTP) processes are opened and commented; at the desk they
are answered. Meanwhile the box is down for seconds, breaks answers off in the middle and ends its
tokens, and the worker (`onebox_worker`) is killed. In the end each process must be one ticket with
every comment once, and each answer must stand in its process once, in order.
"""

from __future__ import annotations

import os
import time
from collections import Counter

from django.conf import settings

from desk.channels.onebox import actions
from desk.channels.onebox.actions import Settings
from desk.channels.onebox.models import Connection, Process
from desk.journal import cause as causes
from desk.lib import clock
from desk.tickets import actions as tickets
from desk.tickets.models import Message, Ticket
from simulation.faults.run import Run, Worker, wait_until
from tests.channels import boxes, onebox_box
from tests.channels.onebox_box import Remote
from tests.channels.receiver import LOCAL
from tests.language import Desk

FIRST = 100
SAID_EACH = 2
END_SECONDS_MAX = 300
PAUSE_SECONDS = (0.2, 1.0)
OUTAGE_SECONDS = (0.5, 2.0)
HALF_MAX = 2
POLLING_SECONDS = 1


def run(run: Run) -> list[str]:
    """Open, say, answer, kill, count."""
    settings.OUTSIDE_NETWORKS = LOCAL
    os.environ["DESK_NETWORKS"] = ",".join(LOCAL)
    desk = Desk.open()
    desk.now = clock.now()
    with onebox_box.running() as box:
        found = _connected(desk, box)
        worker = Worker("simulation.faults.onebox_worker", run.folder)
        worker.start()
        try:
            wait_until(lambda: _begun(found), END_SECONDS_MAX)
            killed = _disturb(run, desk, box, worker)
            ended = wait_until(lambda: not _wrong(run, box), END_SECONDS_MAX)
        finally:
            worker.stop()
        run.figures.update(processes=run.count, killed=killed)
        wrong = list(_wrong(run, box))
    return wrong if ended else ["Not everything had arrived when the time was up.", *wrong]


def _connected(desk: Desk, box: Remote) -> Connection:
    made, _secret = boxes.made(desk, box)
    cause = causes.system(desk.now)
    wanted = Settings(
        boxes.STATUSES, boxes.MOVES, boxes.FIELDS, comments=True, polling_seconds=POLLING_SECONDS
    )
    actions.arrange(cause, made.pk, wanted)
    return actions.resume(cause, made.pk)


def _begun(found: Connection) -> bool:
    return Connection.objects.filter(pk=found.pk, baseline__isnull=False).exists()


def _disturb(run: Run, desk: Desk, box: Remote, worker: Worker) -> int:
    """Let things happen on both sides, and something else go wrong after each few of them."""
    killed, each = 0, max(run.count // max(run.kills, 1), 1)
    for number in range(run.count):
        box.opens(FIRST + number, name=f"Process {number}", content="It does not print.")
        for said in range(SAID_EACH):
            box.says(FIRST + number, _theirs(number, said), "Ivan")
        _answer(desk)
        if (number + 1) % each == 0 and killed < run.kills:
            _go_wrong(run, box)
            worker.kill()
            worker.start()
            killed += 1
    box.tell(mode="", half=0, tires_after=0)
    while not _all_answered(run):
        _answer(desk)
        time.sleep(PAUSE_SECONDS[0])
    return killed


def _go_wrong(run: Run, box: Remote) -> None:
    """The box is away, breaks off, or forgets tokens, for a while."""
    kind = run.random.choice(("down", "half", "tires"))
    box.tell(
        mode="down" if kind == "down" else "",
        half=HALF_MAX if kind == "half" else 0,
        tires_after=1 if kind == "tires" else 0,
    )
    time.sleep(run.random.uniform(*OUTAGE_SECONDS))
    if kind == "down":
        box.tell(mode="")
    time.sleep(run.random.uniform(*PAUSE_SECONDS))


def _answer(desk: Desk) -> None:
    """Say on every ticket that there is what was not said yet; the next of it each time."""
    for one in Ticket.objects.filter(channel="onebox").order_by("id"):
        said = Message.objects.filter(ticket=one, kind="staff").count()
        if said < SAID_EACH:
            cause = causes.person(desk.lead.pk, clock.now(), "workplace")
            tickets.message(cause, one.pk, _ours(said))


def _all_answered(run: Run) -> bool:
    answered = Message.objects.filter(kind="staff", ticket__channel="onebox").count()
    return answered >= run.count * SAID_EACH


def _wrong(run: Run, box: Remote) -> list[str]:
    """What is lost or doubled at this moment."""
    found = []
    orders = box.tell()["orders"]
    by_process = {row.process: row.ticket for row in Process.objects.select_related("ticket")}
    if Ticket.objects.filter(channel="onebox").count() != run.count or len(orders) != run.count:
        found.append(f"{Ticket.objects.count()} tickets of {len(orders)} processes.")
    for number in range(run.count):
        ticket = by_process.get(str(FIRST + number))
        if ticket is None:
            found.append(f"Process {number} is no ticket.")
            continue
        written = Message.objects.filter(ticket=ticket, kind="partner").values_list("text")
        texts = Counter(text.partition(": ")[2] for (text,) in written)
        for said in range(SAID_EACH):
            if texts[_theirs(number, said)] != 1:
                times = texts[_theirs(number, said)]
                found.append(f"Comment {said} of process {number} was used {times} times.")
        row = orders[str(FIRST + number)]
        found += _wrong_there(number, row.get("comments", []))
        if row["statusid"] != boxes.STATUSES[ticket.state]:
            found.append(f"Process {number} has an old status.")
    return found


def _wrong_there(number: int, comments: list[dict[str, str]]) -> list[str]:
    ours = [each["content"] for each in comments if each["username"] == "restapi"]
    texts = [text.partition(": ")[2] for text in ours]
    if texts != [_ours(said) for said in range(SAID_EACH)]:
        return [f"In process {number} stands {texts}."]
    return []


def _theirs(number: int, said: int) -> str:
    return f"Comment {said} of {number}"


def _ours(said: int) -> str:
    return f"Answer {said}"
