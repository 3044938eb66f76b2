"""Many tickets in one call: each with its own outcome, a bad one never stops the others."""

from __future__ import annotations

from typing import Any

import pytest

from desk.channels.api.batch import BATCH_MAX
from desk.channels.api.models import StoredAnswer
from desk.partners import actions as partners
from desk.partners.models import PartnerRole
from desk.tickets.models import Ticket
from tests.channels.api_client import program, refused, told
from tests.language import Desk


@pytest.fixture
def desk(db: None, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Friday 09:00; the API's clock is the desk's."""
    found = Desk.open()
    monkeypatch.setattr("desk.lib.clock.now", lambda: found.now)
    return found


def good(desk: Desk, number: int) -> dict[str, object]:
    return {
        "project_id": desk.company.project.pk,
        "subject": f"Row {number}",
        "text": "It fails.",
        "external_id": f"row-{number}",
    }


def outcomes(found: dict[str, Any]) -> list[str]:
    return [item["status"] for item in found["items"]]


def test_each_has_its_own_outcome(desk: Desk) -> None:
    rows: list[object] = [
        good(desk, 0),
        {**good(desk, 1), "subject": ""},
        "no ticket at all",
        {**good(desk, 3), "project_id": 999_999},
        {**good(desk, 4), "colour": "red"},
        good(desk, 0),
        None,
        {**good(desk, 7), "wanted_by_on": "2020-01-01"},
        good(desk, 8),
    ]
    found = told(program(desk.owner).post("/tickets/batch", {"tickets": rows}))
    refused_all = ["refused"] * 4
    assert outcomes(found) == ["created", *refused_all, "existing", "refused", "refused", "created"]
    assert (found["created"], found["existing"], found["refused"]) == (2, 1, 6)
    assert [item["number"] for item in found["items"] if item["number"]] == [
        "OLH-1",
        "OLH-1",
        "OLH-2",
    ]
    fields = [item["problem"] and item["problem"]["errors"][0]["field"] for item in found["items"]]
    assert fields == [
        None,
        "subject",
        "",
        "project_id",
        "colour",
        None,
        "",
        "wanted_by_on",
        None,
    ]
    assert found["items"][3]["external_id"] == "row-3"


def test_a_batch_of_the_most_there_may_be(desk: Desk) -> None:
    rows = [{**good(desk, n), **({} if n % 2 else {"text": ""})} for n in range(BATCH_MAX)]
    found = told(program(desk.owner).post("/tickets/batch", {"tickets": rows}))
    assert (found["created"], found["refused"]) == (250, 250)
    assert [item["index"] for item in found["items"]] == list(range(BATCH_MAX))
    assert Ticket.objects.count() == 250


@pytest.mark.parametrize("count", [0, BATCH_MAX + 1])
def test_too_many_or_none_at_all_is_refused(desk: Desk, count: int) -> None:
    rows = [good(desk, n) for n in range(count)]
    refused(program(desk.owner).post("/tickets/batch", {"tickets": rows}), 422, "invalid")
    assert not Ticket.objects.exists()


def test_a_batch_that_broke_off_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer was lost, or the process died in the middle: nothing is done twice."""
    caller = program(desk.owner)
    rows = [{**good(desk, n), "external_id": None} for n in range(4)]
    told(caller.post("/tickets/batch", {"tickets": rows[:2]}, idempotency_key="half"))
    StoredAnswer.objects.all().delete()
    desk.later(minutes=1)
    found = told(caller.post("/tickets/batch", {"tickets": rows}, idempotency_key="half"))
    assert outcomes(found) == ["existing", "existing", "created", "created"]
    again = caller.post("/tickets/batch", {"tickets": rows}, idempotency_key="half")
    assert told(again) == found
    assert again["Idempotency-Replayed"] == "true"
    assert Ticket.objects.count() == 4


def test_a_batch_never_tells_of_anothers_tickets(desk: Desk) -> None:
    owner, member = program(desk.owner), program(desk.member)
    told(owner.post("/tickets", good(desk, 1)), 201)
    partners.change_membership(
        desk.cause(desk.owner),
        desk.company.partner.pk,
        desk.member.pk,
        PartnerRole.MEMBER,
        sees_all=False,
    )
    desk.later(minutes=1)
    found = told(member.post("/tickets/batch", {"tickets": [good(desk, 1)]}))
    assert outcomes(found) == ["refused"]
    assert found["items"][0]["number"] is None
    assert found["items"][0]["problem"]["reason"] == "external_id_taken"
