"""What people write and attach does nothing in a browser, and adds nothing to a mail."""

from __future__ import annotations

import re
from collections.abc import Callable
from email import message_from_bytes, policy
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from desk.config import relay
from desk.journal.models import Entry
from desk.partners.models import Assignment, Membership, Partner, Person, Project
from desk.tickets.models import Attachment, Dispute, Ticket
from tests.channels import post
from tests.screens import two_partners
from tests.screens.two_partners import TwoPartners
from tests.screens.visits import Visit

Open = Callable[[Person], Visit]
REFUSED = {400, 403, 404, 409, 422}


@pytest.fixture
def world(db: None) -> TwoPartners:
    return two_partners.opened()


@pytest.fixture
def visit(world: TwoPartners, monkeypatch: pytest.MonkeyPatch) -> Open:
    return lambda person: Visit.of(person, world.desk, monkeypatch)


# Files


def test_a_file_opens_to_who_may_see_its_ticket_now(world: TwoPartners, visit: Open) -> None:
    desk = world.desk
    for person, public, internal in (
        (desk.member, 200, 404),
        (desk.company.viewer, 200, 404),
        (world.own_only, 404, 404),
        (world.other.owner, 404, 404),
        (desk.lead, 200, 200),
        (desk.house.production, 200, 200),
    ):
        reader = visit(person)
        for found, expected in ((world.file, public), (world.internal, internal)):
            answer = reader.get(two_partners.file_path(found))
            two_partners.let_go(answer)
            assert answer.status_code == expected, (person, found.name)
    Membership.objects.filter(person=desk.member).update(until_at=desk.now)
    assert visit(desk.member).get(two_partners.file_path(world.file)).status_code == 404


def test_a_file_has_no_other_address(world: TwoPartners, visit: Open) -> None:
    member, token = visit(world.desk.member), world.file.token
    for path in (
        f"/files/{token}/other.csv",
        f"/files/{token}/../inside.csv",
        f"/files/{token}/..%2f..%2fsecret.key",
        f"/files/{world.internal.token}/sums.csv",
        f"/files/{token[:-1]}/sums.csv",
        f"/files/{token.swapcase()}/sums.csv",
        "/files/%25/sums.csv",
        f"/files/{world.file.pk}/sums.csv",
        f"/files/{world.file.sha256}/sums.csv",
    ):
        assert member.get(path).status_code == 404, path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<script>alert(1)</script>"),
        ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("page.xhtml", b"<html xmlns='http://www.w3.org/1999/xhtml'><script>1</script></html>"),
        ("sheet.xml", b"<?xml-stylesheet href='x.xsl' type='text/xsl'?><a/>"),
        ("code.pht", b"<?php phpinfo();"),
        ("paper.pdf", b"%PDF-1.4 /OpenAction"),
        ("both.gif", b"GIF89a/*<script>alert(1)</script>*/"),
        ("ordinary.exe\u202egnp.html", b"<script>alert(1)</script>"),
        ('a".html', b"<script>alert(1)</script>"),
    ],
)
def test_a_file_does_nothing_in_a_browser(
    world: TwoPartners, visit: Open, name: str, content: bytes
) -> None:
    member = visit(world.desk.member)
    upload = SimpleUploadedFile(name, content, "text/html")
    assert (
        member.post("/cabinet/tickets/OLH-1/message", text="See", files=upload).status_code == 303
    )
    found = Attachment.objects.latest("id")
    answer = member.get(two_partners.file_path(found))
    kind = answer.headers["Content-Type"]
    assert kind == ("image/gif" if name.endswith(".gif") else "application/octet-stream")
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("inline" if name.endswith(".gif") else "attachment")
    assert "\u202e" not in found.name and "%E2%80%AE" not in disposition
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "private" in answer.headers["Cache-Control"]
    two_partners.let_go(answer)


# What the browser is given


PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea><svg/onload=alert(1)>",
    "'-alert(1)-'",
    "javascript:alert(1)",
    "{{7*7}}{% load i18n %}",
    "</script><script>alert(1)</script>",
)


