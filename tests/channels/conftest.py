"""A desk, its relay and its mail server for the tests of channels."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.channels import mailserver
from tests.channels.mailserver import MailServer
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
