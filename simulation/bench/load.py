"""Requests over several connections at once: how many a second, and how long each took."""

from __future__ import annotations

import http.client
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

READY_SECONDS_MAX = 60
ANSWER_SECONDS_MAX = 60
SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Request:
    """What one connection sends, over and over; `headers` makes those that differ each time."""

    method: str
    path: str
    expected: int
    body: Callable[[], bytes] = bytes
    headers: Callable[[], Mapping[str, str]] = dict


@dataclass(slots=True)
class Load:
    """What came of it: seconds of each answer, and of the whole; processor seconds of the
    server's process and of the database."""

    seconds: list[float] = field(default_factory=list)
    wall: float = 0
    cpu: float = 0

    @property
    def per_second(self) -> float:
        return len(self.seconds) / self.wall

    @property
    def cpu_ms(self) -> float:
        """Processor milliseconds for one answer, server and database."""
        return 1000 * self.cpu / len(self.seconds)

    def percentile_ms(self, percent: int) -> float:
        """Milliseconds within which so many percent of the answers came."""
        return 1000 * statistics.quantiles(self.seconds, n=100, method="inclusive")[percent - 1]

    def plus(self, other: Load) -> Load:
        return Load(self.seconds + other.seconds, self.wall + other.wall, self.cpu + other.cpu)

    def as_dict(self) -> dict[str, float]:
        """Figures for a line of JSON."""
        return {
            "answers": len(self.seconds),
            "per_second": round(self.per_second, 1),
            "cpu_ms": round(self.cpu_ms, 3),
            "p50_ms": round(self.percentile_ms(50), 2),
            "p99_ms": round(self.percentile_ms(99), 2),
        }


@dataclass(frozen=True, slots=True)
class Server:
    """A web process of the desk that answers on 127.0.0.1."""

    port: int
    process: subprocess.Popen[bytes]


@contextmanager
def server(settings: str) -> Iterator[Server]:
    """One web process with these settings, as bin/run starts them; ended with the block."""
    root = Path(__file__).resolve().parents[2]
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": settings,
            "DESK_SOCKET": str(listening.fileno()),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "desk.config.web"],
            cwd=root,
            env=environment,
            pass_fds=[listening.fileno()],
        )
        port = int(listening.getsockname()[1])
        try:
            _wait_ready(port, process)
            yield Server(port, process)
        finally:
            process.terminate()
            process.wait()


def press(to: Server, requests: list[Request], times: int, backends: Callable[[], float]) -> Load:
    """Each request on a connection of its own, `times` times, all at once; `backends` tells the
    processor seconds of the database so far."""
    ready = threading.Barrier(len(requests) + 1)
    seen: list[list[float]] = [[] for _ in requests]
    threads = [
        threading.Thread(target=_send, args=(to.port, request, times, ready, found))
        for request, found in zip(requests, seen, strict=True)
    ]
    for thread in threads:
        thread.start()
    ready.wait()
    before = backends() + _on_cpu(to.process.pid)
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    wall = time.perf_counter() - began
    cpu = backends() + _on_cpu(to.process.pid) - before
    load = Load([one for found in seen for one in found], wall, cpu)
    if len(load.seconds) != times * len(requests):
        raise RuntimeError("a connection broke off; what it met stands above")
    return load


def _send(
    port: int, request: Request, times: int, ready: threading.Barrier, found: list[float]
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS_MAX)
    connection.connect()
    ready.wait()
    for _ in range(times):
        body, headers = request.body(), request.headers()
        began = time.perf_counter()
        connection.request(request.method, request.path, body, dict(headers))
        answer = connection.getresponse()
        said = answer.read()
        found.append(time.perf_counter() - began)
        if answer.status != request.expected:
            raise RuntimeError(f"{request.path} answers {answer.status}: {said[:300]!r}")
    connection.close()


def _wait_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS_MAX
    while process.poll() is None and time.monotonic() < deadline:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
            connection.request("GET", "/healthz")
            if connection.getresponse().status < SERVER_ERROR:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise RuntimeError("the web process does not answer")


def _on_cpu(pid: int) -> float:
    """Processor seconds of all threads of a process."""
    fields = _fields(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _fields(pid: int) -> list[str]:
    """What the system tells of a process, from its state on: the name before may hold spaces."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def parent(pid: int) -> int:
    """The process that started a process."""
    return int(_fields(pid)[1])


def of_database(postmaster: int) -> float:
    """Processor seconds of a database server and of its connections."""
    total = 0.0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if postmaster in (int(entry.name), parent(int(entry.name))):
                total += _on_cpu(int(entry.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total
