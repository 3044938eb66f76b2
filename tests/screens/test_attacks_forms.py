"""More in a form than it asks for, and moves that are somebody else's to make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from desk.deposits import queries as deposits
from desk.deposits.models import Adjustment
from desk.partners.models import Membership, Person, StaffMembership
from desk.tickets import actions
from desk.tickets.models import Dispute, Ticket
from tests.scenarios.tickets import fresh
from tests.screens import two_partners
from tests.screens.two_partners import TwoPartners
from tests.screens.visits import Visit

Open = Callable[[Person], Visit]
REFUSED = {400, 403, 404, 409, 422}


@pytest.fixture
def world(db: None) -> TwoPartners:
    return two_partners.opened()


@pytest.fixture
def visit(world: TwoPartners, monkeypatch: pytest.MonkeyPatch) -> Open:
    return lambda person: Visit.of(person, world.desk, monkeypatch)


# More in a form than it asks for


EXTRA = {
    "role": "owner",
    "is_staff": "1",
    "is_superuser": "1",
    "is_active": "1",
    "partner_id": "1",
    "partner": "1",
    "price": "0",
    "unit_price_kopecks": "1",
    "billable": "0",
    "due_at": "2030-01-01T00:00",
    "state": "resolved",
    "executor": "1",
    "author_id": "1",
    "email": "evil@evil.example",
    "password": "evil evil evil",
    "sees_all": "1",
    "created_at": "2020-01-01",
    "internal": "0",
    "version_": "1",
}


def test_a_profile_changes_what_it_shows_only(world: TwoPartners, visit: Open) -> None:
    member = world.desk.member
    card = {"name": "Marko", "language": "en", "timezone": "Europe/Kyiv", "theme": "auto"}
    assert visit(member).post("/profile/", **EXTRA, **card).status_code == 303
    after = Person.objects.get(pk=member.pk)
    assert (after.email, after.password) == (member.email, member.password)
    assert not StaffMembership.objects.filter(person=member).exists()
    assert Membership.objects.get(person=member).role == "member"


def test_a_ticket_is_made_of_its_fields_only(world: TwoPartners, visit: Open) -> None:
    extra: dict[str, Any] = dict(EXTRA)
    fields: dict[str, Any] = {
        "project": world.desk.company.project.pk,
        "subject": "Mine",
        "text": "Now.",
    }
    assert (
        visit(world.desk.member).post("/cabinet/tickets/new", **extra, **fields).status_code == 303
    )
    made = Ticket.objects.latest("id")
    assert (made.state, made.author, made.partner) == (
        "submitted",
        world.desk.member,
        world.desk.company.partner,
    )
    assert made.billable == world.ticket.billable
    assert made.due_at is None
    assert made.executor == world.desk.lead


def test_a_move_changes_what_it_is_for_only(world: TwoPartners, visit: Open) -> None:
    before = fresh(world.ticket)
    sent: dict[str, Any] = {**EXTRA, "text": "July"}
    assert (
        visit(world.desk.member).post("/cabinet/tickets/OLH-1/message", **sent).status_code == 303
    )
    after = fresh(world.ticket)
    for name in ("partner_id", "author_id", "executor_id", "billable", "project_id", "number"):
        assert getattr(after, name) == getattr(before, name), name


def test_the_price_of_a_conversion_is_the_plans(world: TwoPartners, visit: Open) -> None:
    sent: dict[str, Any] = {**EXTRA, "quantity": "1", "price": "0", "price_kopecks": "1"}
    partner = world.desk.company.partner.pk
    before = deposits.balance(partner)
    answer = visit(world.desk.company.finance).post("/cabinet/deposit/convert", **sent)
    assert answer.status_code == 303
    after = deposits.balance(partner)
    assert after.consultations_available - before.consultations_available == 1
    spent = before.money_available_kopecks - after.money_available_kopecks
    assert spent == world.desk.house.plan.versions.get().value().price_kopecks


def test_an_owner_gives_no_role_of_the_desk(world: TwoPartners, visit: Open) -> None:
    owner, before = visit(world.desk.owner), two_partners.counts()
    for role in ("vendor", "administrator", "specialist", "accountant", "production", "", "x"):
        sent: dict[str, Any] = {"email": "a@b.example", "role": role}
        assert owner.post("/cabinet/team/invite", **sent).status_code == 422
        path = f"/cabinet/team/{world.desk.member.pk}"
        assert owner.post(path, role=role).status_code == 422
    assert two_partners.counts() == before


# Who may do what


def test_only_an_administrator_who_had_no_part_rules(world: TwoPartners, visit: Open) -> None:
    desk, path = world.desk, f"/control/disputes/{world.contest.pk}/rule"
    ruling = {"upheld": "1", "text": "Struck."}
    for person in (desk.lead, desk.house.vendor, desk.house.production, desk.owner):
        assert visit(person).post(path, **ruling).status_code == 403
    involved = desk.house.administrator
    cause = desk.cause(involved, "workplace")
    actions.hand_over(cause, world.ticket.pk, desk.cover.pk, "Take it")
    assert visit(involved).post(path, **ruling).status_code == 409
    assert Dispute.objects.get(pk=world.contest.pk).ruled_at is None
    assert visit(desk.house.second_administrator).post(path, **ruling).status_code == 302
    assert Dispute.objects.get(pk=world.contest.pk).upheld is True


def test_nobody_approves_an_own_correction(world: TwoPartners, visit: Open) -> None:
    path = f"/accounting/corrections/{world.adjustment.pk}"
    visit(world.desk.house.accountant).post(path)
    assert Adjustment.objects.get().outcome is None
    for person in (world.desk.house.administrator, world.desk.lead, world.desk.owner):
        assert visit(person).post(path).status_code == 403
    visit(world.desk.house.vendor).post(path)
    assert Adjustment.objects.get().outcome == Adjustment.APPROVED


def test_a_partner_makes_no_move_of_ours(world: TwoPartners, visit: Open) -> None:
    owner, before = visit(world.desk.owner), two_partners.counts()
    for verb in (
        "accept",
        "deliver",
        "note",
        "merge",
        "rule",
        "excuse",
        "reclassify",
        "log",
        "fund",
    ):
        sent: dict[str, Any] = {"text": "x", "type": "bug", "message": "x"}
        assert owner.post(f"/cabinet/tickets/OLH-1/{verb}", **sent).status_code == 404
        assert owner.post(f"/work/tickets/OLH-1/{verb}", **sent).status_code == 403
        assert owner.post(f"/production/tickets/OLH-1/{verb}", **sent).status_code == 403
    assert two_partners.counts() == before
