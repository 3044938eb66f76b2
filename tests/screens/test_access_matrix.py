"""Who may open and who may send what: every address of the desk × every role, by hand.

An address that the table does not name fails the tests, and so does a line of the table that no
address has. Columns, by the letters of `two_partners.TwoPartners.people`:

    A  nobody signed in          OFMWV  OLH's owner, finance, member, member of own tickets, viewer
    X  owner of another partner  LS     lead of OLH, a specialist who has nothing to do with OLH
    D  administrator   P  production   C  accountant   B  owner of the desk

Every named thing belongs to OLH (the ticket OLH-1, its file, its people), or to L (a row of the
record, an absence). What a cell says:

    +  a page or an answer     >  done, and led on      s  to the sign-in
    -  403, not for this role  0  404, as if there were no such thing
    ?  a refusal in a sentence (400, 409, 422): the form was let through to its checks
    m  405, no such method     g  410, a link that is used up
    k  401, for programs that prove themselves by a secret or a signature
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import copy

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import DjangoDbBlocker

from desk.channels import unsubscribing
from desk.channels.api.models import Token
from desk.channels.email.models import Mailbox, Received, Suppression
from desk.channels.notices.push.models import Browser
from desk.channels.onebox.models import Connection
from desk.channels.phone.models import Call, CallBack, Line
from desk.channels.themes import Theme
from desk.channels.webhooks.models import Endpoint, Event
from desk.oversight.models import (
    Audit,
    Complaint,
    Edition,
    ManagerRequest,
    Offer,
    Outage,
    Violation,
)
from tests.screens import money_things, two_partners
from tests.screens.access_table import ROLES, TABLE
from tests.screens.two_partners import TwoPartners
from tests.screens.visits import Visit

CODES = {200: "+", 403: "-", 404: "0", 405: "m", 401: "k", 410: "g", 400: "?", 409: "?", 422: "?"}
# A GET may note that somebody is there, and that who opens a notice has read it; an exchange's
# event that proves nothing is counted; nothing else.
GET_MAY_WRITE = re.compile(
    r'UPDATE "partners_person" SET "seen_at"|"django_session"|"desk_cache"|"usersessions_|'
    r'UPDATE "notices_notice" SET "read_at"|UPDATE "phone_line" SET "refused"'
)
WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|TRUNCATE|MERGE)", re.IGNORECASE)


class Undone(Exception):
    """Takes what a request did back."""


class Writes(list[str]):
    """The writing statements of a request that a GET may not have."""

    def __call__(self, execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        if isinstance(sql, str) and WRITES.match(sql) and not GET_MAY_WRITE.search(sql):
            self.append(sql[:120])
        return execute(sql, params, many, context)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[TwoPartners]:
    """Made once for all roles: what each request does is taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield two_partners.furnished()
        transaction.set_rollback(True)


def addresses() -> list[str]:
    """Every address of the desk, as the table writes them; who may call what by a token stands in
    tests/channels/api_table.py."""
    found = [_written(each) for each in _walk(get_resolver().url_patterns)]
    return [each for each in found if not each.startswith("api/")]


def _walk(found: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for one in found:
        here = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, here)
        else:
            yield here


def _written(pattern: str) -> str:
    plain = re.sub(r"\(\?P<(\w+)>[^()]*\)", r"<\1>", pattern.replace("^", "").replace("$", ""))
    return re.sub(r"<\w+:(\w+)>", r"<\1>", plain)


def filled(world: TwoPartners, address: str, known: Mapping[str, object]) -> str:
    """The address with the things of OLH, or of its lead, in it; `known` are those of every
    address (`things`)."""
    own = {
        "name": "plan" if "first-run" in address else world.file.name,
        "token": _token(world, address) if "<token>" in address else "",
        "verb": "note" if address.startswith("production") else "message",
    }
    here = {**known, **own}
    return "/" + re.sub(r"<(\w+)>", lambda name: str(here[name[1]]), address)


