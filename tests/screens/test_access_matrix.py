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
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import copy

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from desk.channels.email.models import Mailbox, Suppression
from desk.channels.webhooks.models import Endpoint, Event
from tests.screens import two_partners
from tests.screens.two_partners import TwoPartners
from tests.screens.visits import Visit

ROLES = "AOFMWVXLSDPCB"
NEVER = "m mmmmm m mm m m m m"
ALL = "+ +++++ + ++ + + + +"
SIGNED_IN = "s +++++ + ++ + + + +"
MOVED_ON = "s >>>>> > >> > > > >"
OWN_NONE = "s 00000 0 00 0 0 0 0"
OWN_MISSED = "s mmmmm m mm m m m m"
NOT_THERE = "0 00000 0 00 0 0 0 0"
CABINET = "s +++++ + -- - - - -"
TICKET = "s +++0+ 0 -- - - - -"
OWNER_DOES = "s >---- 0 -- - - - -"
OWN = "s +---- + -- - - - -"
OWN_HOOK = "s +---- 0 -- - - - -"
SPECIALIST = "s ----- - ++ - - - -"
SPECIALIST_DOES = "s ----- - >> - - - -"
SPECIALIST_ASKED = "s ----- - ?? - - - -"
STAFF = "s ----- - ++ + + + +"
KNOWS = "s ----- - ++ + + - -"
CONTROL = "s ----- - -- + - - -"
CONTROL_ASKED = "s ----- - -- ? - - -"
ASSIGNS = "s ----- - -- + - - +"
ASSIGNS_ASKED = "s ----- - -- ? - - ?"
PRODUCTION = "s ----- - -- + + - -"
BOOKS = "s ----- - -- - - + +"
BOOKS_ASKED = "s ----- - -- - - ? -"
VENDOR = "s ----- - -- - - - +"
VENDOR_ASKED = "s ----- - -- - - - ?"
VENDOR_DOES = "s ----- - -- - - - >"

