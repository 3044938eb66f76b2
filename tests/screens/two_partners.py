"""A desk with two partners and one thing of every kind that an address can name.

OLH is the partner that is attacked: its ticket OLH-1 was accepted too late, waits for an answer,
has a file, an internal note with a file, a contest and a doubt. AGR is who must not learn of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from psycopg import sql

from desk.channels import actions as channels
from desk.channels.api import actions as api
from desk.channels.api.scopes import Scope
from desk.channels.email import actions as email
from desk.channels.email import links
from desk.channels.email.models import Received, Security
from desk.channels.models import Arrival, Delivery, Intake
from desk.channels.notices.models import Notice
from desk.channels.notices.push import actions as push
from desk.channels.notices.push.models import Browser
from desk.channels.onebox import actions as onebox
from desk.channels.phone import actions as hotline
from desk.channels.phone.events import CallEvent, Kind
from desk.channels.phone.models import Provider
from desk.channels.webhooks import actions as webhooks
from desk.config import relay
from desk.deposits import actions as deposits
from desk.deposits.models import Adjustment
from desk.lib import files
from desk.partners import actions as partners
from desk.partners.models import Invitation, PartnerRole, Person
from desk.rules.ledger import Commodity
from desk.rules.lifecycle import Type
from desk.tickets import actions
from desk.tickets.actions import Accepting, Objection, Submission
from desk.tickets.models import Attachment, Clock, Dispute, DisputeAbout, Message, Pause, Ticket
from desk.workdays import actions as workdays
from desk.workdays.models import Absence, AbsenceKind, Activity, Interval
from tests import cast
from tests.channels import exchanges
from tests.language import OPENED, Desk
from tests.scenarios.tickets import buys, fresh, tops_up
from tests.screens import money_things, standard_things

SECRET_NOTE = "Their invoice is overdue"
SECRET_TEXT = "The ledger of Olhivka does not add up"
PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
MAIL = "\r\n".join(
    (
        "From: Marko <marko@olh.example>",
        "To: desk@desk.example",
        "Subject: The ledger",
        "Message-ID: <1@olh.example>",
        'Content-Type: multipart/related; boundary="b"',
        "",
        "--b",
        "Content-Type: text/html; charset=utf-8",
        "",
        f'<p>{SECRET_TEXT}</p><img src="cid:one"><img src="https://else.example/seen.png">',
        "--b",
        "Content-Type: image/png; name=one.png",
        "Content-Transfer-Encoding: base64",
        "Content-ID: <one>",
        "",
        PICTURE,
        "--b--",
        "",
    )
).encode()
# The browser of the example in RFC 8291.
BROWSER_KEY = (
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
)
SECRET_FILE = b"column;sum\nsecret;42\n"
# Sessions come and go with requests; a deposit without movements is made by looking for money.
UNCOUNTED = ("django_session", "usersessions_usersession", "deposits_deposit")


@dataclass
class TwoPartners:
    """OLH with its ticket, AGR beside it."""

    desk: Desk
    other: cast.Company
    own_only: Person
    ticket: Ticket
    outside: Ticket
    file: Attachment
    internal: Attachment
    pause: Pause
    breached: Clock
    contest: Dispute
    doubt: Dispute
    adjustment: Adjustment
    invitation: Invitation
    token: str
    interval: Interval
    absence: Absence

    @property
    def notice(self) -> Notice:
        """The newest notice of the member of OLH."""
        return Notice.objects.filter(person=self.desk.member, ticket=self.ticket).latest("id")

    @property
    def delivery(self) -> Delivery:
        return Delivery.objects.latest("id")

    @property
    def answer_link(self) -> str:
        """The token of the link that a mail gave the member of OLH."""
        return links.path(self.ticket, self.desk.member, self.desk.now).split("/")[2]

    @property
    def arrival(self) -> Arrival:
        return Arrival.objects.latest("id")

    def people(self) -> dict[str, Person | None]:
        """Everybody of the access matrix, by the letters of its columns."""
        house, company = self.desk.house, self.desk.company
        return {
            "A": None,
            "O": company.owner,
            "F": company.finance,
            "M": company.member,
            "W": self.own_only,
            "V": company.viewer,
            "X": self.other.owner,
            "L": house.lead,
            "S": self.specialist,
            "D": house.administrator,
            "P": house.production,
            "C": house.accountant,
            "B": house.vendor,
        }

    @property
    def specialist(self) -> Person:
        """A specialist who has nothing to do with OLH."""
        return Person.objects.get(email="stepan@people.example")


def opened() -> TwoPartners:
    """Everything, made through the product's own actions, on a Friday before noon."""
    desk = Desk.open()
    other = cast.company(OPENED, desk.house, "AGR", "Agrolan Demo")
    cast.specialist(OPENED, "Stepan Chuzhyi")
    own_only = _own_only(desk)
    buys(desk, 5)
    tops_up(desk, 5_000_00)
    ticket = _late_and_waiting(desk)
    clock = Clock.objects.get(ticket=ticket, kind="acceptance", cycle=1)
    pause = Pause.objects.get(clock__ticket=ticket)
    objection = Objection(DisputeAbout.PAUSE, "You knew it.", pause.pk)
    contest = actions.contest(desk.cause(desk.member), ticket.pk, objection)
    doubt = actions.doubt(desk.cause(desk.member), ticket.pk, "Is this right?")
    invited = partners.Invited("new@olh.example", PartnerRole.VIEWER, desk.company.partner.pk)
    invitation, token = partners.invite(desk.cause(desk.owner), invited)
    theirs = Submission(other.partner.pk, other.project.pk, "Ours", "Quite.", other.member.pk)
    outside = actions.submit(desk.cause(other.member), theirs)
    absence = _away(desk)
    while relay.tick(desk.now):
        pass
    return TwoPartners(
        desk=desk,
        other=other,
        own_only=own_only,
        ticket=fresh(ticket),
        outside=outside,
        file=Attachment.objects.get(ticket=ticket, internal=False),
        internal=Attachment.objects.get(ticket=ticket, internal=True),
        pause=pause,
        breached=clock,
        contest=contest,
        doubt=doubt,
        adjustment=_proposed(desk),
        invitation=invitation,
        token=token,
        interval=_recorded(desk),
        absence=absence,
    )