class Markup(HTMLParser):
    """What a browser would run of a page: inline scripts, handlers, addresses that are code."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.runs: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        is_data = named.get("type") == "application/json"
        if tag == "script" and not is_data and not str(named.get("src")).startswith("/static/"):
            self.runs.append(self.get_starttag_text() or tag)
        for name, value in attrs:
            scheme = re.sub(r"\s", "", value or "").lower()
            if name.startswith("on") or scheme.startswith(
                ("javascript:", "data:text", "vbscript:")
            ):
                self.runs.append(f"<{tag} {name}={value}>")


def renamed(world: TwoPartners) -> None:
    """Everybody and everything has a name that wants to be markup."""
    desk, short = world.desk, PAYLOADS[1]
    Person.objects.filter(pk=desk.member.pk).update(name=short, phone=PAYLOADS[0], position=short)
    Person.objects.filter(pk=desk.lead.pk).update(name=PAYLOADS[2], phone=short)
    projects = Project.objects.filter(pk=desk.company.project.pk)
    projects.update(name=PAYLOADS[0], client=short)
    Partner.objects.filter(pk=desk.company.partner.pk).update(name=short)


def written(world: TwoPartners, visit: Open) -> str:
    """A ticket full of markup, sent through the pages: its number."""
    desk, payload, short = world.desk, " ".join(PAYLOADS), PAYLOADS[1]
    member, lead, project = visit(desk.member), visit(desk.lead), desk.company.project.pk
    made: dict[str, Any] = {"project": project, "subject": payload[:200], "text": payload}
    upload = SimpleUploadedFile(short.replace("/", ""), b"x")
    answers = [member.post("/cabinet/tickets/new", **made, files=upload)]
    number = f"OLH-{Ticket.objects.latest('id').number}"
    known = {"summary": payload, "setup": payload, "agreements": payload}
    sent: dict[str, Any] = {"type": "complex", "message": payload, "parts": f"{short}\n{short}"}
    answers += [
        lead.post(f"/work/projects/{project}/dossier", "", **known),
        lead.post(f"/work/tickets/{number}/note", text=payload),
        lead.post(f"/work/tickets/{number}/accept", **sent),
        member.post(f"/cabinet/tickets/{number}/doubt", text=payload),
    ]
    doubt = Dispute.objects.latest("id")
    ruling = {"upheld": "0", "text": payload, "clause": PAYLOADS[3]}
    administrator = visit(desk.house.second_administrator)
    answers.append(administrator.post(f"/control/disputes/{doubt.pk}/rule", "", **ruling))
    assert {answer.status_code for answer in answers} <= {302, 303}
    while relay.tick(desk.now):
        pass
    return number


def test_what_people_write_is_never_markup(world: TwoPartners, visit: Open) -> None:
    renamed(world)
    number, house = written(world, visit), world.desk.house
    project, partner = world.desk.company.project.pk, world.desk.company.partner.pk
    mine = f"/cabinet/tickets/{number}/"
    ours = f"/work/tickets/{number}/"
    pages: list[tuple[Person, str]] = [
        (world.desk.owner, f"/cabinet/ /cabinet/tickets/ {mine} {mine}clock /cabinet/projects/"),
        (world.desk.owner, "/cabinet/team/ /cabinet/hours/ /cabinet/work/ /cabinet/deposit/"),
        (world.desk.owner, "/cabinet/tickets/new"),
        (world.desk.lead, f"/work/ {ours} {ours}clock {ours}deliver /work/partners/ /notices/"),
        (world.desk.lead, f"/work/projects/{project}/ /work/projects/{project}/dossier"),
        (world.desk.lead, "/work/tickets/?q=alert /search?q=alert /profile/"),
        (house.second_administrator, "/control/ /control/disputes/ /control/breaches/"),
        (house.second_administrator, "/control/assignments/ /control/wall"),
        (house.production, f"/production/ /production/tickets/{number}/"),
        (house.vendor, f"/setup/audit/ /setup/people/ /setup/people/{world.desk.member.pk}/"),
        (house.vendor, f"/setup/partners/{partner}/ /accounting/partners/{partner}/"),
        (house.vendor, "/accounting/ /setup/mail/"),
    ]
    for person, paths in pages:
        for path in paths.split():
            assert_inert(visit(person).get(path), path)


def assert_inert(answer: object, path: str = "") -> None:
    """The page shows what was written as text, and its policy runs no script of the page."""
    assert answer.status_code in {200, 409}, (path, answer.status_code)  # type: ignore[attr-defined]
    page = answer.content.decode()  # type: ignore[attr-defined]
    assert Markup(page).runs == [], path
    assert ">49<" not in page, path
    rules = answer.headers["Content-Security-Policy"]  # type: ignore[attr-defined]
    scripts = next(rule for rule in rules.split("; ") if rule.startswith("script-src"))
    assert scripts == "script-src 'self'"


def test_an_address_that_is_code_is_not_kept(world: TwoPartners, visit: Open) -> None:
    vendor = visit(world.desk.house.vendor)
    path = f"/setup/partners/{world.desk.company.partner.pk}/projects"
    for address in ("javascript:alert(1)", "data:text/html,x", " java\tscript:1", "//evil"):
        fields: dict[str, Any] = {"project-name": "New", "project-address": address}
        assert vendor.post(path, **fields).status_code == 422
    assert Project.objects.filter(name="New").count() == 0


def test_file_names_and_subjects_add_no_header_to_a_mail(world: TwoPartners, visit: Open) -> None:
    member, desk = visit(world.desk.member), world.desk
    subject = "Hello\r\nBcc: victim@evil.example\r\n\r\nBody"
    sent: dict[str, Any] = {"project": desk.company.project.pk, "subject": subject, "text": "x"}
    name = "a\r\nX-Evil: 1\r\n.txt"
    assert (
        member.post(
            "/cabinet/tickets/new", **sent, files=SimpleUploadedFile(name, b"x")
        ).status_code
        == 303
    )
    made = Ticket.objects.latest("id")
    assert "\n" not in made.subject and "\r" not in made.subject
    Person.objects.filter(pk=desk.lead.pk).update(name="Olha\r\nBcc: victim@evil.example")
    mail.outbox.clear()
    while relay.tick(desk.now):
        pass
    post.sent(desk.now)
    assert mail.outbox
    for letter in mail.outbox:
        parsed = message_from_bytes(letter.message().as_bytes(), policy=policy.default)
        assert parsed["Bcc"] is None and parsed["X-Evil"] is None
        assert "victim@evil.example" not in " ".join(letter.recipients())
    assert not any("\n" in one.name for one in Attachment.objects.all())
    answer = member.get(two_partners.file_path(Attachment.objects.latest("id")))
    assert "X-Evil" not in answer.headers
    two_partners.let_go(answer)


def test_who_is_not_signed_in_learns_nothing(world: TwoPartners) -> None:
    stranger = Client()
    for path in ("/cabinet/tickets/OLH-1/", two_partners.file_path(world.file), "/search?q=OLH"):
        answer = stranger.get(path)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/account/login/")
    assert Entry.objects.filter(verb="sign_in").count() == 0
    assert Assignment.objects.filter(until_at=None).count() == 4
