"""Talking to a OneBox over real HTTP, with everything that boxes are known to do differently."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from desk.channels.onebox import client
from desk.channels.onebox.client import Complaint, Denied, Session, Unavailable
from tests.channels import onebox_box
from tests.channels.onebox_box import LOGIN, PASSWORD, Remote

NOW = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
OWN: dict[str, Any] = {"id": 7, "workflowid": "9", "name": "Ours", "cdate": "0000-00-00"}
FOREIGN: dict[str, Any] = {"id": "8", "workflowid": 11, "name": "Sales"}


def session(box: Remote, password: str = PASSWORD) -> Session:
    return Session(box.url, LOGIN, password)


def test_a_token_is_kept_for_fifty_minutes(box: Remote) -> None:
    found = session(box)
    client.workflows(found, NOW)
    client.workflows(found, NOW + timedelta(minutes=49))
    assert box.tell()["tokens"] == 1
    client.workflows(found, NOW + timedelta(minutes=50))
    assert box.tell()["tokens"] == 2


def test_an_expired_token_is_renewed_once(box: Remote) -> None:
    found = session(box)
    client.log_in(found, NOW)
    box.tell(token="another")
    assert client.workflows(found, NOW) == {"9": "Support", "11": "Sales"}
    assert box.tell()["tokens"] == 2


def test_a_classic_box_knows_the_password_by_its_md5(box: Remote) -> None:
    box.tell(password=hashlib.md5(PASSWORD.encode(), usedforsecurity=False).hexdigest())
    found = session(box)
    client.log_in(found, NOW)
    assert found.token == "token-1"


def test_a_wrong_password_is_told_and_never_shown(box: Remote) -> None:
    found = session(box, "guessed")
    with pytest.raises(Denied, match="Wrong login"):
        client.workflows(found, NOW)
    assert "guessed" not in repr(found)


def test_a_loose_filter_never_adopts_a_foreign_row(box: Remote) -> None:
    nowhere = {"id": 9, "name": "says nothing of its workflow"}
    box.tell(orders={"8": FOREIGN, "9": nowhere, "7": OWN})
    rows, cut = client.orders(session(box), "9", ["name"], 100, NOW)
    assert [row["name"] for row in rows] == ["Ours"]
    assert not cut
    found = client.order(session(box), "7", ["name"], NOW)
    assert found is not None
    assert found["name"] == "Ours"
    assert client.order(session(box), "77", ["name"], NOW) is None


def test_a_cut_answer_is_told(box: Remote) -> None:
    box.tell(orders={str(n): OWN | {"id": n} for n in (30, 4, 12)})
    rows, cut = client.orders(session(box), "9", ["name"], 3, NOW)
    assert [row["id"] for row in rows] == [4, 12, 30]
    assert cut


@pytest.mark.parametrize("texts", [True, False])
@pytest.mark.parametrize("root", [client.ARRAY, client.OBJECT])
def test_both_roots_are_found_out_and_remembered(box: Remote, root: str, texts: bool) -> None:
    box.tell(root=root, texts=texts)
    found = session(box)
    number = client.write(found, {"workflowid": "9", "statusid": "54"}, NOW)
    assert (number, found.root) == ("700", root)
    asked = len(box.tell()["asked"])
    assert client.write(found, {"orderid": number, "statusid": "55"}, NOW) == number
    told = box.tell()
    assert len(told["asked"]) == asked + 1
    assert told["orders"]["700"]["statusid"] == "55"


def test_a_refusal_with_status_200_is_no_success(box: Remote) -> None:
    box.tell(refuse="This status is not of this workflow")
    with pytest.raises(Complaint, match="not of this workflow"):
        client.write(session(box), {"orderid": "7"}, NOW)


@pytest.mark.parametrize("mode", ["down", "empty", "garbage"])
def test_an_outage_is_told_apart_from_a_refusal(box: Remote, mode: str) -> None:
    box.tell(mode=mode)
    with pytest.raises(Unavailable):
        client.workflows(session(box), NOW)


def test_a_box_that_is_gone_is_away(settings: Settings) -> None:
    settings.OUTSIDE_NETWORKS = ("127.0.0.0/8",)
    with onebox_box.running() as gone:
        url = gone.url
    with pytest.raises(Unavailable):
        client.workflows(Session(url, LOGIN, PASSWORD), NOW)


def test_an_address_inside_the_house_is_never_asked(box: Remote, settings: Settings) -> None:
    settings.OUTSIDE_NETWORKS = ()
    with pytest.raises(Unavailable):
        client.workflows(session(box), NOW)
    assert box.tell()["asked"] == []
