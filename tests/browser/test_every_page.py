"""Every page that somebody can reach, as a phone and a desktop show it, in turning languages."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from tests.browser import checks
from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.browser.demo import signed_in
from tests.browser.visitor import Visitor
from tests.running import RunningDesk

ROLES = (
    "partner-owner",
    "partner-finance",
    "partner-member",
    "partner-viewer",
    "specialist",
    "admin",
    "production",
    "accountant",
    "owner",
)
# They open all pages that there are, between them.
WITH_AXE = frozenset({"partner-owner", "specialist", "admin", "owner"})
# What is kept is given out as a file, not drawn as a page.
NO_PAGES = ("/files/", "/static/", "/media/", "/account/logout/", "/api/v1/openapi.json")
LOOKS = itertools.cycle(itertools.product(checks.THEMES, checks.LANGUAGES))


def pages(visitor: Visitor, start: str = "/") -> Iterator[str]:
    """Open one page of each kind that links lead to, beginning at the first page."""
    waiting, known = [start], {checks.template_of(start)}
    while waiting:
        path = waiting.pop(0)
        theme, language = next(LOOKS)
        visitor.speak(language, theme).open(path)
        yield path
        for link in checks.links(visitor):
            kind = checks.template_of(link)
            if kind not in known and not link.startswith(NO_PAGES):
                known.add(kind)
                waiting.append(link)


@pytest.mark.parametrize("role", ROLES)
def test_every_page_opens_fits_a_phone_and_has_no_barrier(
    demo: RunningDesk, visit: Visit, role: str
) -> None:
    """Each page is opened once: as a phone shows it, then as a desktop does."""
    visitor = signed_in(visit, demo, role, viewport=PHONE)
    found: list[str] = []
    seen = 0
    for _path in pages(visitor):
        seen += 1
        found += checks.fits(visitor)
        if role in WITH_AXE:
            visitor.page.set_viewport_size(DESKTOP)
            found += checks.barriers(visitor)
            visitor.page.set_viewport_size(PHONE)
    assert not found, "\n".join(found)
    assert seen >= 5
