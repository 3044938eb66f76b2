"""A specialist's moves through their forms: done once, refused with a sentence, never lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from desk.knowledge import actions as dossiers
from desk.knowledge import queries as knowledge
from desk.partners.models import Person
from desk.rules.lifecycle import State, Type
from desk.tickets import actions
from desk.tickets.models import Message, MessageKind, Ticket
from desk.tickets.queries import number
from desk.workdays import queries as timeline
from desk.workdays.models import Absence, Interval
from tests.language import Desk
from tests.scenarios.tickets import (
    accepted,
    asks,
    buys,
    delivers,
    fresh,
    in_work,
    state,
    submits,
)
from tests.screens.visits import Visit

Open = Callable[[Person], Visit]
ACCEPT = {"type": "simple", "message": "Taken."}
WORDS = {"solution": "Solved", "changes": "Nothing", "checking": "Open it"}
RESULT = {**WORDS, "nothing_new": "on"}


@pytest.fixture
def desk(db: None) -> Desk:
    made = Desk.open()
    buys(made, 10)
    return made


@pytest.fixture
def visit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Open:
    return lambda person: Visit.of(person, desk, monkeypatch)


@pytest.fixture
def lead(desk: Desk, visit: Open) -> Visit:
    return visit(desk.lead)


def url(ticket: Ticket, verb: str = "") -> str:
    return f"/work/tickets/{number(fresh(ticket))}/{verb}"


def does(page: Visit, ticket: Ticket, verb: str, **sent: Any) -> int:
    """Send the form of a verb for the version that the page would show."""
    answer = page.post(url(ticket, verb), version=fresh(ticket).version, **sent)
    return answer.status_code


def test_a_ticket_from_acceptance_to_handover(desk: Desk, lead: Visit) -> None:
    ticket = submits(desk)
    assert does(lead, ticket, "accept", **ACCEPT) == 303
    assert state(ticket) == State.ACCEPTED
    assert does(lead, ticket, "work_start") == 303
    assert state(ticket) == State.IN_WORK
    assert does(lead, ticket, "step", step="implementing") == 303
    assert does(lead, ticket, "finish_part", part="1", result="Done") == 303
    assert does(lead, ticket, "deliver", **RESULT) == 303
    assert state(ticket) == State.DELIVERED
    assert timeline.running(desk.lead.pk) is None
    assert does(lead, ticket, "recall", text="Forgot a case") == 303
    assert state(ticket) == State.IN_WORK


def test_a_handover_asks_what_came_of_it_for_the_dossier(desk: Desk, lead: Visit) -> None:
    ticket = in_work(desk)
    assert "For the project" in lead.page(url(ticket, "deliver"))
    answer = lead.post(url(ticket, "deliver"), version=fresh(ticket).version, **WORDS)
    assert answer.status_code == 422
    assert "one of the two" in answer.content.decode()
    assert does(lead, ticket, "deliver", **RESULT, dossier="Stage 3 is shared.") == 422
    assert does(lead, ticket, "deliver", **WORDS, dossier=" \n ") == 422
    assert state(ticket) == State.IN_WORK
    assert knowledge.dossier(ticket.project_id) is None
    assert does(lead, ticket, "deliver", **WORDS, dossier="Stage 3 is shared.") == 303
    assert state(ticket) == State.DELIVERED
    assert f"{number(fresh(ticket))}: Stage 3 is shared." in lead.page(url(ticket))


def test_a_full_dossier_is_told_beside_its_field(desk: Desk, lead: Visit) -> None:
    ticket = in_work(desk)
    answer = lead.post(url(ticket, "deliver"), **WORDS, dossier="x" * dossiers.TEXT_MAX)
    assert answer.status_code == 422
    assert "no room left" in answer.content.decode()
    assert state(ticket) == State.IN_WORK


def test_a_complex_ticket_takes_its_parts_line_by_line(desk: Desk, lead: Visit) -> None:
    ticket = submits(desk)
    assert does(lead, ticket, "accept", type="complex", parts="One\n\nTwo \n", message="Yes") == 303
    assert [part.title for part in ticket.parts.order_by("number")] == ["One", "Two"]


def test_parts_of_another_type_are_not_meant(desk: Desk, lead: Visit) -> None:
    ticket = submits(desk)
    assert does(lead, ticket, "accept", type="simple", parts="One", message="Yes") == 303


def test_what_is_missing_is_told_beside_its_field_and_nothing_is_lost(
    desk: Desk, lead: Visit
) -> None:
    ticket = submits(desk)
    answer = lead.post(url(ticket, "accept"), type="complex", parts="Only one", message="My words")
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "at least two parts" in text
    assert "My words" in text
    assert state(ticket) == State.SUBMITTED
    assert does(lead, ticket, "decline", text="No") == 422


def test_a_refused_critical_claim_needs_its_reason(desk: Desk, lead: Visit) -> None:
    ticket = submits(desk, critical=True)
    assert does(lead, ticket, "accept", **ACCEPT) == 422
    assert does(lead, ticket, "accept", **ACCEPT, reason="Others can work.") == 303


@pytest.mark.parametrize(
    ("kind", "parts", "said"),
    [
        ("simple", "", "1 consultation"),
        ("complex", "A\nB\nC", "3 consultations"),
        ("complex", "A\nB\nC\nD", "must approve"),
        ("customisation", "", "No date yet"),
        ("bug", "", "of working time"),
    ],
)
def test_the_promise_and_the_charge_are_shown_before(
    desk: Desk, lead: Visit, kind: str, parts: str, said: str
) -> None:
    path = url(submits(desk), "accept/preview")
    fragment = lead.client.post(
        path, {"type": kind, "parts": parts}, headers={"HX-Request": "true"}
    )
    assert said in fragment.content.decode()
    whole = lead.post(path, type=kind, parts=parts, message="Kept words").content.decode()
    assert said in whole
    assert "Kept words" in whole
    assert "<html" in whole


def test_a_stale_form_is_refused_with_a_sentence(desk: Desk, lead: Visit) -> None:
    ticket = accepted(desk)
    seen = fresh(ticket).version
    assert does(lead, ticket, "start") == 303
    answer = lead.post(url(ticket, "ask"), text="Which order?", version=seen)
    assert answer.status_code == 409
    assert state(ticket) == State.IN_WORK


def test_a_form_sent_twice_is_done_once(desk: Desk, lead: Visit) -> None:
    ticket = submits(desk)
    for _ in range(2):
        assert lead.post(url(ticket, "note"), key="same", text="Seen before").status_code == 303
    assert Message.objects.filter(ticket=ticket, kind=MessageKind.NOTE).count() == 1


def test_reply_and_note_reach_whom_they_should(desk: Desk, visit: Open, lead: Visit) -> None:
    ticket = accepted(desk)
    assert does(lead, ticket, "message", text="We look at it.") == 303
    assert does(lead, ticket, "note", text="He is angry.") == 303
    seen = visit(desk.member).page(f"/cabinet/tickets/{number(fresh(ticket))}/")
    assert "We look at it." in seen
    assert "He is angry." not in seen


def test_questions_and_consultations(desk: Desk, lead: Visit) -> None:
    ticket = in_work(desk)
    assert does(lead, ticket, "consult", text="Is it known?") == 303
    assert ticket.consultations.count() == 1
    assert does(lead, ticket, "ask", text="Which order?") == 303
    assert state(ticket) == State.AWAITING_PARTNER
    assert does(lead, ticket, "resume", text="They called") == 303
    assert state(ticket) == State.IN_WORK


def test_a_question_about_one_part_leaves_the_others_at_work(desk: Desk, lead: Visit) -> None:
    ticket = in_work(desk, Type.COMPLEX, "One", "Two")
    assert "The whole ticket" in lead.page(url(ticket, "ask"))
    assert does(lead, ticket, "ask", text="Which order?", part="1") == 303
    assert state(ticket) == State.IN_WORK


def test_split_absorb_reclassify_and_another_date(desk: Desk, lead: Visit) -> None:
    ticket = in_work(desk)
    assert does(lead, ticket, "split", title="One more") == 303
    assert does(lead, ticket, "absorb", part="1") == 303
    assert does(lead, ticket, "re_promise", due_at="2026-12-02T12:00", reason="More data") == 303
    assert does(lead, ticket, "reclassify", type="bug", reason="It is broken") == 303
    assert fresh(ticket).type == Type.BUG


def test_handed_over_to_a_colleague_who_is_there(desk: Desk, lead: Visit) -> None:
    ticket = in_work(desk)
    page = lead.page(url(ticket, "hand_over"))
    assert "Taras Druhyi" in page
    assert does(lead, ticket, "hand_over", executor=str(desk.cover.pk), text="Call first") == 303
    assert fresh(ticket).executor_id == desk.cover.pk


def test_merged_into_another_open_ticket(desk: Desk, lead: Visit) -> None:
    target, ticket = submits(desk, "The report is empty"), submits(desk, "The same report")
    offered = lead.page(url(ticket, "merge"))
    assert "The report is empty" in offered
    assert does(lead, ticket, "merge", into=str(target.pk)) == 303
    assert state(ticket) == State.MERGED
    assert does(lead, submits(desk), "merge", into="999999") == 422


def test_declined_for_a_reason_of_the_list(desk: Desk, lead: Visit) -> None:
    ticket = submits(desk)
    assert "impossible" not in lead.page(url(ticket, "decline")).lower()
    assert does(lead, ticket, "decline", reason="duplicate", text="See OLH-1") == 303
    assert state(ticket) == State.DECLINED


def test_a_move_that_the_state_forbids_says_what_is_allowed(desk: Desk, lead: Visit) -> None:
    ticket = submits(desk)
    assert does(lead, ticket, "deliver", **RESULT) == 409
    assert lead.get(url(ticket, "deliver")).status_code == 409
    assert lead.get(url(ticket, "confirm")).status_code == 404
    assert lead.get(url(ticket, "start")).status_code == 404


def test_an_administrator_reclassifies_and_hands_over(desk: Desk, visit: Open) -> None:
    ticket = in_work(desk)
    admin = visit(desk.house.administrator)
    assert does(admin, ticket, "reclassify", type="bug", reason="It is broken") == 303
    assert does(admin, ticket, "hand_over", executor=str(desk.cover.pk)) == 303
    assert does(admin, ticket, "deliver", **RESULT) == 409


def test_an_administrator_excuses_a_missed_deadline(desk: Desk, visit: Open) -> None:
    ticket = submits(desk)
    desk.at("mon 16:00")
    accepted_late = does(visit(desk.lead), ticket, "accept", **ACCEPT)
    assert accepted_late == 303
    admin = visit(desk.house.administrator)
    clock = fresh(ticket).clocks.exclude(breached_at=None).get()
    assert does(admin, ticket, "excuse", clock=str(clock.pk), text="Power cut") == 303
    assert "Power cut" in admin.page(url(ticket))


def test_an_open_doubt_is_for_administrators_alone(desk: Desk, visit: Open) -> None:
    ticket = in_work(desk)
    actions.doubt(desk.cause(desk.member), ticket.pk, "Is an hour enough?")
    theirs = visit(desk.house.administrator).page(url(ticket))
    assert "Is an hour enough?" in theirs
    assert "/control/disputes/" in theirs
    lead = visit(desk.lead).page(url(ticket))
    assert "Is an hour enough?" not in lead
    assert "/control/disputes/" not in lead


def test_follow_and_unfollow(desk: Desk, lead: Visit) -> None:
    ticket = submits(desk)
    assert lead.post(url(ticket, "follow"), follows="1").status_code == 303
    assert ticket.followers.filter(person=desk.lead).exists()
    assert lead.post(url(ticket, "follow"), follows="0").status_code == 303
    assert not ticket.followers.filter(person=desk.lead).exists()


def test_the_timer_of_a_part(desk: Desk, lead: Visit) -> None:
    ticket = in_work(desk, Type.COMPLEX, "One", "Two")
    assert does(lead, ticket, "work_start", part="2") == 303
    running = timeline.running(desk.lead.pk)
    assert running is not None
    assert running.subject == f"{ticket.key}/part:2"
    assert lead.post(url(ticket, "work_stop")).status_code == 303
    assert timeline.running(desk.lead.pk) is None


def test_the_hour_warns_and_then_asks_for_a_decision(desk: Desk, lead: Visit) -> None:
    ticket = accepted(desk)
    does(lead, ticket, "work_start")
    desk.later(minutes=50)
    assert "The hour is nearly used" in lead.page(url(ticket))
    desk.later(minutes=15)
    text = lead.page(url(ticket))
    assert "The hour is used up" in text
    assert "/absorb" in text


def test_filed_on_a_partners_behalf(desk: Desk, lead: Visit) -> None:
    partner = desk.company.partner.pk
    path = f"/work/tickets/new?partner={partner}"
    assert "Marko" in lead.page(path)
    assert "Valia" not in lead.page(path)
    sent: dict[str, Any] = {"project": desk.company.project.pk, "author": desk.member.pk}
    sent["subject"] = "By phone"
    assert lead.post(path, **sent, text="").status_code == 422
    assert lead.post(path, **sent, text="The export fails").status_code == 303
    filed = Ticket.objects.get(subject="By phone")
    assert filed.author_id == desk.member.pk
    assert filed.filed_by_id == desk.lead.pk


def test_the_dossier_is_written_and_a_stale_one_refused(desk: Desk, lead: Visit) -> None:
    project = desk.company.project.pk
    path = f"/work/projects/{project}/dossier"
    assert lead.post(path, version=0, summary="A shop").status_code == 303
    stale = lead.post(path, version=0, summary="My own words")
    assert stale.status_code == 409
    assert "My own words" in stale.content.decode()
    assert "A shop" in stale.content.decode()
    assert lead.post(path, version=1, summary="A shop and more").status_code == 303
    found = knowledge.dossier(project)
    assert found is not None
    assert found.summary == "A shop and more"


def test_breaks_begin_and_end(desk: Desk, lead: Visit) -> None:
    ticket = accepted(desk)
    does(lead, ticket, "work_start")
    desk.later(minutes=10)
    assert lead.post("/work/now/lunch").status_code == 303
    running = timeline.running(desk.lead.pk)
    assert running is not None
    assert running.activity == "lunch"
    assert "Lunch" in lead.page("/work/")
    assert lead.post("/work/now/stop").status_code == 303
    assert timeline.running(desk.lead.pk) is None
    assert lead.post("/work/now/holiday").status_code == 404
    does(lead, ticket, "work_start")
    assert lead.post("/work/now/stop").status_code == 303


def test_entered_late_and_corrected(desk: Desk, lead: Visit) -> None:
    desk.at("fri 12:00")
    ticket = in_work(desk)
    sent = {"activity": "work", "ticket": number(fresh(ticket)), "reason": "Forgot the timer"}
    span = {"since_at": "2026-11-27T09:00", "until_at": "2026-11-27T09:30"}
    assert lead.post("/work/record/", **sent, **span).status_code == 303
    row = Interval.objects.get()
    assert row.late
    refused = lead.post("/work/record/", **sent, **span)
    assert refused.status_code == 422
    assert "on record in this span already" in refused.content.decode()
    path = f"/work/record/{row.pk}"
    assert lead.page(path)
    span["until_at"] = "2026-11-27T09:20"
    assert lead.post(path, **{**sent, "reason": "Shorter"}, **span).status_code == 303
    assert "Shorter" in lead.page("/work/record/")
    last = Interval.objects.get(struck_at=None)
    assert lead.post(f"/work/record/{last.pk}", strike="1", reason="Never was").status_code == 303
    assert lead.get(f"/work/record/{last.pk}").status_code == 404
    assert lead.post("/work/record/", **{**sent, "ticket": "X-1"}, **span).status_code == 422


def test_nobody_corrects_a_colleagues_record(desk: Desk, visit: Open, lead: Visit) -> None:
    lead.post("/work/now/break")
    desk.later(minutes=5)
    lead.post("/work/now/stop")
    row = Interval.objects.get()
    assert visit(desk.cover).get(f"/work/record/{row.pk}").status_code == 404


def test_an_absence_is_noted_and_taken_back(desk: Desk, visit: Open, lead: Visit) -> None:
    span = {"since_at": "2026-12-01T09:00", "until_at": "2026-12-03T18:00"}
    assert lead.post("/work/absences/", kind="vacation", **span).status_code == 303
    assert lead.post("/work/absences/", kind="sick", **span).status_code == 422
    row = Absence.objects.get()
    assert visit(desk.cover).post(f"/work/absences/{row.pk}/withdraw").status_code == 404
    assert lead.post(f"/work/absences/{row.pk}/withdraw").status_code == 303
    assert "withdrawn" in lead.page("/work/absences/")


def test_states_that_wait_say_for_whom(desk: Desk, lead: Visit) -> None:
    ticket = asks(desk, in_work(desk))
    assert "Resume" in lead.page(url(ticket))
    delivered = delivers(desk, in_work(desk))
    assert "Take back" in lead.page(url(delivered))


def test_a_critical_error_is_escalated_from_its_page(desk: Desk, lead: Visit) -> None:
    bug = in_work(desk, Type.BUG)
    assert url(bug, "escalate") in lead.page(url(bug))
    assert does(lead, bug, "escalate", level="production", text="The index is broken.") == 303
    note = Message.objects.get(ticket=bug, kind=MessageKind.NOTE)
    assert note.text == "The index is broken."
    assert "to production" in lead.page(url(bug))
    other = in_work(desk)
    assert url(other, "escalate") not in lead.page(url(other))
