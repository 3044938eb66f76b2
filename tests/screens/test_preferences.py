"""The page on which everybody chooses what they are told of, and the link that ends mails."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from django.test import Client

from desk.channels import unsubscribing
from desk.channels.models import Delivery
from desk.channels.notices import choices
from desk.channels.notices.models import Preferences
from desk.channels.routing import Digest, Way
from desk.channels.themes import Theme
from desk.journal.models import Entry
from desk.partners.models import Person
from tests.channels import post
from tests.language import Desk
from tests.screens.visits import Visit

PAGE = "/notices/preferences/"
KEPT = {"digest": "off", "digest_hour": "9", "several": "follow"}


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk.open()


def visit(desk: Desk, person: Person, monkeypatch: pytest.MonkeyPatch) -> Visit:
    return Visit.of(person, desk, monkeypatch)


def ticked(person: Person) -> dict[str, str]:
    """The boxes of mail and bell as they are, as a form sends them."""
    own = choices.of(person)
    return {
        choices.name(theme, way): "1"
        for theme in Theme
        for way in (Way.APP, Way.EMAIL)
        if own.on(theme, way)
    }


def test_what_is_unticked_is_off_and_the_rest_stays(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = desk.company.member
    own = visit(desk, member, monkeypatch)
    sent = {**KEPT, **ticked(member), "quiet_since": "20:00", "quiet_until": "08:00"}
    del sent["messages.email"]
    assert own.post(PAGE, **sent, quiet_days=["5", "6"]).status_code == 302
    chosen = choices.of(member)
    assert not chosen.on(Theme.MESSAGES, Way.EMAIL)
    assert chosen.on(Theme.PROGRESS, Way.EMAIL)
    assert (chosen.quiet.since, chosen.quiet.until) == (time(20), time(8))
    assert chosen.quiet.days == {5, 6}
    assert Preferences.objects.get().ticked == {"messages.email": False}
    entry = Entry.objects.get(verb="prefer")
    assert entry.facts == {"changed": ["messages.email", "quiet"]}
    page = own.page(PAGE)
    assert 'value="20:00"' in page
    assert 'id="messages.email" name="messages.email" value="1">' in page


def test_saving_the_same_again_changes_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    own = visit(desk, desk.lead, monkeypatch)
    assert own.post(PAGE, **KEPT, **ticked(desk.lead)).status_code == 302
    assert not Entry.objects.filter(verb="prefer").exists()


@pytest.mark.parametrize(
    "sent",
    [
        {"quiet_since": "20:00"},
        {"quiet_since": "20:00", "quiet_until": "20:00"},
        {"quiet_since": "noon", "quiet_until": "20:00"},
        {"quiet_days": ["0", "1", "2", "3", "4", "5", "6"]},
        {"quiet_days": ["8"]},
        {"digest_hour": "24"},
        {"digest_hour": "x"},
        {"digest": "weekly"},
        {"several": "none"},
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, sent: dict[str, Any]
) -> None:
    own = visit(desk, desk.lead, monkeypatch)
    response = own.post(PAGE, **{**KEPT, **sent})
    assert response.status_code == 422
    assert b'role="alert"' in response.content
    assert not Entry.objects.filter(verb="prefer").exists()


def test_everybody_sees_the_themes_of_their_own_roles(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, company = desk.house, desk.company
    seen = {
        person.name: visit(desk, person, monkeypatch).page(PAGE)
        for person in (company.member, company.finance, house.lead, house.administrator)
    }
    found = {
        name: {theme for theme in Theme if f"{theme}.email" in page} for name, page in seen.items()
    }
    assert found[company.member.name] == {
        Theme.ASKED,
        Theme.MESSAGES,
        Theme.PROGRESS,
        Theme.STEPS,
    }
    assert found[company.finance.name] - found[company.member.name] == {Theme.MONEY}
    assert {Theme.CRITICAL, Theme.DEADLINES} <= found[house.lead.name]
    assert Theme.ADMINISTRATION in found[house.administrator.name]
    assert Theme.MONEY not in found[house.administrator.name]


def test_a_pause_is_shown_and_ended(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    own = visit(desk, desk.lead, monkeypatch)
    assert own.post(f"{PAGE}pause", paused_until="2026-12-07").status_code == 302
    assert "Paused until" in own.page(PAGE)
    until_at = choices.of(desk.lead).paused_until_at
    assert until_at is not None
    assert until_at.isoformat() == "2026-12-06T22:00:00+00:00"
    own.post(f"{PAGE}pause")
    assert choices.of(desk.lead).paused_until_at is None
    for wrong in ("2026-11-01", "2027-11-01", "soon"):
        assert own.post(f"{PAGE}pause", paused_until=wrong).status_code == 422


def test_a_ticket_is_muted_by_its_number_and_only_where_it_is_seen(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = post.submitted(desk)
    own = visit(desk, desk.company.member, monkeypatch)
    assert own.post(f"{PAGE}mute", number="olh-1", muted="1").status_code == 302
    assert choices.of(desk.company.member).muted == {ticket.pk}
    assert "Orders are not saved" in own.page(PAGE)
    own.post(f"{PAGE}mute", number="OLH-1")
    assert not choices.of(desk.company.member).muted
    assert own.post(f"{PAGE}mute", number="OLH-77", muted="1").status_code == 422


def test_a_test_message_goes_once_a_minute(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    own = visit(desk, desk.company.member, monkeypatch)
    for _ in range(2):
        assert own.post(f"{PAGE}try", key="pressed twice").status_code == 302
    own.post(f"{PAGE}try")
    assert Delivery.objects.filter(entry__verb="try_notices").count() == 1
    desk.later(minutes=2)
    own.post(f"{PAGE}try")
    assert Delivery.objects.filter(entry__verb="try_notices").count() == 2


def test_the_bell_and_the_account_lead_there(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    own = visit(desk, desk.company.member, monkeypatch)
    assert PAGE in own.page("/notices/")
    assert PAGE in own.page("/profile/")


def test_one_click_switches_mails_off_signed_out_and_opening_changes_nothing(desk: Desk) -> None:
    member = desk.company.member
    link = unsubscribing.path(member.pk, [Theme.MESSAGES, Theme.ASKED])
    stranger = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    opened = stranger.get(link)
    assert opened.status_code == 200
    assert choices.of(member).on(Theme.MESSAGES, Way.EMAIL)
    done = stranger.post(link, {"List-Unsubscribe": "One-Click"})
    assert done.status_code == 200
    chosen = choices.of(member)
    assert not chosen.on(Theme.MESSAGES, Way.EMAIL)
    assert chosen.on(Theme.ASKED, Way.EMAIL), "what is asked of somebody is never switched off"
    entry = Entry.objects.get(verb="prefer")
    assert entry.by == f"person:{member.pk}"
    assert entry.channel == "email"
    stranger.post(link)
    assert Entry.objects.filter(verb="prefer").count() == 1


def test_a_forged_link_switches_nothing_off(desk: Desk) -> None:
    member = desk.company.member
    link = unsubscribing.path(member.pk, [Theme.MESSAGES])
    other = unsubscribing.path(desk.lead.pk, [Theme.MESSAGES])
    for forged in (link[:-2] + "x/", f"/notices/unsubscribe/{member.pk}/", other[:-6] + link[-6:]):
        assert Client().get(forged).status_code == 410
        assert Client().post(forged).status_code == 410
    assert not Entry.objects.filter(verb="prefer").exists()
    assert unsubscribing.path(member.pk, [Theme.ASKED]) == ""


def test_what_waits_follows_a_new_choice(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    member = desk.company.member
    own = visit(desk, member, monkeypatch)
    daily = {**KEPT, "digest": "daily", "digest_hour": "18"}
    own.post(PAGE, **daily, **ticked(member))
    post.accepted(desk)
    post.relayed(desk.now)
    waiting = Delivery.objects.get(person=member, entry__verb="accept")
    assert waiting.next_at is not None
    assert waiting.next_at > desk.now + timedelta(hours=8)
    assert "1 message waits" in own.page(PAGE)
    own.post(PAGE, **KEPT, **ticked(member))
    waiting.refresh_from_db()
    assert waiting.next_at is not None
    assert waiting.next_at <= desk.now + timedelta(minutes=2)
    assert choices.of(member).digest == Digest.OFF
