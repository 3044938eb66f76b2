"""A wire to a server that can be cut, after so many bytes of what the server says."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

WHOLE = 10**12
WAIT_SECONDS_MAX = 60


@dataclass
class Wire:
    """A port that leads to another one. What `after` bytes have passed, `deed` is done; then the
    wire is cut. `passed` counts the bytes of the last connection."""

    to: int
    after: int = WHOLE
    deed: Callable[[], None] = field(default=lambda: None)
    port: int = 0
    passed: int = 0

    def carry(self, near: socket.socket) -> None:
        """Carry one connection until an end hangs up or the wire is cut."""
        self.passed = 0
        with near, socket.create_connection(("127.0.0.1", self.to), WAIT_SECONDS_MAX) as far:
            back = threading.Thread(target=_pour, args=(near, far))
            back.start()
            with suppress(OSError):
                while said := far.recv(4096):
                    near.sendall(said[: self.after - self.passed])
                    self.passed += len(said)
                    if self.passed >= self.after:
                        self.deed()
                        break
            for end in (near, far):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            back.join()


def _pour(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while said := source.recv(4096):
            target.sendall(said)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def wire(to: int) -> Iterator[Wire]:
    """Hold a wire to a port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        found = Wire(to, port=door.getsockname()[1])
        thread = threading.Thread(target=_serve, args=(door, found))
        thread.start()
        try:
            yield found
        finally:
            with suppress(OSError):
                door.shutdown(socket.SHUT_RDWR)
            thread.join()


def _serve(door: socket.socket, found: Wire) -> None:
    with suppress(OSError):
        while True:
            found.carry(door.accept()[0])
