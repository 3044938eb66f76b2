"""The page of browsers, what its script asks for, and what signing out ends."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.test import override_settings

from desk.channels.notices.push import actions, queries
from desk.channels.notices.push.models import Browser
from desk.partners.models import Person
from tests.channels import pushes
from tests.language import Desk
from tests.screens.visits import Visit

ENDPOINT = "https://93.184.215.14/send/a"
ANDROID = (
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/140.0 Mobile Safari/537.36"
)
STATIC = Path(__file__).resolve().parents[2] / "desk" / "web" / "static" / "web"


@pytest.fixture
def member(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Visit:
    return visit(desk, desk.member, monkeypatch)


def visit(desk: Desk, person: Person, monkeypatch: pytest.MonkeyPatch) -> Visit:
    found = Visit.of(person, desk, monkeypatch)
    found.client.defaults["HTTP_USER_AGENT"] = ANDROID
    return found


def allowed(member: Visit, screen: pushes.Screen) -> Browser:
    """What the script does when somebody presses the button."""
    key = member.post("/notices/push/key").json()["key"]  # type: ignore[attr-defined]
    answer = member.post("/notices/push/allow", **screen.form(key))
    assert answer.status_code == 200, answer.content
    return Browser.objects.get(pk=answer.json()["browser"])  # type: ignore[attr-defined]


def test_a_browser_is_allowed_listed_and_removed(desk: Desk, member: Visit) -> None:
    browser = allowed(member, pushes.Screen(ENDPOINT))
    assert browser.label == "Chrome, Android"
    assert browser.session == member.client.session.session_key
    page = member.page("/notices/push/")
    assert "Chrome, Android" in page
    assert f'data-browser="{browser.pk}"' in page
    for secret in (browser.endpoint, browser.auth, browser.p256dh):
        assert secret not in page
    for _ in range(2):
        path = f"/notices/push/browsers/{browser.pk}/remove"
        assert member.post(path).status_code == 302
    assert "Chrome, Android" not in member.page("/notices/push/")
    assert queries.reach([desk.member.pk]) == {}


def test_a_page_keeps_its_browser_and_forgets_anothers(
    desk: Desk, member: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = pushes.Screen(ENDPOINT)
    browser = allowed(member, screen)
    form = screen.form(browser.key)
    answer = member.post("/notices/push/renew", **form)
    assert (answer.status_code, answer.json()) == (200, {"browser": browser.pk})  # type: ignore[attr-defined]
    owner = visit(desk, desk.owner, monkeypatch)
    assert owner.post("/notices/push/renew", **form).status_code == 410
    kept = Session.objects.filter(pk=browser.session)
    soon = datetime.now(UTC) + timedelta(hours=1)
    kept.update(expire_date=soon)
    member.post("/notices/push/renew", **form)
    assert kept.get().expire_date > soon + timedelta(days=13)
    assert member.post("/notices/push/renew", **form | {"server_key": "old"}).status_code == 410


def test_signing_out_ends_what_was_allowed_there_and_nothing_else(
    desk: Desk, member: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = allowed(member, pushes.Screen(ENDPOINT))
    elsewhere = visit(desk, desk.member, monkeypatch)
    there = allowed(elsewhere, pushes.Screen("https://93.184.215.14/send/b"))
    member.post("/account/logout/")
    here.refresh_from_db()
    there.refresh_from_db()
    assert (here.ended_why, here.endpoint, there.ended_at) == ("signed_out", "", None)


def test_another_persons_browser_is_out_of_reach(
    desk: Desk, member: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = allowed(member, pushes.Screen(ENDPOINT))
    owner = visit(desk, desk.owner, monkeypatch)
    for what in ("remove", "trial"):
        owner.post(f"/notices/push/browsers/{browser.pk}/{what}")
    browser.refresh_from_db()
    assert browser.ended_at is None
    assert "Chrome, Android" not in owner.page("/notices/push/")


@pytest.mark.parametrize("endpoint", ["http://push.example/a", "https://169.254.169.254/latest"])
def test_an_address_inside_is_refused_with_a_sentence(
    desk: Desk, member: Visit, endpoint: str
) -> None:
    answer = member.post("/notices/push/allow", **pushes.Screen(endpoint).form("key"))
    assert answer.status_code == 422
    assert "cannot be used" in answer.json()["said"]  # type: ignore[attr-defined]


def test_the_worker_may_look_after_the_whole_desk_and_runs_under_the_policy(member: Visit) -> None:
    answer = member.get("/notices/push/worker.js")
    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    script = answer.content.decode()
    assert "importScripts" not in script
    assert "eval" not in script
    # What the desk sends, and what the worker reads, are the same fields.
    read = set(re.findall(r"notice\.(\w+)", script))
    assert read == {"title", "body", "url", "page", "icon", "tag", "lang", "choose", "choose_url"}
    assert (STATIC / "mark-192.png").exists()


def test_the_script_knows_the_addresses_of_the_page(member: Visit) -> None:
    script = (STATIC / "js" / "push.js").read_text(encoding="utf-8")
    page = member.page("/notices/push/")
    for name in re.findall(r"dataset\.(\w+Url)", script):
        if name != "eventsUrl":
            assert f"data-{name.removesuffix('Url')}-url=" in page
    assert '"/notices/push/renew"' in script
    assert "web/js/push.js" in page
    for state in ("unknown", "unsupported", "blocked", "off", "on"):
        assert f'data-push-state="{state}"' in page


def test_who_runs_the_desk_without_https_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, member: Visit
) -> None:
    with override_settings(BASE_URL="http://desk.example"):
        assert "over https" in member.page("/notices/push/")
        vendor = visit(desk, desk.house.vendor, monkeypatch)
        assert "DESK_BASE_URL" in vendor.page("/setup/notices/")
        assert not queries.offered()


def test_set_up_makes_a_new_key(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = visit(desk, desk.house.vendor, monkeypatch)
    assert "not needed yet" in vendor.page("/setup/notices/")
    first = actions.key(desk.now).public
    assert first in vendor.page("/setup/notices/")
    assert vendor.post("/setup/notices/push/renew").status_code == 302
    page = vendor.page("/setup/notices/")
    assert first not in page
    assert actions.key(desk.now).public in page
