"""Who looks at a ticket and who writes on it."""

import pytest
from django.test import Client

from desk.partners.models import Person
from desk.tickets import actions, queries
from desk.tickets.actions import Submission
from tests.language import Desk


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk.open()


def looks(person: Person, number: str, typing: str = "0") -> dict[str, list[str]]:
    client = Client()
    client.force_login(person)
    answer = client.post(f"/presence/{number}", {"typing": typing})
    assert answer.status_code == 200
    found: dict[str, list[str]] = answer.json()
    return found


def test_a_collision_is_shown_before_it_happens(desk: Desk) -> None:
    submission = Submission(
        desk.company.partner.pk, desk.company.project.pk, "Printing", "Fails", desk.member.pk
    )
    number = queries.number(actions.submit(desk.cause(desk.member), submission))
    assert looks(desk.lead, number) == {"answering": [], "viewing": []}
    assert looks(desk.cover, number, "1") == {"answering": [], "viewing": [desk.lead.name]}
    assert looks(desk.lead, number)["answering"] == [desk.cover.name]
    told = looks(desk.member, number)
    assert told == {"answering": [desk.cover.name], "viewing": []}, "who writes, not who looks"


def test_a_page_that_is_opened_says_that_its_reader_is_there(desk: Desk) -> None:
    client = Client()
    client.force_login(desk.member)
    client.get("/cabinet/")
    assert Person.objects.get(pk=desk.member.pk).seen_at is not None
