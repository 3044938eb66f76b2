"""A desk, its relay and its mail server for the tests of channels."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from pytest_django.fixtures import Settings

from tests.channels import dovecot, mailserver, onebox_box, receiver
from tests.channels.dovecot import Dovecot
from tests.channels.mailserver import MailServer
from tests.channels.onebox_box import Remote
from tests.channels.receiver import LOCAL, Receiver
from tests.language import Desk


@pytest.fixture
def desk(db: None) -> Desk:
    """Friday 09:00 with one partner and nothing submitted yet."""
    return Desk.open()


@pytest.fixture
def mails() -> Iterator[MailServer]:
    """A mail server that takes everything until told otherwise."""
    with mailserver.running() as server:
        yield server


@pytest.fixture
def here(settings: Settings) -> Iterator[Receiver]:
    """Somebody else's HTTP server, on this machine, that the desk may call."""
    settings.OUTSIDE_NETWORKS = LOCAL
    with receiver.receiving() as found:
        yield found


@pytest.fixture(scope="session")
def box_process() -> Iterator[Remote]:
    """A partner's OneBox, a process of its own."""
    with onebox_box.running() as found:
        yield found


@pytest.fixture
def box(box_process: Remote, settings: Settings) -> Remote:
    """The same, as if nobody had ever spoken with it."""
    settings.OUTSIDE_NETWORKS = LOCAL
    box_process.renew()
    return box_process


@pytest.fixture(scope="session")
def imap_server() -> Iterator[Dovecot]:
    """A real IMAP server, installed or brought along; without one the test is skipped."""
    with ExitStack() as holding:
        try:
            found = holding.enter_context(dovecot.running())
        except dovecot.Missing as reason:
            pytest.skip(str(reason))
        yield found
