"""People are let in by a link: once, for seven days, and by its holder only."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from desk.journal import actions as journal_actions
from desk.journal import queries as journal
from desk.partners import actions as partners
from desk.partners import invitations, queries
from desk.partners.invitations import Refusal
from desk.partners.models import Invitation, PartnerRole, StaffRole
from tests import cast
from tests.language import Desk


def invited(desk: Desk, email: str = "nova@olh.example", **words: object) -> tuple[Invitation, str]:
    values = {"role": PartnerRole.MEMBER, "partner_id": desk.company.partner.pk, **words}
    cause = desk.cause(desk.company.owner)
    return partners.invite(cause, partners.Invited(email, **values))  # type: ignore[arg-type]


def refused(desk: Desk, token: str) -> Refusal:
    with pytest.raises(partners.InvitationRefused) as error:
        partners.accept_invitation(desk.cause(None), token, "Nova", cast.PASSWORD)
    return error.value.refusal


def test_a_new_person_accepts_with_name_and_password(desk: Desk) -> None:
    row, token = invited(desk, sees_all=False)
    desk.at("fri 16:00")
    assert queries.invitation_by(token, desk.now).invitation == row
    nova = partners.accept_invitation(desk.cause(None), token, "Nova Liudyna", cast.PASSWORD)
    assert (nova.name, nova.email, nova.check_password(cast.PASSWORD)) == (
        "Nova Liudyna",
        "nova@olh.example",
        True,
    )
    membership = queries.membership(nova.pk, desk.company.partner.pk)
    assert membership is not None
    assert (membership.role, membership.sees_all) == ("member", False)
    entry = journal.of(f"invitation:{row.pk}").last()
    assert entry is not None
    assert (entry.verb, entry.by) == ("accept_invitation", f"person:{nova.pk}")


def test_a_link_opens_once(desk: Desk) -> None:
    _, token = invited(desk)
    partners.accept_invitation(desk.cause(None), token, "Nova", cast.PASSWORD)
    assert refused(desk, token) == Refusal.USED


def test_a_link_lives_seven_days(desk: Desk) -> None:
    row, token = invited(desk)
    assert row.expires_at == desk.now + timedelta(days=partners.INVITATION_DAYS_MAX)
    desk.now = row.expires_at - timedelta(seconds=1)
    assert queries.invitation_by(token, desk.now).refusal is None
    desk.now = row.expires_at
    assert refused(desk, token) == Refusal.EXPIRED


def test_a_withdrawn_link_is_refused(desk: Desk) -> None:
    row, token = invited(desk)
    partners.withdraw_invitation(desk.cause(desk.company.owner), row.pk)
    assert refused(desk, token) == Refusal.WITHDRAWN


def test_resending_makes_a_new_link_and_ends_the_old(desk: Desk) -> None:
    row, token = invited(desk)
    desk.later(days=8)
    again, fresh = partners.resend_invitation(desk.cause(desk.company.owner), row.pk)
    assert refused(desk, token) == Refusal.WITHDRAWN
    assert list(queries.invitations_open(desk.company.partner.pk)) == [again]
    partners.accept_invitation(desk.cause(None), fresh, "Nova", cast.PASSWORD)
    with pytest.raises(partners.InvitationRefused):
        partners.resend_invitation(desk.cause(desk.company.owner), again.pk)


def test_inviting_an_address_again_ends_its_earlier_link(desk: Desk) -> None:
    _, token = invited(desk)
    invited(desk, "NOVA@olh.example", role=PartnerRole.OWNER)
    assert refused(desk, token) == Refusal.WITHDRAWN


def test_the_mail_can_be_rendered_from_the_row_alone(desk: Desk) -> None:
    """The token is computed, not kept: 32 bytes of keyed hash."""
    row, token = invited(desk)
    assert invitations.token(Invitation.objects.get(pk=row.pk)) == token
    number, _, secret = token.partition(".")
    assert (int(number), len(secret)) == (row.pk, 43)
    entry = journal.of(f"invitation:{row.pk}").get()
    assert entry.verb == "invite"
    assert entry.facts == {
        "role": "member",
        "partner": desk.company.partner.pk,
        "sees_all": True,
    }
    assert secret not in str(entry.facts)


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: token[:-1],
        lambda token: token + "A",
        lambda token: token.replace(".", ".x", 1),
        lambda token: f"{int(token.partition('.')[0]) + 1}.{token.partition('.')[2]}",
        lambda token: f" {token}",
        lambda token: f"²{token}",
        lambda _: "",
        lambda _: "9" * 400,
        lambda _: "9999999999999999999.x",
        lambda _: "1.\0",
    ],
)
def test_a_forged_token_opens_nothing(desk: Desk, forge: object) -> None:
    _, token = invited(desk)
    invited(desk, "other@olh.example")
    assert refused(desk, forge(token)) == Refusal.UNKNOWN  # type: ignore[operator]


def test_a_poor_password_leaves_the_link_open(desk: Desk) -> None:
    _, token = invited(desk)
    with pytest.raises(ValidationError):
        partners.accept_invitation(desk.cause(None), token, "Nova", "12345")
    assert queries.invitation_by(token, desk.now).refusal is None
    assert queries.by_email("nova@olh.example") is None


def test_a_link_takes_over_nobodys_account(desk: Desk) -> None:
    """Somebody with this address signs in and accepts as themselves; the password stays."""
    other = cast.company(desk.now, desk.house, "ZIR", "Zirka Demo")
    _, token = invited(desk, other.member.email.upper())
    for stranger in (None, desk.company.owner):
        with pytest.raises(partners.SignInFirst):
            partners.accept_invitation(desk.cause(stranger), token, "Taken", "quite another word")
    who = partners.accept_invitation(desk.cause(other.member), token, "Taken", "quite another word")
    assert who == other.member
    assert (who.name, who.check_password(cast.PASSWORD)) == (other.member.name, True)
    companies = [row.partner.code for row in queries.memberships(who.pk)]
    assert companies == ["OLH", "ZIR"]


def test_who_was_deactivated_is_not_let_in_by_a_link(desk: Desk) -> None:
    partners.deactivate(desk.cause(None), desk.company.viewer.pk)
    _, token = invited(desk, desk.company.viewer.email)
    with pytest.raises(partners.SignInFirst):
        partners.accept_invitation(desk.cause(desk.company.viewer), token, "V", cast.PASSWORD)


def test_the_vendor_invites_its_team(desk: Desk) -> None:
    invitation = partners.Invited("neo@desk.example", StaffRole.SPECIALIST, name="Neo Novyi")
    _, token = partners.invite(desk.cause(desk.house.vendor), invitation)
    neo = partners.accept_invitation(desk.cause(None), token, "", cast.PASSWORD)
    assert neo.name == "Neo Novyi"
    assert queries.staff_roles(neo.pk) == {"specialist"}
    assert neo in [row.person for row in queries.specialists()]


def test_a_partners_person_does_not_join_the_team_by_a_link(desk: Desk) -> None:
    invitation = partners.Invited(desk.company.member.email, StaffRole.PRODUCTION)
    _, token = partners.invite(desk.cause(desk.house.vendor), invitation)
    with pytest.raises(partners.OtherSide):
        partners.accept_invitation(desk.cause(desk.company.member), token, "", "")
    assert queries.invitation_by(token, desk.now).refusal is None


def test_roles_of_one_side_are_not_given_on_the_other(desk: Desk) -> None:
    with pytest.raises(partners.Incomplete):
        invited(desk, role=StaffRole.VENDOR)
    with pytest.raises(partners.Incomplete):
        partners.invite(desk.cause(None), partners.Invited("x@x.example", PartnerRole.OWNER))
    row, _ = invited(desk)
    with pytest.raises(IntegrityError, match="invitation_role"), transaction.atomic():
        Invitation.objects.filter(pk=row.pk).update(role="vendor")


def test_a_form_sent_twice_invites_once(desk: Desk) -> None:
    invitation = partners.Invited("x@x.example", PartnerRole.MEMBER, desk.company.partner.pk)
    cause = desk.cause(desk.company.owner, key="form-1")
    assert partners.invite(cause, invitation) == partners.invite(cause, invitation)
    other = partners.Invited("y@x.example", PartnerRole.MEMBER, desk.company.partner.pk)
    with pytest.raises(journal_actions.KeyReused):
        partners.invite(cause, other)
