"""What impatient, careless and curious people do, and the sentence they get for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, expect

from desk.lib.files import FILE_BYTES_MAX
from tests.browser.conftest import Visit
from tests.browser.demo import accepted, funded, signed_in, submitted
from tests.browser.visitor import Visitor
from tests.running import RunningDesk


def _write(partner: Visitor, subject: str, text: str = "Текст.") -> None:
    partner.open("/cabinet/tickets/new")
    partner.fill("Subject", subject)
    partner.fill("What happened", text)


def _count(partner: Visitor, subject: str) -> None:
    """There is one ticket of this subject, not two."""
    partner.open("/cabinet/tickets/?show=open")
    expect(partner.main.get_by_role("link", name=subject)).to_have_count(1)


def test_a_double_click_submits_one_ticket(demo: RunningDesk, visit: Visit) -> None:
    partner = signed_in(visit, demo, "partner-owner")
    _write(partner, "Подвійне натискання")
    partner.button("Submit").dblclick()
    partner.sees("Submitted, waiting for acceptance")
    _count(partner, "Подвійне натискання")


@pytest.mark.parametrize("scripts", [True, False])
def test_back_and_submit_again_makes_one_ticket(
    demo: RunningDesk, visit: Visit, *, scripts: bool
) -> None:
    partner = signed_in(visit, demo, "partner-owner", java_script_enabled=scripts)
    subject = f"Кнопка назад {scripts}"
    _write(partner, subject)
    partner.press("Submit")
    partner.sees("Submitted, waiting for acceptance")
    partner.page.go_back()
    if partner.field("Subject").input_value() == subject:
        partner.press("Submit")
        partner.sees("Submitted, waiting for acceptance")
    _count(partner, subject)


def test_a_stale_form_is_told_what_happened(demo: RunningDesk, visit: Visit) -> None:
    funded(visit, demo)
    partner = signed_in(visit, demo, "partner-owner")
    lead = signed_in(visit, demo, "specialist")
    number = submitted(partner, "Застаріла форма")
    accepted(lead, number)
    other = Visitor(demo, lead.page.context.new_page(), "the same in another window")
    other.open(f"/work/tickets/{number}/")
    other.begin("Ask the partner", text="Що саме?")
    lead.make("Ask the partner", text="Коли це почалося?")
    with other.page.expect_response("**/ask") as answer:
        other.page.locator("section.move button[type=submit]").click()
    assert answer.value.status == 409
    other.sees("Somebody changed this ticket while you were looking at it.", "What you wrote")
    expect(other.main.locator("textarea")).to_have_value("Що саме?")
    partner.open(f"/cabinet/tickets/{number}/")
    partner.sees("Коли це почалося?")
    partner.sees_not("Що саме?")


def test_another_partners_ticket_is_not_there(demo: RunningDesk, visit: Visit) -> None:
    partner = signed_in(visit, demo, "partner-owner")
    for path in ("/cabinet/tickets/BUK-1/", "/cabinet/tickets/BUK-1/clock"):
        response = partner.page.goto(demo.url(path))
        assert response is not None
        assert response.status == 404
        partner.sees("404")
    response = partner.page.goto(demo.url("/work/tickets/OLV-1/"))
    assert response is not None
    assert response.status == 403


def test_a_text_of_200000_characters_gets_a_sentence(demo: RunningDesk, visit: Visit) -> None:
    partner = signed_in(visit, demo, "partner-owner")
    _write(partner, "Довгий текст", "а" * 200_000)
    with partner.page.expect_response("**/cabinet/tickets/new") as answer:
        partner.press("Submit")
    assert answer.value.status == 422
    partner.sees("is too long. Shorten it, or attach the text as a file.")
    assert len(partner.field("What happened").input_value()) == 200_000


def test_emoji_go_everywhere(demo: RunningDesk, visit: Visit) -> None:
    partner = signed_in(visit, demo, "partner-owner")
    number = submitted(partner, "🚀 Ракета 👩‍👩‍👧‍👦")
    partner.sees("🚀 Ракета 👩‍👩‍👧‍👦")
    lead = signed_in(visit, demo, "specialist").open(f"/work/tickets/{number}/")
    lead.sees("🚀 Ракета 👩‍👩‍👧‍👦")
    owner = signed_in(visit, demo, "owner").open("/setup/people/")
    owner.fill("E-mail address", "emoji@desk.example")
    owner.fill("Name", "Зоря ⭐ Демо")
    owner.press("Let in")
    owner.sees("Зоря ⭐ Демо")


def test_an_empty_file_gets_a_sentence(demo: RunningDesk, visit: Visit) -> None:
    partner = signed_in(visit, demo, "partner-owner")
    _write(partner, "Порожній файл")
    empty: FilePayload = {"name": "порожній.txt", "mimeType": "text/plain", "buffer": b""}
    partner.page.locator("input[type=file]").set_input_files(empty)
    with partner.page.expect_response("**/cabinet/tickets/new") as answer:
        partner.press("Submit")
    assert answer.value.status == 422
    partner.sees("“порожній.txt” is empty. Choose the file again.")
    assert partner.field("Subject").input_value() == "Порожній файл"


@pytest.mark.parametrize("scripts", [True, False])
def test_too_large_a_file_gets_a_sentence(
    demo: RunningDesk, visit: Visit, tmp_path: Path, *, scripts: bool
) -> None:
    large = tmp_path / "великий.bin"
    with large.open("wb") as file:
        file.truncate(FILE_BYTES_MAX + 1)
    partner = signed_in(visit, demo, "partner-owner", java_script_enabled=scripts)
    _write(partner, f"Великий файл {scripts}")
    partner.page.locator("input[type=file]").set_input_files(large)
    if scripts:
        partner.sees("великий.bin", "MB")
        return
    with partner.page.expect_response("**/cabinet/tickets/new") as answer:
        partner.press("Submit")
    assert answer.value.status == 413
    partner.sees("“великий.bin” is larger than 25 MB.")
