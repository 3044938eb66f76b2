"""A partner asks for another manager: read by administrators and the desk's owner, never by whom
it is about; decided once, and the partner is told."""

from __future__ import annotations

import pytest

from desk.channels import recipients
from desk.journal.models import Entry
from desk.oversight.actions import manager_requests as managers
from desk.oversight.actions.manager_requests import Asking
from desk.oversight.actions.refusals import NotToSay
from desk.oversight.models import ManagerRequest
from desk.oversight.queries import manager_requests as queries
from desk.partners.models import Person, Project
from desk.tickets import queries as tickets
from desk.tickets.actions import Incomplete
from tests import cast
from tests.language import OPENED, Desk, at_once


def asks(desk: Desk, by: Person | None = None, project: Project | None = None) -> ManagerRequest:
    asking = Asking(
        desk.company.partner.pk, "We do not get on.", project.pk if project is not None else None
    )
    return managers.ask_manager(desk.cause(by or desk.owner, key=desk.key()), asking)


def test_the_owner_asks_and_an_administrator_decides_once(desk: Desk) -> None:
    row = asks(desk, project=desk.company.project)
    with pytest.raises(Incomplete):
        asks(desk, project=desk.company.project)
    assert asks(desk).project is None
    by = desk.cause(desk.house.administrator, key="decides")
    for _ in range(2):
        done = managers.answer_manager(by, row.pk, agreed=True, answer="Taras will lead it.")
    assert (done.agreed, done.decided_by, done.decided_at) == (
        True,
        desk.house.administrator,
        desk.now,
    )
    with pytest.raises(NotToSay):
        managers.answer_manager(
            desk.cause(desk.house.second_administrator), row.pk, agreed=False, answer="No."
        )
    again = asks(desk, project=desk.company.project)
    assert [one.pk for one in queries.waiting()] == [row.pk + 1, again.pk]


def test_nobody_else_asks_or_decides(desk: Desk) -> None:
    other = cast.company(OPENED, desk.house, "AGR", "Agrolan Demo")
    for person in (desk.member, desk.company.finance, other.owner, desk.lead):
        with pytest.raises(NotToSay):
            asks(desk, person)
    with pytest.raises(Project.DoesNotExist):
        asks(desk, project=other.project)
    row = asks(desk)
    for person in (desk.lead, desk.owner, desk.house.accountant):
        with pytest.raises(NotToSay):
            managers.answer_manager(desk.cause(person), row.pk, agreed=True, answer="Yes.")
    with pytest.raises(Incomplete):
        managers.answer_manager(
            desk.cause(desk.house.administrator), row.pk, agreed=True, answer=" "
        )


def test_who_it_is_about_never_learns_of_it(desk: Desk) -> None:
    row = asks(desk)
    other = cast.company(OPENED, desk.house, "AGR", "Agrolan Demo")
    readers = {
        desk.owner: True,
        desk.house.administrator: True,
        desk.house.vendor: True,
        desk.lead: False,
        desk.cover: False,
        desk.member: False,
        other.owner: False,
        desk.house.production: False,
    }
    entry = Entry.objects.get(verb="ask_manager")
    for person, may in readers.items():
        assert queries.visible_to(tickets.access(person)).contains(row) is may, person
        assert recipients.may_know(person, entry, None) is may, person
    told = {one.person for one in recipients.of(entry, desk.now)}
    house = desk.house
    assert told == {house.administrator, house.second_administrator, house.vendor}
    managers.answer_manager(desk.cause(house.administrator), row.pk, agreed=False, answer="Why?")
    answered = Entry.objects.get(verb="answer_manager")
    assert [one.person for one in recipients.of(answered, desk.now)] == [desk.owner]


def test_of_two_decisions_one_stands(committed: str) -> None:
    desk = Desk.open()
    row = asks(desk)
    house = desk.house
    outcome = at_once(
        *(
            lambda who=who, agreed=agreed: managers.answer_manager(
                desk.cause(who), row.pk, agreed=agreed, answer="So."
            )
            for who, agreed in ((house.administrator, True), (house.second_administrator, False))
        )
    )
    assert sum(isinstance(one, NotToSay) for one in outcome) == 1, outcome
