"""Serving LMTP and SMTP on sockets that are open already, until told to stop."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Mapping
from functools import partial

from desk.channels.email.receiver.hall import Hall
from desk.channels.email.receiver.protocol import DOORS

BACKLOG = 128
STOP_SECONDS_MAX = 8
LOOK_SECONDS = 0.05

log = logging.getLogger(__name__)


async def serve(
    sockets: Mapping[str, socket.socket], hall: Hall, hostname: str, stop: asyncio.Event
) -> None:
    """Serve each socket ("lmtp" and "smtp" say what is spoken there) until `stop` is set.

    Then nobody new comes in, who sends nothing is told to come again, and a mail that is on its
    way is taken to its end and answered, for at most `STOP_SECONDS_MAX`.
    """
    loop = asyncio.get_running_loop()
    servers = [
        await loop.create_server(partial(DOORS[kind], hall, hostname), sock=one, backlog=BACKLOG)
        for kind, one in sockets.items()
    ]
    await stop.wait()
    for server in servers:
        server.close()
    await _finish(hall)
    hall.close()


async def _finish(hall: Hall) -> None:
    hall.stopping = True
    for door in [one for one in hall.doors if not one.busy]:
        await door.dismiss()
    until = asyncio.get_running_loop().time() + STOP_SECONDS_MAX
    while hall.doors and asyncio.get_running_loop().time() < until:
        await asyncio.sleep(LOOK_SECONDS)
    for door in list(hall.doors):
        log.warning("A mail of %s was cut; its sender has no answer and tries again.", door.session)
        if isinstance(door.transport, asyncio.Transport):
            door.transport.abort()
