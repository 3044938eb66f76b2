"""Set-up's page of mail: mailboxes are added, tried and paused, and addresses are lifted."""

from __future__ import annotations

import socket

import pytest

from desk.channels.email import actions as email
from desk.channels.email import bounces
from desk.channels.email.models import Mailbox, Suppression
from desk.lib import sealed
from tests.language import Desk
from tests.screens.visits import Visit

PASSWORD = "pass-word «ї» 1"
CARD = {
    "name": "Support",
    "address": "desk@desk.example",
    "host": "127.0.0.1",
    "port": "143",
    "security": "none",
    "login": "desk",
    "password": PASSWORD,
    "folder": "INBOX",
    "plus": "on",
}


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk.open()


@pytest.fixture
def vendor(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Visit:
    return Visit.of(desk.house.vendor, desk, monkeypatch)


def added(visit: Visit, **other: str) -> Mailbox:
    """Fill in the form of a new mailbox."""
    assert visit.post("/setup/mail/mailboxes/add", **(CARD | other)).status_code == 302
    return Mailbox.objects.latest("id")


def test_a_mailbox_is_added_once_and_its_password_never_shown(vendor: Visit) -> None:
    for _ in range(2):
        assert vendor.post("/setup/mail/mailboxes/add", key="one", **CARD).status_code == 302
    found = Mailbox.objects.get()
    assert PASSWORD not in found.password
    assert sealed.unseal(found.password) == PASSWORD
    for path in ("/setup/mail/", f"/setup/mail/mailboxes/{found.pk}/"):
        page = vendor.page(path)
        assert "Support" in page
        assert "pass-word" not in page
        assert found.password not in page


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"host": "imap.else.example"}, "only encrypted"),
        ({"port": "0"}, "greater than or equal to 1"),
        ({"password": ""}, "required"),
    ],
)
def test_what_does_not_fit_is_said_and_not_kept(
    vendor: Visit, other: dict[str, str], said: str
) -> None:
    response = vendor.post("/setup/mail/mailboxes/add", **(CARD | other))
    assert response.status_code == 422
    page = response.content.decode()
    assert said in page
    assert "pass-word" not in page
    assert not Mailbox.objects.exists()


def test_an_address_is_read_once(vendor: Visit) -> None:
    added(vendor)
    response = vendor.post("/setup/mail/mailboxes/add", **(CARD | {"address": "DESK@desk.example"}))
    assert response.status_code == 422
    assert "read already" in response.content.decode()


def test_an_empty_password_keeps_the_present_one(vendor: Visit) -> None:
    found = added(vendor)
    path = f"/setup/mail/mailboxes/{found.pk}/"
    assert vendor.post(path, **(CARD | {"password": "", "login": "other"})).status_code == 302
    found.refresh_from_db()
    assert (found.login, sealed.unseal(found.password)) == ("other", PASSWORD)


def test_a_mailbox_is_paused_and_read_again(vendor: Visit) -> None:
    found = added(vendor)
    path = f"/setup/mail/mailboxes/{found.pk}/switch"
    for key, on in (("a", "0"), ("a", "0"), ("b", "1"), ("a", "0")):
        assert vendor.post(path, key=key, on=on).status_code == 302
    found.refresh_from_db()
    assert found.is_active, "a form that comes again does nothing"
    vendor.post(path, on="0")
    assert "paused" in vendor.page("/setup/mail/")


def test_the_page_tells_the_last_error(desk: Desk, vendor: Visit) -> None:
    found = added(vendor)
    email.contact_failed(found.pk, desk.now, "The server refuses login or password.")
    page = vendor.page("/setup/mail/")
    assert "The server refuses login or password." in page
    assert "last attempt" in page


def test_the_trial_stops_at_the_step_that_fails(vendor: Visit) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        found = added(vendor, port=str(unused.getsockname()[1]))
        response = vendor.post(f"/setup/mail/mailboxes/{found.pk}/test")
    page = response.content.decode()
    assert "The name 127.0.0.1 is found" in page
    assert "Check the port, and whether a firewall stands between." in page
    assert "Login and password are right" not in page


def test_a_suppressed_address_is_lifted(desk: Desk, vendor: Visit) -> None:
    email.suppress("gone@olh.example", "bounce 5.1.1", None, desk.now)
    page = vendor.page("/setup/mail/")
    assert "gone@olh.example" in page
    assert "bounce 5.1.1" in page
    found = Suppression.objects.get()
    for _ in range(2):
        vendor.post(f"/setup/mail/suppressions/{found.pk}/lift")
    assert not bounces.is_suppressed("gone@olh.example")
    assert "<b>gone@olh.example</b>" not in vendor.page("/setup/mail/")
