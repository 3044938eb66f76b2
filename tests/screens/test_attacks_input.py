"""What no person would type: too long, too many, out of every range. A sentence, never an error
of ours, and nothing half done."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from desk.deposits import queries as deposits
from desk.partners.models import Person
from desk.tickets.models import Message, Ticket
from tests.scenarios.tickets import fresh
from tests.screens import two_partners
from tests.screens.two_partners import TwoPartners
from tests.screens.visits import Visit

Open = Callable[[Person], Visit]
LONG = "я" * 200_000
HUGE = "9" * 5_000


@pytest.fixture
def world(db: None) -> TwoPartners:
    return two_partners.opened()


@pytest.fixture
def visit(world: TwoPartners, monkeypatch: pytest.MonkeyPatch) -> Open:
    def open_(person: Person) -> Visit:
        found = Visit.of(person, world.desk, monkeypatch)
        found.client.raise_request_exception = False
        return found

    return open_


def fields_of(page: str) -> list[str]:
    """The names of the fields of a page's forms."""
    found = re.findall(r'<(?:input|select|textarea)[^>]*\sname="([^"]+)"', page)
    return sorted({name for name in found if name not in ("csrfmiddlewaretoken", "files")})


def plain(page: str) -> dict[str, str]:
    """What the forms of a page hold already."""
    pairs = re.findall(r'<input[^>]*\sname="([^"]+)"[^>]*\svalue="([^"]*)"', page)
    return {name: value for name, value in pairs if name not in ("csrfmiddlewaretoken", "key")}


FORMS: list[tuple[str, str, str, tuple[str, ...]]] = [
    # Who, the page of the form, where it goes, fields that the page may not show.
    ("M", "/cabinet/tickets/new", "/cabinet/tickets/new", ("project", "wanted_by_on")),
    ("M", "/cabinet/tickets/OLH-1/", "/cabinet/tickets/OLH-1/contest", ("about", "pause", "text")),
    ("M", "/cabinet/tickets/OLH-1/", "/cabinet/tickets/OLH-1/confirm", ("rating", "comment")),
    ("M", "/cabinet/tickets/OLH-1/", "/cabinet/tickets/OLH-1/message", ("text", "version")),
    ("O", "/cabinet/tickets/", "/cabinet/tickets/order", ("number", "direction")),
    ("O", "/cabinet/", "/cabinet/partner", ("partner",)),
    ("F", "/cabinet/deposit/", "/cabinet/deposit/convert", ("quantity",)),
    ("O", "/cabinet/team/", "/cabinet/team/invite", ("email", "name", "role", "language")),
    ("M", "/profile/", "/profile/", ("name", "timezone", "language", "theme", "phone")),
    ("L", "/work/record/", "/work/record/", ("since_at", "until_at", "ticket", "part")),
    ("L", "/work/absences/", "/work/absences/", ("since_at", "until_at")),
    ("L", "/work/tickets/OLH-1/re_promise", "/work/tickets/OLH-1/re_promise", ("due_at",)),
    ("L", "/work/tickets/OLH-1/merge", "/work/tickets/OLH-1/merge", ("into",)),
    ("L", "/work/tickets/OLH-1/hand_over", "/work/tickets/OLH-1/hand_over", ("executor",)),
    ("L", "/work/tickets/OLH-1/", "/work/tickets/OLH-1/work_start", ("part",)),
    ("L", "/work/tickets/OLH-1/", "/work/tickets/OLH-1/accept/preview", ("type", "parts")),
    (
        "P",
        "/production/",
        "/production/tickets/OLH-1/estimate",
        ("includes", "hours_max", "rate", "working_hours", "valid_until"),
    ),
    ("P", "/production/", "/production/tickets/OLH-1/log", ("minutes", "worked_on", "note")),
    ("D", "/control/absences/", "/control/absences/note", ("person", "kind", "since", "until")),
    ("D", "/control/", "/control/tickets/OLH-1/take", ("executor", "text")),
    ("B", "/setup/people/", "/setup/people/", ("email", "name", "role", "password")),
    ("B", "/setup/partners/new/", "/setup/partners/new/", ("code", "name", "credit", "plan")),
    ("B", "/setup/plans/new/", "/setup/plans/new/", ("name", "calendar")),
    ("B", "/setup/calendars/new/", "/setup/calendars/new/", ("name", "timezone")),
]
FITTING = {
    "about": "pause",
    "activity": "meeting",
    "due_at": "2026-12-20T12:00",
    "kind": "vacation",
    "since": "2026-12-20T12:00",
    "since_at": "2026-12-20T12:00",
    "until": "2026-12-21T12:00",
    "until_at": "2026-12-21T12:00",
    "valid_until": "2026-12-20",
    "worked_on": "2026-11-27",
}
VALUES = (
    "-1",
    "1000000000",
    "9223372036854775808",
    HUGE,
    "1E+999999",
    "\x00x",
    "0001-01-01",
    "9999-12-31",
    "0001-01-01T00:00",
    "9999-12-31T23:59",
    LONG,
)


