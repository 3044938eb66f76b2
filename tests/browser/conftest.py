"""A real browser, and a desk that runs for it."""

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from tests import chromium
from tests.browser.tour import Tour
from tests.browser.visitor import Visitor
from tests.running import RunningDesk, demo_desk, running_desk

DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}
# What of it takes about as long as the rest.
FIRST_MODULES = frozenset(
    {
        "test_days.py",
        "test_money_accountant.py",
        "test_money_partner.py",
        "test_standard_days.py",
        "test_without_scripts.py",
    }
)
HALVED = frozenset({"test_every_page.py"})
FIRST_ROLES = frozenset({"partner-owner", "partner-member", "specialist", "production"})
NewPage = Callable[..., Page]
Visit = Callable[..., Visitor]
_failed = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests of this folder, so that `-m "not browser"` leaves them out; and let each of
    two workers begin with half of them.

    They are the longest, and a worker gets its half of all tests in one piece (bin/test): so one
    half of ours goes to the front, the other behind the middle.
    """
    here = Path(__file__).parent
    ours = [item for item in items if item.path.is_relative_to(here)]
    others = [item for item in items if not item.path.is_relative_to(here)]
    for item in ours:
        item.add_marker("browser")
    first = [item for item in ours if _of_first(item)]
    second = [item for item in ours if not _of_first(item)]
    before = max(0, len(items) // 2 - len(first))
    items[:] = [*first, *others[:before], *second, *others[before:]]


def _of_first(item: pytest.Item) -> bool:
    """Whole modules, so that a desk is started once; the walk over all pages is cut by roles."""
    role = getattr(item, "callspec", None) and item.callspec.params.get("role")  # type: ignore[attr-defined]  # where it has parameters
    if item.path.name in HALVED and role is not None:
        return role in FIRST_ROLES
    return item.path.name in FIRST_MODULES


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for all these tests of a worker, which goes before others begin."""
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
