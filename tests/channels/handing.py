"""The built-in receiver, running for a test, and a mail server in front of it."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

from desk.channels.email.receiver.hall import Hall
from desk.channels.email.receiver.limits import Limits
from desk.channels.email.receiver.server import serve

HERE = ("127.0.0.0/8",)
HOST_NAME = "desk.example"
# A process starts slowly on a busy machine.
WAIT_SECONDS_MAX = 60


@dataclass
class Handed:
    """A receiver at two ports of this machine. `stop` begins to stop it and returns at once."""

    lmtp: int
    smtp: int
    hall: Hall
    thread: threading.Thread | None = None
    loop: asyncio.AbstractEventLoop | None = None
    stopped: asyncio.Event | None = None
    ready: threading.Event = field(default_factory=threading.Event)

    def stop(self) -> None:
        assert self.loop is not None and self.stopped is not None
        self.loop.call_soon_threadsafe(self.stopped.set)

    def join(self) -> None:
        assert self.thread is not None
        self.thread.join(WAIT_SECONDS_MAX)
        assert not self.thread.is_alive()


@contextmanager
def receiving(peers: tuple[str, ...] = HERE, narrowed: Limits | None = None) -> Iterator[Handed]:
    """Hold a receiver on free ports."""
    sockets = {"lmtp": _listening(), "smtp": _listening()}
    ports = {kind: one.getsockname()[1] for kind, one in sockets.items()}
    found = Handed(ports["lmtp"], ports["smtp"], Hall(peers, narrowed))

    async def run() -> None:
        found.loop, found.stopped = asyncio.get_running_loop(), asyncio.Event()
        found.ready.set()
        await serve(sockets, found.hall, HOST_NAME, found.stopped)

    found.thread = threading.Thread(target=lambda: asyncio.run(run()))
    found.thread.start()
    found.ready.wait(WAIT_SECONDS_MAX)
    try:
        yield found
    finally:
        if found.thread.is_alive():
            found.stop()
        found.join()


def _listening() -> socket.socket:
    made = socket.create_server(("127.0.0.1", 0))
    made.settimeout(0)
    return made


@contextmanager
def lmtp(port: int) -> Iterator[smtplib.LMTP]:
    """A mail server that hands mail in by LMTP."""
    with smtplib.LMTP("127.0.0.1", port, timeout=WAIT_SECONDS_MAX) as client:
        client.ehlo("mx.example")
        yield client


@dataclass
class Line:
    """A bare connection, for what no decent client would say."""

    socket: socket.socket
    answers: IO[bytes]

    def say(self, *lines: bytes) -> bytes:
        """Send lines with CR LF each; returns the last line of the first answer."""
        self.socket.sendall(b"".join(line + b"\r\n" for line in lines))
        return self.hear()

    def hear(self) -> bytes:
        """The last line of the next answer, b"" when the other side has hung up."""
        line = self.answers.readline()
        while line[3:4] == b"-":
            line = self.answers.readline()
        return line.rstrip(b"\r\n")


@contextmanager
def line(port: int) -> Iterator[Line]:
    """A bare connection."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=WAIT_SECONDS_MAX) as made,
        made.makefile("rb") as answers,
    ):
        yield Line(made, answers)
