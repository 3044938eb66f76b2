"""Nightly work of the API. Found by procrastinate."""

from __future__ import annotations

from procrastinate.contrib.django import app

from desk.channels.api import actions
from desk.lib import clock


@app.periodic(cron="35 1 * * *")
@app.task(name="forget_answers", queue="nightly", queueing_lock="forget_answers")
def forget_answers(timestamp: int) -> None:  # noqa: ARG001  procrastinate passes it by name
    """Forget the answers that nobody asks for again."""
    at = clock.now()
    while actions.forget_answers(at):
        pass
