"""The control room over HTTP: the board, rulings, excuses, leads and covers, absences."""

import pytest
from django.test import Client

from desk.partners.models import Assignment
from desk.rules.lifecycle import Type
from desk.tickets import actions
from desk.tickets.actions import Accepting, Submission
from desk.tickets.models import Clock, Dispute, Ticket
from desk.web.forms import Guard
from tests.language import Desk

PAGES = ("", "wall", "disputes/", "breaches/", "assignments/", "absences/")


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk.open()


def signed_in(person: object) -> Client:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]  # a Person
    return client


def form(**fields: str) -> dict[str, str]:
    return {"key": Guard().key, **fields}


def late_ticket(desk: Desk) -> Ticket:
    """Accepted an hour too late."""
    submission = Submission(
        desk.company.partner.pk,
        desk.company.project.pk,
        "Printing fails",
        "Since today.",
        author_id=desk.member.pk,
    )
    ticket = actions.submit(desk.cause(desk.member), submission)
    desk.at("fri 11:30")
    accepting = Accepting(Type.BUG, "Taken.")
    return actions.accept(desk.cause(desk.lead, "workplace"), ticket.pk, accepting)


@pytest.mark.parametrize("page", PAGES)
def test_each_page_is_open_to_administrators_only(desk: Desk, page: str) -> None:
    assert signed_in(desk.house.administrator).get(f"/control/{page}").status_code == 200
    for person in (desk.lead, desk.house.accountant, desk.owner):
        assert signed_in(person).get(f"/control/{page}").status_code == 403
    assert Client().get(f"/control/{page}").status_code == 302


def test_a_doubt_is_ruled_on_in_text(desk: Desk) -> None:
    ticket = late_ticket(desk)
    dispute = actions.doubt(desk.cause(desk.member), ticket.pk, "Is this right?")
    administrator = signed_in(desk.house.administrator)
    assert "Is this right?" in administrator.get("/control/disputes/").content.decode()
    address = f"/control/disputes/{dispute.pk}/rule"
    assert administrator.post(address, form(upheld="0", text="")).status_code == 422
    answer = form(upheld="0", text="Yes, by the Standard.", clause="2.1")
    assert administrator.post(address, answer).status_code == 302
    assert Dispute.objects.get(pk=dispute.pk).ruling == "Yes, by the Standard."
    assert signed_in(desk.lead).post(address, answer).status_code == 403


def test_an_excused_breach_stays_visible_as_excused(desk: Desk) -> None:
    ticket = late_ticket(desk)
    broken = Clock.objects.get(ticket=ticket, kind="acceptance")
    assert broken.breached_at is not None
    administrator = signed_in(desk.house.administrator)
    address = f"/control/breaches/{broken.pk}/excuse"
    assert administrator.post(address, form(text="An outage of ours")).status_code == 302
    broken.refresh_from_db()
    assert broken.excused_at is not None and broken.breached_at is not None


def test_a_project_is_given_to_another_lead_once(desk: Desk) -> None:
    administrator = signed_in(desk.house.administrator)
    other = desk.house.cover
    project = desk.company.project.pk
    address = f"/control/assignments/{project}"
    refused = administrator.post(address, form(role="lead", person=str(other.pk)))
    assert refused.status_code == 409, "the cover of the project does not lead it as well"
    assert administrator.post(address, form(role="lead", person="x")).status_code == 422
    assert Assignment.objects.filter(project=project, until_at=None).count() == 2


def test_an_absence_is_noted_and_taken_back(desk: Desk) -> None:
    administrator = signed_in(desk.house.administrator)
    sent = form(
        person=str(desk.lead.pk),
        kind="vacation",
        since="2027-01-11T09:00",
        until="2027-01-15T18:00",
    )
    assert administrator.post("/control/absences/note", sent).status_code == 302
    absence = desk.lead.absences.get()
    address = f"/control/absences/{absence.pk}/withdraw"
    assert administrator.post(address, form()).status_code == 302
    absence.refresh_from_db()
    assert absence.withdrawn_at is not None


def test_a_form_that_is_sent_twice_moves_a_partner_once(desk: Desk) -> None:
    administrator = signed_in(desk.house.administrator)
    address = f"/control/assignments/partner/{desk.company.partner.pk}"
    sent = form(role="lead", person=str(desk.lead.pk))
    for _ in range(2):
        assert administrator.post(address, sent).status_code == 302
