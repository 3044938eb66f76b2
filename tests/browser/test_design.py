"""What the scripts and sheets of all screens do, tried on the page that shows every component."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.browser.conftest import PHONE, NewPage
from tests.running import RunningDesk, running_desk

GALLERY = "/_design"


@pytest.fixture(scope="module")
def desk(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    with running_desk(tmp_path_factory.mktemp("design")) as running:
        yield running


def speak(page: Page, desk: RunningDesk, language: str, theme: str = "light") -> None:
    page.context.add_cookies(
        [
            {"name": "desk_language", "value": language, "url": desk.address},
            {"name": "desk_theme", "value": theme, "url": desk.address},
        ]
    )


@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_nothing_is_wider_than_a_phone_and_nothing_complains(
    desk: RunningDesk, new_page: NewPage, language: str
) -> None:
    page = new_page(viewport=PHONE)
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    speak(page, desk, language)
    page.goto(desk.url(GALLERY))
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert complaints == []


def test_the_navigation_opens_without_scripts(desk: RunningDesk, new_page: NewPage) -> None:
    page = new_page(viewport=PHONE, java_script_enabled=False)
    speak(page, desk, "en")
    page.goto(desk.url(GALLERY))
    expect(page.locator("#navigation")).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(page.locator("#navigation")).to_be_visible()


def test_a_deadline_counts_down_and_says_when_it_turns(desk: RunningDesk, page: Page) -> None:
    speak(page, desk, "en")
    page.clock.install()
    page.goto(desk.url(GALLERY))
    soon = page.locator(".deadline[role=group]").nth(1)
    expect(soon).to_have_attribute("data-state", "soon")
    page.clock.fast_forward("00:30:30")
    expect(soon.locator("[data-left]")).to_have_text("59 min of working time left")
    page.clock.fast_forward("01:00:00")
    expect(soon).to_have_attribute("data-state", "late")
    expect(soon.locator("[data-word]")).to_have_text("overdue")


def test_a_draft_survives_a_reload(desk: RunningDesk, page: Page) -> None:
    speak(page, desk, "en")
    page.clock.install()
    page.goto(desk.url(GALLERY))
    answer = page.locator("[data-draft=gallery-reply]")
    answer.fill("A long answer")
    page.clock.fast_forward(1000)
    page.reload()
    expect(answer).to_have_value("A long answer")
    page.get_by_role("button", name="Discard it").click()
    expect(answer).to_have_value("")


def test_a_double_click_sends_once(desk: RunningDesk, page: Page) -> None:
    speak(page, desk, "en")
    page.goto(desk.url(GALLERY))
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.route(f"**{GALLERY}", lambda route: route.fulfill(status=204))
    page.locator("form.composer[data-submit] button[type=submit]").dblclick()
    expect(page.locator("form.composer[data-submit]")).to_have_attribute("data-busy", "")
    assert sent.count("POST") == 1


def test_the_palette_finds_an_action_by_keyboard(desk: RunningDesk, page: Page) -> None:
    speak(page, desk, "en")
    page.goto(desk.url(GALLERY))
    page.keyboard.press("Control+k")
    page.keyboard.type("депоз")
    expect(page.locator(".palette-option[aria-selected=true]")).to_contain_text("Депозит")
    page.keyboard.press("Enter")
    expect(page).to_have_url(desk.url(f"{GALLERY}#wallet"))


def test_keys_work_in_a_cyrillic_layout_and_are_listed(desk: RunningDesk, page: Page) -> None:
    speak(page, desk, "en")
    page.goto(desk.url(GALLERY))
    for code, letter in (("KeyG", "п"), ("KeyT", "е")):
        page.evaluate(
            "([code, key]) => document.body.dispatchEvent("
            "new KeyboardEvent('keydown', { code, key, bubbles: true }))",
            [code, letter],
        )
    expect(page).to_have_url(desk.url(f"{GALLERY}#inbox"))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.get_by_label("Shortcuts of single keys are on").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("d")
    expect(page).to_have_url(desk.url(f"{GALLERY}#inbox"))


def test_the_theme_changes_at_once_and_stays(desk: RunningDesk, page: Page) -> None:
    speak(page, desk, "en")
    page.goto(desk.url(GALLERY))
    page.locator("header details.menu summary").click()
    with page.expect_response("**/settings/theme"):
        page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_chosen_file_can_be_taken_out_again(desk: RunningDesk, page: Page) -> None:
    speak(page, desk, "en")
    page.goto(desk.url(GALLERY))
    files = page.locator("input[type=file]")
    files.set_input_files({"name": "log.txt", "mimeType": "text/plain", "buffer": b"x" * 2000})
    expect(page.locator("[data-upload] .file")).to_contain_text("log.txt")
    page.get_by_role("button", name="Remove log.txt").click()
    expect(page.locator("[data-upload] .file")).to_have_count(0)
    assert files.evaluate("input => input.files.length") == 0