# Address, what a GET answers, what a POST answers; fields of the POST beside its key.
#   A OFMWV X LS D P C B    A OFMWV X LS D P C B
TABLE: list[tuple[str, str, str, dict[str, str]]] = [
    ("", MOVED_ON, MOVED_ON, {}),
    ("healthz", ALL, NEVER, {}),
    ("_design", ALL, ALL, {}),
    ("search", SIGNED_IN, NEVER, {}),
    ("settings/language", NEVER, "> >>>>> > >> > > > >", {"language": "en"}),
    ("settings/theme", NEVER, "> >>>>> > >> > > > >", {"theme": "dark"}),
    ("profile/", SIGNED_IN, "s ????? ? ?? ? ? ? ?", {}),
    ("presence/<number>", "s mmmmm m mm m m m m", "s +++0+ 0 ++ + + + +", {}),
    ("files/<token>/<name>", "s +++0+ 0 ++ + + + +", "s mmmmm m mm m m m m", {}),
    # The bell.
    ("notices/", SIGNED_IN, NEVER, {}),
    ("notices/bell", SIGNED_IN, NEVER, {}),
    ("notices/read", NEVER, MOVED_ON, {"up_to": "1"}),
    ("notices/<notice_id>/", "s 00>00 0 00 0 0 0 0", NEVER, {}),
    # The cabinet.
    ("cabinet/", CABINET, NEVER, {}),
    ("cabinet/partner", NEVER, "s >>>>> > -- - - - -", {}),
    ("cabinet/tickets/", CABINET, NEVER, {}),
    ("cabinet/tickets/order", NEVER, OWNER_DOES, {"number": "OLH-1"}),
    ("cabinet/tickets/new", "s +-++- + -- - - - -", "s ?-??- ? -- - - - -", {}),
    ("cabinet/tickets/<number>/", TICKET, NEVER, {}),
    ("cabinet/tickets/<number>/clock", TICKET, NEVER, {}),
    ("cabinet/tickets/<number>/follow", NEVER, "s >>>0> 0 -- - - - -", {"follows": "1"}),
    ("cabinet/tickets/<number>/<verb>", NEVER, "s >>>0? 0 -- - - - -", {"text": "So"}),
    ("cabinet/deposit/", "s ++--- + -- - - - -", NEVER, {}),
    ("cabinet/deposit/convert", NEVER, "s >>--- ? -- - - - -", {"quantity": "1"}),
    ("cabinet/team/", "s +---- + -- - - - -", NEVER, {}),
    ("cabinet/team/invite", NEVER, "s ?---- ? -- - - - -", {}),
    ("cabinet/team/<person_id>", NEVER, OWNER_DOES, {"role": "viewer"}),
    ("cabinet/team/<person_id>/end", NEVER, OWNER_DOES, {}),
    ("cabinet/team/invitations/<invitation_id>/withdraw", NEVER, OWNER_DOES, {}),
    ("cabinet/team/invitations/<invitation_id>/resend", NEVER, OWNER_DOES, {}),
    ("cabinet/projects/", CABINET, NEVER, {}),
    ("cabinet/hours/", CABINET, NEVER, {}),
    ("cabinet/work/", CABINET, NEVER, {}),
    ("cabinet/webhooks/", OWN, NEVER, {}),
    ("cabinet/webhooks/add", NEVER, "s ?---- ? -- - - - -", {}),
    ("cabinet/webhooks/<endpoint_id>/", OWN_HOOK, NEVER, {}),
    ("cabinet/webhooks/<endpoint_id>/change", NEVER, "s ?---- 0 -- - - - -", {}),
    ("cabinet/webhooks/<endpoint_id>/rotate", NEVER, OWN_HOOK, {}),
    ("cabinet/webhooks/<endpoint_id>/pause", NEVER, OWNER_DOES, {}),
    ("cabinet/webhooks/<endpoint_id>/resume", NEVER, OWNER_DOES, {}),
    ("cabinet/webhooks/<endpoint_id>/remove", NEVER, OWNER_DOES, {}),
    ("cabinet/webhooks/<endpoint_id>/ping", NEVER, OWNER_DOES, {}),
    ("cabinet/webhooks/<endpoint_id>/missed", NEVER, OWNER_DOES, {}),
    ("cabinet/webhooks/<endpoint_id>/events/<event_id>/", OWN_HOOK, NEVER, {}),
    ("cabinet/webhooks/<endpoint_id>/events/<event_id>/redeliver", NEVER, OWNER_DOES, {}),
    # The workplace.
    ("work/", SPECIALIST, NEVER, {}),
    ("work/now/stop", NEVER, SPECIALIST_DOES, {}),
    ("work/now/<activity>", NEVER, SPECIALIST_DOES, {}),
    ("work/record/", SPECIALIST, SPECIALIST_ASKED, {}),
    ("work/record/<interval_id>", "s ----- - +0 - - - -", "s ----- - ?0 - - - -", {}),
    ("work/absences/", SPECIALIST, SPECIALIST_ASKED, {}),
    ("work/absences/<absence_id>/withdraw", NEVER, "s ----- - >0 - - - -", {}),
    ("work/partners/", KNOWS, NEVER, {}),
    ("work/projects/<project_id>/", KNOWS, NEVER, {}),
    ("work/projects/<project_id>/dossier", KNOWS, "s ----- - >> > > - -", {}),
    ("work/tickets/", STAFF, NEVER, {}),
    ("work/tickets/new", "s ----- - ++ + - - -", "s ----- - ++ + - - -", {}),
    ("work/tickets/<number>/", STAFF, NEVER, {}),
    ("work/tickets/<number>/clock", STAFF, NEVER, {}),
    ("work/tickets/<number>/follow", NEVER, "s ----- - >> > > > >", {}),
    ("work/tickets/<number>/accept/preview", NEVER, STAFF, {}),
    (
        "work/tickets/<number>/<verb>",
        "s ----- - +? + ? ? ?",
        "s ----- - >? > ? ? ?",
        {"text": "So"},
    ),
    # Production.
    ("production/", PRODUCTION, NEVER, {}),
    ("production/tickets/<number>/", PRODUCTION, NEVER, {}),
    (
        "production/tickets/<number>/<verb>",
        "s ----- - -- - + - -",
        "s ----- - -- - > - -",
        {"text": "So"},
    ),
    # The control room.
    ("control/", CONTROL, NEVER, {}),
    ("control/wall", CONTROL, NEVER, {}),
    ("control/disputes/", CONTROL, NEVER, {}),
    ("control/disputes/<dispute_id>/rule", NEVER, CONTROL_ASKED, {}),
    ("control/breaches/", CONTROL, NEVER, {}),
    ("control/breaches/<clock_id>/excuse", NEVER, CONTROL_ASKED, {}),
    ("control/tickets/<number>/take", NEVER, CONTROL_ASKED, {}),
    ("control/assignments/", ASSIGNS, NEVER, {}),
    ("control/assignments/<project_id>", NEVER, ASSIGNS_ASKED, {}),
    ("control/assignments/partner/<partner_id>", NEVER, ASSIGNS_ASKED, {}),
    ("control/absences/", ASSIGNS, NEVER, {}),
    ("control/absences/note", NEVER, ASSIGNS_ASKED, {}),
    ("control/absences/<absence_id>/withdraw", NEVER, "s ----- - -- > - - >", {}),
    # Accounting.
    ("accounting/", BOOKS, NEVER, {}),
    ("accounting/partners/<partner_id>/", BOOKS, NEVER, {}),
    ("accounting/partners/<partner_id>/buy", NEVER, BOOKS_ASKED, {}),
    ("accounting/partners/<partner_id>/top-up", NEVER, BOOKS_ASKED, {}),
    ("accounting/partners/<partner_id>/convert", NEVER, BOOKS_ASKED, {}),
    ("accounting/partners/<partner_id>/adjust", NEVER, BOOKS_ASKED, {}),
    (
        "accounting/partners/<partner_id>/reverse/<ticket_id>/",
        "s ----- - -- - - + -",
        BOOKS_ASKED,
        {},
    ),
    ("accounting/corrections/<adjustment_id>", NEVER, "s ----- - -- - - > >", {}),
    # Set-up.
    ("setup/", VENDOR, NEVER, {}),
    ("setup/first-run/", NOT_THERE, NOT_THERE, {}),
    ("setup/first-run/<name>/", VENDOR, VENDOR, {}),
    ("setup/channels/", VENDOR, NEVER, {}),
    ("setup/channels/arrivals/<arrival_id>/", VENDOR, NEVER, {}),
    ("setup/channels/arrivals/<arrival_id>/raw", VENDOR, NEVER, {}),
    ("setup/channels/arrivals/<arrival_id>/replay", NEVER, VENDOR_DOES, {}),
    ("setup/channels/arrivals/<arrival_id>/dismiss", NEVER, VENDOR_DOES, {}),
    ("setup/channels/deliveries/<delivery_id>/resend", NEVER, VENDOR_DOES, {}),
    ("setup/mail/", VENDOR, NEVER, {}),
    ("setup/mail/deliveries/<delivery_id>/resend", NEVER, VENDOR_DOES, {}),
    ("setup/mail/entries/<entry_id>/unpark", NEVER, VENDOR_DOES, {}),
    ("setup/mail/mailboxes/add", NEVER, VENDOR_ASKED, {}),
    ("setup/mail/mailboxes/<mailbox_id>/", VENDOR, VENDOR_ASKED, {}),
    ("setup/mail/mailboxes/<mailbox_id>/test", NEVER, VENDOR, {}),
    ("setup/mail/mailboxes/<mailbox_id>/switch", NEVER, VENDOR_DOES, {}),
    ("setup/mail/suppressions/<suppression_id>/lift", NEVER, VENDOR_DOES, {}),
    ("setup/mail/stored/<name>", "s ----- - -- - - - 0", NEVER, {}),
    ("setup/webhooks/", VENDOR, NEVER, {}),
    ("setup/webhooks/add", NEVER, VENDOR_ASKED, {}),
    ("setup/webhooks/<endpoint_id>/", VENDOR, NEVER, {}),
    ("setup/webhooks/<endpoint_id>/change", NEVER, VENDOR_ASKED, {}),
    ("setup/webhooks/<endpoint_id>/rotate", NEVER, VENDOR, {}),
    ("setup/webhooks/<endpoint_id>/pause", NEVER, VENDOR_DOES, {}),
    ("setup/webhooks/<endpoint_id>/resume", NEVER, VENDOR_DOES, {}),
    ("setup/webhooks/<endpoint_id>/remove", NEVER, VENDOR_DOES, {}),
    ("setup/webhooks/<endpoint_id>/ping", NEVER, VENDOR_DOES, {}),
    ("setup/webhooks/<endpoint_id>/missed", NEVER, VENDOR_DOES, {}),
    ("setup/webhooks/<endpoint_id>/events/<event_id>/", VENDOR, NEVER, {}),
    ("setup/webhooks/<endpoint_id>/events/<event_id>/redeliver", NEVER, VENDOR_DOES, {}),
    ("setup/people/", VENDOR, VENDOR_ASKED, {}),
    ("setup/people/<person_id>/", VENDOR, NEVER, {}),
    ("setup/people/<person_id>/change", NEVER, VENDOR_ASKED, {}),
    ("setup/people/<person_id>/role", NEVER, VENDOR_ASKED, {}),
    ("setup/people/<person_id>/caps", NEVER, VENDOR_ASKED, {}),
    ("setup/people/<person_id>/leave", NEVER, VENDOR_DOES, {}),
    ("setup/people/<person_id>/let-back", NEVER, VENDOR_DOES, {}),
    ("setup/invitations/<invitation_id>/withdraw", NEVER, VENDOR_DOES, {}),
    ("setup/invitations/<invitation_id>/resend", NEVER, VENDOR_DOES, {}),
    ("setup/partners/", VENDOR, NEVER, {}),
    ("setup/partners/new/", VENDOR, VENDOR_ASKED, {}),
    ("setup/partners/<partner_id>/", VENDOR, NEVER, {}),
    ("setup/partners/<partner_id>/change/", VENDOR, VENDOR_ASKED, {}),
    ("setup/partners/<partner_id>/projects", NEVER, VENDOR_ASKED, {}),
    ("setup/partners/<partner_id>/invite", NEVER, VENDOR_ASKED, {}),
    ("setup/partners/<partner_id>/assign", NEVER, VENDOR_ASKED, {}),
    ("setup/partners/<partner_id>/people/<person_id>", NEVER, VENDOR_DOES, {}),
    ("setup/projects/<project_id>/assign", NEVER, VENDOR_ASKED, {}),
    ("setup/projects/<project_id>/archive", NEVER, VENDOR_DOES, {}),
    ("setup/plans/", VENDOR, NEVER, {}),
    ("setup/plans/new/", VENDOR, VENDOR_ASKED, {}),
    ("setup/plans/<plan_id>/", VENDOR, VENDOR_ASKED, {}),
    ("setup/calendars/new/", VENDOR, VENDOR_ASKED, {}),
    ("setup/calendars/<calendar_id>/", VENDOR, VENDOR_ASKED, {}),
    ("setup/calendars/<calendar_id>/choose", NEVER, VENDOR_DOES, {}),
    ("setup/health/", VENDOR, NEVER, {}),
    ("setup/health/check", NEVER, VENDOR_DOES, {}),
    ("setup/audit/", VENDOR, NEVER, {}),
    # Signing in; the pages of allauth.
    ("account/invitation/<token>/", ALL, "? ????? ? ?? ? ? ? ?", {}),
    ("account/login/", "+ >>>>> > >> > > > >", "+ >>>>> > >> > > > >", {}),
    ("account/login/code/confirm/", "s >>>>> > >> > > > >", "s >>>>> > >> > > > >", {}),
    ("account/logout/", "s +++++ + ++ + + + +", "s sssss s ss s s s s", {}),
    ("account/inactive/", ALL, "m mmmmm m mm m m m m", {}),
    ("account/signup/", "+ >>>>> > >> > > > >", "+ >>>>> > >> > > > >", {}),
    ("account/reauthenticate/", "s +++++ + ++ + + + +", SIGNED_IN, {}),
    ("account/email/", NOT_THERE, NOT_THERE, {}),
    ("account/confirm-email/", NOT_THERE, NOT_THERE, {}),
    ("account/confirm-email/<key>/", NOT_THERE, NOT_THERE, {}),
    ("account/password/change/", SIGNED_IN, SIGNED_IN, {}),
    ("account/password/set/", MOVED_ON, MOVED_ON, {}),
    ("account/password/reset/", ALL, ALL, {}),
    ("account/password/reset/done/", ALL, NEVER, {}),
    ("account/password/reset/key/done/", ALL, NEVER, {}),
    ("account/password/reset/key/<uidb36>-<key>/", ALL, ALL, {}),
    ("account/2fa/", SIGNED_IN, OWN_MISSED, {}),
    ("account/2fa/authenticate/", "s >>>>> > >> > > > >", "s >>>>> > >> > > > >", {}),
    ("account/2fa/reauthenticate/", MOVED_ON, MOVED_ON, {}),
    ("account/2fa/totp/activate/", MOVED_ON, MOVED_ON, {}),
    ("account/2fa/totp/deactivate/", OWN_NONE, OWN_NONE, {}),
    ("account/2fa/recovery-codes/", OWN_NONE, OWN_MISSED, {}),
    ("account/2fa/recovery-codes/generate/", MOVED_ON, MOVED_ON, {}),
    ("account/2fa/recovery-codes/download/", OWN_NONE, OWN_NONE, {}),
    ("account/sessions/", SIGNED_IN, MOVED_ON, {}),
]
CODES = {200: "+", 403: "-", 404: "0", 405: "m", 410: "g", 400: "?", 409: "?", 422: "?"}
# A GET may note that somebody is there, and that who opens a notice has read it; nothing else.
GET_MAY_WRITE = re.compile(
    r'UPDATE "partners_person" SET "seen_at"|"django_session"|"desk_cache"|"usersessions_|'
    r'UPDATE "notices_notice" SET "read_at"'
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


@pytest.fixture
def world(db: None) -> TwoPartners:
    found = two_partners.opened()
    two_partners.hooked(found)
    two_partners.mailed(found)
    two_partners.stuck(found)
    return found


def addresses() -> list[str]:
    """Every address of the desk, as the table writes them."""
    return [_written(each) for each in _walk(get_resolver().url_patterns)]


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


def filled(world: TwoPartners, address: str) -> str:
    """The address with the things of OLH, or of its lead, in it."""
    company, house = world.desk.company, world.desk.house
    things: dict[str, object] = {
        "absence_id": world.absence.pk,
        "activity": "break",
        "adjustment_id": world.adjustment.pk,
        "arrival_id": world.arrival.pk,
        "calendar_id": house.calendar.pk,
        "clock_id": world.breached.pk,
        "delivery_id": world.delivery.pk,
        "dispute_id": world.doubt.pk,
        "endpoint_id": Endpoint.objects.latest("id").pk,
        "entry_id": world.delivery.entry_id,
        "event_id": Event.objects.latest("id").pk,
        "interval_id": world.interval.pk,
        "invitation_id": world.invitation.pk,
        "key": "guessed",
        "mailbox_id": Mailbox.objects.latest("id").pk,
        "name": "plan" if "first-run" in address else world.file.name,
        "notice_id": world.notice.pk,
        "number": "OLH-1",
        "partner_id": company.partner.pk,
        "person_id": company.member.pk,
        "plan_id": house.plan.pk,
        "project_id": company.project.pk,
        "suppression_id": Suppression.objects.latest("id").pk,
        "ticket_id": world.ticket.pk,
        "token": world.token if "invitation" in address else world.file.token,
        "uidb36": "1",
        "verb": "note" if address.startswith("production") else "message",
    }
    return "/" + re.sub(r"<(\w+)>", lambda name: str(things[name[1]]), address)


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
    world: TwoPartners, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    visit, column = visitor(world, role, monkeypatch), ROLES.index(role)
    before, wrong = two_partners.counts(), []
    for address, got, sent, fields in TABLE:
        path = filled(world, address)
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
