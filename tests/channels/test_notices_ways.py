"""Several ways to one person: the quickest first, a mail for what was not looked at, or all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from desk.channels.models import Channel, Delivery, DeliveryState
from desk.channels.notices import actions as notices
from desk.channels.notices.models import Notice
from desk.channels.notices.preferences import actions as preferences
from desk.channels.notices.preferences.actions import Chosen
from desk.channels.routing import FOLLOW_SECONDS, Several
from desk.tickets import actions
from tests.channels import post, pushes
from tests.channels.mailserver import MailServer
from tests.channels.pushes import Service
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


def asked(desk: Desk, service: Service, several: Several = Several.FOLLOW) -> None:
    """The member, who has allowed notices in a browser, is asked something."""
    ticket = post.accepted(desk)
    actions.start(desk.cause(desk.lead), ticket.pk)
    post.relayed(desk.now)
    post.sent(desk.now)
    desk.later(minutes=5)
    service.screen(desk, desk.member)
    preferences.choose(desk.cause(desk.member), desk.member, Chosen({}, several=several))
    actions.ask(desk.cause(desk.lead), ticket.pk, "Which order?")
    post.relayed(desk.now)
    post.sent_by(desk.now)


def states(desk: Desk) -> dict[str, str]:
    """What became of the question, by way."""
    rows = Delivery.objects.filter(person=desk.member, entry__verb="ask")
    return dict(rows.values_list("channel", "state"))


def test_a_mail_follows_what_was_not_looked_at(
    desk: Desk, service: Service, mails: MailServer
) -> None:
    asked(desk, service)
    assert states(desk) == {Channel.PUSH: DeliveryState.SENT, Channel.EMAIL: DeliveryState.WAITING}
    before = len(mails.messages)
    post.sent_by(desk.now + timedelta(seconds=FOLLOW_SECONDS - 1))
    assert len(mails.messages) == before
    post.sent_by(desk.later(seconds=FOLLOW_SECONDS))
    assert states(desk)[Channel.EMAIL] == DeliveryState.SENT
    assert len(service.receiver.got) == 1


def test_no_mail_follows_what_came_through_and_was_looked_at(
    desk: Desk, service: Service, mails: MailServer
) -> None:
    asked(desk, service)
    notice = Notice.objects.filter(person=desk.member, verb="ask").get()
    notices.read(desk.member.pk, notice.pk, desk.later(minutes=5))
    post.sent_by(desk.later(seconds=FOLLOW_SECONDS))
    assert states(desk)[Channel.EMAIL] == DeliveryState.DROPPED


def test_what_is_owed_is_mailed_when_it_was_only_seen_under_the_bell(
    desk: Desk, service: Service, mails: MailServer
) -> None:
    service.receiver.status = 400
    asked(desk, service)
    assert states(desk)[Channel.PUSH] != DeliveryState.SENT
    notice = Notice.objects.filter(person=desk.member, verb="ask").get()
    notices.read(desk.member.pk, notice.pk, desk.later(minutes=5))
    post.sent_by(desk.later(seconds=FOLLOW_SECONDS))
    assert states(desk)[Channel.EMAIL] == DeliveryState.SENT


@pytest.mark.parametrize(
    ("several", "expected"),
    [(Several.ONE, {Channel.PUSH}), (Several.ALL, {Channel.PUSH, Channel.EMAIL})],
)
def test_only_the_quickest_or_all_as_it_was_chosen(
    desk: Desk, service: Service, mails: MailServer, several: Several, expected: set[Channel]
) -> None:
    asked(desk, service, several)
    assert states(desk) == dict.fromkeys(expected, DeliveryState.SENT)
