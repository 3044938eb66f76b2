"""Set-up's page of channels: what got stuck is seen, looked at harmlessly, and mended."""

from __future__ import annotations

import pytest

from desk.channels import actions
from desk.channels.actions import Incoming
from desk.channels.models import Arrival, ArrivalState, Channel, Delivery, DeliveryState, Intake
from desk.journal.models import Entry
from tests.channels import post
from tests.language import Desk
from tests.screens.visits import Visit

HOME = "/setup/channels/"
RAW = b"<script>alert(1)</script>\x1b[31m\x00\xff \xe2\x80\xae\r\nend"


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk.open()


@pytest.fixture
def vendor(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Visit:
    return Visit.of(desk.house.vendor, desk, monkeypatch)


def stuck(desk: Desk, raw: bytes = RAW) -> Arrival:
    """A mail in quarantine."""
    incoming = Incoming(Intake.EMAIL, "mailbox:1", "1", raw, {"to": "<b>support</b>"})
    kept = actions.keep(incoming, desk.now)
    assert kept is not None
    actions.quarantined(kept.pk, desk.now, "Nobody with the address <x> is known.")
    return kept


def given_up(desk: Desk, channel: Channel) -> Delivery:
    """A delivery that was given up."""
    ticket = post.submitted(desk)
    entry = Entry.objects.filter(subject=f"ticket:{ticket.pk}").latest("id")
    waiting = Delivery(
        entry=entry,
        channel=channel,
        address=f"address of {channel}",
        next_at=desk.now,
        created_at=desk.now,
    )
    actions.add([waiting])
    found = Delivery.objects.get(channel=channel)
    actions.failed(found, desk.now, "gone for good", for_good=True)
    return found


def test_only_who_sets_up_may_look_or_mend(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    arrival = stuck(desk)
    for person in (desk.house.administrator, desk.lead, desk.member):
        visit = Visit.of(person, desk, monkeypatch)
        for path in ("", f"arrivals/{arrival.pk}/", f"arrivals/{arrival.pk}/raw"):
            assert visit.get(HOME + path).status_code == 403
        assert visit.post(f"{HOME}arrivals/{arrival.pk}/replay").status_code == 403
    assert Arrival.objects.get().state == ArrivalState.QUARANTINED


def test_the_page_tells_what_waits_and_why(desk: Desk, vendor: Visit) -> None:
    assert "Nothing is in quarantine" in vendor.page(HOME)
    arrival = stuck(desk)
    shown = vendor.page(HOME)
    assert "Nobody with the address &lt;x&gt; is known." in shown
    assert f"{HOME}arrivals/{arrival.pk}/" in shown
    assert "for a person: 1" in shown
    assert f'href="{HOME}"' in vendor.page("/setup/")


def test_what_came_in_does_nothing_on_the_page(desk: Desk, vendor: Visit) -> None:
    arrival = stuck(desk)
    shown = vendor.page(f"{HOME}arrivals/{arrival.pk}/")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;␛[31m␀\\xff \\u202e\nend" in shown
    assert "&lt;b&gt;support&lt;/b&gt;" in shown
    assert "\u202e" not in shown
    whole = vendor.get(f"{HOME}arrivals/{arrival.pk}/raw")
    assert whole.content == RAW
    assert whole["Content-Type"] == "application/octet-stream"
    assert whole["Content-Disposition"].startswith("attachment;")
    assert whole["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in whole["Content-Security-Policy"]
    for path in ("arrivals/999999/", "arrivals/999999/raw"):
        assert vendor.get(HOME + path).status_code == 404


def test_a_big_one_is_shown_by_its_beginning(desk: Desk, vendor: Visit) -> None:
    arrival = stuck(desk, b"a" * 100_000)
    shown = vendor.page(f"{HOME}arrivals/{arrival.pk}/")
    assert "This is the beginning." in shown
    assert len(shown) < 60_000


def test_trying_again_twice_does_it_once(desk: Desk, vendor: Visit) -> None:
    arrival = stuck(desk)
    path = f"{HOME}arrivals/{arrival.pk}/replay"
    assert "It is tried again." in vendor.page(vendor.post(path, key="k")["Location"])
    again = vendor.page(vendor.post(path, key="k")["Location"])
    assert "This is not in quarantine any more." in again
    assert Arrival.objects.get().state == ArrivalState.WAITING
    assert Entry.objects.filter(verb="replay").count() == 1


def test_what_is_put_aside_stays_readable(desk: Desk, vendor: Visit) -> None:
    arrival = stuck(desk)
    vendor.post(f"{HOME}arrivals/{arrival.pk}/dismiss")
    assert "Nothing is in quarantine" in vendor.page(HOME)
    shown = vendor.page(f"{HOME}arrivals/{arrival.pk}/")
    assert "put aside" in shown
    assert f"arrivals/{arrival.pk}/replay" not in shown
    assert "not in quarantine any more" in vendor.page(
        vendor.post(f"{HOME}arrivals/{arrival.pk}/replay")["Location"]
    )
    assert Arrival.objects.get().state == ArrivalState.DISMISSED
    audit = vendor.page("/setup/audit/")
    assert "Put aside what came in" in audit


def test_what_was_given_up_beside_mail_is_sent_again_once(desk: Desk, vendor: Visit) -> None:
    dead, mail = given_up(desk, Channel.ONEBOX), given_up(desk, Channel.EMAIL)
    shown = vendor.page(HOME)
    assert "address of onebox" in shown
    assert "address of email" not in shown
    path = f"{HOME}deliveries/{dead.pk}/resend"
    assert "It is sent again." in vendor.page(vendor.post(path)["Location"])
    assert "This is on its way already." in vendor.page(vendor.post(path)["Location"])
    assert Delivery.objects.get(pk=dead.pk).state == DeliveryState.WAITING
    assert Delivery.objects.get(pk=mail.pk).state == DeliveryState.DEAD
