"""Looking after all mailboxes at once: each has a thread, so that a slow server holds up no other.

A server that can is waited at (IDLE) and tells of new mail at once; elsewhere the desk looks every
half minute. A connection that breaks is made again, each time later, and never by all together.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import socket
import threading
import time
from collections import Counter
from datetime import datetime

from django.db import DatabaseError, connection
from imap_tools import BaseMailBox

from desk.channels.email import actions, failures, imap
from desk.channels.email.models import Mailbox
from desk.lib import clock

POLL_SECONDS = 30
# A silent connection is tried so often: one that a router forgot looks like one without mail.
IDLE_SECONDS_MAX = 240
SLICE_SECONDS = 5
REST_SECONDS = 15
REST_SECONDS_MAX = 900
JITTER = 0.2
# A look that takes longer is cut: the server dribbles. A big mailbox is read in many looks.
LOOK_SECONDS_MAX = 900
# What the server did not give is asked for again after this time.
FORGET_SECONDS = 3600
STOP_SECONDS_MAX = 6
THREADS_MAX = actions.MAILBOXES_MAX

log = logging.getLogger(__name__)
_watches: dict[int, Watch] = {}


class Watch:
    """One mailbox and the thread that reads it, until it is told to leave."""

    def __init__(self, box: Mailbox) -> None:
        self.number, self.version = box.pk, box.version
        self.leaving = threading.Event()
        self._server: BaseMailBox | None = None
        self._looking_since: float | None = None
        self._broken: Counter[int] = Counter()
        self._forget_at = time.monotonic() + FORGET_SECONDS
        self._thread = threading.Thread(target=self._run, name=box.key, daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def stuck(self) -> bool:
        """Whether a look has taken too long."""
        since = self._looking_since
        return since is not None and time.monotonic() - since > LOOK_SECONDS_MAX

    def leave(self) -> None:
        """Tell the thread to end; what it keeps at this moment is kept or fetched again."""
        self.leaving.set()
        self.cut()

    def cut(self) -> None:
        """Cut the connection, so that who waits at it goes on."""
        server = self._server
        if server is not None:
            with contextlib.suppress(OSError):
                server.client.sock.shutdown(socket.SHUT_RDWR)

    def join(self, seconds: float) -> None:
        """Wait for the thread to end; one that is not connected has nothing to bring to an end."""
        if self._server is not None:
            self._thread.join(seconds)

    def _run(self) -> None:
        failed = 0
        while not self.leaving.wait(_rest(failed)):
            try:
                self._read()
                failed = 0
            except DatabaseError:
                failed += 1
                log.exception("What mailbox %s gives cannot be kept now.", self.number)
            except imap.FAILURES as error:
                failed = self._failed(error)
            except Exception as error:
                # Whatever a server says, the next attempt must come.
                log.exception("Reading mailbox %s failed.", self.number)
                failed = self._failed(error)
            finally:
                self._server = self._looking_since = None
                connection.close()

    def _failed(self, error: Exception) -> int:
        if self.leaving.is_set():
            return 0
        with contextlib.suppress(DatabaseError, Mailbox.DoesNotExist):
            said = failures.said(error, Mailbox.objects.get(pk=self.number))
            log.warning("Mailbox %s: %s", self.number, said)
            return actions.contact_failed(self.number, clock.now(), said)
        return 1

    def _read(self) -> None:
        """Read over one connection as long as it lasts."""
        box = Mailbox.objects.get(pk=self.number)
        with imap.connected(box) as server:
            self._server = server
            idles = can_idle(server)
            while not self.leaving.is_set():
                if self._look(server):
                    continue
                connection.close()
                if idles:
                    self._idle(server)
                else:
                    self.leaving.wait(POLL_SECONDS)

    def _look(self, server: BaseMailBox) -> bool:
        """Look once; whether there is more to take."""
        self._looking_since = time.monotonic()
        box = Mailbox.objects.get(pk=self.number)
        if time.monotonic() > self._forget_at:
            self._broken.clear()
            self._forget_at = time.monotonic() + FORGET_SECONDS
        looked = imap.look(box, server, clock.now(), self._broken)
        if not looked.more:
            actions.contact(self.number, clock.now(), failures.refused(looked.refused))
        self._looking_since = None
        return looked.more

    def _idle(self, server: BaseMailBox) -> None:
        """Wait until the server has something to say."""
        until = time.monotonic() + IDLE_SECONDS_MAX
        with server.idle as idle:
            if _told_already(server):
                return
            while not self.leaving.is_set() and time.monotonic() < until:
                began = time.monotonic()
                told = idle.poll(SLICE_SECONDS)
                # No word and no wait: the other side has hung up, as the end of IDLE will say.
                if told or time.monotonic() - began < SLICE_SECONDS / 2:
                    return


def tick(_at: datetime) -> int:
    """See to it that each mailbox is read, and none that is paused or changed as it was before
    (the worker's loop "mail"). Returns 0: the mailboxes do not wait for this round."""
    active = Mailbox.objects.filter(is_active=True).order_by("pk")[:THREADS_MAX]
    wanted = {box.pk: box for box in active}
    for number, watch in list(_watches.items()):
        if number not in wanted or wanted[number].version != watch.version:
            watch.leave()
        elif watch.stuck:
            watch.cut()
        if not watch.alive:
            del _watches[number]
    for number, box in wanted.items():
        if number not in _watches:
            _watches[number] = Watch(box)
    return 0


def stop() -> None:
    """End all threads, when the worker ends."""
    for watch in _watches.values():
        watch.leave()
    until = time.monotonic() + STOP_SECONDS_MAX
    for watch in _watches.values():
        watch.join(max(0.0, until - time.monotonic()))
    _watches.clear()


def can_idle(server: BaseMailBox) -> bool:
    """Whether the server tells of new mail by itself; many say so only after the sign-in."""
    status, found = server.client.capability()
    return status == "OK" and b"IDLE" in b" ".join(found).upper().split()


def _told_already(server: BaseMailBox) -> bool:
    """Whether the server told of new mail together with its consent to wait: these lines lie in a
    buffer by now, where a wait at the connection does not see them."""
    client = server.client
    before = client.sock.gettimeout()
    client.sock.settimeout(0)
    try:
        return bool(client.readline())
    except OSError:
        return False
    finally:
        client.sock.settimeout(before)


def _rest(failed: int) -> float:
    """How long to wait before the next connection: longer each time, and not all at once."""
    if not failed:
        return 0
    seconds = min(REST_SECONDS * 2.0 ** min(failed - 1, 10), REST_SECONDS_MAX)
    return float(seconds * secrets.SystemRandom().uniform(1 - JITTER, 1 + JITTER))
