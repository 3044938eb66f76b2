"""Violations, rulings, scores and complaints over HTTP (specification 4 and 7)."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from functools import partial

import pytest

from desk.journal.models import Entry
from desk.oversight.actions import complaints, rulings, scores
from desk.oversight.actions.complaints import Complaining
from desk.oversight.models import Complaint, Explanation, Ruling, Violation, WeekScore
from desk.partners.models import Person
from desk.rules.lifecycle import State, Type
from desk.tickets import actions as tickets
from tests import cast
from tests.channels import post
from tests.language import OPENED, Desk
from tests.scenarios.tickets import buys, fresh, in_work, resolved
from tests.scenarios.violations import first_edition, violated
from tests.screens.visits import Visit

SECRET = "She told us to wait and never came back"
# The words of the page's scripts, which are the same for everybody.
WORDS = re.compile(r'<script id="desk-words".*?</script>|<script[^>]*json.*?</script>', re.DOTALL)


class Open:
    """Opens the desk for a person of the scenario."""

    def __init__(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        self.of = partial(Visit.of, desk=desk, monkeypatch=monkeypatch)

    def __call__(self, person: Person) -> Visit:
        return self.of(person)


@pytest.fixture
def desk(db: None) -> Desk:
    made = Desk.open()
    first_edition(made)
    return made


@pytest.fixture
def visit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Open:
    return Open(desk, monkeypatch)


def complained(desk: Desk, ticket_id: int | None = None) -> Complaint:
    asked = Complaining(desk.company.partner.pk, SECRET, ticket_id)
    return complaints.complain(desk.cause(desk.member), asked)


def test_an_administrator_rules_with_the_evidence_beside(desk: Desk, visit: Open) -> None:
    ticket = post.accepted(desk)
    clock = ticket.clocks.get(kind="acceptance")
    row = violated(desk, ticket=ticket)
    ref = [f"clock:{clock.pk}", f"message:{ticket.messages.earliest('id').pk}", "plan:gone"]
    seen = Violation.objects.create(
        key="3.1:shown",
        edition=row.edition,
        clause="3.1",
        severity="major",
        person=desk.lead,
        ticket_id=ticket.pk,
        at=desk.now,
        found_at=desk.now,
        evidence=ref,
    )
    administrator = visit(desk.house.administrator)
    page = administrator.page("/control/violations/")
    assert "Olha Persha" in page and "3.1" in page and "OLH-1" in page
    page = administrator.page(f"/control/violations/{seen.pk}/")
    assert "An answer to the partner" in page
    assert "Time for acceptance" in page and "Nothing is saved any more." in page
    assert "On record under plan:gone" in page
    path = f"/control/violations/{seen.pk}/rule"
    assert administrator.post(path, verdict="upheld", text="").status_code == 422
    assert administrator.post(path, verdict="", text="Because.").status_code == 422
    assert (
        administrator.post(path, key="k", verdict="upheld", text="It was late.").status_code == 302
    )
    assert (
        administrator.post(path, key="k", verdict="upheld", text="It was late.").status_code == 302
    )
    assert Ruling.objects.get().text == "It was late."
    second = visit(desk.house.second_administrator)
    answer = second.post(path, verdict="excused", text="No, it was not.")
    assert answer.status_code == 409 and "Adam Kontrol" in answer.content.decode()
    assert "Adam Kontrol" in _table(administrator.page("/control/violations/?standing=ruled"))


def test_who_is_involved_sees_why_they_may_not_rule(desk: Desk, visit: Open) -> None:
    ticket = post.accepted(desk)
    tickets.note(desk.cause(desk.house.administrator), ticket.pk, "Look at the log.")
    row = violated(desk, ticket=ticket)
    page = visit(desk.house.administrator).page(f"/control/violations/{row.pk}/")
    assert "another administrator rules" in page and 'name="verdict"' not in page
    path = f"/control/violations/{row.pk}/rule"
    answer = visit(desk.house.administrator).post(path, verdict="upheld", text="It was.")
    assert answer.status_code == 409
    assert 'name="verdict"' in visit(desk.house.second_administrator).page(
        f"/control/violations/{row.pk}/"
    )


def test_the_list_is_narrowed_and_cannot_be_broken(desk: Desk, visit: Open) -> None:
    violated(desk, clause="1.1", severity="minor")
    violated(desk, desk.cover)
    administrator = visit(desk.house.administrator)
    assert "Taras Druhyi" not in _table(administrator.page("/control/violations/?clause=1.1"))
    week = f"{desk.now:%G-W%V}"
    found = _table(administrator.page(f"/control/violations/?week={week}&severity=major"))
    assert "Taras Druhyi" in found and "Olha Persha" not in found
    for query in ("week=x-Wx", "week=99999-W99", "person=-1", "after=99999999", "standing=all"):
        assert administrator.get(f"/control/violations/?{query}").status_code == 200
    older = administrator.page("/control/violations/?week=2020-W01")
    assert "No violation of this kind" in older


def _table(page: str) -> str:
    return page.partition("<tbody>")[2].partition("</tbody>")[0]


def test_lists_cost_the_same_however_long(desk: Desk, visit: Open) -> None:
    administrator, specialist = visit(desk.house.administrator), visit(desk.lead)
    violated(desk, ticket=post.accepted(desk))
    few = administrator.queries("/control/violations/"), specialist.queries("/work/violations/")
    for _ in range(12):
        violated(desk, ticket=post.accepted(desk))
    many = administrator.queries("/control/violations/"), specialist.queries("/work/violations/")
    assert many == few


def test_a_specialist_sees_all_of_the_own_record_and_explains(desk: Desk, visit: Open) -> None:
    row = violated(desk)
    specialist = visit(desk.lead)
    page = specialist.page("/work/violations/")
    assert "Score = 100 ×" in page and "3.1" in page
    path = f"/work/violations/{row.pk}/"
    assert specialist.post(f"{path}explain", text=" ").status_code == 422
    assert specialist.post(f"{path}explain", key="k", text="I was on a call.").status_code == 302
    assert specialist.post(f"{path}explain", key="k", text="I was on a call.").status_code == 302
    assert Explanation.objects.get().text == "I was on a call."
    assert "I was on a call." in specialist.page(path)
    assert "I was on a call." in visit(desk.house.administrator).page(
        f"/control/violations/{row.pk}/"
    )


def test_nobody_sees_the_record_of_a_colleague(desk: Desk, visit: Open) -> None:
    row = violated(desk)
    colleague = visit(desk.cover)
    assert "3.1" not in _table(colleague.page("/work/violations/"))
    for path in (f"/work/violations/{row.pk}/", "/work/violations/999999/"):
        assert colleague.get(path).status_code == 404
        assert colleague.post(f"{path}explain", text="So it was.").status_code == 404
    assert colleague.get(f"/control/violations/{row.pk}/").status_code == 403
    assert not Explanation.objects.exists()


def test_the_scores_of_all_are_administrators(desk: Desk, visit: Open) -> None:
    row = violated(desk)
    desk.at("tue 10:00")
    assert scores.count_week(desk.now) > 0
    WeekScore.objects.filter(person=desk.lead).update(kept={"major": 19})
    rulings.rule_violation(desk.cause(desk.house.administrator), row.pk, "upheld", "It was late.")
    page = visit(desk.house.administrator).page("/control/violations/scores/")
    assert "100 × 190 / (190 + 10) = 95" in page
    own = visit(desk.lead).page("/work/violations/")
    assert "100 × 190 / (190 + 10) = 95" in own
    assert "100 × 190" not in visit(desk.cover).page("/work/violations/")


def test_a_rule_that_was_wrong_is_put_down_for_the_next_edition(desk: Desk, visit: Open) -> None:
    row = violated(desk, clause="1.2")
    cause = desk.cause(desk.house.administrator)
    rulings.rule_violation(cause, row.pk, "rule_wrong", "A fire drill is no idleness.")
    page = visit(desk.house.administrator).page("/control/violations/wrong-rules/")
    assert "A fire drill is no idleness." in page and "Planned work begins on time" in page


class TestComplaints:
    def test_a_partner_complains_on_the_page_of_the_ticket(self, desk: Desk, visit: Open) -> None:
        post.accepted(desk)
        member = visit(desk.member)
        assert "/cabinet/complaints/?ticket=OLH-1" in member.page("/cabinet/tickets/OLH-1/")
        page = member.page("/cabinet/complaints/?ticket=OLH-1")
        assert '<option value="OLH-1" selected>' in page
        assert member.post("/cabinet/complaints/", ticket="OLH-1", text=" ").status_code == 422
        sent = {"ticket": "OLH-1", "text": SECRET}
        assert member.post("/cabinet/complaints/", key="k", **sent).status_code == 303
        assert member.post("/cabinet/complaints/", key="k", **sent).status_code == 303
        assert Complaint.objects.get().about == desk.lead
        page = member.page("/cabinet/complaints/")
        assert SECRET in page and "An answer by" in page

    def test_an_administrator_answers_and_the_work_is_redone(self, desk: Desk, visit: Open) -> None:
        buys(desk, 3)
        ticket = resolved(desk, in_work(desk, Type.SIMPLE))
        row = complained(desk, ticket.pk)
        administrator = visit(desk.house.administrator)
        assert SECRET in administrator.page("/control/complaints/")
        path = f"/control/complaints/{row.pk}/answer"
        said = {"upheld": "1", "clause": "6.1", "answer": "The sum is wrong.", "redone": "1"}
        for missing in ("upheld", "clause", "answer"):
            refused = administrator.post(path, **{**said, missing: ""})
            assert refused.status_code == 422
        assert administrator.post(path, **said).status_code == 302
        assert fresh(ticket).state == State.ACCEPTED
        page = visit(desk.member).page("/cabinet/complaints/")
        assert "You are right" in page and "A complete handover" in page
        again = visit(desk.house.second_administrator).post(path, **said)
        assert again.status_code == 409

    def test_the_specialist_sees_it_on_no_page(self, desk: Desk, visit: Open) -> None:
        ticket = post.accepted(desk)
        row = complained(desk, ticket.pk)
        post.relayed(desk.now)
        for person in (desk.lead, desk.cover):
            staff = visit(person)
            pages = ("/work/", "/work/tickets/", "/work/tickets/OLH-1/", "/notices/")
            for path in (*pages, "/work/violations/", "/search?q=wait", "/work/record/"):
                page = WORDS.sub("", staff.get(path).content.decode())
                assert SECRET not in page, path
                assert "omplain" not in page, path
            assert staff.get("/control/complaints/").status_code == 403
            assert staff.get("/cabinet/complaints/").status_code == 403
        answering = complaints.Answering(upheld=True, answer="You are right.", clause="3.1")
        cause = desk.cause(desk.house.administrator)
        complaints.answer_complaint(cause, row.pk, answering)
        own = visit(desk.lead).page("/work/violations/")
        assert "Complaints that were upheld" in own and "OLH-1" in own
        assert SECRET not in own and "Marko" not in own and "You are right." not in own
        assert "Complaints that were upheld" not in visit(desk.cover).page("/work/violations/")

    def test_a_doubt_is_the_administrators_until_it_is_answered(
        self, desk: Desk, visit: Open
    ) -> None:
        ticket = post.accepted(desk)
        dispute = tickets.doubt(desk.cause(desk.member), ticket.pk, "Is the sum right at all?")
        post.relayed(desk.now)
        assert "doubt" not in post.told(desk.lead)
        assert "doubt" in post.told(desk.house.administrator)
        path, asked = "/work/tickets/OLH-1/", "Is the sum right at all?"
        assert asked not in visit(desk.lead).page(path)
        assert asked in visit(desk.house.administrator).page(path)
        ruling = tickets.Ruling(upheld=True, text="It is not, do it anew.", clause="6.1")
        tickets.rule(desk.cause(desk.house.administrator), dispute.pk, ruling)
        page = visit(desk.lead).page(path)
        assert asked in page and "It is not, do it anew." in page

    def test_partners_do_not_see_each_others(self, desk: Desk, visit: Open) -> None:
        ticket = post.accepted(desk)
        row = complained(desk, ticket.pk)
        other = cast.company(OPENED, desk.house, "AGR", "Agrolan Demo")
        theirs = visit(other.owner)
        assert SECRET not in theirs.page("/cabinet/complaints/")
        page = theirs.page("/cabinet/complaints/?ticket=OLH-1")
        assert 'value="OLH-1"' not in page and "Orders are not saved" not in page
        sent = theirs.post("/cabinet/complaints/", ticket="OLH-1", text="Ours?")
        assert sent.status_code == 404
        assert theirs.post(f"/control/complaints/{row.pk}/answer", upheld="1").status_code == 403
        assert SECRET not in visit(desk.company.finance).page("/cabinet/complaints/")
        assert SECRET in visit(desk.owner).page("/cabinet/complaints/")
        assert visit(desk.company.viewer).get("/cabinet/complaints/").status_code == 403
        assert Complaint.objects.count() == 1

    def test_its_markup_is_text(self, desk: Desk, visit: Open) -> None:
        asked = Complaining(desk.company.partner.pk, "<script>alert(1)</script>")
        complaints.complain(desk.cause(desk.member), asked)
        for person, path in (
            (desk.member, "/cabinet/complaints/"),
            (desk.house.administrator, "/control/complaints/"),
        ):
            assert "<script>alert(1)" not in visit(person).page(path)

    def test_the_journal_names_neither_ticket_nor_person(self, desk: Desk) -> None:
        row = complained(desk, post.accepted(desk).pk)
        entry = Entry.objects.get(verb="complain")
        assert set(entry.facts) == {"complaint", "due_at"}
        assert entry.subject == f"complaint:{row.pk}"
        assert str(desk.lead.pk) not in json.dumps(entry.facts).split('"')
        assert entry.at - desk.now < timedelta(seconds=1)
