"""Tickets by the API: what the cabinet and the workplace can do, for whom, and for whom not."""

from __future__ import annotations

import pytest

from tests.channels.api_client import Program, program, refused, told
from tests.language import Desk
from tests.scenarios import tickets as scene


@pytest.fixture
def desk(db: None, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Friday 09:00; the API's clock is the desk's."""
    found = Desk.open()
    monkeypatch.setattr("desk.lib.clock.now", lambda: found.now)
    scene.buys(found, 20)
    return found


def submitted(desk: Desk, caller: Program, **more: object) -> str:
    wanted = {"project_id": desk.company.project.pk, "subject": "Printing", "text": "It fails."}
    found: str = told(caller.post("/tickets", {**wanted, **more}), 201)["number"]
    return found


def test_a_ticket_goes_all_the_way(desk: Desk) -> None:
    partner, lead = program(desk.owner), program(desk.lead)
    number = submitted(desk, partner)
    accepted = told(lead.post(f"/tickets/{number}/accept", {"type": "simple", "message": "Yes"}))
    assert accepted["state"] == "accepted"
    assert accepted["deadline"]["due_at"] == "2026-11-27T16:00:00Z"
    assert accepted["internal"]["balance"]["consultations_held"] == 1
    assert told(lead.post(f"/tickets/{number}/start"))["state"] == "in_work"
    part = {"part": 1, "result": "Set"}
    told(lead.post(f"/tickets/{number}/finish_part", part))
    result = {"solution": "A rule", "changes": "The rule", "checking": "Print"}
    assert told(lead.post(f"/tickets/{number}/deliver", result))["state"] == "delivered"
    rated = told(partner.post(f"/tickets/{number}/confirm", {"rating": 5}))
    assert (rated["state"], rated["handover"]["rating"]) == ("resolved", 5)
    assert rated["internal"] is None


def test_anothers_number_is_no_number(desk: Desk) -> None:
    refused(program(desk.owner).get("/tickets/XXX-1"), 404, "not-found")
