"""Mails by LMTP and in a mailbox while worker and receiver are killed: none lost, none used twice.

Half of the mails is handed in by LMTP, by mail servers that offer a mail again until they hear
that it is kept, and then once more. The other half lies in a mailbox of a real Dovecot, some of it
twice, some of it handed in by LMTP as well. Every tenth mail is a partner's ticket; the others are
automatic answers, which are kept and do nothing. The worker, and now and then the receiver, is
killed (-9) every few seconds.
"""

from __future__ import annotations

import os
import smtplib
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue

from desk.channels.email import actions
from desk.channels.email.models import Received, Security
from desk.channels.models import UNREAD, Arrival, ArrivalState
from desk.config import doors
from desk.journal import cause as causes
from desk.lib import clock
from desk.partners import actions as partners
from desk.partners.models import PartnerRole
from desk.tickets.models import Ticket
from simulation import people
from simulation.faults.run import Run, Worker, wait_until
from tests.channels import dovecot
from tests.channels.dovecot import Dovecot

OURS = "desk@desk.example"
LOGIN = "faults"
TICKET_EACH = 10
# Below the number of tickets that one person may open by mail within an hour.
TICKETS_PER_PERSON = 20
TWICE_EACH = 5
BOTH_WAYS_EACH = 7
SENDERS = 4
# They are killed so long after the first sign that they work again.
PAUSE_SECONDS = (1.0, 7.0)
START_SECONDS_MAX = 60
REST_SECONDS = 0.2
ANSWER_SECONDS_MAX = 30
END_SECONDS_MAX = 1200


@dataclass
class Post:
    """What is handed in: mails by number, and what senders heard."""

    mails: list[bytes]
    offers: SimpleQueue[int] = field(default_factory=SimpleQueue)
    heard: Counter[str] = field(default_factory=Counter)
    done: threading.Event = field(default_factory=threading.Event)


def run(run: Run) -> list[str]:
    """Offer, kill, count."""
    post = Post(_mails(run.count))
    with ExitStack() as held:
        server = _mailbox(held, run, post)
        door = held.enter_context(socket.create_server(("127.0.0.1", 0)))
        os.environ[doors.HANDED_OVER] = doors.written({"lmtp": door})
        worker = Worker("desk.config.worker", run.folder)
        receiver = Worker("desk.config.receiver", run.folder, (door.fileno(),))
        for process in (worker, receiver):
            held.enter_context(_running(process))
        for number in _by_lmtp(run, server is not None):
            post.offers.put(number)
        began = time.monotonic()
        with _senders(post, door.getsockname()[1]):
            kills = _kill(run, worker, receiver, post)
        ended = wait_until(lambda: _is_done(post), END_SECONDS_MAX)
        run.figures["mails_per_second"] = round(run.count / (time.monotonic() - began), 1)
        run.figures["dovecot"] = server is not None
    return _count(run, kills, ended, post)


