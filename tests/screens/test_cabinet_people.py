"""The partner's team, one's own account, and the palette."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from desk.partners import actions
from desk.partners import queries as partners
from desk.partners.models import Invitation, PartnerRole, Person
from tests import cast
from tests.language import OPENED, Desk
from tests.scenarios.tickets import submits
from tests.screens.visits import Visit

Open = Callable[[Person], Visit]


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk.open()


@pytest.fixture
def visit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Open:
    return lambda person: Visit.of(person, desk, monkeypatch)


def role_of(desk: Desk, person: Person) -> tuple[str, bool] | None:
    found = partners.membership(person.pk, desk.company.partner.pk)
    return (found.role, found.sees_all) if found else None


def test_the_owner_invites_by_mail_and_link(desk: Desk, visit: Open) -> None:
    owner = visit(desk.owner)
    sent = {"email": "new@olh.example", "name": "Nova", "role": "own", "language": "ru"}
    for _ in range(2):
        assert owner.post("/cabinet/team/invite", key="i", **sent).status_code == 303
    made = Invitation.objects.get()
    assert (made.role, made.sees_all, made.language) == ("member", False, "ru")
    page = owner.page("/cabinet/team/")
    assert "An invitation is sent to new@olh.example." in page
    assert f"/account/invitation/{made.pk}." in page


@pytest.mark.parametrize(("email", "role"), [("nobody", "member"), ("a@b.example", "vendor")])
def test_an_invitation_that_cannot_be_keeps_what_was_typed(
    desk: Desk, visit: Open, email: str, role: str
) -> None:
    response = visit(desk.owner).post("/cabinet/team/invite", email=email, role=role)
    assert response.status_code == 422
    assert email in response.content.decode()
    assert not Invitation.objects.exists()


def test_invitations_are_withdrawn_and_sent_again(desk: Desk, visit: Open) -> None:
    owner = visit(desk.owner)
    owner.post("/cabinet/team/invite", email="new@olh.example", role="viewer")
    first = Invitation.objects.get()
    assert owner.post(f"/cabinet/team/invitations/{first.pk}/resend").status_code == 303
    second = partners.invitations_open(desk.company.partner.pk).get()
    assert second.pk != first.pk
    assert owner.post(f"/cabinet/team/invitations/{second.pk}/withdraw").status_code == 303
    assert not partners.invitations_open(desk.company.partner.pk).exists()


def test_another_partners_invitation_is_not_there(desk: Desk, visit: Open) -> None:
    visit(desk.owner).post("/cabinet/team/invite", email="new@olh.example", role="viewer")
    other = cast.company(OPENED, desk.house, "AGR", "Agrolan Demo")
    path = f"/cabinet/team/invitations/{Invitation.objects.get().pk}/withdraw"
    assert visit(other.owner).post(path).status_code == 404
    assert visit(desk.member).post(path).status_code == 403


def test_roles_are_changed_and_ended(desk: Desk, visit: Open) -> None:
    owner, member = visit(desk.owner), desk.member
    assert owner.post(f"/cabinet/team/{member.pk}", role="own").status_code == 303
    assert role_of(desk, member) == ("member", False)
    assert owner.post(f"/cabinet/team/{member.pk}", role="finance").status_code == 303
    assert role_of(desk, member) == ("finance", True)
    assert owner.post(f"/cabinet/team/{member.pk}/end").status_code == 303
    assert role_of(desk, member) is None
    assert owner.post(f"/cabinet/team/{member.pk}/end").status_code == 404
    assert visit(member).get("/cabinet/").status_code == 403


def test_the_last_owner_stays(desk: Desk, visit: Open) -> None:
    owner = visit(desk.owner)
    for path, sent in (("", {"role": "viewer"}), ("/end", {})):
        response = owner.post(f"/cabinet/team/{desk.owner.pk}{path}", **sent)
        assert response.status_code == 409
        assert "Name another owner first." in response.content.decode()
    assert role_of(desk, desk.owner) == ("owner", True)


def test_another_partners_person_is_not_in_the_team(desk: Desk, visit: Open) -> None:
    other = cast.company(OPENED, desk.house, "AGR", "Agrolan Demo")
    path = f"/cabinet/team/{other.member.pk}"
    assert visit(desk.owner).post(path, role="viewer").status_code == 404
    assert visit(desk.owner).post(f"{path}/end").status_code == 404


def test_who_belongs_to_two_partners_chooses(desk: Desk, visit: Open) -> None:
    other = cast.company(OPENED, desk.house, "AGR", "Agrolan Demo")
    actions.add_membership(cast.cause(OPENED), other.partner.pk, desk.member.pk, PartnerRole.VIEWER)
    member = visit(desk.member)
    chosen = other.partner.pk
    assert member.post("/cabinet/partner", partner=chosen).status_code == 303
    assert "<h1>Agrolan Demo</h1>" in member.page("/cabinet/")
    assert member.get("/cabinet/tickets/new").status_code == 403
    stranger = visit(desk.owner)
    stranger.post("/cabinet/partner", partner=chosen)
    assert "<h1>Olhivka Demo</h1>" in stranger.page("/cabinet/")


CARD = {
    "name": "Marko Novyi",
    "language": "ru",
    "timezone": "Europe/Warsaw",
    "theme": "dark",
    "phone": "+380 00 000 00 00",
}


def test_the_own_account_is_changed(desk: Desk, visit: Open) -> None:
    member = visit(desk.member)
    response = member.post("/profile/", **CARD)
    assert response.status_code == 303
    assert response.cookies["desk_language"].value == "ru"
    assert response.cookies["desk_theme"].value == "dark"
    changed = Person.objects.get(pk=desk.member.pk)
    assert {name: getattr(changed, name) for name in CARD} == CARD


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", " "), ("timezone", "Moon/Sea"), ("language", "xx"), ("theme", "x")],
)
def test_an_account_that_cannot_be_is_refused(
    desk: Desk, visit: Open, field: str, value: str
) -> None:
    response = visit(desk.member).post("/profile/", **{**CARD, field: value})
    assert response.status_code == 422
    assert Person.objects.get(pk=desk.member.pk).name == desk.member.name


def test_the_palette_finds_tickets_and_pages(desk: Desk, visit: Open) -> None:
    submits(desk, "Prices are wrong")
    member = visit(desk.member)
    asked = {"headers": {"Accept": "application/json"}}
    found = member.get("/search?q=prices", **asked).json()  # type: ignore[attr-defined]  # of a test client
    assert [each["url"] for each in found] == ["/cabinet/tickets/OLH-1/"]
    found = member.get("/search?q=proj", **asked).json()  # type: ignore[attr-defined]  # of a test client
    assert [each["url"] for each in found] == ["/cabinet/projects/"]
    assert "Prices are wrong" in member.page("/search?q=OLH-1")


def test_the_palette_finds_nothing_of_other_partners(desk: Desk, visit: Open) -> None:
    submits(desk, "Prices are wrong")
    other = cast.company(OPENED, desk.house, "AGR", "Agrolan Demo")
    found = visit(other.owner).get("/search?q=prices", headers={"Accept": "application/json"})
    assert found.content == b"[]"


def test_the_palette_leads_our_people_to_their_own_page_of_a_ticket(
    desk: Desk, visit: Open
) -> None:
    submits(desk, "Prices are wrong")
    found = visit(desk.lead).get("/search?q=prices", headers={"Accept": "application/json"})
    assert b"/work/tickets/OLH-1/" in found.content
    assert visit(desk.lead).get("/profile/").status_code == 200


def test_the_first_page_leads_a_partners_person_to_the_cabinet(desk: Desk, visit: Open) -> None:
    assert visit(desk.member).get("/").headers["Location"] == "/cabinet/"
