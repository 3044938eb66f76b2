"""The process that takes mail from a mail server in front: `python -m desk.config.receiver`."""

import asyncio
import os
import signal
import socket

from desk.config import doors

NAME = "receiver"
BEAT_SECONDS = 5


def main() -> None:
    """Serve the doors that were handed over, or that the environment names, until SIGTERM."""
    import django

    from desk.config.processes import follow_parent

    follow_parent()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk.config.settings")
    django.setup()
    asyncio.run(_serve(doors.handed_over()))


async def _serve(sockets: dict[str, socket.socket]) -> None:
    from django.conf import settings

    from desk.channels.email.receiver.hall import Hall
    from desk.channels.email.receiver.server import serve

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    beating = asyncio.ensure_future(_beat())
    try:
        await serve(sockets, Hall(settings.MAIL_PEERS), settings.MAIL_HOST_NAME, stop)
    finally:
        beating.cancel()


async def _beat() -> None:
    from desk.lib import clock, health

    while True:
        health.beat(health.Beat(NAME, clock.now(), pid=os.getpid()))
        await asyncio.sleep(BEAT_SECONDS)


if __name__ == "__main__":
    main()
