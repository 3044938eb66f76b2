"""Links in mails: confirm, return and answer without signing in, and nothing else (T10)."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.test import Client

from desk.channels.email import links, outbound
from desk.channels.models import Delivery
from desk.partners import actions as partners
from desk.partners.models import Person
from desk.rules.lifecycle import State
from desk.tickets import actions
from desk.tickets.actions import Handover
from desk.tickets.models import Message, Ticket
from tests.channels import post
from tests.language import Desk
from tests.screens.visits import Visit


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk.open()


def delivered(desk: Desk) -> Ticket:
    ticket = post.accepted(desk)
    actions.start(desk.cause(desk.lead), ticket.pk)
    desk.later(minutes=30)
    done = Handover(solution="The field is back.", changes="Rights.", checking="Save an order.")
    return actions.deliver(desk.cause(desk.lead), ticket.pk, done)


def asked(desk: Desk) -> Ticket:
    ticket = post.accepted(desk)
    actions.start(desk.cause(desk.lead), ticket.pk)
    return actions.ask(desk.cause(desk.lead), ticket.pk, "On which page?")


def letter_link(desk: Desk, verb: str, reader: Person) -> str:
    """The path of the link that the mail about `verb` gives its reader, "" without one."""
    post.relayed(desk.now)
    delivery = Delivery.objects.get(entry__verb=verb, person=reader)
    body = outbound.compose(delivery, desk.now).body
    found = [urlsplit(line).path for line in str(body).splitlines() if "/answer/" in line]
    return found[0] if found else ""


def stranger(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Visit:
    """Somebody who is not signed in."""
    visit = Visit(desk, monkeypatch, Client(headers={"accept-language": "en"}))
    visit.client.cookies["desk_language"] = "en"
    return visit


def sent(visit: Visit, path: str, **fields: str) -> int:
    """Open the page and send one of its forms; the status of the answer."""
    page = visit.get(path).content.decode()
    key = page.split('name="key" value="')[1].split('"')[0]
    version = page.split('name="version" value="')[1].split('"')[0]
    return visit.post(path, key, version=version, **fields).status_code


def test_t10_a_result_is_confirmed_from_the_mail(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = delivered(desk)
    path = letter_link(desk, "deliver", desk.member)
    visit = stranger(desk, monkeypatch)
    page = visit.get(path)
    assert page.status_code == 200
    assert "The field is back." in page.content.decode()
    ticket.refresh_from_db()
    assert ticket.state == State.DELIVERED, "opening a link changes nothing"
    assert sent(visit, path, move="confirm", rating="5", text="Fine.") == 302
    ticket.refresh_from_db()
    assert (ticket.state, ticket.rating) == (State.RESOLVED, 5)
    assert "Nothing is asked of you here now." in visit.get(path).content.decode()


def test_t10_a_result_is_returned_from_the_mail(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = delivered(desk)
    path = letter_link(desk, "deliver", desk.member)
    visit = stranger(desk, monkeypatch)
    assert sent(visit, path, move="return") == 422
    assert sent(visit, path, move="return", text="It still fails.") == 302
    ticket.refresh_from_db()
    assert ticket.state == State.IN_WORK


def test_t10_a_question_is_answered_from_the_mail(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = asked(desk)
    path = letter_link(desk, "ask", desk.member)
    visit = stranger(desk, monkeypatch)
    assert "On which page?" in visit.get(path).content.decode()
    assert sent(visit, path, move="message", text="On the first one.") == 302
    ticket.refresh_from_db()
    assert ticket.state == State.IN_WORK
    said = Message.objects.filter(ticket=ticket).latest("id")
    assert (said.text, said.author, said.channel) == ("On the first one.", desk.member, "email")


def test_a_link_does_what_is_asked_and_no_other_move(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = delivered(desk)
    path = letter_link(desk, "deliver", desk.member)
    visit = stranger(desk, monkeypatch)
    for move in ("approve", "cancel", "reopen", "contest", ""):
        assert sent(visit, path, move=move, text="x") == 404, move
    ticket.refresh_from_db()
    assert ticket.state == State.DELIVERED


@pytest.mark.parametrize("days", [31, 400])
def test_an_old_or_forged_link_opens_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    delivered(desk)
    path = letter_link(desk, "deliver", desk.member)
    visit = stranger(desk, monkeypatch)
    assert visit.get(f"{path[:-2]}x/").status_code == 410
    desk.later(days=days)
    assert visit.get(path).status_code == 410
    assert visit.post(path, move="confirm").status_code == 410


def test_who_left_the_company_opens_nothing_any_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivered(desk)
    path = letter_link(desk, "deliver", desk.member)
    partners.end_membership(desk.cause(desk.owner), desk.company.partner.pk, desk.member.pk)
    assert stranger(desk, monkeypatch).get(path).status_code == 410


def test_our_own_people_get_no_such_link(desk: Desk) -> None:
    ticket = delivered(desk)
    assert links.path(ticket, desk.lead, desk.now) == ""
