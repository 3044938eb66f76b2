"""`desk check` names what the database cannot forbid of leads, covers and absences."""

from __future__ import annotations

from desk.oversight import capacity_checks as checks
from desk.oversight.actions import offers, returns
from desk.partners.models import StaffMembership
from desk.tickets.actions import watch
from desk.workdays import actions as workdays
from desk.workdays.models import Activity
from tests.language import Desk
from tests.scenarios.tickets import accepts, buys, is_away, submits


def codes(desk: Desk) -> list[str]:
    return [one.code for one in checks.check(desk.now)]


def test_a_desk_that_runs_has_nothing_wrong(desk: Desk) -> None:
    buys(desk, 1)
    ticket = submits(desk)
    workdays.start(desk.cause(desk.lead), desk.lead.pk, Activity.LUNCH)
    offers.tick(desk.at("09:50"))
    accepts(desk, ticket)
    offers.tick(desk.now)
    is_away(desk, desk.lead, hours=1)
    watch.tick(desk.now)
    returns.tick(desk.later(hours=2))
    desk.later(minutes=10)
    assert codes(desk) == []
    assert checks.counts() == {"assignments": 2, "offers": 1}


def test_loops_that_stand_still_are_named(desk: Desk) -> None:
    buys(desk, 1)
    ticket = submits(desk)
    workdays.start(desk.cause(desk.lead), desk.lead.pk, Activity.LUNCH)
    offers.tick(desk.at("09:50"))
    accepts(desk, ticket)
    is_away(desk, desk.lead, hours=1)
    desk.later(minutes=10)
    assert codes(desk) == ["absence_not_handed_over", "offer_not_withdrawn"]
    watch.tick(desk.now)
    offers.tick(desk.now)
    desk.later(hours=2)
    assert codes(desk) == ["return_not_told"]


def test_who_is_no_specialist_any_more_leads_nothing(desk: Desk) -> None:
    rows = StaffMembership.objects.filter(person=desk.lead, until_at=None)
    rows.update(until_at=desk.now)
    assert codes(desk) == ["assignment_holder"]