def furnished() -> TwoPartners:
    """Everything, with a thing for every address of the desk."""
    world = opened()
    hooked(world)
    mailed(world)
    boxed(world)
    stuck(world)
    integrated(world)
    reached(world)
    rung(world)
    standard_things.drawn(world)
    standard_things.judged(world, SECRET_TEXT)
    standard_things.stood_in(world, SECRET_TEXT)
    money_things.furnish(world)
    return world


def rung(world: TwoPartners) -> None:
    """Let the member of OLH call the hotline: answered and recorded, and missed before."""
    desk = world.desk
    exchanges.has_number(desk, desk.member)
    line = exchanges.connected(desk, Provider.RINGOSTAT, consent=exchanges.CONSENT).line
    for call_id, kind in (("1", Kind.MISSED), ("2", Kind.ANSWERED)):
        event = CallEvent("ringostat", call_id, kind, desk.now, exchanges.CALLER)
        kept = replace(event, recording_url="https://pbx.example/1")
        hotline.hear(line, kept, None, desk.now)


def hooked(world: TwoPartners) -> None:
    """Give OLH a webhook with one test event, which nobody tries to send."""
    cause = world.desk.cause(world.desk.owner)
    wanted = webhooks.Wanted("https://93.184.215.14/hook")
    made, _secret = webhooks.add(cause, world.desk.company.partner.pk, wanted)
    webhooks.ping(cause, made.pk)
    while relay.tick(world.desk.now):
        pass


def mailed(world: TwoPartners) -> None:
    """Let the desk read a mailbox that answers nobody, and suppress one address."""
    card = email.MailboxCard(
        "Support", "desk@desk.example", "127.0.0.1", 1, Security.NONE, "desk", "secret"
    )
    box = email.add_mailbox(world.desk.cause(world.desk.house.vendor), card)
    incoming = channels.Incoming(Intake.EMAIL, box.key, "7:1", MAIL)
    kept = channels.keep(incoming, world.desk.now)
    assert kept is not None
    channels.used(kept, world.desk.now, world.ticket.key)
    message = Message.objects.filter(ticket=world.ticket, author=world.desk.member).earliest("id")
    row = Received(arrival=kept, ticket=world.ticket, message=message, person=world.desk.member)
    row.at, row.text = world.desk.now, f"{message.text}\n\n> {SECRET_TEXT}"
    email.received(row)
    email.suppress("gone@olh.example", "bounce 5.1.1", None, world.desk.now)


def reached(world: TwoPartners) -> None:
    """Let a browser of OLH's member show notices; its address leads inside the house."""
    key = push.key(world.desk.now)
    made = Browser(person=world.desk.member, endpoint="https://127.0.0.1:1/", key=key.public)
    made.session, made.label, made.created_at = "none", "Firefox, Windows", world.desk.now
    made.p256dh, made.auth = BROWSER_KEY, "BTBZMqHH6r4Tts7J_aSIgg"
    made.save()


