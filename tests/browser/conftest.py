"""A real browser, and a desk that runs for it."""

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests import chromium
from tests.browser.tour import Tour
from tests.browser.visitor import Visitor
from tests.running import RunningDesk, demo_desk, running_desk

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 740}
NewPage = Callable[..., Page]
Visit = Callable[..., Visitor]
_failed = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests of this folder, so that `-m "not browser"` leaves them out."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests of a worker."""
    found = chromium.find()
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(chromium.node())
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=str(found.executable),
            args=list(chromium.ARGUMENTS),
            env={**os.environ, **found.environment},
        )
        yield launched
        launched.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """Make pages of separate people: each call is a browser of its own, without cookies.

    Takes Playwright's context options, such as `locale="uk-UA"` and `viewport`.
    """
    contexts: list[BrowserContext] = []

    def make(**options: object) -> Page:
        context = browser.new_context(**({"viewport": DESKTOP, "locale": "en-GB"} | options))  # type: ignore[arg-type]
        context.set_default_timeout(30_000)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """A page of one person."""
    return new_page()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let fixtures know whether the test has failed."""
    report = yield
    item.stash[_failed] = item.stash.get(_failed, False) or report.failed
    return report


@pytest.fixture
def visit(new_page: NewPage, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Let people come: each has a browser of their own, and none may hear a page complain.

    After a failure, what everybody sees at that moment is printed.
    """
    visitors: list[Visitor] = []

    def come(desk: RunningDesk, name: str, language: str = "en", **options: object) -> Visitor:
        page = new_page(**({"reduced_motion": "reduce"} | options))
        visitors.append(Visitor(desk, page, name).speak(language))
        return visitors[-1]

    yield come
    if request.node.stash.get(_failed, False):
        for visitor in visitors:
            print(visitor.sight())  # noqa: T201 — pytest shows it beside the failure
    assert [each for visitor in visitors for each in visitor.complaints] == []


@pytest.fixture
def tour(browser: Browser) -> Tour:
    """Draws the pages of the tour when it is asked for (tour.py)."""
    return Tour(browser)


@pytest.fixture
def empty_desk(django_db_setup: None, tmp_path: Path) -> Iterator[RunningDesk]:
    """A running desk as `bin/run --empty` leaves it: at the first-run wizard."""
    with running_desk(tmp_path) as desk:
        yield desk


@pytest.fixture(scope="module")
def demo(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """A running desk with demo data, shared by the tests of a module."""
    with demo_desk(tmp_path_factory.mktemp("demo")) as desk:
        yield desk
