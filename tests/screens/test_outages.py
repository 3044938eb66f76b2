"""Outages of ours: they note themselves, and administrators note and correct them with a reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from desk.journal.models import Entry
from desk.oversight.actions import control, outages
from desk.oversight.models import Heartbeat, Outage, Watch
from desk.oversight.queries.outages import OUTAGE_AFTER
from tests.language import KYIV, Desk
from tests.screens.visits import Visit

PAGE = "/control/outages/"


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk.open()


def silent(seconds: float) -> None:
    """Let the last sign of life be so old, by the database's clock."""
    Heartbeat.objects.update(real_at=F("real_at") - timedelta(seconds=seconds))


def test_an_outage_notes_itself_when_the_pages_come_back(desk: Desk) -> None:
    began = desk.now
    assert outages.beat(desk.now) is None
    desk.later(minutes=20)
    silent(20 * 60)
    outages.beat(desk.now)
    assert outages.beat(desk.later(seconds=5)) is None
    row = Outage.objects.get()
    assert (row.noted_by, row.until_at) == (None, desk.now - timedelta(seconds=5))
    assert abs(row.since_at - began) < timedelta(seconds=1)
    assert Entry.objects.get(verb="note_outage").by == "system"


def test_a_restart_is_no_outage_and_neither_is_a_demo_that_jumps(desk: Desk) -> None:
    outages.beat(desk.now)
    silent(OUTAGE_AFTER.total_seconds() - 5)
    outages.beat(desk.later(seconds=55))
    outages.beat(desk.later(days=3))
    assert not Outage.objects.exists()


def test_nobody_is_judged_while_the_pages_are_out(desk: Desk) -> None:
    outages.beat(desk.now)
    silent(30)
    assert control.tick(desk.now) == 0
    assert not Watch.objects.exists()
    outages.beat(desk.later(seconds=30))
    control.tick(desk.now)
    assert Watch.objects.exists()


def test_an_administrator_notes_and_corrects_with_a_reason(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = Visit.of(desk.house.administrator, desk, monkeypatch)
    here = desk.now.astimezone(KYIV)
    since, until = here - timedelta(hours=2), here - timedelta(hours=1)
    sent = {"since_at": f"{since:%Y-%m-%dT%H:%M}", "until_at": f"{until:%Y-%m-%dT%H:%M}"}
    assert visit.post(f"{PAGE}note", **sent, note="").status_code == 422
    backwards = {"since_at": sent["until_at"], "until_at": sent["since_at"]}
    refused = visit.post(f"{PAGE}note", **backwards, note="Power")
    assert "after its beginning" in refused.content.decode()
    assert visit.post(f"{PAGE}note", key="once", **sent, note="Power").status_code == 302
    assert visit.post(f"{PAGE}note", key="once", **sent, note="Power").status_code == 302
    row = Outage.objects.get()
    changed = {f"{row.pk}-{name}": value for name, value in {**sent, "note": "Network"}.items()}
    assert visit.post(f"{PAGE}{row.pk}/correct", **changed).status_code == 302
    assert "Network" in visit.page(PAGE)
    entry = Entry.objects.get(verb="correct_outage")
    assert entry.facts["since_before"] == row.since_at.isoformat()
