"""The hotline's pages: a card before anybody picks up, the decision, whom to call back, set-up."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from desk.channels import topics
from desk.channels.phone import watch
from desk.channels.phone.models import Call, CallBack, Line, Provider
from desk.journal.models import Entry
from desk.knowledge import actions as knowledge
from desk.partners.models import Person
from desk.rules.lifecycle import State
from desk.tickets.models import Ticket
from tests import cast
from tests.channels import exchanges, post
from tests.channels.exchanges import CONSENT, Exchange
from tests.language import OPENED, Desk
from tests.scenarios import tickets
from tests.screens.visits import Visit

SECRET = re.compile(r"secret=([A-Za-z0-9_-]{32})")
NOTHING = (
    'id="hotline" class="hotline" data-live="person:{}" data-live-url="/work/calls/now" '
    "data-live-quiet></div>"
)


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk.open()


@pytest.fixture
def exchange(desk: Desk) -> Exchange:
    exchanges.has_number(desk, desk.member)
    return exchanges.connected(desk, Provider.GENERIC, consent=CONSENT)


@pytest.fixture
def lead(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Visit:
    return Visit.of(desk.lead, desk, monkeypatch)


@pytest.fixture
def vendor(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Visit:
    return Visit.of(desk.house.vendor, desk, monkeypatch)


def rings(desk: Desk, exchange: Exchange, call_id: str = "a", **more: object) -> Call:
    exchanges.tells(desk, exchange, exchanges.generic("ringing", call_id, **more))
    return Call.objects.get(call_id=call_id)


def picked_up(desk: Desk, exchange: Exchange, call_id: str = "a", **more: object) -> Call:
    call = rings(desk, exchange, call_id, **more)
    exchanges.tells(desk, exchange, exchanges.generic("answered", call_id))
    return call


def test_a_card_stands_on_every_page_before_anybody_picks_up(
    desk: Desk, exchange: Exchange, lead: Visit
) -> None:
    ticket = tickets.submits(desk, "An older matter")
    words = knowledge.Known(summary="Their server is in the cellar.")
    knowledge.write_dossier(desk.cause(desk.lead), desk.company.project.pk, words, 0)
    assert NOTHING.format(desk.lead.pk) in lead.page("/work/")
    call = rings(desk, exchange)
    for path in ("/work/", "/work/tickets/", "/notices/", f"/work/tickets/OLH-{ticket.number}/"):
        page = lead.page(path)
        assert "The hotline rings: Marko Olh" in page, path
    card = lead.page("/work/calls/now")
    for word in ("Olhivka Demo", "+380 50 123 4567", "in the cellar", "An older matter"):
        assert word in card
    assert card.count('id="hotline"') == 1
    assert _still(card) in _still(page)
    exchanges.tells(desk, exchange, exchanges.generic("missed"))
    assert NOTHING.format(desk.lead.pk) in lead.page("/work/calls/now")
    assert call.state == "ringing"


def _still(page: str) -> str:
    """A page without what is another one each time it is made."""
    return re.sub(r'name="(key|csrfmiddlewaretoken)" value="[^"]*"', "", page).strip()


def test_the_card_is_announced_and_told_live_to_who_has_the_call(
    desk: Desk, exchange: Exchange, lead: Visit
) -> None:
    rings(desk, exchange)
    assert 'role="alert"' in lead.page("/work/calls/now")
    (entry,) = Entry.objects.filter(verb="ring")
    assert f"person:{desk.lead.pk}" in topics.of(entry)
    assert not {f"partner:{desk.company.partner.pk}", f"person:{desk.member.pk}"} & set(
        topics.of(entry)
    )


def test_only_who_has_the_call_sees_the_card(
    desk: Desk, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    rings(desk, exchange)
    for person in (desk.cover, desk.house.administrator):
        assert "rings" not in Visit.of(person, desk, monkeypatch).page("/work/calls/now")
    exchanges.tells(desk, exchange, {**exchanges.generic("ringing", "b"), "phone": "0670000000"})
    administrator = Visit.of(desk.house.administrator, desk, monkeypatch)
    card = administrator.page("/control/")
    assert "The hotline rings: Unknown number" in card
    assert "Critical: open a bug" not in card


def test_one_click_on_the_card_opens_the_bug_once(
    desk: Desk, exchange: Exchange, lead: Visit
) -> None:
    call = picked_up(desk, exchange)
    assert "On the line: Marko Olh" in lead.page("/work/")
    assert "Critical: open a bug" in lead.page("/work/calls/now")
    for _ in range(2):
        answer = lead.post(f"/work/calls/{call.pk}/critical", key="twice")
        assert answer.status_code == 303
        assert answer.headers["Location"] == "/work/tickets/OLH-1/"
    ticket = Ticket.objects.get()
    assert (ticket.state, ticket.executor) == (State.ACCEPTED, desk.lead)
    assert "OLH-1 is opened and accepted, to be done by" in lead.page("/work/tickets/OLH-1/")
    assert "Open OLH-1" in lead.page("/work/calls/now")


def test_a_partner_with_two_projects_is_asked_which_on_the_card(
    desk: Desk, exchange: Exchange, lead: Visit
) -> None:
    second = cast.led_project(OPENED, desk.company.partner, desk.house, "Another CRM")
    call = picked_up(desk, exchange)
    card = lead.page("/work/calls/now")
    assert f'<select name="project" data-keep required id="card_{call.pk}_project">' in card
    assert lead.post(f"/work/calls/{call.pk}/critical").status_code == 422
    lead.post(f"/work/calls/{call.pk}/critical", project=second.pk)
    assert Ticket.objects.get().project == second


def test_the_page_of_a_call_needs_no_card_of_it(
    desk: Desk, exchange: Exchange, lead: Visit
) -> None:
    call = picked_up(desk, exchange)
    page = lead.page(f"/work/calls/{call.pk}/")
    assert "On the line: Marko" not in page
    beside = f"/work/calls/now?beside={call.pk}"
    assert f'data-live-url="{beside}"' in page
    assert "On the line: Marko" not in lead.page(beside)
    rings(desk, exchange, "b")
    assert "The hotline rings: Marko" in lead.page(beside)


def test_the_second_of_two_people_is_told_who_was_faster(
    desk: Desk, exchange: Exchange, lead: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = picked_up(desk, exchange)
    lead.post(f"/work/calls/{call.pk}/critical", subject="Down")
    cover = Visit.of(desk.cover, desk, monkeypatch)
    answer = cover.post(f"/work/calls/{call.pk}/critical", subject="All down")
    page = cover.page(answer.headers["Location"])
    assert "OLH-1 was opened for this call already." in page
    assert Ticket.objects.count() == 1


def test_the_button_to_write_down_a_confirmation_stands_only_where_it_can_be(
    desk: Desk, exchange: Exchange, lead: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    tickets.buys(desk, 2)
    call = rings(desk, exchange)
    path, button = f"/work/calls/{call.pk}/", "OLH-1: confirmed on the phone"
    ticket = tickets.delivers(desk, tickets.in_work(desk))
    assert button not in lead.page(path)
    exchanges.tells(desk, exchange, exchanges.generic("answered"))
    assert button in lead.page(path)
    assert button in lead.page("/work/calls/now")
    cover = Visit.of(desk.cover, desk, monkeypatch)
    assert button not in cover.page(path)
    assert cover.post(f"{path}confirm/{ticket.pk}").status_code == 303
    assert "Only whoever has the call" in cover.page(path)
    assert lead.post(f"{path}confirm/{ticket.pk}").status_code == 303
    assert Ticket.objects.get().state == State.RESOLVED
    page = lead.page(path)
    assert "OLH-1 is confirmed." in page
    assert button not in page
    assert "said on the phone, heard by Olha Persha" in lead.page("/work/tickets/OLH-1/")


def test_an_administrator_opens_it_for_the_executor(
    desk: Desk, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = picked_up(desk, exchange)
    visit = Visit.of(desk.house.administrator, desk, monkeypatch)
    answer = visit.post(f"/work/calls/{call.pk}/critical")
    page = visit.page(answer.headers["Location"])
    assert "To be accepted within 15 minutes: Olha Persha." in page


def test_not_critical_then_a_ticket_only_by_the_partners_wish(
    desk: Desk, exchange: Exchange, lead: Visit
) -> None:
    call = picked_up(desk, exchange)
    path = f"/work/calls/{call.pk}/"
    lead.post(f"{path}not-critical", note="How to print. Told to use the cabinet.")
    page = lead.page(path)
    assert "How to print. Told to use the cabinet." in page
    given = {"subject": "Printing", "text": "Prints nothing."}
    refused = lead.post(f"{path}file", **given)
    assert refused.status_code == 422
    assert "Prints nothing." in refused.content.decode()
    assert not Ticket.objects.exists()
    assert lead.post(f"{path}file", **given, wished="on").status_code == 303
    ticket = Ticket.objects.get()
    assert (ticket.channel, ticket.critical_claim) == ("phone", False)
    page = lead.page("/work/calls/")
    assert "not critical, filed" in page
    assert re.search(r"of these filed at the partner's wish</dt><dd>1</dd>", page)


def test_an_unknown_number_opens_nothing(desk: Desk, exchange: Exchange, lead: Visit) -> None:
    call = picked_up(desk, exchange, phone="0670000000")
    path = f"/work/calls/{call.pk}/"
    assert "Critical: open a bug" not in lead.page(path)
    answer = lead.post(f"{path}critical", project=str(desk.company.project.pk))
    assert answer.status_code == 422
    assert "nothing is opened for it" in answer.content.decode()
    assert not Ticket.objects.exists()
    exchanges.has_number(desk, desk.owner, "067 000 00 00")
    lead.post(f"{path}match")
    assert "Oksana Olh" in lead.page(path)


def test_whom_to_call_back_comes_first_with_its_clock(
    desk: Desk, exchange: Exchange, lead: Visit
) -> None:
    rings(desk, exchange)
    exchanges.tells(desk, exchange, exchanges.generic("missed"))
    page = lead.page("/work/calls/")
    assert page.index("Call back") < page.index("Today")
    assert "data-countdown" in page
    assert "missed 1 time" in page
    task = CallBack.objects.get()
    desk.now = task.due_at + timedelta(minutes=1)
    while watch.tick(desk.now):
        pass
    late = lead.page("/work/calls/")
    assert 'data-state="late"' in late
    assert "the administrators know" in late
    refused = lead.post(f"/work/calls/back/{task.pk}", note="")
    assert refused.status_code == 422
    lead.post(f"/work/calls/back/{task.pk}", note="Reached by my own phone.")
    assert "Nobody waits for a call." in lead.page("/work/calls/")
    assert "Reached by my own phone." in lead.page(f"/work/calls/{Call.objects.get().pk}/")


def test_a_missed_call_is_told_by_the_bell_and_leads_to_the_calls(
    desk: Desk, exchange: Exchange, lead: Visit
) -> None:
    exchanges.tells(desk, exchange, exchanges.generic("missed"))
    post.relayed(desk.now)
    missed = r'href="(/notices/\d+/)">A call to the hotline was missed: call back<'
    link = re.search(missed, lead.page("/notices/"))
    assert link is not None
    assert lead.get(link[1]).headers["Location"] == "/work/calls/"


def recorded(desk: Desk, exchange: Exchange) -> Call:
    call = picked_up(desk, exchange)
    link = "https://pbx.example/r/77"
    exchanges.tells(desk, exchange, exchanges.generic("ended", recording_url=link))
    return call


def test_a_recording_is_for_those_concerned(
    desk: Desk, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = recorded(desk, exchange)
    stranger = cast.specialist(OPENED, "Sydir Chuzhyi")
    may = (desk.lead, desk.cover, desk.house.administrator)
    for person in (*may, stranger, desk.owner, desk.house.production):
        visit = Visit.of(person, desk, monkeypatch)
        answer = visit.post(f"/work/calls/{call.pk}/recording")
        assert answer.status_code == (200 if person in may else 403), person.name
        assert ("pbx.example" in answer.content.decode()) == (person in may)
    assert Entry.objects.filter(verb="listen_call").count() == len(may)
    for path in (f"/work/calls/{call.pk}/", "/work/calls/"):
        assert "pbx.example" not in Visit.of(desk.lead, desk, monkeypatch).page(path)


def test_partners_read_when_the_hotline_is_open(
    desk: Desk, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner = Visit.of(desk.member, desk, monkeypatch)
    for path in ("/cabinet/", "/cabinet/hours/"):
        page = partner.page(path)
        assert "+380 44 333 4023" in page
        assert "open until" in page
        assert CONSENT in page
    desk.at("sat 12:00")
    assert "closed, opens" in partner.page("/cabinet/")
    Line.objects.update(paused_at=desk.now)
    assert "+380 44 333 4023" not in partner.page("/cabinet/")


def test_more_calls_take_no_more_queries(desk: Desk, exchange: Exchange, lead: Visit) -> None:
    few = lead.queries("/work/calls/")
    for number in range(4):
        sent = {**exchanges.generic("missed", f"c{number}"), "phone": f"067000000{number}"}
        exchanges.tells(desk, exchange, sent)
    some = lead.queries("/work/calls/")
    for number in range(4, 8):
        sent = {**exchanges.generic("missed", f"c{number}"), "phone": f"067000000{number}"}
        exchanges.tells(desk, exchange, sent)
    assert lead.queries("/work/calls/") == some <= few + 5


def form(provider: Provider) -> dict[str, str]:
    given = {"provider": provider, "name": "Hotline", "number": "044 333 40 23"}
    given |= {"timezone": "Europe/Kyiv", "recording_days": "90", "consent": CONSENT}
    if provider == Provider.BINOTEL:
        given["networks"] = "194.88.218.112/28"
    if provider == Provider.ZADARMA:
        given["secret"] = "zadarma's own"
    return given


@pytest.mark.parametrize("provider", list(Provider))
def test_each_exchange_is_connected_with_what_to_enter_there(
    desk: Desk, vendor: Visit, provider: Provider
) -> None:
    vendor.page("/setup/phone/")
    vendor.page(f"/setup/phone/add?provider={provider}")
    page = vendor.post("/setup/phone/add", key="once", **form(provider)).content.decode()
    made = Line.objects.get()
    assert f"/channels/phone/{made.code}/events" in page
    again = vendor.post("/setup/phone/add", key="once", **form(provider)).content.decode()
    assert Line.objects.count() == 1
    shown = vendor.page(f"/setup/phone/{made.pk}/")
    assert "waiting for an event" in shown
    if provider in (Provider.PHONET, Provider.RINGOSTAT):
        (secret,) = set(SECRET.findall(page))
        assert secret not in again
        assert secret not in shown
    assert "zadarma&#x27;s own" not in page + again + shown


def test_a_line_is_seen_live_and_its_failures_with_the_reason(
    desk: Desk, vendor: Visit, exchange: Exchange
) -> None:
    path = f"/setup/phone/{exchange.line.pk}/"
    assert "Call +380 44 333 4023 now: waiting for an event" in vendor.page(path)
    forged = exchange.request(exchanges.generic("ringing"), desk.now)
    forged.headers["X-Desk-Signature"] = "0" * 64
    exchanges.posts(desk, exchange, forged)
    page = vendor.page(path)
    assert "1 event was refused." in page
    assert "The signature was wrong." in page
    exchanges.tells(desk, exchange, {"call_id": "x", "kind": "sung"})
    assert "is not as documented." in vendor.page(path)
    rings(desk, exchange)
    page = vendor.page(path)
    assert "The exchange is heard." in page
    assert "Marko Olh" in page


def test_a_line_is_changed_paused_and_gets_a_new_secret(
    desk: Desk, vendor: Visit, exchange: Exchange
) -> None:
    path = f"/setup/phone/{exchange.line.pk}/"
    changed = {"name": "Night line", "number": "+380443334023", "recording_days": "30"}
    assert vendor.post(path, **changed).status_code == 303
    assert vendor.post(path, **{**changed, "number": "none"}).status_code == 422
    assert vendor.post(path, **changed, networks="somewhere").status_code == 422
    vendor.post(f"{path}switch", on="0")
    assert "paused" in vendor.page(path)
    vendor.post(f"{path}switch", on="1")
    page = vendor.post(f"{path}rotate", key="r").content.decode()
    found = re.search(r'id="secret"[^>]*value="([A-Za-z0-9_-]{32})"', page)
    assert found is not None
    again = vendor.post(f"{path}rotate", key="r").content.decode()
    assert found[1] not in again + vendor.page(path)
    line = Line.objects.get()
    assert (line.name, line.recording_days, line.consent) == ("Night line", 30, "")


def test_nobody_else_opens_these_pages(
    desk: Desk, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    def status(person: Person, path: str) -> int:
        return Visit.of(person, desk, monkeypatch).get(path).status_code

    call = rings(desk, exchange)
    for path in ("/work/calls/", f"/work/calls/{call.pk}/", "/work/calls/now"):
        assert status(desk.owner, path) == 403
        assert status(desk.house.accountant, path) == 403
        assert Client().get(path).status_code == 302
    assert status(desk.lead, "/setup/phone/") == 403