def things(world: TwoPartners) -> dict[str, object]:
    """What an address can name, by the word in it."""
    company, house = world.desk.company, world.desk.house
    return (
        _of_channels()
        | money_things.things()
        | {
            "absence_id": world.absence.pk,
            "activity": "break",
            "adjustment_id": world.adjustment.pk,
            "arrival_id": world.arrival.pk,
            "audit_id": Audit.objects.latest("id").pk,
            "calendar_id": house.calendar.pk,
            "clock_id": world.breached.pk,
            "delivery_id": world.delivery.pk,
            "dispute_id": world.doubt.pk,
            "entry_id": world.delivery.entry_id,
            "interval_id": world.interval.pk,
            "invitation_id": world.invitation.pk,
            "key": "guessed",
            "notice_id": world.notice.pk,
            "number": "OLH-1",
            "partner_id": company.partner.pk,
            "person_id": company.member.pk,
            "position": 1,
            "plan_id": house.plan.pk,
            "project_id": company.project.pk,
            "offer_id": Offer.objects.latest("id").pk,
            "request_id": ManagerRequest.objects.latest("id").pk,
            "ticket_id": world.ticket.pk,
            "edition_id": Edition.objects.latest("id").pk,
            "clause_number": "1.1",
            "violation_id": Violation.objects.latest("id").pk,
            "complaint_id": Complaint.objects.latest("id").pk,
            "outage_id": Outage.objects.latest("id").pk,
            "uidb36": "1",
        }
    )


def _of_channels() -> dict[str, object]:
    """What the ways in and out have of OLH."""
    return {
        "address_id": 1,
        "alias_id": 1,
        "blocked_id": 1,
        "browser_id": Browser.objects.latest("id").pk,
        "call_id": Call.objects.latest("id").pk,
        "callback_id": CallBack.objects.latest("id").pk,
        "code": Line.objects.latest("id").code,
        "connection_id": Connection.objects.latest("id").pk,
        "endpoint_id": Endpoint.objects.latest("id").pk,
        "event_id": Event.objects.latest("id").pk,
        "line_id": Line.objects.latest("id").pk,
        "mailbox_id": Mailbox.objects.latest("id").pk,
        "message_id": Received.objects.latest("id").message_id,
        "suppression_id": Suppression.objects.latest("id").pk,
        "token_id": Token.objects.latest("id").pk,
    }


def _token(world: TwoPartners, address: str) -> str:
    if address.startswith("answer"):
        return world.answer_link
    if "unsubscribe" in address:
        member = world.desk.company.member
        return unsubscribing.path(member.pk, [Theme.MESSAGES]).split("/")[-2]
    return world.token if "invitation" in address else world.file.token


def told(response: HttpResponse) -> str:
    """What an answer is in the table."""
    if response.status_code in (302, 303):
        return "s" if response.headers["Location"].startswith("/account/login/") else ">"
    return CODES.get(response.status_code, str(response.status_code))


def visitor(world: TwoPartners, role: str, monkeypatch: pytest.MonkeyPatch) -> Visit:
    person = world.people()[role]
    if person is None:
        return Visit(world.desk, monkeypatch, Client(headers={"accept-language": "en"}))
    return Visit.of(person, world.desk, monkeypatch)


def test_the_table_names_every_address_and_no_other() -> None:
    named = [line[0] for line in TABLE]
    assert sorted(named) == sorted(set(addresses()))
    assert len(named) == len(set(named))
    for address, got, sent, _ in TABLE:
        assert len(got.replace(" ", "")) == len(sent.replace(" ", "")) == len(ROLES), address


@pytest.mark.parametrize("role", ROLES)
def test_who_may_open_and_send_what(
    db: None, world: TwoPartners, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    visit, column = visitor(world, role, monkeypatch), ROLES.index(role)
    known, before, wrong = things(world), two_partners.counts(), []
    for address, got, sent, fields in TABLE:
        path = filled(world, address, known)
        for method, line in (("GET", got), ("POST", sent)):
            expected = line.replace(" ", "")[column]
            found, writes, after = answered(visit, method, path, fields)
            if found != expected:
                wrong.append(f"{method} /{address}: {found} instead of {expected}")
            if writes and (method == "GET" or expected in "s-0m"):
                wrong.append(f"{method} /{address} writes: {writes[0]}")
            if expected == "?" and after not in (before, None):
                wrong.append(f"{method} /{address} is refused and does something all the same")
    assert not wrong, "\n".join(wrong)
    assert two_partners.counts() == before


def answered(
    visit: Visit, method: str, path: str, fields: dict[str, str]
) -> tuple[str, list[str], dict[str, int] | None]:
    """What a request is answered, what it wrote, and how many rows there were then (None: it
    wrote nothing). Afterwards nothing has happened."""
    writes, found, cookies = Writes(), "", copy(visit.client.cookies)
    after: dict[str, int] | None = None
    try:
        with transaction.atomic(), connection.execute_wrapper(writes):
            answer = visit.get(path) if method == "GET" else visit.post(path, **fields)
            found = told(answer)
            two_partners.let_go(answer)
            after = two_partners.counts() if writes else None
            raise Undone
    except Undone:
        visit.client.cookies = cookies
        return found, writes, after
