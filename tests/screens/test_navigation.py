"""The navigation: what is opened every day stands first, the rest is folded under its title."""

from __future__ import annotations

import re

import pytest

from desk.config import pages
from desk.partners.models import Person
from tests.language import Desk
from tests.screens.visits import Visit

GROUP = re.compile(r'<(details|div) class="nav-group"( open)?>(.*?)</\1>', re.DOTALL)
EVERYDAY = ("/control/", "/control/morning/", "/control/violations/", "/work/tickets/")


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk.open()


def groups(page: str) -> list[tuple[bool, bool, list[str]]]:
    """Of each group whether it is folded, whether it is open, and its addresses."""
    return [
        (kind == "details", bool(is_open), re.findall(r'<a class="nav-link" href="([^"]+)"', links))
        for kind, is_open, links in GROUP.findall(page)
    ]


def shown(page: str) -> list[str]:
    found = groups(page)
    return [url for folded, is_open, links in found if is_open or not folded for url in links]


def test_an_administrator_sees_the_everyday_pages_first(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Visit.of(desk.house.administrator, desk, monkeypatch).page("/control/")
    found = groups(page)
    assert found[0][2][0] == "/control/"
    everyday = [folded for folded, _open, _links in found]
    titled = everyday[: len(everyday) - everyday[::-1].index(True)]
    assert titled == sorted(titled), "what is folded stands below what is not"
    assert set(EVERYDAY) <= set(shown(page))
    assert "/control/absences/" not in shown(page)
    assert "/control/absences/" in page


def test_the_group_of_the_present_page_is_open(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Visit.of(desk.house.administrator, desk, monkeypatch).page("/control/absences/")
    [(_folded, is_open, _links)] = [one for one in groups(page) if "/control/absences/" in one[2]]
    assert is_open


def test_few_links_are_not_folded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    people: tuple[Person, ...] = (desk.member, desk.house.accountant)
    for person in people:
        page = Visit.of(person, desk, monkeypatch).page("/profile/")
        found = groups(page)
        assert sum(len(links) for _folded, _open, links in found) <= pages.UNFOLDED_MAX
        assert not any(folded for folded, _open, _links in found)
