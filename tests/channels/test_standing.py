"""What is told of leads, covers, absences and offers: to whom, in which words, and where."""

from __future__ import annotations

from datetime import timedelta

from django.utils import translation

from desk.channels import recipients, standing
from desk.channels.notices import queries as bell
from desk.journal.models import Entry
from desk.oversight.actions import offers, returns
from desk.oversight.models import Offer
from desk.partners import actions as partners
from desk.partners.models import AssignmentRole, Person
from desk.tickets import actions
from desk.tickets.actions import watch
from desk.workdays import actions as workdays
from desk.workdays.models import Activity
from tests import cast
from tests.channels import post
from tests.language import OPENED, Desk
from tests.scenarios.tickets import is_away, submits

LEAD, COVER = AssignmentRole.LEAD, AssignmentRole.COVER


def told(desk: Desk, verb: str) -> dict[str, str]:
    """Who is told of the last entry of a verb, and why."""
    entry = Entry.objects.filter(verb=verb).latest("id")
    return {one.person.name.split()[0]: one.why.value for one in recipients.of(entry, desk.now)}


def said(verb: str, person: Person | None = None) -> tuple[str, str]:
    entry = Entry.objects.filter(verb=verb).latest("id")
    with translation.override("en"):
        return standing.sentence(entry), standing.path(entry, person)


def test_another_lead_is_told_to_the_partner_with_the_moment(desk: Desk) -> None:
    nina = cast.specialist(OPENED, "Nina Tretia")
    partners.assign(desk.cause(desk.house.administrator), desk.company.project.pk, nina.pk, LEAD)
    assert told(desk, "assign") == {"Nina": "named", "Oksana": "owner"}
    text, path = said("assign", desk.owner)
    assert "is Nina Tretia instead of Olha Persha" in text and "09:00" in text
    assert path == "/cabinet/projects/"


def test_another_cover_is_told_to_the_cover_alone(desk: Desk) -> None:
    nina = cast.specialist(OPENED, "Nina Tretia")
    partners.assign(desk.cause(desk.house.administrator), desk.company.project.pk, nina.pk, COVER)
    assert told(desk, "assign") == {"Nina": "named"}
    assert said("assign", nina)[1] == f"/work/projects/{desk.company.project.pk}/"


def test_that_a_project_waits_is_told_to_who_can_help_and_to_its_owner(desk: Desk) -> None:
    partners.unassign(desk.cause(None), desk.company.project.pk, LEAD)
    assert told(desk, "await_specialist") == {
        "Adam": "administrator",
        "Ada": "administrator",
        "Vira": "vendor",
        "Oksana": "owner",
    }
    assert "waits for a specialist" in said("await_specialist")[0]
    post.relayed(desk.now)
    assert told(desk, "place_free")["Adam"] == "administrator"
    assert said("place_free", desk.house.administrator)[1] == "/control/capacity/"


def test_every_path_to_another_executor_says_from_when_and_because(desk: Desk) -> None:
    ticket = submits(desk)
    actions.hand_over(desk.cause(desk.house.administrator), ticket.pk, desk.cover.pk, "Secret why")
    assert said("hand_over")[0].endswith("the executor is Taras Druhyi")
    actions.hand_over(desk.cause(desk.cover), ticket.pk, desk.lead.pk)
    absence = is_away(desk, desk.lead, hours=1)
    watch.tick(desk.now)
    assert said("hand_over")[0].endswith("Taras Druhyi: Olha Persha is absent")
    desk.at("fri 10:30")
    returns.take_back(desk.cause(desk.lead), absence.pk, [ticket.pk])
    assert said("hand_over")[0].endswith("Olha Persha: your manager is back")
    is_away(desk, desk.lead, hours=1)
    is_away(desk, desk.cover, hours=1)
    watch.tick(desk.now)
    assert "no executor for now" in said("hand_over")[0]
    for entry in Entry.objects.filter(verb="hand_over"):
        with translation.override("en"):
            text = standing.sentence(entry)
        assert "sick" not in text.lower() and "Secret" not in text


def test_an_offer_is_told_to_whom_it_is_made_and_no_partner_learns_of_it(desk: Desk) -> None:
    submits(desk)
    workdays.start(desk.cause(desk.lead), desk.lead.pk, Activity.LUNCH)
    offers.tick(desk.at("09:50"))
    assert told(desk, "offer_work") == {"Taras": "offered"}
    offers.take_offer(desk.cause(desk.cover), Offer.objects.get().pk)
    assert told(desk, "hand_over") == {"Taras": "executor", "Marko": "author", "Olha": "before"}
    assert said("hand_over")[0].endswith("so that it is done in time")
    for verb in ("offer_work", "take_offer"):
        entry = Entry.objects.get(verb=verb)
        assert not recipients.may_know(desk.owner, entry, None)


def test_an_absence_is_told_to_who_stands_in_and_the_return_to_who_is_back(desk: Desk) -> None:
    submits(desk)
    is_away(desk, desk.lead, hours=2)
    assert told(desk, "note_absence") == {
        "Taras": "stands_in",
        "Adam": "administrator",
        "Ada": "administrator",
    }
    watch.tick(desk.now)
    desk.now += timedelta(hours=3)
    returns.tick(desk.now)
    assert told(desk, "come_back") == {"Olha": "own"}
    assert "opened" in said("come_back")[0]
    post.relayed(desk.now)
    with translation.override("en"):
        rows = bell.page(desk.lead).rows
    assert any(row.headline.startswith("You are back.") for row in rows)
