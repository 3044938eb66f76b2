"""One ticket's life as its people hear of it: the partner's member in a browser and in Telegram,
the specialist in a browser alone. Every move reaches each of them once by each way they chose.

The push service and the Bot API are servers of their own; the relay and the outbox do the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from desk.channels.models import Channel, Delivery
from desk.channels.notices.preferences import actions as preferences
from desk.channels.notices.preferences.actions import Chosen
from desk.channels.notices.telegram import actions as bots
from desk.channels.notices.telegram import api, polling
from desk.channels.routing import Several, Way
from desk.channels.themes import Theme
from desk.partners.models import Person
from desk.rules.lifecycle import Type
from desk.tickets import actions
from tests.channels import botserver, post, pushes
from tests.channels.botserver import TOKEN, Telegram
from tests.channels.pushes import Screen, Service
from tests.channels.receiver import LOCAL
from tests.language import Desk

CHAT = 7


@dataclass
class People:
    """Who is reached, and how."""

    desk: Desk
    service: Service
    telegram: Telegram
    screens: dict[int, Screen]

    def heard(self, person: Person) -> list[str]:
        """What a person's browser has shown so far, in its order."""
        screen = self.screens[person.pk]
        own = [got for got in self.service.receiver.got if screen.endpoint.endswith(got.path)]
        return [screen.read(got.body)["title"] for got in own]

    def read(self) -> list[str]:
        """The first lines of what the member's chat was told."""
        return [text.splitlines()[0] for text in self.telegram.texts(CHAT)]


@pytest.fixture
def people(
    db: None, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[People]:
    desk = Desk.open()
    settings.OUTSIDE_NETWORKS = (*LOCAL, "::1/128")
    certificate = pushes.certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pushes.serving(certificate) as service, botserver.serving() as telegram:
        settings.TELEGRAM_URL = telegram.url
        telegram.hook = ""
        bots.set_bot(desk.cause(desk.house.vendor), TOKEN, api.me(TOKEN))
        telegram.hears(f"/start {bots.offer(desk.member.pk, desk.now)}", CHAT)
        polling.tick(desk.now)
        screens = {}
        for person in (desk.member, desk.lead):
            choose_all(desk, person)
            screens[person.pk], _ = service.screen(desk, person, f"person-{person.pk}")
        telegram.said.clear()
        yield People(desk, service, telegram, screens)


def choose_all(desk: Desk, person: Person) -> None:
    """The person wants everything, by every way at once, in English."""
    person.language = "en"
    person.save(update_fields=["language"])
    ticked = {(theme, way): True for theme in Theme for way in (Way.PUSH, Way.TELEGRAM)}
    preferences.choose(desk.cause(person), person, Chosen(ticked, several=Several.ALL))


def go_on(desk: Desk) -> None:
    """The relay goes round; the queue sends what is due, also what waited a second for its chat."""
    post.relayed(desk.now)
    post.sent_by(desk.now)
    desk.later(minutes=5)


def test_a_tickets_life_is_heard_once_by_every_way(people: People) -> None:
    desk = people.desk
    lead = desk.lead
    ticket = post.submitted(desk)
    go_on(desk)
    accepting = actions.Accepting(type=Type.BUG, message="I look at it today.")
    actions.accept(desk.cause(lead), ticket.pk, accepting)
    go_on(desk)
    actions.start(desk.cause(lead), ticket.pk)
    go_on(desk)
    actions.ask(desk.cause(lead), ticket.pk, "Which order is it?")
    go_on(desk)
    actions.answer(desk.cause(desk.member), ticket.pk, "The last one.")
    go_on(desk)
    result = actions.Handover("It is saved again.", "A lock.", "Save an order.")
    actions.deliver(desk.cause(lead), ticket.pk, result)
    go_on(desk)
    actions.confirm(desk.cause(desk.member), ticket.pk)
    go_on(desk)
    told = [
        "OLH-1 · The ticket is accepted",
        "OLH-1 · A question for you",
        "OLH-1 · Done, please check",
    ]
    assert people.heard(desk.member) == told
    assert people.read() == told
    assert people.heard(lead) == [
        "OLH-1 · A new ticket waits for acceptance",
        "OLH-1 · The partner has answered",
        "OLH-1 · The ticket is resolved",
    ]
    quick = Delivery.objects.filter(channel__in=(Channel.PUSH, Channel.TELEGRAM))
    assert set(quick.values_list("state", flat=True)) == {"sent"}
    assert quick.count() == 9


def test_a_ticket_goes_on_being_heard_when_the_ways_fail_one_by_one(people: People) -> None:
    desk = people.desk
    ticket = post.accepted(desk)
    go_on(desk)
    people.service.receiver.status = 410
    actions.message(desk.cause(desk.lead), ticket.pk, "One.")
    go_on(desk)
    people.telegram.fail("sendMessage", 403, "Forbidden: bot was blocked by the user")
    actions.message(desk.cause(desk.lead), ticket.pk, "Two.")
    go_on(desk)
    go_on(desk)
    people.service.receiver.status = 201
    actions.message(desk.cause(desk.lead), ticket.pk, "Three.")
    go_on(desk)
    go_on(desk)
    mails = Delivery.objects.filter(person=desk.member, channel=Channel.EMAIL, state="sent")
    assert mails.filter(entry__verb="message").count() == 3
    assert mails.filter(entry__verb="lose_way").count() == 2
    assert post.told(desk.member).count("lose_way") == 2
