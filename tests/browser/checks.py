"""What is asked of every page: nothing wider than the screen, no barrier that axe can find."""

from __future__ import annotations

import re

from axe_playwright_python.sync_playwright import Axe

from tests.browser.visitor import Visitor

LANGUAGES = ("uk", "ru", "en")
THEMES = ("light", "dark")
# WCAG 2.2 AA and what axe calls best practice.
AXE_OPTIONS = {"resultTypes": ["violations"]}
# axe's own way in is refused by the desk's content policy as little as any other script of a test.
_axe = Axe()


def fits(visitor: Visitor) -> list[str]:
    """The page, when it is wider than the screen it is looked at on."""
    page = visitor.page
    assert page.viewport_size is not None
    wide = page.evaluate("document.documentElement.scrollWidth")
    limit = page.viewport_size["width"]
    return [f"{visitor.here()}: {wide} px wide of {limit}"] if wide > limit else []


def barriers(visitor: Visitor) -> list[str]:
    """What axe finds on the open page, a line per rule."""
    found = _axe.run(visitor.page, options=AXE_OPTIONS).response["violations"]
    return [
        f"{visitor.here()}: {each['id']} ({each['help']}) at {each['nodes'][0]['target']}"
        for each in found
    ]


def template_of(path: str) -> str:
    """A path without what differs from one page of its kind to the next."""
    plain = path.split("?", maxsplit=1)[0].split("#", maxsplit=1)[0]
    plain = re.sub(r"/[^/]+\.eml$", "/LETTER", plain)
    plain = re.sub(r"/\d{4}-\d{2}(?=/|$)", "/MONTH", plain)
    return re.sub(r"/[A-Z][A-Z0-9]+-\d+/", "/TICKET/", re.sub(r"/\d+(?=/|$)", "/N", plain))


def links(visitor: Visitor) -> list[str]:
    """The pages of this desk that the open page leads its reader to: the links inside a mail to
    somebody else are that reader's."""
    found: list[str] = visitor.page.locator("a[href]").evaluate_all(
        "each => each.filter(a => a.origin === location.origin && !a.hasAttribute('download'))"
        ".filter(a => !a.closest('[data-letter]'))"
        ".map(a => a.pathname + a.search)"
    )
    return list(dict.fromkeys(found))
