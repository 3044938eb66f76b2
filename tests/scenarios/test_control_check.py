"""`desk check` proves control, and the health page says whether it keeps up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk.oversight import checks
from desk.oversight.actions import control
from desk.oversight.models import Edition, Violation
from desk.oversight.queries import pace
from tests.language import Desk
from tests.scenarios import standard
from tests.scenarios.tickets import submits
from tests.screens.visits import Visit


@pytest.fixture(autouse=True)
def edition(desk: Desk) -> Edition:
    return standard.publishes(desk.now - timedelta(hours=1))


def codes(desk: Desk) -> dict[str, str]:
    return {one.code: one.subject for one in checks.check(desk.now)}


def test_what_control_found_is_proved(desk: Desk) -> None:
    submits(desk)
    standard.ticks(desk, "14:00")
    assert Violation.objects.count() > 3
    assert codes(desk) == {}


def test_what_control_did_not_look_at_is_missed(desk: Desk) -> None:
    ticket = submits(desk)
    desk.later(hours=2)
    assert f"2.1:{desk.lead.pk}:{ticket.key}/accept:1" in {
        one.subject for one in checks.check(desk.now) if one.code == "violation_missed"
    }


def test_what_nothing_gives_is_unfounded(desk: Desk, edition: Edition) -> None:
    row = Violation.objects.create(
        key="9.9:1:made up",
        edition=edition,
        clause="9.9",
        severity="minor",
        person=desk.lead,
        at=desk.now,
        found_at=desk.now,
    )
    subject = f"violation:{row.pk}"
    found = codes(desk)
    assert found["violation_edition"] == found["violation_entry"] == subject
    assert found["violation_unfounded"] == subject


def test_the_health_page_says_how_late_control_finds(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pace.of(desk.now).is_late
    ticket = submits(desk)
    assert ticket.acceptance_due_at is not None
    desk.now = ticket.acceptance_due_at + timedelta(seconds=1)
    control.look([desk.lead.pk, desk.cover.pk], desk.now)
    while control.tick(desk.now):
        pass
    found = pace.of(desk.now)
    assert not found.is_late
    assert found.lag_seconds is not None
    page = Visit.of(desk.house.vendor, desk, monkeypatch).page("/setup/health/")
    assert "Machine control" in page
    assert "People held against the Standard" in page