def _mails(count: int) -> list[bytes]:
    """The mails; what each is follows from its number."""
    at = clock.now()
    home = people.settle(at).companies
    system = causes.system(at)
    partners_people = []
    for number in range(count // TICKET_EACH // TICKETS_PER_PERSON + 1):
        address = f"person{number}@partner.example"
        made = partners.add_person(system, address, partners.Card(name=f"Person {number}"), None)
        company = home[number % len(home)]
        partners.add_membership(system, company.partner.pk, made.pk, PartnerRole.MEMBER)
        partners_people.append(address)
    actions.add_address(system, OURS, "", plus=True)
    return [_mail(number, partners_people) for number in range(count)]


def _mail(number: int, addresses: Sequence[str]) -> bytes:
    opens = number % TICKET_EACH == 0
    sender = addresses[number // TICKET_EACH % len(addresses)] if opens else "away@else.example"
    lines = (
        f"From: {sender}",
        f"To: {OURS}",
        f"Subject: Mail {number}",
        f"Message-ID: <{number}@faults.example>",
        *(() if opens else ("Auto-Submitted: auto-replied",)),
        "",
        f"This is number {number}.",
        "",
    )
    return "\r\n".join(lines).encode()


def _mailbox(held: ExitStack, run: Run, post: Post) -> Dovecot | None:
    """A mailbox with the odd mails in it, which the worker reads; None without a Dovecot."""
    try:
        server = held.enter_context(dovecot.running())
    except dovecot.Missing as reason:
        run.tell(f"  without a mailbox: {reason}")
        return None
    lying = list(range(1, run.count, 2))
    lying += [number for number in lying if number % TWICE_EACH == 0]
    run.random.shuffle(lying)
    server.put(LOGIN, *(post.mails[number] for number in lying))
    card = actions.MailboxCard(
        "Faults", "box@desk.example", "127.0.0.1", server.port, Security.NONE, LOGIN,
        dovecot.PASSWORD,
    )  # fmt: skip
    actions.add_mailbox(causes.system(clock.now()), card)
    return server


def _by_lmtp(run: Run, with_mailbox: bool) -> list[int]:
    """What is handed in by LMTP, each twice and out of turn."""
    numbers = [
        number
        for number in range(run.count)
        if number % 2 == 0 or not with_mailbox or number % BOTH_WAYS_EACH == 0
    ]
    offers = numbers * 2
    run.random.shuffle(offers)
    return offers


@contextmanager
def _running(process: Worker) -> Iterator[None]:
    process.start()
    try:
        yield
    finally:
        process.stop()


@contextmanager
def _senders(post: Post, port: int) -> Iterator[None]:
    """Mail servers in front that hand in until nothing is left; they end with the block."""
    threads = [threading.Thread(target=_send, args=(post, port)) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    try:
        yield
    except BaseException:
        post.done.set()
        raise
    finally:
        for thread in threads:
            thread.join()


def _send(post: Post, port: int) -> None:
    number: int | None = None
    while not post.done.is_set():
        with (
            suppress(OSError, smtplib.SMTPException),
            smtplib.LMTP("127.0.0.1", port, timeout=ANSWER_SECONDS_MAX) as client,
        ):
            while not post.done.is_set():
                try:
                    number = post.offers.get_nowait() if number is None else number
                except Empty:
                    return
                client.sendmail("x@else.example", OURS, post.mails[number])
                post.heard["kept"] += 1
                number = None
        post.heard["broken"] += 1
        time.sleep(REST_SECONDS)


def _kill(run: Run, worker: Worker, receiver: Worker, post: Post) -> int:
    """Kill the worker, and each third time the receiver as well, every few seconds while they
    work; returns how often."""
    kills = 0
    while kills < run.kills and not _is_done(post):
        wait_until(partial(_works, post, Received.objects.count()), START_SECONDS_MAX)
        time.sleep(run.random.uniform(*PAUSE_SECONDS))
        for process in (worker, receiver) if kills % 3 == 0 else (worker,):
            process.kill()
            process.start()
        kills += 1
    return kills


def _works(post: Post, before: int) -> bool:
    return Received.objects.count() > before or _is_done(post)


def _is_done(post: Post) -> bool:
    """Whether all was handed in and used."""
    if not post.offers.empty() or Arrival.objects.filter(state__in=UNREAD).exists():
        return False
    return Received.objects.count() >= len(post.mails)


def _count(run: Run, kills: int, ended: bool, post: Post) -> list[str]:
    used = Counter(Received.objects.values_list("mail_id", flat=True))
    tickets = Counter(Ticket.objects.values_list("subject", flat=True))
    kept = Arrival.objects.values_list("raw", flat=True)
    raws = {bytes(one) for one in kept}
    run.figures.update(
        mails=run.count,
        handed_in_by_lmtp=post.heard["kept"],
        connections_broken=post.heard["broken"],
        arrivals=Arrival.objects.count(),
        used=len(used),
        tickets=len(tickets),
        worker_killed=kills,
        receiver_killed=(kills + 2) // 3,
    )
    found = [] if ended else ["Mails were left waiting when the time was up."]
    for number in range(run.count):
        times = used[f"{number}@faults.example"]
        opened = tickets[f"Mail {number}"]
        if times != 1:
            found.append(f"Mail {number} was used {times} times.")
        if opened != (number % TICKET_EACH == 0):
            found.append(f"Mail {number} has {opened} tickets.")
        if post.mails[number] not in raws:
            found.append(f"The bytes of mail {number} are not what was sent.")
    waiting = Arrival.objects.filter(state=ArrivalState.QUARANTINED)
    found += [f"{one} waits in quarantine: {one.error}" for one in waiting[:10]]
    return found
