"""The queue between the relay and the mail server, with the worker that the desk runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from desk.channels import outbox
from desk.channels.models import Delivery, DeliveryState
from desk.config import relay, worker
from desk.lib import clock
from tests.channels import post
from tests.channels.mailserver import MailServer
from tests.language import Desk

PATIENCE_SECONDS = 20


def test_a_job_sends_what_the_relay_wrote(committed: str, mails: MailServer) -> None:
    desk = Desk.open()
    desk.now = clock.now()
    post.submitted(desk)
    relay.tick(desk.now)
    assert ProcrastinateJob.objects.filter(task_name="send_delivery").count() == 1
    with _working():
        _until(lambda: bool(mails.messages))
        _until(lambda: Delivery.objects.get().state == DeliveryState.SENT)
    assert len(mails.messages) == 1


def test_a_failed_attempt_leaves_one_job_for_the_next(committed: str, mails: MailServer) -> None:
    desk = Desk.open()
    desk.now = clock.now()
    mails.to_recipient = "450 busy"
    post.submitted(desk)
    relay.tick(desk.now)
    with _working():
        _until(lambda: Delivery.objects.get().state == DeliveryState.FAILED)
        jobs = ProcrastinateJob.objects.filter(task_name="send_delivery")
        _until(lambda: jobs.filter(status="todo", attempts=1).exists())
    job = jobs.get()
    assert job.scheduled_at is not None
    assert job.scheduled_at > clock.now()


def test_a_delivery_without_a_job_gets_one_and_only_one(desk: Desk) -> None:
    post.submitted(desk)
    relay.tick(desk.now)
    (number,) = Delivery.objects.values_list("pk", flat=True)
    assert not outbox.due(desk.now).exists()
    ProcrastinateJob.objects.filter(task_name="send_delivery")._raw_delete(connection.alias)
    assert list(outbox.due(desk.now).values_list("pk", flat=True)) == [number]
    assert outbox.enqueue(desk.now) == 1
    assert outbox.enqueue(desk.now) == 0


def test_a_lock_that_is_taken_does_not_poison_the_transaction(desk: Desk) -> None:
    post.submitted(desk)
    relay.tick(desk.now)
    delivery = Delivery.objects.get()
    with transaction.atomic():
        assert outbox._defer(delivery) is False
        assert Delivery.objects.filter(pk=delivery.pk).exists()


@contextmanager
def _working() -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=worker.run_jobs, args=(stop,))
    database = settings.DATABASES["default"]
    kept, database["CONN_MAX_AGE"] = database["CONN_MAX_AGE"], 0
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE_SECONDS)
        database["CONN_MAX_AGE"] = kept
        assert not thread.is_alive()


def _until(happened: Callable[[], bool]) -> None:
    """Wait for what another thread does, within reason."""
    pause = threading.Event()
    for _ in range(PATIENCE_SECONDS * 20):
        if happened():
            return
        pause.wait(0.05)
    pytest.fail("it did not happen in time")