@pytest.mark.parametrize(("role", "page", "path", "named"), FORMS, ids=lambda each: str(each)[:40])
def test_no_value_of_a_field_breaks_a_form(
    world: TwoPartners, visit: Open, role: str, page: str, path: str, named: tuple[str, ...]
) -> None:
    person = world.people()[role]
    assert person is not None
    visitor, broken = visit(person), []
    shown = visitor.get(page).content.decode()
    typed = {name: FITTING.get(name, "1") for name in named} | plain(shown) | {"type": "complex"}
    for name in dict.fromkeys([*named, *fields_of(shown)[:6], "version"]):
        for value in VALUES:
            sent: dict[str, Any] = {**typed, name: value}
            answer = visitor.client.post(path, {"key": f"{name}-{hash(value)}", **sent})
            if answer.status_code >= 500:
                broken.append(f"{name}={value[:20]!r}")
    assert broken == []


ADDRESSES = (
    "/cabinet/tickets/OLH-{}/", "/cabinet/tickets/{}/", "/cabinet/tickets/?cursor={}",
    "/cabinet/tickets/?project={}", "/cabinet/work/?month={}", "/cabinet/deposit/?month={}",
    "/notices/?before={}", "/notices/{}/", "/search?q={}", "/files/{}/x", "/files/x/{}",
    "/cabinet/tickets/?show={}", "/cabinet/tickets/new?project={}",
)  # fmt: skip
STAFF_ADDRESSES = (
    "/work/tickets/?q={}", "/work/tickets/?cursor={}", "/work/tickets/{}/", "/work/projects/{}/",
    "/work/record/{}", "/work/tickets/new?partner={}", "/work/tickets/?show={}",
)  # fmt: skip
OWNER_ADDRESSES = (
    "/setup/audit/?before={}", "/setup/audit/?person={}", "/setup/audit/?verb={}",
    "/setup/people/{}/", "/setup/partners/{}/", "/setup/mail/stored/{}", "/setup/plans/{}/",
    "/setup/mail/stored/..%2f..%2fsecret.key", "/setup/first-run/{}/",
    "/accounting/partners/{}/", "/accounting/partners/1/?month={}", "/account/invitation/{}/",
    "/account/invitation/1.{}/", "/setup/first-run/?token={}",
)  # fmt: skip
ODD = (
    "%00", "OLH%00-1", "%ED%A0%80", "%FF%FE", "-1", "0", "99999999999999999999", HUGE, "1e9",
    "%C2%B2", "%D9%A1", "..%2f..%2fetc%2fpasswd", "%25%27%5C", "W10", "WzFlOTk5XQ", "0000-13",
    "9999-12", "2026-11%00", "%F0%9F%92%A9" * 50, "a" * 3000,
)  # fmt: skip


@pytest.mark.parametrize(
    ("role", "addresses"), [("M", ADDRESSES), ("L", STAFF_ADDRESSES), ("B", OWNER_ADDRESSES)]
)
def test_no_address_breaks_a_page(
    world: TwoPartners, visit: Open, role: str, addresses: tuple[str, ...]
) -> None:
    person = world.people()[role]
    assert person is not None
    visitor, broken = visit(person), []
    for address in addresses:
        for value in ODD:
            answer = visitor.get(address.format(value))
            if answer.status_code >= 500:
                broken.append(address.format(value[:20]))
    assert broken == []


@pytest.mark.parametrize("cookie", ["sessionid", "csrftoken", "desk_language", "desk_theme"])
@pytest.mark.parametrize("value", ['"abcdefgh\\000"', '"\\377\\376"', "x" * 4000, "'", "uk;ru"])
def test_no_cookie_breaks_a_page(world: TwoPartners, cookie: str, value: str) -> None:
    client = Client(raise_request_exception=False)
    answer = client.get("/account/login/", headers={"cookie": f"{cookie}={value}"})
    assert answer.status_code in {200, 302, 400}
    answer = client.get("/cabinet/", headers={"cookie": f"{cookie}={value}"})
    assert answer.status_code in {302, 400}


