"""Set-up of the bot, and a person who connects Telegram."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from desk.channels.notices.telegram import polling
from desk.channels.notices.telegram.models import Bot, Chat
from desk.journal.models import Entry
from tests.channels import botserver
from tests.channels.botserver import TOKEN, Telegram
from tests.channels.receiver import LOCAL
from tests.language import Desk
from tests.screens.visits import Visit

SECRET = TOKEN.partition(":")[2]


@pytest.fixture
def telegram(settings: Settings) -> Iterator[Telegram]:
    settings.OUTSIDE_NETWORKS = LOCAL
    with botserver.serving() as found:
        settings.TELEGRAM_URL = found.url
        yield found


@pytest.fixture
def vendor(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Visit:
    return Visit.of(desk.house.vendor, desk, monkeypatch)


@pytest.fixture
def member(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Visit:
    return Visit.of(desk.member, desk, monkeypatch)


def test_a_bot_is_connected_once_and_its_token_never_shown(
    telegram: Telegram, vendor: Visit
) -> None:
    for _ in range(2):
        answer = vendor.post("/setup/notices/bot", key="one", token=f" {TOKEN} ")
        assert answer.status_code == 302
    assert Bot.objects.get().username == "demo_desk_bot"
    assert telegram.hook == ""
    page = vendor.page("/setup/notices/")
    assert "@demo_desk_bot" in page
    assert SECRET not in page
    assert Entry.objects.filter(verb="set_bot").count() == 1


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("", "required"),
        ("hello", "This is no token"),
        ("123456:" + "x" * 30, "Copy the token from @BotFather once more"),
    ],
)
def test_a_token_that_is_none_is_refused_with_what_to_do(
    telegram: Telegram, vendor: Visit, token: str, said: str
) -> None:
    answer = vendor.post("/setup/notices/bot", token=token)
    assert answer.status_code == 422
    assert said in html.unescape(answer.content.decode())
    assert not Bot.objects.exists()


def test_the_trial_shows_each_step_and_the_one_that_fails(
    telegram: Telegram, desk: Desk, vendor: Visit
) -> None:
    vendor.post("/setup/notices/bot", token=TOKEN)
    page = vendor.post("/setup/notices/bot/test").content.decode()
    assert "127.0.0.1 answers, and knows the token" in page
    assert "Wait half a minute" in page
    telegram.fail("getUpdates", 409, "Conflict")
    polling.tick(desk.now)
    assert "Another program reads this bot" in html.unescape(vendor.page("/setup/notices/"))
    telegram.failing.clear()
    Bot.objects.update(resting_until_at=None)
    polling.tick(desk.now)
    page = vendor.post("/setup/notices/bot/test").content.decode()
    assert "fails" not in page
    telegram.token = "revoked"
    page = html.unescape(vendor.post("/setup/notices/bot/test").content.decode())
    assert "Copy the token from @BotFather once more" in page
    assert SECRET not in page


def test_a_person_connects_sees_it_and_disconnects(
    telegram: Telegram, desk: Desk, vendor: Visit, member: Visit
) -> None:
    assert "has no bot" in member.page("/notices/telegram/")
    vendor.post("/setup/notices/bot", token=TOKEN)
    assert "Connect Telegram" in member.page("/notices/telegram/")
    answer = member.post("/notices/telegram/connect")
    assert "no-store" in answer.headers["Cache-Control"]
    page = answer.content.decode()
    found = re.search(r"https://t\.me/demo_desk_bot\?start=([\w-]{20,64})\"", page)
    assert found is not None
    assert "data:image/svg+xml" in page
    assert found[1] not in member.page("/notices/telegram/")
    # What the live page asks for meanwhile puts no button where the link is shown.
    asks = re.search(r'id="telegram"[^>]* data-live-url="([^"]+)"', page)
    assert asks is not None
    assert "not connected yet" in member.page(asks[1])
    telegram.hears(f"/start {found[1]}", username="marko")
    polling.tick(desk.now)
    page = member.page(asks[1])
    assert "@marko" in page
    assert f'data-live="person:{desk.member.pk}"' in page
    member.post("/notices/telegram/disconnect")
    assert "@marko" not in member.page("/notices/telegram/")
    assert Chat.objects.get().ended_why == "unlinked"


def test_the_bot_is_removed_with_everything_it_knew(
    telegram: Telegram, desk: Desk, vendor: Visit, member: Visit
) -> None:
    vendor.post("/setup/notices/bot", token=TOKEN)
    member.post("/notices/telegram/connect")
    for _ in range(2):
        assert vendor.post("/setup/notices/bot/remove").status_code == 302
    assert not Bot.objects.exists()
    assert "newbot" in vendor.page("/setup/notices/")
