"""A desk, its relay and its mail server for the tests of channels."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from tests.channels import mailserver, receiver
from tests.channels.mailserver import MailServer
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
