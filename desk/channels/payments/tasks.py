"""What is asked of providers without anybody's request. Found by procrastinate."""

from __future__ import annotations

from procrastinate.contrib.django import app

from desk.channels.payments import settling
from desk.deposits.queries import online
from desk.lib import clock


@app.periodic(cron="* * * * *")
@app.task(name="ask_providers", queue="payments", queueing_lock="ask_providers")
def ask_providers(timestamp: int) -> None:  # noqa: ARG001  procrastinate passes it by name
    """Ask about orders of which no message came: a callback can be lost, money must not be."""
    at = clock.now()
    for order in online.unheard(at):
        settling.ask_about(order, at)
