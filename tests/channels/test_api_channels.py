"""Webhooks and notices by programs."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from desk.channels.api.models import StoredAnswer
from desk.channels.webhooks.models import Endpoint
from desk.config import relay
from tests import cast
from tests.channels.api_client import integration, program, refused, told
from tests.language import OPENED, Desk
from tests.scenarios import tickets as scene

URL = "https://203.0.113.7/desk"


@pytest.fixture
def desk(db: None, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Desk:
    """Friday 09:00; the API's clock is the desk's; an address for documentation may be called."""
    settings.OUTSIDE_NETWORKS = ("203.0.113.0/24",)
    found = Desk.open()
    monkeypatch.setattr("desk.lib.clock.now", lambda: found.now)
    return found


def test_a_webhook_lives_by_calls_alone(desk: Desk) -> None:
    owner = program(desk.owner)
    wanted = {"url": URL, "note": "CRM", "events": ["ticket.accepted"]}
    made = told(owner.post("/webhooks", wanted, idempotency_key="w"), 201)
    assert made["secret"].startswith("whsec_")
    path = f"/webhooks/{made['webhook']['id']}"
    assert told(owner.get("/webhooks"))["items"] == [told(owner.get(path))]
    changed = told(owner.put(path, {"url": URL, "events": []}))
    assert (changed["note"], changed["events"]) == (None, [])
    rotated = told(owner.post(f"{path}/rotate", {"at_once": True}))
    assert rotated["secret"] != made["secret"]
    assert told(owner.post(f"{path}/pause"))["disabled_why"] == "paused"
    assert refused(owner.post(f"{path}/ping"), 409, "conflict")["reason"] == "switched_off"
    assert told(owner.post(f"{path}/resume"))["disabled_at"] is None
    told(owner.post(f"{path}/ping"))
    assert owner.delete(path).status_code == 204
    refused(owner.get(path), 404, "not-found")


def test_a_secret_is_told_once_and_kept_nowhere(desk: Desk) -> None:
    owner = program(desk.owner)
    first = told(owner.post("/webhooks", {"url": URL}, idempotency_key="w"), 201)
    again = told(owner.post("/webhooks", {"url": URL}, idempotency_key="w"), 201)
    assert (first["webhook"], again["secret"]) == (again["webhook"], None)
    assert Endpoint.objects.count() == 1
    assert not StoredAnswer.objects.exists()
    other = owner.post("/webhooks", {"url": f"{URL}/other"}, idempotency_key="w")
    refused(other, 422, "key-reused")


def test_webhooks_are_the_owners(desk: Desk) -> None:
    stranger = cast.company(OPENED, desk.house, "NOV", "Novadim Demo")
    made = told(program(desk.owner).post("/webhooks", {"url": URL}), 201)
    path = f"/webhooks/{made['webhook']['id']}"
    refused(program(stranger.owner).get(path), 404, "not-found")
    refused(program(desk.member).get("/webhooks"), 403, "not-permitted")
    helper = integration(desk.owner, desk.company.partner.pk)
    refused(helper.post("/webhooks", {"url": URL}), 403, "not-permitted")
    refused(program(desk.lead).get("/webhooks"), 403, "not-permitted")
    of_partner = f"?partner_id={desk.company.partner.pk}"
    assert told(program(desk.house.vendor).get(f"/webhooks{of_partner}"))["items"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"url": "http://127.0.0.1/"}, "url"),
        ({"url": "ftp://example.com/"}, "url"),
        ({"url": URL, "events": ["ticket.exploded"]}, "events"),
        ({}, "url"),
    ],
)
def test_where_nothing_is_sent_is_told(desk: Desk, given: dict[str, object], field: str) -> None:
    errors = refused(program(desk.owner).post("/webhooks", given), 422, "invalid")["errors"]
    assert errors[0]["field"] == field


def test_notices_are_read_by_programs(desk: Desk) -> None:
    scene.buys(desk, 5)
    scene.accepted(desk)
    relay.tick(desk.now)
    reader = program(desk.member)
    found = told(reader.get("/notices"))
    assert found["unread"] == len(found["items"]) >= 1
    newest = found["items"][0]
    assert (newest["number"], newest["verb"], newest["read"]) == ("OLH-1", "accept", False)
    assert told(reader.post("/notices/read", {"up_to": newest["id"]}))["count"] >= 1
    assert told(reader.get("/notices"))["unread"] == 0
    assert told(program(desk.owner).get("/notices?cursor="))["next_cursor"] is None
