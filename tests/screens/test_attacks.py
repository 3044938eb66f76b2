"""Reaching for another partner's things: by address, by field, by search, by notice."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.core import mail

from desk.channels.notices.models import Notice
from desk.partners.models import Membership, Person
from desk.tickets import actions
from desk.tickets.models import Ticket
from tests.channels import post
from tests.scenarios.tickets import fresh
from tests.screens import two_partners
from tests.screens.two_partners import SECRET_NOTE, SECRET_TEXT, TwoPartners
from tests.screens.visits import Visit

Open = Callable[[Person], Visit]
REFUSED = {400, 403, 404, 409, 422}


@pytest.fixture
def world(db: None) -> TwoPartners:
    return two_partners.opened()


@pytest.fixture
def visit(world: TwoPartners, monkeypatch: pytest.MonkeyPatch) -> Open:
    return lambda person: Visit.of(person, world.desk, monkeypatch)


# Foreign things in the fields of forms


@pytest.mark.parametrize("sent", ["project", "partner_id", "author"])
def test_a_ticket_is_not_put_under_another_partner(
    world: TwoPartners, visit: Open, sent: str
) -> None:
    before = two_partners.counts()
    fields: dict[str, Any] = {"project": world.other.project.pk, "subject": "Mine", "text": "Now."}
    if sent == "project":
        fields["project"] = world.desk.company.project.pk
        response = visit(world.other.owner).post("/cabinet/tickets/new", **fields)
        assert response.status_code in {404, 422}
        assert two_partners.counts() == before
        return
    fields[sent] = world.desk.company.partner.pk
    visit(world.other.owner).post("/cabinet/tickets/new", **fields)
    made = Ticket.objects.latest("id")
    assert (made.partner, made.author) == (world.other.partner, world.other.owner)


def test_a_contest_names_no_pause_of_another_ticket(world: TwoPartners, visit: Open) -> None:
    before = two_partners.counts()
    sent: dict[str, Any] = {"about": "pause", "pause": world.pause.pk, "text": "Strike it"}
    answer = visit(world.other.owner).post("/cabinet/tickets/AGR-1/contest", **sent)
    assert answer.status_code in REFUSED
    assert two_partners.counts() == before


def test_a_ticket_is_not_merged_into_another_partners(world: TwoPartners, visit: Open) -> None:
    lead, before = visit(world.desk.lead), two_partners.counts()
    answer = lead.post("/work/tickets/OLH-1/merge", into=world.outside.pk)
    assert answer.status_code in REFUSED
    with pytest.raises(actions.Incomplete):
        actions.merge(
            world.desk.cause(world.desk.lead, "workplace"), world.ticket.pk, world.outside.pk
        )
    assert fresh(world.ticket).merged_into_id is None
    assert two_partners.counts() == before


@pytest.mark.parametrize("field", ["partner", "person", "vendor", "none", "text"])
def test_a_ticket_is_handed_to_specialists_only(
    world: TwoPartners, visit: Open, field: str
) -> None:
    executors = {
        "partner": world.other.owner.pk,
        "person": world.desk.member.pk,
        "vendor": world.desk.house.vendor.pk,
        "none": 999_999_999_999_999_999,
        "text": "me",
    }
    before = two_partners.counts()
    for person, path in (
        (world.desk.lead, "/work/tickets/OLH-1/hand_over"),
        (world.desk.house.administrator, "/control/tickets/OLH-1/take"),
    ):
        answer = visit(person).post(path, executor=executors[field], text="Yours")
        assert answer.status_code in REFUSED, path
    assert fresh(world.ticket).executor == world.desk.lead
    assert two_partners.counts() == before


def test_nobody_manages_the_people_of_another_partner(world: TwoPartners, visit: Open) -> None:
    before, stranger = two_partners.counts(), visit(world.other.owner)
    company = world.desk.company
    for person in (company.owner, company.member, world.desk.lead):
        for path in (f"/cabinet/team/{person.pk}", f"/cabinet/team/{person.pk}/end"):
            assert stranger.post(path, role="owner").status_code == 404
    for verb in ("withdraw", "resend"):
        path = f"/cabinet/team/invitations/{world.invitation.pk}/{verb}"
        assert stranger.post(path).status_code == 404
    assert two_partners.counts() == before


def test_nobody_opens_the_cabinet_of_another_partner(world: TwoPartners, visit: Open) -> None:
    stranger = visit(world.other.owner)
    stranger.post("/cabinet/partner", partner=world.desk.company.partner.pk)
    for path in ("", "tickets/", "deposit/", "team/", "projects/", "work/"):
        assert_nothing_of_olh(stranger.page(f"/cabinet/{path}"))


def test_an_own_ticket_is_not_moved_before_another_partners(
    world: TwoPartners, visit: Open
) -> None:
    ranks = list(Ticket.objects.order_by("pk").values_list("queue_rank", flat=True))
    sent: dict[str, Any] = {"number": "OLH-1", "direction": "up"}
    assert visit(world.other.owner).post("/cabinet/tickets/order", **sent).status_code == 404
    assert list(Ticket.objects.order_by("pk").values_list("queue_rank", flat=True)) == ranks


def test_a_colleagues_record_is_not_corrected(world: TwoPartners, visit: Open) -> None:
    specialist, before = visit(world.specialist), two_partners.counts()
    path = f"/work/record/{world.interval.pk}"
    assert specialist.post(path, strike="1", reason="Not so").status_code == 404
    path = f"/work/absences/{world.absence.pk}/withdraw"
    assert specialist.post(path).status_code == 404
    assert two_partners.counts() == before


def test_a_breach_is_excused_only_on_its_own_ticket(world: TwoPartners, visit: Open) -> None:
    sent: dict[str, Any] = {"clock": world.breached.pk, "text": "An outage"}
    answer = visit(world.desk.house.administrator).post("/work/tickets/AGR-1/excuse", **sent)
    assert answer.status_code == 422
    world.breached.refresh_from_db()
    assert world.breached.excused_at is None


# Reading what is not one's own


def assert_nothing_of_olh(page: str) -> None:
    for word in ("OLH-", "Olhivka", "Sums differ", SECRET_TEXT, SECRET_NOTE, "sums.csv"):
        assert word not in page, word


@pytest.mark.parametrize("text", ["OLH-1", "olh-1", "1", "Sums", "%", "_", "ledger", "O'LH", "\\"])
def test_search_finds_nothing_of_another_partner(
    world: TwoPartners, visit: Open, text: str
) -> None:
    stranger = visit(world.other.owner)
    for accept in ("application/json", "text/html"):
        answer = stranger.get("/search", data={"q": text}, headers={"accept": accept})
        found = answer.content.decode().replace(f'value="{text}"', "")
        assert answer.status_code == 200
        assert "Olhivka" not in found and "Sums differ" not in found
        assert "/cabinet/tickets/OLH-1/" not in found


def test_who_sees_own_tickets_only_finds_no_others(world: TwoPartners, visit: Open) -> None:
    own = visit(world.own_only)
    for path in ("/search?q=OLH", "/cabinet/", "/cabinet/tickets/?show=all", "/cabinet/work/"):
        assert "Sums differ" not in own.page(path)
    assert own.get("/cabinet/tickets/OLH-1/").status_code == 404
    # Following lets one see; nobody follows what they may not see.
    assert own.post("/cabinet/tickets/OLH-1/follow", follows="1").status_code == 404


def test_an_internal_note_reaches_no_partner(world: TwoPartners, visit: Open) -> None:
    desk = world.desk
    for person in (desk.owner, desk.member, desk.company.finance, desk.company.viewer):
        reader = visit(person)
        for path in (
            "/cabinet/tickets/OLH-1/",
            "/cabinet/tickets/OLH-1/clock",
            "/cabinet/",
            "/cabinet/tickets/",
            "/cabinet/work/",
            "/notices/",
            "/search?q=invoice",
        ):
            page = reader.page(path).replace('value="invoice"', "")
            assert SECRET_NOTE not in page, path
            assert "inside.csv" not in page, path
            assert world.internal.token not in page, path
    assert not Notice.objects.filter(
        entry__verb="note", person__in=(desk.owner, desk.member, desk.company.viewer)
    ).exists()


def test_no_mail_carries_a_note_or_goes_to_another_partner(
    world: TwoPartners, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail.outbox.clear()
    post.sent(world.desk.now)
    assert mail.outbox
    strangers = {world.other.owner.email, world.other.member.email, world.own_only.email}
    for letter in mail.outbox:
        source = letter.message().as_bytes()
        parsed = message_from_bytes(source, policy=policy.default)
        texts = [
            part.get_content() for part in parsed.walk() if part.get_content_maintype() == "text"
        ]
        assert SECRET_NOTE not in "".join(texts)
        if "OLH-1" in str(parsed["Subject"]):
            assert not strangers & set(letter.recipients())


def test_a_notice_of_somebody_else_is_not_there(world: TwoPartners, visit: Open) -> None:
    for person in (world.other.owner, world.desk.owner, world.desk.house.administrator):
        assert visit(person).get(f"/notices/{world.notice.pk}/").status_code == 404
    assert world.notice.read_at is None


def test_notices_go_with_the_right_to_the_ticket(world: TwoPartners, visit: Open) -> None:
    member = visit(world.desk.member)
    assert "Sums differ" in member.page("/notices/")
    Membership.objects.filter(person=world.desk.member).update(until_at=world.desk.now)
    assert "Sums differ" not in member.page("/notices/")
    assert member.get(f"/notices/{world.notice.pk}/").status_code == 404
