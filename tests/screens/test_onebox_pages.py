"""The pages of partners' boxes: connect, test step by step, see it live, pause, remove."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from desk.channels.models import Arrival, Delivery
from desk.channels.onebox import actions, polling
from desk.channels.onebox.models import Connection, Process
from desk.journal.models import Entry
from tests.channels import boxes, onebox_box
from tests.channels.onebox_box import LOGIN, PASSWORD, Remote
from tests.channels.receiver import LOCAL
from tests.language import Desk
from tests.screens.visits import Visit

SECRET = re.compile(r"obx_[A-Za-z0-9_-]{40,}")
STEP = re.compile(r'<span class="badge (calm|late|standing)">')


@pytest.fixture(scope="module")
def process() -> Iterator[Remote]:
    with onebox_box.running() as found:
        yield found


@pytest.fixture
def box(process: Remote, settings: Settings) -> Remote:
    settings.OUTSIDE_NETWORKS = LOCAL
    process.renew()
    return process


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk.open()


@pytest.fixture
def vendor(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Visit:
    return Visit.of(desk.house.vendor, desk, monkeypatch)


def place(desk: Desk, box: Remote, **other: object) -> dict[str, Any]:
    """What a person enters of a box."""
    return {
        "project": desk.company.project.pk,
        "person": desk.owner.pk,
        "base_url": f"{box.url}/",
        "login": LOGIN,
        "password": PASSWORD,
        "workflow": "9",
    } | other


def arranged(**other: object) -> dict[str, Any]:
    """What a person enters of statuses and fields."""
    found: dict[str, Any] = {"timezone": "Europe/Kyiv", "polling_seconds": "60"}
    found |= {f"status_{state}": status for state, status in boxes.STATUSES.items()}
    found |= {f"move_{verb}": status for verb, status in boxes.MOVES.items()}
    found |= {f"field_{what}": key for what, key in boxes.FIELDS.items()}
    return found | other


def steps(page: str) -> list[str]:
    """How the steps of a test went."""
    trial = page.partition('id="trial"')[2].partition("</section>")[0]
    return STEP.findall(trial)


def test_a_box_is_connected_arranged_tested_and_switched_on(
    desk: Desk, box: Remote, vendor: Visit
) -> None:
    answer = vendor.post("/setup/onebox/add", key="once", **place(desk, box))
    (secret,) = set(SECRET.findall(answer.content.decode()))
    assert "no-store" in answer.headers["Cache-Control"]
    again = vendor.post("/setup/onebox/add", key="once", **place(desk, box))
    assert not SECRET.search(again.content.decode())
    made = Connection.objects.get()
    assert (made.base_url, made.is_active) == (box.url, False)
    assert PASSWORD not in made.password
    page = f"/setup/onebox/{made.pk}/"
    assert vendor.post(f"{page}arrange", **arranged(comments="on")).status_code == 303
    assert boxes.fresh(made).statuses == boxes.STATUSES
    assert steps(vendor.post(f"{page}test").content.decode()).count("standing") == 3
    box.opens(7, name="From last year", comments=[])
    shown = vendor.post(f"{page}test").content.decode()
    assert steps(shown) == ["calm"] * 9 + ["standing"] * 2
    assert vendor.post(f"{page}switch", on="1").status_code == 303
    assert boxes.fresh(made).is_active
    for path in ("/setup/onebox/", page):
        text = vendor.page(path)
        assert PASSWORD not in text
        assert secret not in text
        assert not SECRET.search(text)


def test_each_fault_is_told_in_plain_words(desk: Desk, box: Remote, vendor: Visit) -> None:
    made, _ = boxes.made(desk, box)
    page = f"/setup/onebox/{made.pk}/"

    def tried(**changes: object) -> str:
        Connection.objects.filter(pk=made.pk).update(**changes)
        return vendor.post(f"{page}test").content.decode()

    assert "Enter the status for" in tried()
    assert "Enter one of these: 9 Support, 11 Sales" in tried(workflow="12")
    box.tell(password="another")
    assert "refuses login or REST password" in tried(workflow="9")
    for mode, said in (("garbage", "no OneBox"), ("down", "an error of its own")):
        box.tell(mode=mode)
        assert said in tried()
    box.tell(mode="", full=True)
    assert "licensed sessions" in tried()
    assert "takes no connection" in tried(base_url="http://127.0.0.1:1")
    assert "name of the host is not known" in tried(base_url="https://nowhere.invalid")
    assert "internal network" in tried(base_url="http://10.1.2.3")
    text = tried(password="damaged")
    assert "Enter the password anew" in text


def test_a_test_process_is_made_only_when_asked_for(desk: Desk, box: Remote, vendor: Visit) -> None:
    found = boxes.connected(desk, box)
    text = vendor.post(f"/setup/onebox/{found.pk}/test", writes="1").content.decode()
    assert steps(text)[-2:] == ["calm", "standing"]
    (row,) = box.tell()["orders"].values()
    assert "Test" in row["name"]
    assert Process.objects.get().is_trial
    boxes.taken_in(desk, found)
    assert not Arrival.objects.exists()


def test_what_went_in_and_out_is_seen_live(desk: Desk, box: Remote, vendor: Visit) -> None:
    found = boxes.connected(desk, box)
    box.opens(8, name="Orders vanish")
    boxes.taken_in(desk, found)
    box.tell(refuse="This status is not of this workflow")
    boxes.written(desk)
    page = vendor.page(f"/setup/onebox/{found.pk}/")
    assert "OLH-1 · Change seen · process 8" in page
    assert "This status is not of this workflow" in page
    assert "Send again" in page
    assert "1 waits for you" in page
    box.tell(refuse="")
    dead = Delivery.objects.get(channel="onebox", state="dead")
    vendor.post(f"/setup/channels/deliveries/{dead.pk}/resend")
    boxes.written(desk)
    assert "given up" not in vendor.page(f"/setup/onebox/{found.pk}/")
    box.tell(mode="down")
    polling.look(found.pk, desk.now)
    assert "needs you" in vendor.page("/setup/onebox/")


def test_a_connection_is_paused_looked_at_rotated_and_removed(
    desk: Desk, box: Remote, vendor: Visit
) -> None:
    found = boxes.connected(desk, box)
    page = f"/setup/onebox/{found.pk}/"
    vendor.post(f"{page}look")
    assert boxes.fresh(found).poll_next_at is not None
    vendor.post(f"{page}switch", on="0")
    assert "paused" in vendor.page(page)
    rotated = vendor.post(f"{page}rotate").content.decode()
    (secret,) = set(SECRET.findall(rotated))
    assert boxes.fresh(found).secret_sha256 == actions.hashed(secret)
    assert vendor.post(f"{page}remove").status_code == 303
    assert vendor.get(page).status_code == 404
    verbs = Entry.objects.filter(subject=f"onebox:{found.pk}").order_by("id")
    assert list(verbs.values_list("verb", flat=True))[-3:] == [
        "pause_onebox",
        "rotate_onebox",
        "remove_onebox",
    ]


def test_a_box_without_a_workflow_is_not_switched_on(
    desk: Desk, box: Remote, vendor: Visit
) -> None:
    vendor.post("/setup/onebox/add", **place(desk, box, workflow=""))
    made = Connection.objects.get()
    vendor.post(f"/setup/onebox/{made.pk}/switch", on="1")
    assert "Enter the id of the workflow first" in vendor.page(f"/setup/onebox/{made.pk}/")
    assert not boxes.fresh(made).is_active


def test_what_is_wrong_in_a_form_is_said_beside_it(
    desk: Desk, box: Remote, vendor: Visit, settings: Settings
) -> None:
    lead = place(desk, box, person=desk.lead.pk)
    assert vendor.post("/setup/onebox/add", **lead).status_code == 422
    settings.OUTSIDE_NETWORKS = ()
    answer = vendor.post("/setup/onebox/add", **place(desk, box))
    assert answer.status_code == 422
    assert "internal network" in answer.content.decode()
    settings.OUTSIDE_NETWORKS = LOCAL
    made, _ = boxes.made(desk, box)
    twice = vendor.post("/setup/onebox/add", **place(desk, box))
    assert "connected already" in twice.content.decode()
    page = f"/setup/onebox/{made.pk}/"
    kept = boxes.fresh(made).password
    assert vendor.post(f"{page}change", **place(desk, box, password="")).status_code == 303
    assert boxes.fresh(made).password == kept
    same = arranged(move_confirm="82")
    assert vendor.post(f"{page}arrange", **same).status_code == 422
    assert vendor.post(f"{page}arrange", **arranged(polling_seconds="1")).status_code == 422
