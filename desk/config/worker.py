"""The worker process: what happens without anybody's request.

Each loop is a function `tick(at) -> int` that does what is due and returns how much it found. One
that fails waits longer and longer, up to half a minute, and starts again; the others go on.
"""

import asyncio
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from types import FrameType
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from procrastinate import App
    from procrastinate.contrib.django.django_connector import DjangoConnector

BEAT_SECONDS = 1.0
BACK_OFF_SECONDS_MAX = 30.0
STALLED_SECONDS = 30
STALLED_CHECK_SECONDS = 10
STOP_SECONDS_MAX = 8

Tick = Callable[[datetime], int]
log = logging.getLogger("desk.worker")


@dataclass(frozen=True)
class Loop:
    """A named loop: `tick` as "module:function", and how long it rests when there was nothing.
    `stop` is called when the worker ends, for a loop that has threads of its own."""

    name: str
    tick: str
    rest_seconds: float
    stop: str = ""

    def load(self) -> Tick:
        """Return the function."""
        found: Tick = _loaded(self.tick)
        return found

    def end(self) -> None:
        """Let the loop end what it has begun."""
        if self.stop:
            _loaded(self.stop)()


def _loaded(path: str) -> Callable[..., Any]:
    module, _, function = path.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), function)
    return found


LOOPS = (
    Loop("relay", "desk.config.relay:tick", 0.08),
    Loop("inbox", "desk.channels.inbox:tick", 0.2),
    Loop("mail", "desk.channels.email.watch:tick", 2.0, "desk.channels.email.watch:stop"),
    Loop("onebox", "desk.channels.onebox.polling:tick", 1.0),
    Loop("telegram", "desk.channels.notices.telegram.polling:tick", 2.0),
    Loop("watcher", "desk.tickets.actions.watch:tick", 1.0),
    Loop("days", "desk.oversight.actions.fits:tick", 20.0),
    Loop("control", "desk.oversight.actions.control:tick", 1.0),
    Loop("hotline", "desk.channels.phone.watch:tick", 1.0),
    Loop("offers", "desk.oversight.actions.offers:tick", 10.0),
    Loop("returns", "desk.oversight.actions.returns:tick", 20.0),
    Loop("replays", "desk.oversight.actions.replays:tick", 2.0),
    Loop("expiry", "desk.deposits.actions.expiring:tick", 20.0),
    Loop("digests", "desk.oversight.actions.digests:tick", 20.0),
    Loop("troubles", "desk.channels.troubles.watch:tick", 15.0),
)


class Runner:
    """Runs a loop in a thread of its own until it is told to stop."""

    def __init__(self, loop: Loop, stop: threading.Event) -> None:
        self.loop = loop
        self.stop = stop
        self.failures = 0
        self.beat_due = 0.0

    def start(self) -> threading.Thread:
        """Start the thread."""
        thread = threading.Thread(target=self._run, name=self.loop.name, daemon=True)
        thread.start()
        return thread

    def _run(self) -> None:
        from django.db import connection

        rest = 0.0
        while not self.stop.wait(rest):
            rest = self._once()
        self.loop.end()
        connection.close()

    def _once(self) -> float:
        """Go round once; return how long to rest."""
        from django.db import connection

        from desk.lib import clock

        at = clock.now()
        try:
            found = self.loop.load()(at)
        except Exception as error:
            # Whatever goes wrong in one round, the next one must come: promises are due meanwhile.
            self.failures += 1
            log.exception("The loop %s failed (%s in a row).", self.loop.name, self.failures)
            connection.close()
            self._beat(at, repr(error))
            return float(min(BACK_OFF_SECONDS_MAX, 0.5 * 2**self.failures))
        recovered, self.failures = self.failures > 0, 0
        if recovered or time.monotonic() >= self.beat_due:
            self._beat(at)
        return 0.0 if found else self.loop.rest_seconds

    def _beat(self, at: datetime, error: str = "") -> None:
        """Once a second also look after the connection: each look is a question to the database."""
        from django.db import close_old_connections

        from desk.lib import health

        self.beat_due = time.monotonic() + BEAT_SECONDS
        close_old_connections()
        health.beat(health.Beat(self.loop.name, at, self.failures, error, os.getpid()))


def run_jobs(stop: threading.Event) -> None:
    """Work the queue of deliveries until told to stop; start again after a failure."""
    rest = 0.0
    while not stop.wait(rest):
        try:
            asyncio.run(_work(stop))
        except Exception:
            log.exception("The queue of deliveries failed.")
            rest = 2.0


async def _work(stop: threading.Event) -> None:
    """Work the queue, and give jobs of a killed worker back to it."""
    from procrastinate.contrib.django import app

    connector = cast("DjangoConnector", app.connector)
    with app.replace_connector(connector.get_worker_connector()) as jobs:
        async with jobs.open_async():
            work = asyncio.ensure_future(
                jobs.run_worker_async(
                    concurrency=4,
                    install_signal_handlers=False,
                    fetch_job_polling_interval=2,
                    delete_jobs="successful",
                    shutdown_graceful_timeout=5,
                )
            )
            stalled = asyncio.ensure_future(_return_stalled(jobs))
            try:
                while not stop.is_set() and not work.done() and not stalled.done():
                    await asyncio.sleep(0.1)
            finally:
                for task in (stalled, work):
                    task.cancel()
                results = await asyncio.gather(work, stalled, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result


async def _return_stalled(jobs: "App") -> None:
    from desk.lib import clock, health

    manager = jobs.job_manager
    while True:
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
            log.warning("Job %s was left by a worker that died; it is tried again.", job.id)
            await manager.retry_job(job)
        health.beat(health.Beat("deliveries", clock.now(), pid=os.getpid()))
        await asyncio.sleep(STALLED_CHECK_SECONDS)


def main() -> None:
    """Run all loops until SIGTERM or SIGINT: `python -m desk.config.worker`."""
    import django

    from desk.config.processes import follow_parent

    follow_parent()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk.config.settings")
    django.setup()
    stop = threading.Event()

    def leave(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    threads = [Runner(loop, stop).start() for loop in LOOPS]
    jobs = threading.Thread(target=run_jobs, args=(stop,), name="deliveries", daemon=True)
    jobs.start()
    stop.wait()
    for thread in (*threads, jobs):
        thread.join(STOP_SECONDS_MAX)


if __name__ == "__main__":
    main()
