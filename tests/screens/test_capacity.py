"""The screens of capacity: what waits, what would be missing, briefs, offers, another manager."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk.knowledge import actions as knowledge
from desk.oversight.actions import offers, returns
from desk.oversight.models import ManagerRequest, Offer
from desk.partners import actions as partners
from desk.partners.models import Assignment, AssignmentRole, ProjectState
from desk.tickets.actions import watch
from desk.workdays import actions as workdays
from desk.workdays.models import Absence, AbsenceKind, Activity
from tests.language import Desk, moment
from tests.scenarios.tickets import buys, fresh, in_work, is_away, submits
from tests.screens.visits import Visit


@pytest.fixture
def desk(db: None) -> Desk:
    """A desk on Friday morning."""
    return Desk.open()


PERIOD = {"kind": "vacation", "since": "2026-11-30T09:00", "until": "2026-12-05T09:00", "note": ""}


def absent(desk: Desk) -> Absence:
    since_at = moment("mon 09:00", desk.now)
    until_at, kind = since_at + timedelta(days=5), AbsenceKind.SICK
    return workdays.note_absence(desk.cause(desk.lead), desk.lead.pk, kind, since_at, until_at, "")


def test_what_waits_is_served_by_one_click(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    partners.set_caps(desk.cause(None), desk.lead.pk, 1, 24)
    partner = desk.company.partner
    project = partners.add_project(desk.cause(None), partner.pk, "Second CRM", "", "")
    assert project.state == ProjectState.WAITING
    visit = Visit.of(desk.house.administrator, desk, monkeypatch)
    page = visit.page("/control/capacity/")
    assert "1. Second CRM" in page and "waits since" in page
    sent = visit.post(f"/control/capacity/waiting/{project.pk}", lead=desk.cover.pk)
    assert sent.status_code == 409, "who covers it cannot lead it"
    partners.unassign(desk.cause(None), project.pk, AssignmentRole.COVER)
    assert (
        visit.post(f"/control/capacity/waiting/{project.pk}", lead=desk.cover.pk).status_code == 302
    )
    assert "No project waits." in visit.page("/control/capacity/")
    again = visit.post(f"/control/capacity/waiting/{project.pk}", lead=desk.cover.pk)
    assert again.status_code == 409 and "somebody was quicker" in again.content.decode()


def test_the_first_page_says_what_would_be_missing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent(desk)
    partners.unassign(desk.cause(None), desk.company.project.pk, AssignmentRole.COVER)
    visit = Visit.of(desk.house.administrator, desk, monkeypatch)
    page = visit.page("/control/capacity/")
    assert "has no cover: from" in page and "Nobody covers these projects" in page
    assert "sick" not in page.lower()


def test_an_absence_is_looked_at_before_it_is_noted(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = submits(desk)
    visit = Visit.of(desk.lead, desk, monkeypatch)
    asked = "&".join(f"{name}={value}" for name, value in PERIOD.items())
    page = visit.page(f"/work/capacity/absences/note?{asked}")
    assert "Taras Druhyi" in page and ticket.subject in page
    assert "whoever covers is there all the time" in page
    assert not Absence.objects.exists()
    for _ in range(2):
        sent = visit.post("/work/capacity/absences/note", "pressed-twice", **PERIOD)
        assert sent.status_code == 302
    assert Absence.objects.get().person == desk.lead
    again = visit.post("/work/capacity/absences/note", **PERIOD)
    assert again.status_code == 422 and "on record in this span" in again.content.decode()
    admin = Visit.of(desk.house.administrator, desk, monkeypatch)
    wrong = admin.post("/control/capacity/absences/note", person=desk.cover.pk, kind="vacation")
    assert wrong.status_code == 422
    assert "Taras Druhyi" in admin.page(f"/control/capacity/absences/note?person={desk.cover.pk}")


def test_the_brief_is_prepared_by_one_and_read_by_the_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    buys(desk, 1)
    ticket = in_work(desk)
    known = knowledge.Known("A factory", "Two servers", "")
    knowledge.write_dossier(desk.cause(desk.lead), desk.company.project.pk, known, 0)
    absence = absent(desk)
    path = f"/work/capacity/absences/{absence.pk}/"
    lead = Visit.of(desk.lead, desk, monkeypatch)
    assert "Prepare the brief" in lead.page("/work/capacity/")
    sent = lead.post(f"{path}brief", subject=ticket.key, text="He answers by phone only.")
    assert sent.status_code == 303
    cover = Visit.of(desk.cover, desk, monkeypatch)
    assert "Read the brief" in cover.page("/work/capacity/")
    page = cover.page(path)
    for text in ("Two servers", "He answers by phone only.", "Go on and hand the result over."):
        assert text in page, text
    assert cover.post(f"{path}brief", subject=ticket.key, text="Mine").status_code == 404


def test_who_is_back_reads_what_happened_and_takes_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    buys(desk, 1)
    ticket = in_work(desk)
    desk.later(minutes=1)
    absence = is_away(desk, desk.lead, hours=2)
    watch.tick(desk.now)
    submits(desk, "Another one")
    desk.at("fri 12:00")
    returns.tick(desk.now)
    lead, path = Visit.of(desk.lead, desk, monkeypatch), f"/work/capacity/absences/{absence.pk}/"
    page = lead.page(path)
    assert "Another one" in page and "Take them back" in page
    assert lead.post(f"{path}back", ticket=ticket.pk).status_code == 303
    assert fresh(ticket).executor_id == desk.lead.pk
    assert "1 ticket is yours again" in lead.page(path)


def test_an_offer_is_taken_over_or_the_lead_was_quicker(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = submits(desk)
    workdays.start(desk.cause(desk.lead), desk.lead.pk, Activity.LUNCH)
    offers.tick(desk.at("09:50"))
    cover, offer = Visit.of(desk.cover, desk, monkeypatch), Offer.objects.get()
    page = cover.page("/work/capacity/")
    assert "Olha Persha has a break" in page and "Take over" in page
    admin = Visit.of(desk.house.administrator, desk, monkeypatch)
    assert "offered to Taras Druhyi" in admin.page("/control/capacity/")
    taken = cover.post(f"/work/capacity/offers/{offer.pk}/take")
    assert taken.headers["Location"] == "/work/"
    assert fresh(ticket).executor_id == desk.cover.pk
    late = cover.post(f"/work/capacity/offers/{offer.pk}/take")
    assert late.headers["Location"] == "/work/capacity/"
    stranger = Visit.of(desk.lead, desk, monkeypatch)
    assert stranger.post(f"/work/capacity/offers/{offer.pk}/take").status_code == 404


def test_a_partner_asks_for_another_manager_and_reads_the_answer(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = Visit.of(desk.owner, desk, monkeypatch)
    page = owner.page("/cabinet/manager/")
    assert "Olha Persha" in page and "Taras Druhyi" in page
    assert owner.post("/cabinet/manager/ask", reason=" ").status_code == 422
    assert owner.post("/cabinet/manager/ask", reason="We do not get on.").status_code == 303
    member = Visit.of(desk.member, desk, monkeypatch)
    assert "We do not get on." not in member.page("/cabinet/manager/")
    assert member.post("/cabinet/manager/ask", reason="Me too.").status_code == 403
    lead = Visit.of(desk.lead, desk, monkeypatch)
    assert lead.get("/control/capacity/requests/").status_code == 403
    admin = Visit.of(desk.house.administrator, desk, monkeypatch)
    assert "We do not get on." in admin.page("/control/capacity/requests/")
    address = f"/control/capacity/requests/{ManagerRequest.objects.get().pk}/answer"
    assert admin.post(address, answer="So.").status_code == 422
    assert admin.post(address, agreed="1", answer="Taras will lead.").status_code == 302
    assert "Taras will lead." in owner.page("/cabinet/manager/")


def test_the_cabinet_says_absent_and_who_stands_in_and_never_why(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent(desk)
    owner = Visit.of(desk.owner, desk, monkeypatch)
    for path in ("/cabinet/", "/cabinet/manager/"):
        page = owner.page(path)
        assert "Olha Persha is absent from" in page and "Taras Druhyi stands in" in page
        assert "sick" not in page.lower()


def test_a_project_that_waits_says_its_place_in_line(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    partners.unassign(desk.cause(None), desk.company.project.pk, AssignmentRole.LEAD)
    page = Visit.of(desk.owner, desk, monkeypatch).page("/cabinet/manager/")
    assert "Number 1 in line" in page and "Managers before" in page


def test_a_large_partner_is_divided(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for person, most in ((desk.lead, 1), (desk.cover, 1)):
        partners.set_caps(desk.cause(None), person.pk, most, 24)
    partner = desk.company.partner
    second = partners.add_project(desk.cause(None), partner.pk, "Second CRM", "", "")
    partners.unassign(desk.cause(None), second.pk, AssignmentRole.COVER)
    admin = Visit.of(desk.house.administrator, desk, monkeypatch)
    assert "Propose a division" in admin.page("/control/capacity/")
    path = f"/control/capacity/partners/{partner.pk}/"
    assert "Taras Druhyi" in admin.page(path)
    assert admin.post(f"{path}divide").status_code == 422
    chosen: dict[str, str] = {f"lead-{second.pk}": str(desk.cover.pk)}
    sent = admin.post(f"{path}divide", "", **chosen)
    assert sent.status_code == 302
    assert Assignment.objects.filter(project=second, role="lead", until_at=None).exists()


def test_the_ticket_leads_to_its_brief_and_my_day_to_the_offer(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, other = submits(desk), submits(desk, "Another one")
    workdays.start(desk.cause(desk.lead), desk.lead.pk, Activity.LUNCH)
    offers.tick(desk.at("09:50"))
    cover = Visit.of(desk.cover, desk, monkeypatch)
    page = cover.page("/work/")
    assert "Offered to you" in page and ticket.subject in page and other.subject in page
    absence = is_away(desk, desk.lead, days=2)
    watch.tick(desk.now)
    brief = f"/work/capacity/absences/{absence.pk}/"
    assert brief in cover.page("/work/tickets/OLH-1/")
    assert brief not in Visit.of(desk.house.accountant, desk, monkeypatch).page(
        "/work/tickets/OLH-1/"
    )
