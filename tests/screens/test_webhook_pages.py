"""The pages of webhooks: secrets are shown once, the log tells what came of each event."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.core import mail
from django.test import Client
from pytest_django.fixtures import Settings

from desk.channels.webhooks import actions as webhooks
from desk.channels.webhooks.models import Endpoint, Event
from tests.channels import post, receiver
from tests.channels.receiver import LOCAL, Receiver
from tests.language import Desk
from tests.screens.visits import Visit

HOOK = "https://93.184.215.14/hook"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{40,}")


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk.open()


@pytest.fixture
def owner(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Visit:
    return Visit.of(desk.owner, desk, monkeypatch)


@pytest.fixture
def vendor(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Visit:
    return Visit.of(desk.house.vendor, desk, monkeypatch)


@pytest.fixture
def here(settings: Settings) -> Iterator[Receiver]:
    settings.OUTSIDE_NETWORKS = LOCAL
    with receiver.receiving() as found:
        yield found


def added(visit: Visit, area: str = "cabinet", url: str = HOOK, note: str = "") -> Endpoint:
    """Fill in the form of a new webhook."""
    response = visit.post(f"/{area}/webhooks/add", url=url, scope="all", note=note)
    assert response.status_code == 200
    return Endpoint.objects.latest("id")


def go_on(desk: Desk) -> None:
    """A minute later (a visit takes a moment) the relay goes round, and what is due is sent."""
    desk.later(minutes=1)
    post.relayed(desk.now)
    post.sent(desk.now)


def test_a_secret_is_shown_once(owner: Visit) -> None:
    response = owner.post("/cabinet/webhooks/add", key="once", url=HOOK, scope="all")
    (secret,) = set(SECRET.findall(response.content.decode()))
    assert "no-store" in response.headers["Cache-Control"]
    made = Endpoint.objects.get()
    again = owner.post("/cabinet/webhooks/add", key="once", url=HOOK, scope="all")
    assert not SECRET.search(again.content.decode())
    assert Endpoint.objects.count() == 1
    for path in ("/cabinet/webhooks/", f"/cabinet/webhooks/{made.pk}/"):
        assert not SECRET.search(owner.page(path))
    rotated = owner.post(f"/cabinet/webhooks/{made.pk}/rotate").content.decode()
    assert set(SECRET.findall(rotated)) - {secret}
    assert secret not in rotated


def test_an_owner_chooses_events_tests_pauses_and_sends_again(
    desk: Desk, owner: Visit, here: Receiver
) -> None:
    made = added(owner, url=here.url, note="Our CRM")
    page = f"/cabinet/webhooks/{made.pk}/"
    owner.post(f"{page}ping")
    go_on(desk)
    assert len(here.got) == 1
    assert "Test event" in owner.page(page)
    owner.post(f"{page}change", url=here.url, scope="some", events=["ticket.submitted"])
    post.accepted(desk)
    go_on(desk)
    assert len(here.got) == 2
    event = Event.objects.get(name="ticket.submitted")
    shown = owner.page(f"{page}events/{event.pk}/")
    assert event.message_id in shown
    assert "HTTP 204" in shown
    assert "OLH-1" in owner.page(page)
    owner.post(f"{page}events/{event.pk}/redeliver")
    go_on(desk)
    assert len(here.got) == 3
    owner.post(f"{page}pause")
    desk.later(minutes=1)
    post.submitted(desk)
    go_on(desk)
    assert "Not sent" in owner.page(page)
    owner.post(f"{page}ping")
    assert "Switch it on first" in owner.page(page)
    owner.post(f"{page}resume")
    owner.post(f"{page}missed")
    go_on(desk)
    assert len(here.got) == 4
    owner.post(f"{page}remove")
    assert owner.get(page).status_code == 404


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"url": "http://127.0.0.1/"}, "internal network"),
        ({"url": "ftp://example.org/"}, "begins with https://"),
        ({"url": "https://me:word@example.org/"}, "password out of"),
        ({"url": "https://example.org:25/"}, "another protocol"),
        ({"url": "nowhere"}, "begins with https://"),
        ({"url": "http://0x7f.1/"}, "no address of a web server"),
        ({"url": HOOK, "scope": "some"}, "at least one event"),
        ({"url": HOOK, "scope": "some", "events": "ticket.note"}, "at least one event"),
    ],
)
def test_what_cannot_be_is_said(owner: Visit, sent: dict[str, str], said: str) -> None:
    response = owner.post("/cabinet/webhooks/add", **sent)
    assert response.status_code == 422
    text = response.content.decode()
    assert said in text
    assert f'value="{sent["url"]}"' in text
    assert not Endpoint.objects.exists()


def test_there_is_a_limit(owner: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "ENDPOINTS_MAX", 1)
    added(owner)
    response = owner.post("/cabinet/webhooks/add", url=HOOK, scope="all")
    assert (response.status_code, Endpoint.objects.count()) == (422, 1)


def test_set_up_sees_every_webhook_and_makes_those_for_all_partners(
    desk: Desk, owner: Visit, vendor: Visit
) -> None:
    theirs = added(owner)
    ours = added(vendor, "setup")
    assert (theirs.partner_id, ours.partner_id) == (desk.company.partner.pk, None)
    listed = vendor.page("/setup/webhooks/")
    assert f"/setup/webhooks/{theirs.pk}/" in listed
    assert f"/setup/webhooks/{ours.pk}/" in listed
    assert f"/cabinet/webhooks/{ours.pk}/" not in owner.page("/cabinet/webhooks/")
    assert owner.get(f"/cabinet/webhooks/{ours.pk}/").status_code == 404
    assert owner.get(f"/setup/webhooks/{ours.pk}/").status_code == 403


def test_an_event_of_another_partner_is_not_there(
    desk: Desk, owner: Visit, vendor: Visit, here: Receiver
) -> None:
    mine, ours = added(owner, url=here.url), added(vendor, "setup", url=here.url)
    vendor.post(f"/setup/webhooks/{ours.pk}/ping")
    go_on(desk)
    event = Event.objects.get()
    assert owner.get(f"/cabinet/webhooks/{mine.pk}/events/{event.pk}/").status_code == 404
    sent = owner.post(f"/cabinet/webhooks/{mine.pk}/events/{event.pk}/redeliver")
    assert sent.status_code == 404
    assert len(here.got) == 1


def test_one_that_was_switched_off_says_so_and_leads_there(
    desk: Desk, owner: Visit, here: Receiver
) -> None:
    made = added(owner, url=here.url)
    here.status = 410
    owner.post(f"/cabinet/webhooks/{made.pk}/ping")
    go_on(desk)
    go_on(desk)
    assert "410 Gone" in owner.page(f"/cabinet/webhooks/{made.pk}/")
    assert "switched off" in owner.page("/cabinet/webhooks/")
    listed = owner.page("/notices/")
    assert "A webhook was switched off" in listed
    notice = re.search(r"/notices/\d+/", listed)
    assert notice is not None
    assert owner.get(notice[0]).headers["Location"] == "/cabinet/webhooks/"


def test_forms_need_their_token(desk: Desk) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(desk.owner)
    response = client.post("/cabinet/webhooks/add", {"url": HOOK, "key": "k"})
    assert response.status_code == 403
    assert not Endpoint.objects.exists()


def test_the_pages_cost_few_queries(desk: Desk, owner: Visit, here: Receiver) -> None:
    made = added(owner, url=here.url)
    for _ in range(5):
        desk.later(minutes=1)
        post.submitted(desk)
    go_on(desk)
    assert owner.queries("/cabinet/webhooks/") <= 12
    assert owner.queries(f"/cabinet/webhooks/{made.pk}/") <= 15


def test_navigation_names_them_for_who_may_open_them(
    desk: Desk, owner: Visit, vendor: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = Visit.of(desk.company.member, desk, monkeypatch)
    assert 'href="/cabinet/webhooks/"' in owner.page("/cabinet/")
    assert 'href="/setup/webhooks/"' in vendor.page("/setup/")
    assert "webhooks" not in member.page("/cabinet/")


def test_the_alert_is_a_mail_as_well(desk: Desk, owner: Visit, here: Receiver) -> None:
    made = added(owner, url=here.url)
    here.status = 410
    owner.post(f"/cabinet/webhooks/{made.pk}/ping")
    for _ in range(2):
        go_on(desk)
    told = {message.to[0] for message in mail.outbox if "410" in str(message.body)}
    assert len(told) <= 2
    assert any(desk.owner.email in to for to in told)
    assert any(desk.house.vendor.email in to for to in told)
