"""The browser itself works, and shows the first page of an empty desk."""

from playwright.sync_api import Page

from tests.running import RunningDesk


def test_a_browser_shows_letters_of_three_languages(page: Page) -> None:
    page.set_content("<p>Привіт ґ — Привет ы — Hello</p>")
    assert page.locator("p").inner_text() == "Привіт ґ — Привет ы — Hello"


def test_an_empty_desk_answers(empty_desk: RunningDesk, page: Page) -> None:
    response = page.goto(empty_desk.url("/account/login/"))
    assert response is not None
    assert response.status == 200
