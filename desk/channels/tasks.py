"""Jobs of the queue: sending one delivery, and keeping the queue tidy. Found by procrastinate."""

from __future__ import annotations

from procrastinate import BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from desk.channels import actions, outbox
from desk.channels.errors import Later
from desk.channels.webhooks import actions as webhooks
from desk.lib import clock

FAULT_SECONDS = 30
KEPT_HOURS = 48


class AsTheDeliverySays(BaseRetryStrategy):
    """The delivery's own row knows when it is due; a fault around it is tried again soon."""

    def get_retry_decision(
        self,
        *,
        exception: BaseException,
        job: Job,  # noqa: ARG002  procrastinate passes it by name
    ) -> RetryDecision | None:
        if isinstance(exception, Later):
            return RetryDecision(retry_in={"seconds": exception.seconds})
        if isinstance(exception, Exception):
            return RetryDecision(retry_in={"seconds": FAULT_SECONDS})
        return None


@app.task(name="send_delivery", queue="deliveries", retry=AsTheDeliverySays())
def send_delivery(delivery_id: int) -> None:
    """Try one delivery."""
    outbox.send(delivery_id, clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="sweep", queue="deliveries", queueing_lock="sweep")
def sweep(timestamp: int) -> None:  # noqa: ARG001  procrastinate passes it by name
    """Make jobs for deliveries that lost theirs."""
    outbox.enqueue(clock.now())


@app.periodic(cron="17 1 * * *")
@app.task(name="tidy", queue="deliveries", queueing_lock="tidy", pass_context=True)
async def tidy(context: JobContext, timestamp: int) -> None:  # noqa: ARG001  as above
    """Forget finished jobs: what became of a delivery stands in its own row."""
    await context.app.job_manager.delete_old_jobs(
        nb_hours=KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )


@app.periodic(cron="25 1 * * *")
@app.task(name="forget", queue="deliveries", queueing_lock="forget")
def forget(timestamp: int) -> None:  # noqa: ARG001  procrastinate passes it by name
    """Forget what nobody needs any more: bytes that were used, the log of webhooks' attempts."""
    at = clock.now()
    while actions.forget(at):
        pass
    webhooks.forget_attempts(at)
