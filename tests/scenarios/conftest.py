"""What all scenarios share: a desk on Friday 27 November 2026, 09:00 in Kyiv."""

import pytest

from tests.language import Desk


@pytest.fixture
def desk(db: None) -> Desk:
    """A house, one partner with people and a project, and a clock that the test sets."""
    return Desk.open()
