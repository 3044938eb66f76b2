"""The sign of life of those who serve pages: the database answers, so the desk can be used.

When nobody has given it for a while, that was an outage of ours, which the first sign afterwards
puts on record (desk.oversight.actions.outages).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from concurrent.futures import ThreadPoolExecutor

from django.db import DatabaseError, close_old_connections

from desk.lib import clock
from desk.oversight.actions import outages
from desk.oversight.queries.outages import BEAT_SECONDS

log = logging.getLogger(__name__)


class Pulse:
    """Beats in a thread of its own: it must not wait behind pages."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pulse")
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to beat; called once in the event loop."""
        self._task = asyncio.get_running_loop().create_task(self._beat())

    async def stop(self) -> None:
        """Beat no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await loop.run_in_executor(self._thread, once)
            await asyncio.sleep(BEAT_SECONDS)


def once() -> None:
    """One sign of life; while the database does not answer there is none."""
    close_old_connections()
    try:
        outages.beat(clock.now())
    except DatabaseError as error:
        log.warning("The pages give no sign of life: %s", error)
    finally:
        close_old_connections()