def integrated(world: TwoPartners) -> None:
    """Give OLH an integration with a token."""
    wanted = api.Wanted("1C", (Scope.TICKETS_READ,))
    cause = world.desk.cause(world.desk.owner)
    api.issue_to_partner(cause, world.desk.company.partner.pk, PartnerRole.MEMBER, wanted)


def boxed(world: TwoPartners) -> None:
    """Connect a box of OLH that the desk never calls: its address leads inside the house."""
    company = world.desk.company
    card = onebox.Card(
        company.partner.pk,
        company.project.pk,
        company.owner.pk,
        "https://93.184.215.14",
        "desk",
        "secret",
        "9",
    )
    made, _secret = onebox.add(world.desk.cause(world.desk.house.vendor), card)
    made.base_url = "http://127.0.0.1:1"
    made.save()


def stuck(world: TwoPartners) -> None:
    """Put a mail that nobody can use into quarantine."""
    incoming = channels.Incoming(Intake.EMAIL, "mailbox:1", "1", SECRET_TEXT.encode())
    kept = channels.keep(incoming, world.desk.now)
    assert kept is not None
    channels.quarantined(kept.pk, world.desk.now, "Nobody knows the sender.")


def stored(name: str = "sums.csv", content: bytes = SECRET_FILE) -> files.StoredFile:
    """Bytes in the folder of files."""
    return files.store(settings.FILES_DIR, name, [content])


def file_path(found: Attachment) -> str:
    """Where a file is opened."""
    return f"/files/{found.token}/{found.name}"


def counts() -> dict[str, int]:
    """How many rows each table has: an attack that changes none of them has made nothing."""
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    one = sql.SQL("SELECT {}, count(*) FROM {}")
    every = [one.format(name, sql.Identifier(name)) for name in sorted(tables - set(UNCOUNTED))]
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" UNION ALL ").join(every))
        return dict(cursor.fetchall())


def let_go(answer: HttpResponse) -> None:
    """Close the file of an answer; `close` would end the test's connection as well."""
    for close in answer._resource_closers:  # type: ignore[attr-defined]  # not in the stubs
        close()


def _late_and_waiting(desk: Desk) -> Ticket:
    asked = Submission(
        desk.company.partner.pk,
        desk.company.project.pk,
        "Sums differ",
        SECRET_TEXT,
        author_id=desk.member.pk,
        files=(stored(),),
    )
    ticket = actions.submit(desk.cause(desk.member), asked)
    desk.at("fri 11:30")
    lead = desk.cause(desk.lead, "workplace")
    actions.accept(lead, ticket.pk, Accepting(Type.SIMPLE, "Taken."))
    actions.note(lead, ticket.pk, SECRET_NOTE, (stored("inside.csv", b"internal"),))
    actions.ask(lead, ticket.pk, "Which month?")
    return ticket


def _own_only(desk: Desk) -> Person:
    """A member of OLH who sees own tickets only, and has none."""
    made = cast.person(OPENED, "Vasyl Svii", "own@olh.example")
    cause, partner = cast.cause(OPENED), desk.company.partner.pk
    partners.add_membership(cause, partner, made.pk, PartnerRole.MEMBER, sees_all=False)
    return made


def _away(desk: Desk) -> Absence:
    since_at, cause = desk.now + timedelta(days=30), desk.cause(desk.lead, "workplace")
    until_at, kind = since_at + timedelta(days=7), AbsenceKind.VACATION
    return workdays.note_absence(cause, desk.lead.pk, kind, since_at, until_at, "")


def _proposed(desk: Desk) -> Adjustment:
    cause = desk.cause(desk.house.accountant, "accounting", desk.key())
    partner = desk.company.partner.pk
    deposits.propose_adjustment(cause, partner, Commodity.CONSULTATIONS, 3, "A gift")
    return Adjustment.objects.get()


def _recorded(desk: Desk) -> Interval:
    cause = desk.cause(desk.lead, "workplace")
    span = workdays.Span(Activity.MEETING, desk.now - timedelta(hours=2), desk.now)
    return workdays.enter(cause, desk.lead.pk, span, "Forgot the button")


def joins(token: str, email: str = "") -> int:
    """The status of accepting an invitation as somebody new."""
    sent = {"key": "k", "name": "Eve", "password": "a long enough one", "email": email}
    return Client().post(f"/account/invitation/{token}/", sent).status_code
