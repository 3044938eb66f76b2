"""The Standard, its control and capacity under attack: what no person would type is answered by a
sentence, and nothing is kept that a page could not show afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from desk.oversight.actions import editions
from desk.oversight.models import BriefNote, Replay
from desk.partners.models import Person
from desk.workdays.models import Absence, Interval
from tests.screens import two_partners
from tests.screens.test_attacks_input import HUGE
from tests.screens.two_partners import TwoPartners
from tests.screens.visits import Visit

Open = Callable[[Person], Visit]
EDGES = ("0001-01-01T00:00", "9999-12-31T23:59", "9999-12-31T23:59-14:00", "0001-01-01T00:00+14:00")


@pytest.fixture
def world(db: None) -> TwoPartners:
    return two_partners.opened()


@pytest.fixture
def visit(world: TwoPartners, monkeypatch: pytest.MonkeyPatch) -> Open:
    def open_(person: Person) -> Visit:
        found = Visit.of(person, world.desk, monkeypatch)
        found.client.raise_request_exception = False
        return found

    return open_


def broken(visitor: Visit, *paths: str) -> list[str]:
    return [path for path in paths if visitor.get(path.replace("+", "%2B")).status_code >= 500]


def test_no_edge_of_the_calendar_breaks_a_page(world: TwoPartners, visit: Open) -> None:
    lead, administrator = visit(world.desk.lead), visit(world.desk.house.administrator)
    for at in EDGES:
        plan = f"/work/plan/?drafted=1&appointment=meeting|{at}|30"
        note = f"since={at}&until={at}"
        one, two = f"since={at}&until=2026-11-28T10:00", f"since=2026-11-28T10:00&until={at}"
        paths = [f"/work/record/?{note}", plan]
        paths += [f"/work/capacity/absences/note?{each}" for each in (note, one, two)]
        assert broken(lead, *paths) == []
    weeks = ("0001-W01", "9999-W52", "9999-W53", f"{HUGE}-W1")
    assert broken(administrator, *(f"/control/violations/?week={week}" for week in weeks)) == []


@pytest.mark.parametrize(
    ("since", "until"),
    [("0001-01-01T00:00", "0001-01-02T00:00"), ("9999-12-30T00:00", "9999-12-31T23:59")],
)
def test_no_absence_is_kept_that_no_page_can_show(
    world: TwoPartners, visit: Open, since: str, until: str
) -> None:
    lead, count = visit(world.desk.lead), Absence.objects.count()
    sent = {"kind": "vacation", "note": "x\x00y"}
    answer = lead.post("/work/capacity/absences/note", since=since, until=until, **sent)
    assert answer.status_code == 422
    answer = lead.post("/work/absences/", since_at=since, until_at=until, kind="vacation")
    assert answer.status_code == 422
    assert Absence.objects.count() == count
    assert lead.get("/work/absences/").status_code == 200


def test_nothing_is_entered_of_years_ago(world: TwoPartners, visit: Open) -> None:
    lead, count = visit(world.desk.lead), Interval.objects.count()
    sent = {"since_at": "0001-01-01T00:00", "until_at": "0001-01-01T01:00", "reason": "So"}
    assert lead.post("/work/record/", activity="meeting", **sent).status_code == 422
    assert Interval.objects.count() == count
    path = f"/work/record/{world.interval.pk}"
    assert lead.post(path, strike="1", reason="x\x00y").status_code == 303


def test_a_note_of_an_absence_may_hold_what_no_text_can(world: TwoPartners, visit: Open) -> None:
    begins = world.desk.now + timedelta(days=90)
    sent = {"since": f"{begins:%Y-%m-%dT%H:%M}", "note": "x\x00y", "kind": "vacation"}
    ends = begins + timedelta(days=1)
    answer = visit(world.desk.lead).post(
        "/work/capacity/absences/note", until=f"{ends:%Y-%m-%dT%H:%M}", **sent
    )
    assert answer.status_code == 302
    assert Absence.objects.latest("id").note == "xy"


def test_a_brief_has_one_note_of_a_thing(world: TwoPartners, visit: Open) -> None:
    lead, path = visit(world.desk.lead), f"/work/capacity/absences/{world.absence.pk}"
    for digits in ("", "0", "0" * 12):
        subject = f"ticket:{digits}{world.ticket.pk}"
        assert lead.post(f"{path}/brief", subject=subject, text="So").status_code == 303
    assert BriefNote.objects.count() == 1
    for subject in (f"ticket:{HUGE}", f"project:{'9' * 18}", f"ticket:{'0' * 99}1"):
        assert lead.post(f"{path}/brief", subject=subject, text="So").status_code == 422
    assert lead.post(f"{path}/back", ticket=HUGE).status_code < 500


def test_numbers_of_editions_are_numbers(world: TwoPartners, visit: Open) -> None:
    owner = visit(world.desk.house.vendor)
    row = editions.draft(world.desk.cause(world.desk.house.vendor), "First")
    assert owner.post("/setup/standard/begin", based_on=HUGE).status_code < 500
    assert broken(owner, f"/setup/standard/{row.pk}/compare/?with={HUGE}") == []


def test_a_key_that_comes_again_replays_nothing_else(world: TwoPartners, visit: Open) -> None:
    owner = visit(world.desk.house.vendor)
    row = editions.draft(world.desk.cause(world.desk.house.vendor), "First")
    path = f"/setup/standard/{row.pk}/replay/"
    assert owner.post(path, key="k", weeks="1").status_code == 302
    Replay.objects.update(ended_at=world.desk.now)
    assert owner.post(path, key="k", weeks="1").status_code == 302
    assert owner.post(path, key="k", weeks="2").status_code == 422
    assert Replay.objects.count() == 1
