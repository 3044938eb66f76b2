"""The threads that read mailboxes: told of new mail, not held up by another, and mended alone."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from django.db import connection

from desk.channels.email import actions, watch
from desk.channels.email.models import Mailbox, Security
from desk.channels.models import Arrival
from tests.channels import dovecot
from tests.channels.dovecot import Dovecot
from tests.channels.test_imap import named, raw
from tests.language import Desk

WAIT_SECONDS_MAX = 60


def until(happened: Callable[[], bool]) -> None:
    """Wait for what another thread does; fails when it does not come."""
    limit = time.monotonic() + WAIT_SECONDS_MAX
    while not happened():
        assert time.monotonic() < limit
        time.sleep(0.02)


@pytest.fixture
def looked_after(committed: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk whose mailboxes are looked after; all threads have ended when the test has."""
    monkeypatch.setattr(watch, "REST_SECONDS", 0.05)
    yield Desk.open()
    watch.stop()
    until(lambda: not _running())


def box_of(desk: Desk, login: str, port: int) -> Mailbox:
    card = actions.MailboxCard(
        login, f"{login}@desk.example", "127.0.0.1", port, Security.NONE, login, dovecot.PASSWORD
    )
    return actions.add_mailbox(desk.cause(desk.house.vendor), card)


@contextlib.contextmanager
def silent() -> Iterator[int]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        yield door.getsockname()[1]


def _counts(number: int) -> bool:
    return count() == number


def count() -> int:
    return Arrival.objects.count()


def test_new_mail_comes_at_once_beside_a_server_that_says_nothing(
    looked_after: Desk, imap_server: Dovecot
) -> None:
    login = named()
    imap_server.put(login, raw("one"))
    with silent() as port:
        slow = box_of(looked_after, named(), port)
        quick = box_of(looked_after, login, imap_server.port)
        watch.tick(looked_after.now)
        until(lambda: count() == 1)
        for number in range(3):
            imap_server.put(login, raw(f"more {number}"))
            until(partial(_counts, number + 2))
        assert Mailbox.objects.get(pk=quick.pk).reached_at is not None
        assert Mailbox.objects.get(pk=slow.pk).contact_at is None
        watch.stop()


def test_a_server_that_comes_back_is_read_on_and_a_paused_mailbox_is_not(
    looked_after: Desk, imap_server: Dovecot
) -> None:
    login = named()
    imap_server.put(login, raw("one"))
    box = box_of(looked_after, login, imap_server.port)
    watch.tick(looked_after.now)
    until(lambda: count() == 1)
    imap_server.kill()
    until(lambda: Mailbox.objects.get(pk=box.pk).failures > 1)
    assert Mailbox.objects.get(pk=box.pk).error
    imap_server.start()
    imap_server.put(login, raw("two"))
    until(lambda: count() == 2)
    until(lambda: Mailbox.objects.get(pk=box.pk).error == "")
    cause = looked_after.cause(looked_after.house.vendor)
    actions.switch_mailbox(cause, box.pk, on=False)
    watch.tick(looked_after.now)
    until(lambda: not _running())
    imap_server.put(login, raw("three"))
    watch.tick(looked_after.now)
    assert not _running()
    assert count() == 2


def test_where_the_server_cannot_tell_the_desk_looks_again(
    looked_after: Desk, imap_server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(watch, "can_idle", lambda _server: False)
    login = named()
    box_of(looked_after, login, imap_server.port)
    watch.tick(looked_after.now)
    imap_server.put(login, raw("one"))
    until(lambda: count() == 1)


def test_a_look_that_takes_too_long_is_cut(
    looked_after: Desk, imap_server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = box_of(looked_after, named(), imap_server.port)
    watch.tick(looked_after.now)
    until(lambda: Mailbox.objects.get(pk=box.pk).reached_at is not None)
    monkeypatch.setattr(watch, "LOOK_SECONDS_MAX", -1.0)
    found = watch._watches[box.pk]
    found._looking_since = time.monotonic()
    watch.tick(looked_after.now)
    until(lambda: Mailbox.objects.get(pk=box.pk).failures > 0)


def _running() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name.startswith("mailbox:")]


def test_the_wait_grows_and_differs() -> None:
    assert watch._rest(0) == 0
    first = {watch._rest(1) for _ in range(20)}
    assert len(first) > 1
    assert max(first) <= watch.REST_SECONDS * (1 + watch.JITTER)
    assert watch._rest(40) <= watch.REST_SECONDS_MAX * (1 + watch.JITTER)
    connection.close()
