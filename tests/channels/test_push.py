"""Notices in browsers: encrypted as the RFCs say, once, and over with the sign-in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.sessions.models import Session
from pytest_django.fixtures import Settings

from desk.channels.models import Channel, Delivery, DeliveryState
from desk.channels.notices.models import Notice
from desk.channels.notices.push import actions, encryption, queries
from desk.channels.notices.push.models import Browser, Key
from desk.journal.models import Entry
from desk.lib import sealed
from desk.partners import actions as partners
from desk.partners.models import Person
from desk.tickets import actions as tickets
from tests.channels import post, pushes
from tests.channels.pushes import Service, choose_quiet
from tests.channels.receiver import LOCAL
from tests.language import Desk


@pytest.fixture
def service(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Service]:
    """A push service that the desk may reach."""
    settings.OUTSIDE_NETWORKS = (*LOCAL, "::1/128")
    path = pushes.certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with pushes.serving(path) as found:
        yield found


def asked(desk: Desk) -> None:
    """The member is asked something, and everybody is told."""
    ticket = post.accepted(desk)
    tickets.start(desk.cause(desk.lead), ticket.pk)
    desk.later(minutes=1)
    tickets.ask(desk.cause(desk.lead), ticket.pk, "Which order?")
    go_on(desk)


def go_on(desk: Desk) -> None:
    post.relayed(desk.now)
    post.sent_by(desk.now)


def states(person: Person, channel: Channel) -> list[str]:
    rows = Delivery.objects.filter(person=person, channel=channel).order_by("id")
    return list(rows.values_list("state", flat=True))


def test_the_example_of_rfc_8291_comes_out() -> None:
    number = int.from_bytes(pushes.raw("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")
    body = encryption.encrypt(
        b"When I grow up, I want to be a watermelon",
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "BTBZMqHH6r4Tts7J_aSIgg",
        private=ec.derive_private_key(number, encryption.CURVE),
        salt=pushes.raw("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert pushes.text(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
        "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
        "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_a_message_is_never_longer_than_push_services_take() -> None:
    screen = pushes.Screen("https://push.example/a")
    keys = pushes.text(screen.point), pushes.text(screen.auth)
    assert len(encryption.encrypt(b"x" * encryption.PLAIN_BYTES_MAX, *keys)) == 4096
    with pytest.raises(ValueError, match="too long"):
        encryption.encrypt(b"x" * (encryption.PLAIN_BYTES_MAX + 1), *keys)


def test_a_browser_gets_number_headline_and_reason_and_no_more(
    desk: Desk, service: Service
) -> None:
    screen, browser = service.screen(desk, desk.member)
    asked(desk)
    (got,) = service.receiver.got
    assert got.path == "/send/a"
    claims = pushes.vouched(got, service.origin, actions.key(desk.now).public, desk.now)
    assert claims["sub"] == "mailto:desk@localhost"
    notice = Notice.objects.filter(person=desk.member, verb="ask").get()
    message = screen.read(got.body)
    assert message == {
        "title": "OLH-1 · Запитання до вас",
        "body": "Ви автор цього звернення.",
        "url": f"/notices/{notice.pk}/",
        "page": "/cabinet/tickets/OLH-1/",
        "icon": "/static/web/mark-192.png",
        "tag": got.headers["topic"],
        "lang": "uk",
        "choose": "Вибрати, що надсилати",
        "choose_url": "/notices/preferences/",
    }
    assert (got.headers["ttl"], got.headers["urgency"]) == ("86400", "normal")
    assert got.headers["content-encoding"] == "aes128gcm"
    browser.refresh_from_db()
    assert browser.used_at == desk.now


def test_the_newer_replaces_the_older_of_the_same_ticket(desk: Desk, service: Service) -> None:
    service.screen(desk, desk.member)
    asked(desk)
    desk.later(minutes=5)
    number = Notice.objects.filter(person=desk.member).latest("id").ticket_id
    assert number is not None
    tickets.message(desk.cause(desk.lead), number, "It is urgent.")
    tickets.message(desk.cause(desk.lead), _other(desk), "Something else.")
    go_on(desk)
    topics = [got.headers["topic"] for got in service.receiver.got]
    assert len(topics) == 3
    assert topics[0] == topics[1] != topics[2]
    assert all(len(topic) == 32 and "OLH" not in topic for topic in topics)


def _other(desk: Desk) -> int:
    return post.submitted(desk).pk


def test_a_missed_deadline_wakes_the_screen(desk: Desk, service: Service) -> None:
    service.screen(desk, desk.lead)
    ticket = post.submitted(desk)
    go_on(desk)
    from desk.tickets.actions import watch

    ticket.refresh_from_db()
    assert ticket.acceptance_due_at is not None
    desk.now = ticket.acceptance_due_at + timedelta(minutes=1)
    while watch.tick(desk.now):
        pass
    Session.objects.update(expire_date=desk.now + timedelta(days=14))
    go_on(desk)
    last = service.receiver.got[-1]
    assert (last.headers["urgency"], last.headers["ttl"]) == ("high", "14400")


def test_a_browser_that_is_gone_is_dropped_and_the_mail_goes(desk: Desk, service: Service) -> None:
    _, browser = service.screen(desk, desk.member)
    service.receiver.status = 410
    asked(desk)
    browser.refresh_from_db()
    assert (browser.ended_why, browser.endpoint, browser.auth) == ("gone", "", "")
    assert states(desk.member, Channel.PUSH) == [DeliveryState.DROPPED]
    go_on(desk)
    mails = Delivery.objects.filter(person=desk.member, channel=Channel.EMAIL)
    assert mails.filter(entry__verb="ask", state=DeliveryState.SENT).count() == 1
    assert mails.filter(entry__verb="lose_way").count() == 1
    assert post.told(desk.member).count("lose_way") == 1


def test_while_one_browser_still_shows_it_no_mail_is_hastened(desk: Desk, service: Service) -> None:
    service.screen(desk, desk.member, "a")
    service.screen(desk, desk.member, "b")
    Browser.objects.filter(endpoint__endswith="a").update(session="gone")
    asked(desk)
    assert [got.path for got in service.receiver.got] == ["/send/b"]
    assert sorted(states(desk.member, Channel.PUSH)) == ["dropped", "sent"]


@pytest.mark.parametrize(("status", "waits"), [(429, 120), (503, 120), (500, 10)])
def test_a_busy_service_is_given_the_time_it_asks_for(
    desk: Desk, service: Service, status: int, waits: int
) -> None:
    service.screen(desk, desk.member)
    service.receiver.status = status
    service.receiver.headers = {"retry-after": "120"} if status != 500 else {}
    asked(desk)
    row = Delivery.objects.get(person=desk.member, channel=Channel.PUSH)
    assert (row.state, row.next_at) == ("failed", desk.now + timedelta(seconds=waits))
    service.receiver.status = 201
    desk.later(seconds=waits)
    go_on(desk)
    assert states(desk.member, Channel.PUSH) == ["sent"]


def test_a_service_that_stays_away_is_given_up_for_a_mail(desk: Desk, service: Service) -> None:
    service.screen(desk, desk.member)
    service.receiver.status = 500
    asked(desk)
    for _ in range(6):
        desk.later(minutes=3)
        go_on(desk)
    for _ in range(3):
        desk.later(minutes=16)
        go_on(desk)
    assert states(desk.member, Channel.PUSH) == ["dead"]
    assert "sent" in states(desk.member, Channel.EMAIL)


def test_signing_out_ends_it_whoever_does_it_and_wherever(desk: Desk, service: Service) -> None:
    screen, browser = service.screen(desk, desk.member)
    Session.objects.filter(pk=screen.session).delete()
    asked(desk)
    assert service.receiver.got == []
    browser.refresh_from_db()
    assert browser.ended_why == "signed_out"
    assert "lose_way" not in post.told(desk.member)


@pytest.mark.parametrize("how", ["password", "expired", "other key"])
def test_it_lasts_no_longer_than_what_it_stands_on(desk: Desk, service: Service, how: str) -> None:
    screen, browser = service.screen(desk, desk.member)
    if how == "password":
        desk.member.set_password("another one entirely")
        desk.member.save(update_fields=["password"])
    elif how == "expired":
        Session.objects.filter(pk=screen.session).update(expire_date=desk.now)
    else:
        Key.objects.update(public="another")
    asked(desk)
    assert service.receiver.got == []
    browser.refresh_from_db()
    assert (
        browser.ended_why
        == {
            "password": "signed_out",
            "expired": "expired",
            "other key": "new_key",
        }[how]
    )


def test_one_screen_shows_one_persons_notices(desk: Desk, service: Service) -> None:
    screen, mine = service.screen(desk, desk.member)
    again, theirs = service.screen(desk, desk.owner)
    mine.refresh_from_db()
    assert (mine.ended_why, theirs.ended_at) == ("taken", None)
    assert not actions.renewed(desk.member.pk, screen.given(theirs.key))
    assert actions.renewed(desk.owner.pk, again.given(theirs.key))


def test_what_was_read_on_the_desk_disturbs_nobody(desk: Desk, service: Service) -> None:
    service.screen(desk, desk.member)
    ticket = post.accepted(desk)
    tickets.message(desk.cause(desk.lead), ticket.pk, "Nearly there.")
    post.relayed(desk.now)
    desk.later(seconds=5)
    Notice.objects.filter(person=desk.member).update(read_at=desk.now)
    post.sent_by(desk.now)
    assert service.receiver.got == []


def test_who_lost_the_right_is_told_nothing(desk: Desk, service: Service) -> None:
    service.screen(desk, desk.member)
    ticket = post.accepted(desk)
    tickets.message(desk.cause(desk.lead), ticket.pk, "Between us and you.")
    post.relayed(desk.now)
    partners.end_membership(desk.cause(desk.owner), desk.company.partner.pk, desk.member.pk)
    post.sent_by(desk.now)
    assert service.receiver.got == []


def test_nobody_elses_browser_is_reached_by_a_wrong_address(desk: Desk, service: Service) -> None:
    _, theirs = service.screen(desk, desk.owner)
    service.screen(desk, desk.member)
    ticket = post.accepted(desk)
    tickets.message(desk.cause(desk.lead), ticket.pk, "For you alone.")
    post.relayed(desk.now)
    Delivery.objects.filter(channel=Channel.PUSH).update(address=theirs.address)
    post.sent_by(desk.now)
    assert service.receiver.got == []
    assert states(desk.member, Channel.PUSH) == ["dropped"]


@pytest.mark.parametrize(
    "other",
    [
        {"endpoint": "http://push.example/a"},
        {"endpoint": "https://127.0.0.1/a"},
        {"endpoint": "https://10.0.0.1/a"},
        {"endpoint": "https://push.example:25/a"},
        {"endpoint": "https://user@push.example/a"},
        {"endpoint": "https://push.example/" + "a" * 2000},
        {"p256dh": "AAAA"},
        {"p256dh": "B" + "A" * 86},
        {"p256dh": "їжак"},
        {"auth": "AAAA"},
    ],
)
def test_what_is_no_subscription_is_refused(desk: Desk, other: dict[str, str]) -> None:
    screen = pushes.Screen("https://93.184.215.14/a", "some session")
    given = screen.form("key") | other
    given["key"] = given.pop("server_key")
    with pytest.raises(actions.Unusable):
        made = actions.Subscription(**given, session="some", label="x")
        actions.allow(desk.cause(desk.member), desk.member.pk, made)
    assert not Browser.objects.exists()


def test_a_person_has_so_many_browsers_and_no_more(desk: Desk) -> None:
    for number in range(actions.BROWSERS_MAX):
        screen = pushes.Screen(f"https://93.184.215.14/{number}", "some")
        actions.allow(desk.cause(desk.member), desk.member.pk, screen.given("k"))
    with pytest.raises(actions.TooMany):
        screen = pushes.Screen("https://93.184.215.14/more", "some")
        actions.allow(desk.cause(desk.member), desk.member.pk, screen.given("k"))
    assert len(queries.reach([desk.member.pk])[desk.member.pk]) == actions.BROWSERS_MAX


def test_the_key_is_sealed_and_made_once(desk: Desk) -> None:
    first = actions.key(desk.now)
    assert actions.key(desk.now).public == first.public
    private = sealed.unseal(first.private)
    assert private not in first.private
    screen = pushes.Screen("https://93.184.215.14/a", "some")
    browser = actions.allow(desk.cause(desk.member), desk.member.pk, screen.given(first.public))
    for _ in range(2):
        renewed = actions.renew_key(desk.cause(desk.house.vendor, key="renew"))
    assert renewed.public != first.public
    browser.refresh_from_db()
    assert browser.ended_why == "new_key"
    assert Entry.objects.filter(verb="renew_push_key").count() == 1


def test_what_waited_for_the_end_of_quiet_hours_is_one_message(
    desk: Desk, service: Service
) -> None:
    screen, _ = service.screen(desk, desk.member)
    choose_quiet(desk, desk.member)
    ticket = post.submitted(desk)
    other = post.submitted(desk)
    for each in (ticket, other, ticket):
        tickets.message(desk.cause(desk.lead), each.pk, "Something new.")
    go_on(desk)
    assert service.receiver.got == []
    desk.now += timedelta(hours=3)
    go_on(desk)
    (got,) = service.receiver.got
    message = screen.read(got.body)
    assert message["title"] == "Вас чекали 3 сповіщення"
    assert (message["body"], message["url"]) == ("OLH-1, OLH-2", "/notices/")
    assert states(desk.member, Channel.PUSH) == ["sent"] * 3
