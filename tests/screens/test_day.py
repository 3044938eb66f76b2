"""A specialist's day on the pages: the plan, what is next, the line of the day, the record."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from desk.oversight.actions import days
from desk.oversight.models import DayPlan
from desk.oversight.queries import days as queries
from desk.partners.models import Person
from desk.rules.lifecycle import Type
from desk.tickets.queries import number
from desk.workdays import actions as workdays
from desk.workdays.models import Activity, Interval
from tests.channels import post
from tests.language import Desk
from tests.scenarios.tickets import accepted, buys, fresh, in_work, submits
from tests.screens.visits import Visit

Open = Callable[[Person], Visit]


@pytest.fixture
def desk(db: None) -> Desk:
    opened = Desk.open()
    buys(opened, 20)
    return opened


@pytest.fixture
def visit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Open:
    return lambda person: Visit.of(person, desk, monkeypatch)


def confirms(desk: Desk) -> DayPlan:
    slots = queries.proposal(desk.lead.pk, desk.now).slots
    return days.confirm_day(desk.cause(desk.lead, "workplace", desk.key()), slots)


def order(text: str) -> list[str]:
    """The subjects of the draft in a page, in their order."""
    form = text.partition('id="draft"')[2].partition("</form>")[0]
    return re.findall(r'name="subject" value="([^"]+)"', form)


def test_the_day_begins_with_the_plan(desk: Desk, visit: Open) -> None:
    ticket = accepted(desk)
    page = visit(desk.lead)
    text = page.page("/work/")
    assert "Confirm the plan of the day" in text
    answer = page.post("/work/plan/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/work/")
    desk.later(minutes=6)
    text = page.page("/work/")
    assert "Now, by the plan" in text
    assert "Confirm the plan of the day" not in text
    page.post(f"/work/tickets/{number(ticket)}/work_start", part="1")
    assert Interval.objects.get(until_at=None).subject == f"{ticket.key}/part:1"
    desk.later(minutes=1)
    assert 'badge calm">' in page.page("/work/")


def test_work_is_put_in_order_without_scripts(desk: Desk, visit: Open) -> None:
    one, other = (f"{accepted(desk).key}/part:1" for _ in range(2))
    bug = f"{accepted(desk, Type.BUG).key}/part:1"
    page = visit(desk.lead)
    text = page.page("/work/plan/")
    assert order(text) == [bug, one, other]
    draft = {"drafted": "1", "subject": [bug, one, other]}
    moved = page.get("/work/plan/", data={**draft, "do": f"down:{one}"})
    assert moved.status_code == 302
    text = page.page(moved.headers["Location"])
    assert order(text) == [bug, other, one]
    assert "autofocus" in text
    dropped = page.get("/work/plan/", data={**draft, "do": f"drop:{other}"})
    text = page.page(dropped.headers["Location"])
    assert order(text) == [bug, one]
    assert "Left out" in text
    page.post("/work/plan/", drafted="1", subject=[bug, other])
    plan = DayPlan.objects.get()
    subjects = dict.fromkeys(slot.subject for slot in queries.stands(plan) if slot.subject)
    assert list(subjects) == [bug, other]


def test_a_plan_is_changed_and_a_stale_one_refused(desk: Desk, visit: Open) -> None:
    one, other = (f"{accepted(desk).key}/part:1" for _ in range(2))
    plan, page = confirms(desk), visit(desk.lead)
    desk.later(minutes=2)
    assert order(page.page("/work/plan/")) == [one, other]
    subjects = [other, one]
    assert page.post("/work/plan/", drafted="1", subject=subjects, version=1).status_code == 303
    plan.refresh_from_db()
    assert plan.version == 2
    answer = page.post("/work/plan/", drafted="1", subject=subjects, version=1)
    assert answer.status_code == 409
    assert "changed meanwhile" in answer.content.decode()


def test_an_appointment_is_planned_around(desk: Desk, visit: Open) -> None:
    subject = f"{accepted(desk).key}/part:1"
    page = visit(desk.lead)
    draft = {"drafted": "1", "subject": [subject], "do": "appoint"}
    added = page.get(
        "/work/plan/", data={**draft, "kind": "meeting", "begins": "11:00", "minutes": "45"}
    )
    text = page.page(added.headers["Location"])
    assert "11:00–11:45 Meeting" in text.replace("\n", " ")
    empty = page.get("/work/plan/", data={**draft, "kind": "meeting", "begins": "", "minutes": "1"})
    assert empty.status_code == 422
    again = added.headers["Location"] + "&do=appoint&kind=training&begins=11:15&minutes=30"
    assert "Something else stands there already" in page.get(again).content.decode()


def test_a_strange_address_is_a_plan_all_the_same(desk: Desk, visit: Open) -> None:
    accepted(desk)
    page = visit(desk.lead)
    for query in (
        "drafted=1&subject=ticket:999/part:1&appointment=break|x|1",
        "drafted=1&appointment=meeting|2026-11-27T11:00:00|30",
        "do=up:nothing",
        "do=flip:ticket:1",
        "do=free:meeting",
        "drafted=1&appointment=meeting|2026-11-27T11:00:00%2B02:00|99999999999999999999",
    ):
        assert page.get(f"/work/plan/?{query}").status_code in (200, 302)
    desk.at("18:30")
    assert "No shift to plan" in page.page("/work/plan/")
    assert page.post("/work/plan/").status_code == 409


def test_one_click_says_that_intake_was_looked_at(desk: Desk, visit: Open) -> None:
    ticket = accepted(desk)
    page = visit(desk.lead)
    page.post(f"/work/tickets/{number(ticket)}/work_start", part="1")
    desk.later(minutes=20)
    assert "next by 09:30" in page.page("/work/")
    page.post("/work/now/checked")
    rows = Interval.objects.order_by("id")
    assert [row.activity for row in rows] == ["work", "intake", "work"]
    assert (rows[0].until_at, rows[2].since_at) == (rows[1].since_at, rows[1].until_at)
    desk.later(seconds=1)
    assert "next by 09:50" in page.page("/work/")


def test_a_bug_says_what_moved(desk: Desk, visit: Open) -> None:
    ticket = accepted(desk)
    confirms(desk)
    post.relayed(desk.now)
    desk.later(minutes=2)
    bug = submits(desk, critical=True)
    post.relayed(desk.now)
    text = visit(desk.lead).page("/work/")
    assert f"the bug {number(bug)} came in" in text
    assert "Moved:" in text
    assert number(ticket) in text.partition("Moved:")[2][:200]


def test_what_does_not_fit_comes_with_choices(desk: Desk, visit: Open) -> None:
    for _ in range(5):
        in_work(desk, Type.BUG)
    text = visit(desk.lead).page("/work/")
    found = re.findall(r'href="/work/tickets/[^/]+/(hand_over|split|consult|re_promise)"', text)
    assert {"hand_over", "consult", "re_promise"} <= set(found)
    assert "do not fit the day" in text or "does not fit the day" in text


def test_what_is_left_out_and_due_today_is_said_to_be_late(desk: Desk, visit: Open) -> None:
    one, other = in_work(desk, Type.BUG), in_work(desk, Type.BUG)
    lead = visit(desk.lead)
    assert "will be late" not in lead.page("/work/plan/")
    text = lead.page(f"/work/plan/?drafted=1&subject={one.key}/part:1")
    assert "One promise does not fit the day" in text
    assert f"/work/tickets/{number(fresh(other))}/hand_over" in text
    left = text[text.index('id="left"') :]
    assert "will be late" in left[: left.index("</ul>")]


def test_what_is_not_on_record_can_be_said(desk: Desk, visit: Open) -> None:
    desk.at("09:40")
    page = visit(desk.lead)
    text = page.page("/work/")
    assert "Not on record" in text
    href = re.search(r'href="(/work/record/\?since=[^"]+)"', text)
    assert href is not None
    assert 'value="2026-11-27T09:00"' in page.page(href[1].replace("&amp;", "&"))


def test_administrators_see_days_and_nobody_else_does(desk: Desk, visit: Open) -> None:
    accepted(desk)
    confirms(desk)
    admin = visit(desk.house.administrator)
    assert "Olha Persha" in admin.page("/work/people/")
    text = admin.page(f"/work/people/{desk.lead.pk}/")
    assert "Olha Persha" in text
    assert "day-bar" in text
    for person in (desk.lead, desk.cover, desk.house.production, desk.owner):
        assert visit(person).get(f"/work/people/{desk.lead.pk}/").status_code == 403
    assert admin.get(f"/work/people/{desk.house.production.pk}/").status_code == 404
    assert admin.get(f"/work/people/{desk.lead.pk}/?on=nonsense").status_code == 404


def test_administrators_correct_and_the_specialist_sees_who_and_why(
    desk: Desk, visit: Open
) -> None:
    workdays.start(desk.cause(desk.lead), desk.lead.pk, Activity.MEETING)
    desk.later(minutes=30)
    workdays.stop(desk.cause(desk.lead), desk.lead.pk)
    row = Interval.objects.get()
    admin = visit(desk.house.administrator)
    path = f"/work/people/{desk.lead.pk}/{row.pk}"
    assert admin.post(path, strike="1", reason="").status_code == 422
    answer = admin.post(path, strike="1", reason="The meeting was private.")
    assert answer.status_code == 303
    text = visit(desk.lead).page("/work/record/")
    assert "The meeting was private." in text
    assert "Adam Kontrol" in text
    assert visit(desk.cover).get(path).status_code == 403
    assert admin.get(f"/work/people/{desk.cover.pk}/{row.pk}").status_code == 404


def test_the_record_holds_plans_with_their_versions(desk: Desk, visit: Open) -> None:
    accepted(desk)
    plan = confirms(desk)
    desk.later(minutes=10)
    slots = queries.proposal(desk.lead.pk, desk.now).slots
    days.change_day(desk.cause(desk.lead), plan.pk, slots)
    text = visit(desk.lead).page("/work/record/")
    assert "Plan of the day" in text
    assert "changed 1 time" in text
    assert "/work/violations/" in text


def test_the_record_is_paged_by_day_the_last_one_first(desk: Desk, visit: Open) -> None:
    lead = visit(desk.lead)
    assert "Nothing is on record." in lead.page("/work/record/")
    done = ("fri", Activity.TRAINING), ("mon", Activity.MEETING), ("wed", Activity.LUNCH)
    for on, activity in done:
        desk.at(f"{on} 10:00")
        workdays.start(desk.cause(desk.lead), desk.lead.pk, activity)
        desk.later(minutes=20)
        workdays.stop(desk.cause(desk.lead), desk.lead.pk)
    seen = []
    path: str | None = "/work/record/"
    while path:
        text = lead.page(path)
        seen.append(re.findall(r"Lunch|Meeting|Training", text.partition("<aside")[0]))
        older = re.search(r'href="([^"]+)" rel="next"', text)
        path = older[1] if older else None
    assert seen == [["Lunch"], ["Meeting"], ["Training"]]
    newer = re.search(r'href="([^"]+)" rel="prev"', text)
    assert newer is not None and "Meeting" in lead.page(newer[1])
    assert "Lunch" in lead.page("/work/record/?on=nonsense")


def test_a_day_of_many_tickets_costs_no_more_queries(desk: Desk, visit: Open) -> None:
    accepted(desk)
    page = visit(desk.lead)
    few = page.queries("/work/plan/")
    for _ in range(5):
        accepted(desk)
    assert page.queries("/work/plan/") == few


def test_accepting_goes_on_record_by_itself(desk: Desk, visit: Open) -> None:
    desk.at("09:30")
    ticket = submits(desk)
    path = f"/work/tickets/{number(ticket)}/accept"
    answer = visit(desk.lead).post(path, type="bug", message="I look at it at once.")
    assert answer.status_code == 303
    row = Interval.objects.get(person=desk.lead)
    assert row.activity == Activity.INTAKE
    assert row.until_at is not None
    assert 299 <= (row.until_at - row.since_at).total_seconds() <= 301