def test_a_long_text_is_refused_and_given_back(world: TwoPartners, visit: Open) -> None:
    member, before = visit(world.desk.member), two_partners.counts()
    answer = member.post("/cabinet/tickets/OLH-1/message", text=LONG)
    assert answer.status_code == 422
    assert "too long" in answer.content.decode()
    sent: dict[str, Any] = {"project": world.desk.company.project.pk, "subject": LONG, "text": "x"}
    assert member.post("/cabinet/tickets/new", **sent).status_code == 422
    assert two_partners.counts() == before


def test_more_parts_than_a_ticket_has_are_refused(world: TwoPartners, visit: Open) -> None:
    lead = visit(world.desk.lead)
    parts = "\n".join(f"Part {number}" for number in range(10_000))
    before = two_partners.counts()
    for path, word in (("reclassify", "reason"), ("accept", "message")):
        sent: dict[str, Any] = {"type": "complex", "parts": parts, word: "Many"}
        answer = lead.post(f"/work/tickets/OLH-1/{path}", **sent)
        assert answer.status_code in {409, 422}
    assert two_partners.counts() == before


def test_more_fields_than_a_form_has_are_refused(world: TwoPartners, visit: Open) -> None:
    member = visit(world.desk.member)
    sent: dict[str, Any] = {f"field{number}": "x" for number in range(1_200)}
    assert member.post("/cabinet/tickets/OLH-1/message", text="x", **sent).status_code == 400


@pytest.mark.parametrize("quantity", ["-1", "0", "-0", "1000000000", HUGE, "1.5", "²", "", "NaN"])
def test_no_quantity_makes_money(world: TwoPartners, visit: Open, quantity: str) -> None:
    partner = world.desk.company.partner.pk
    before = deposits.balance(partner)
    finance, accountant = visit(world.desk.company.finance), visit(world.desk.house.accountant)
    assert finance.post("/cabinet/deposit/convert", quantity=quantity).status_code in {409, 422}
    base = f"/accounting/partners/{partner}"
    for path, fields in (
        ("buy", {"buy-quantity": quantity, "buy-price": "180", "buy-paid": "180"}),
        ("buy", {"buy-quantity": "1", "buy-price": quantity or "-1", "buy-paid": "180"}),
        ("top-up", {"top-amount": quantity}),
        ("convert", {"convert-quantity": quantity}),
    ):
        if path != "convert" and quantity in ("1.5", "1000000000"):
            continue
        sent: dict[str, Any] = dict(fields)
        assert accountant.post(f"{base}/{path}", **sent).status_code in {409, 422}, (path, fields)
    assert deposits.balance(partner) == before


@pytest.mark.parametrize("version", ["-1", "1.0", "9" * 10, HUGE, "²", "\x00", "one", "0", "999"])
def test_no_version_passes_for_the_present_one(
    world: TwoPartners, visit: Open, version: str
) -> None:
    answer = visit(world.desk.member).post(
        "/cabinet/tickets/OLH-1/message", version=version, text="x"
    )
    assert answer.status_code in {400, 409}
    assert not Message.objects.filter(text="x").exists()
    assert fresh(world.ticket).version == world.ticket.version


@pytest.mark.parametrize("key", ["", "k" * 65, "\x00", "k\r\nx", "ключ"])
def test_a_form_without_its_key_does_nothing(world: TwoPartners, visit: Open, key: str) -> None:
    before = two_partners.counts()
    client = visit(world.desk.member).client
    for path in ("/cabinet/tickets/OLH-1/message", "/cabinet/tickets/OLH-1/doubt"):
        answer = client.post(path, {"key": key, "text": "x"})
        assert answer.status_code == 400
    assert two_partners.counts() == before


def test_a_key_of_somebody_else_repeats_nothing(world: TwoPartners, visit: Open) -> None:
    first = visit(world.desk.member).post("/cabinet/tickets/OLH-1/doubt", key="k", text="Two?")
    second = visit(world.other.owner).post(
        "/cabinet/tickets/new", key="k", project=world.other.project.pk, subject="A", text="B"
    )
    assert second.status_code == 303
    assert first.status_code in {303, 422}
    assert Ticket.objects.latest("id").partner == world.other.partner
