"""Notices in Telegram: linked by a link that works once, told once, and over when it is over."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from pytest_django.fixtures import Settings

from desk.channels.models import Channel, Delivery, DeliveryState
from desk.channels.notices import ways
from desk.channels.notices.preferences import actions as preferences
from desk.channels.notices.telegram import actions, api, polling, texts
from desk.channels.notices.telegram.models import Bot, Chat, Offer
from desk.channels.troubles import queries as troubles
from desk.journal.models import Entry
from desk.lib import sealed
from desk.partners.models import Person
from desk.tickets import actions as tickets
from desk.tickets.models import Ticket
from tests.channels import botserver, post
from tests.channels.botserver import TOKEN, Telegram
from tests.channels.pushes import choose_quiet
from tests.channels.receiver import LOCAL
from tests.language import Desk

MEMBER, OWNER = 7, 8


@pytest.fixture
def telegram(desk: Desk, settings: Settings) -> Iterator[Telegram]:
    """A Bot API server, and the desk's bot there."""
    settings.OUTSIDE_NETWORKS = LOCAL
    with botserver.serving() as found:
        settings.TELEGRAM_URL = found.url
        found.hook = ""
        actions.set_bot(desk.cause(desk.house.vendor), TOKEN, api.me(TOKEN))
        yield found


def heard(telegram: Telegram, desk: Desk, text: str, chat: int = MEMBER) -> str:
    """Somebody writes to the bot; returns the answer."""
    telegram.hears(text, chat)
    assert polling.tick(desk.now) == 1
    return telegram.texts(chat)[-1]


def linked(telegram: Telegram, desk: Desk, person: Person, chat: int = MEMBER) -> Chat:
    token = actions.offer(person.pk, desk.now)
    heard(telegram, desk, f"/start {token}", chat)
    return Chat.objects.get(person=person, ended_at=None)


def asked(desk: Desk) -> Ticket:
    """The member is asked something, and everybody is told."""
    ticket = post.accepted(desk)
    tickets.start(desk.cause(desk.lead), ticket.pk)
    desk.later(minutes=1)
    tickets.ask(desk.cause(desk.lead), ticket.pk, "Which <order>?")
    go_on(desk)
    return ticket


def go_on(desk: Desk) -> None:
    post.relayed(desk.now)
    post.sent_by(desk.now)


def states(person: Person, channel: Channel = Channel.TELEGRAM) -> list[str]:
    rows = Delivery.objects.filter(person=person, channel=channel).order_by("id")
    return list(rows.values_list("state", flat=True))


def test_a_link_links_once_and_says_with_whom(telegram: Telegram, desk: Desk) -> None:
    token = actions.offer(desk.member.pk, desk.now)
    assert token not in Offer.objects.get().digest
    answer = heard(telegram, desk, f"/start {token}")
    assert desk.member.name in answer
    assert Chat.objects.get(ended_at=None).person == desk.member
    again = heard(telegram, desk, f"/start {token}", chat=666)
    assert desk.member.name not in again
    assert "використано" in again
    assert Chat.objects.filter(ended_at=None).count() == 1


@pytest.mark.parametrize("how", ["late", "guessed", "newer", "long"])
def test_a_link_that_is_late_guessed_or_replaced_links_nobody(
    telegram: Telegram, desk: Desk, how: str
) -> None:
    token = actions.offer(desk.member.pk, desk.now)
    if how == "late":
        desk.now += actions.OFFERED
    elif how == "newer":
        actions.offer(desk.member.pk, desk.now)
    else:
        token = "guess" if how == "guessed" else token + "x" * 5000
    heard(telegram, desk, f"/start {token}")
    assert not Chat.objects.exists()


def test_a_notice_says_number_headline_reason_and_link(telegram: Telegram, desk: Desk) -> None:
    linked(telegram, desk, desk.member)
    asked(desk)
    said = telegram.texts(MEMBER)[-1]
    assert said.splitlines() == [
        "OLH-1 · Запитання до вас",
        "Ви автор цього звернення.",
        "Відкрити у службі · Вибрати, що надсилати",
    ]
    assert "/notices/" in telegram.said[-1]["text"]
    assert "order" not in telegram.said[-1]["text"]
    assert states(desk.member) == [DeliveryState.SENT]


def test_markup_of_others_is_shown_and_does_nothing(telegram: Telegram, desk: Desk) -> None:
    desk.member.name = "<b>Marko</b> & <a href='tg://x'>Co</a>"
    desk.member.save(update_fields=["name"])
    token = actions.offer(desk.member.pk, desk.now)
    assert desk.member.name in heard(telegram, desk, f"/start {token}")
    assert texts.plain("a\u0000b\nc < d & e") == "a b c &lt; d &amp; e"


def test_status_shows_own_open_tickets_and_nothing_else(telegram: Telegram, desk: Desk) -> None:
    linked(telegram, desk, desk.member)
    linked(telegram, desk, desk.lead, chat=OWNER)
    assert "Немає" in heard(telegram, desk, "/status")
    asked(desk)
    mine, theirs = heard(telegram, desk, "/status"), heard(telegram, desk, "/status", OWNER)
    for answer in (mine, theirs):
        assert answer.count("OLH-1") == 1
        assert "Orders are not saved" not in answer
    tickets.cancel(desk.cause(desk.member), Ticket.objects.get().pk, "No need.")
    assert "OLH-1" not in heard(telegram, desk, "/status")


def test_the_longest_list_fits_into_a_message(telegram: Telegram, desk: Desk) -> None:
    linked(telegram, desk, desk.member)
    for _ in range(texts.LISTED_MAX + 2):
        post.submitted(desk)
    answer = heard(telegram, desk, "/status")
    assert answer.count("OLH-") == texts.LISTED_MAX
    assert "Відкрити" in answer


def test_stop_ends_it_and_strangers_learn_nothing(telegram: Telegram, desk: Desk) -> None:
    linked(telegram, desk, desk.member)
    assert desk.member.name in heard(telegram, desk, "hello")
    heard(telegram, desk, "/stop@demo_desk_bot")
    chat = Chat.objects.get()
    assert (chat.ended_why, chat.number, chat.name) == ("stopped", None, "")
    for text in ("/status", "/stop", "hello", "/start", ""):
        assert desk.member.name not in heard(telegram, desk, text)
    asked(desk)
    assert states(desk.member) == []


def test_groups_are_refused_and_left(telegram: Telegram, desk: Desk) -> None:
    token = actions.offer(desk.member.pk, desk.now)
    telegram.hears(f"/start {token}", -100, kind="supergroup")
    telegram.blocked(-200, status="member", kind="group")
    telegram.blocked(-100, status="left", kind="supergroup")
    assert polling.tick(desk.now) == 3
    assert telegram.left == [-100, -200]
    assert not Chat.objects.exists()


def test_a_chat_is_one_persons_and_a_person_has_one(telegram: Telegram, desk: Desk) -> None:
    first = linked(telegram, desk, desk.member)
    second = linked(telegram, desk, desk.member, chat=70)
    third = linked(telegram, desk, desk.owner, chat=70)
    for chat in (first, second, third):
        chat.refresh_from_db()
    assert [chat.ended_why for chat in (first, second, third)] == ["replaced", "taken", ""]


@pytest.mark.parametrize(
    ("code", "description"),
    [
        (403, "Forbidden: bot was blocked by the user"),
        (403, "Forbidden: user is deactivated"),
        (400, "Bad Request: chat not found"),
    ],
)
def test_a_blocked_bot_is_unlinked_and_the_mail_goes(
    telegram: Telegram, desk: Desk, code: int, description: str
) -> None:
    linked(telegram, desk, desk.member)
    telegram.fail("sendMessage", code, description)
    asked(desk)
    go_on(desk)
    assert states(desk.member) == [DeliveryState.DROPPED]
    assert Chat.objects.get().ended_why == "blocked"
    mails = Delivery.objects.filter(person=desk.member, channel=Channel.EMAIL, state="sent")
    verbs = sorted(mails.values_list("entry__verb", flat=True))
    assert verbs == ["accept", "ask", "lose_way"]
    assert post.told(desk.member).count("lose_way") == 1


def test_blocking_in_telegram_is_heard_at_once(telegram: Telegram, desk: Desk) -> None:
    linked(telegram, desk, desk.member)
    telegram.blocked()
    polling.tick(desk.now)
    assert Chat.objects.get().ended_why == "blocked"
    assert Entry.objects.filter(verb="lose_way").count() == 1


def test_too_many_requests_are_waited_for_without_counting(telegram: Telegram, desk: Desk) -> None:
    linked(telegram, desk, desk.member)
    telegram.fail("sendMessage", 429, "Too Many Requests: retry after 31", retry_after=31)
    asked(desk)
    row = Delivery.objects.get(person=desk.member, channel=Channel.TELEGRAM)
    assert (row.attempts, row.next_at) == (0, desk.now + timedelta(seconds=31))
    telegram.failing.clear()
    desk.later(seconds=30)
    go_on(desk)
    assert states(desk.member) == ["waiting"]
    desk.later(seconds=1)
    go_on(desk)
    assert states(desk.member) == ["sent"]


def test_a_chat_gets_one_message_a_second(telegram: Telegram, desk: Desk) -> None:
    linked(telegram, desk, desk.member)
    ticket = post.accepted(desk)
    for text in ("One.", "Two.", "Three."):
        tickets.message(desk.cause(desk.lead), ticket.pk, text)
    before = len(telegram.said)
    for seconds in range(3):
        desk.later(seconds=1 if seconds else 0)
        go_on(desk)
        assert len(telegram.said) - before == seconds + 1
    assert states(desk.member) == ["sent"] * 3


def test_what_waited_for_the_end_of_quiet_hours_is_one_message(
    telegram: Telegram, desk: Desk
) -> None:
    linked(telegram, desk, desk.member)
    choose_quiet(desk, desk.member)
    ticket = post.submitted(desk)
    for text in ("One.", "Two."):
        tickets.message(desk.cause(desk.lead), ticket.pk, text)
    tickets.message(desk.cause(desk.lead), post.submitted(desk).pk, "Three.")
    go_on(desk)
    assert len(telegram.said) == 1
    desk.now += timedelta(hours=3)
    go_on(desk)
    assert telegram.texts(MEMBER)[-1].splitlines() == [
        "Вас чекали 3 сповіщення",
        "OLH-1 · Нове повідомлення",
        "OLH-2 · Нове повідомлення",
        "Відкрити у службі · Вибрати, що надсилати",
    ]
    assert len(telegram.said) == 2
    assert states(desk.member) == ["sent"] * 3


def test_an_outage_waits_and_ends_in_a_mail(telegram: Telegram, desk: Desk) -> None:
    linked(telegram, desk, desk.member)
    telegram.fail("sendMessage", 502, "Bad Gateway")
    asked(desk)
    assert states(desk.member) == ["failed"]
    for minutes in (1, 2, 6, 16):
        desk.later(minutes=minutes)
        go_on(desk)
    assert states(desk.member) == ["dead"]
    assert "sent" in states(desk.member, Channel.EMAIL)


def test_an_update_is_used_once_and_a_bad_one_stops_nobody(
    telegram: Telegram, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    token = actions.offer(desk.member.pk, desk.now)
    telegram.updates.append({"update_id": 1, "message": {"chat": {"id": "x"}}})
    telegram.updates.append({"update_id": 2, "message": {"chat": {"id": 2**70, "type": "private"}}})
    telegram.hears(f"/start {token}")
    kept = list(telegram.updates)
    with caplog.at_level(logging.CRITICAL):
        polling.tick(desk.now)
    assert Chat.objects.get().person == desk.member
    said = len(telegram.said)
    telegram.updates = kept
    Bot.objects.update(leased_until_at=None)
    polling.tick(desk.now)
    assert len(telegram.said) == said


def test_two_workers_do_not_ask_at_once(telegram: Telegram, desk: Desk) -> None:
    assert actions.lease(desk.now) is not None
    assert actions.lease(desk.now) is None
    # The worker died: another one takes over when the lease has run out.
    assert actions.lease(desk.now + timedelta(seconds=actions.LEASE_SECONDS)) is not None


@pytest.mark.parametrize(
    ("code", "description", "error"),
    [(401, "Unauthorized", "token"), (409, "Conflict", "conflict"), (500, "", "away")],
)
def test_a_bot_that_cannot_be_read_rests_and_says_why(
    telegram: Telegram, desk: Desk, code: int, description: str, error: str
) -> None:
    telegram.fail("getUpdates", code, description)
    assert polling.tick(desk.now) == 0
    bot = Bot.objects.get()
    assert (bot.error, bot.failures) == (error, 1)
    assert bot.resting_until_at is not None
    telegram.failing.clear()
    asked_before = len(telegram.asked)
    polling.tick(bot.resting_until_at - timedelta(seconds=1))
    assert len(telegram.asked) == asked_before
    polling.tick(bot.resting_until_at)
    assert Bot.objects.get().error == ""


def test_a_bot_that_stays_silent_is_told_to_whoever_sets_up(telegram: Telegram, desk: Desk) -> None:
    telegram.fail("getUpdates", 401, "Unauthorized")
    for _ in range(troubles.FAILURES_MAX):
        assert not troubles.found(desk.now)
        Bot.objects.update(resting_until_at=None)
        polling.tick(desk.now)
    (found,) = troubles.found(desk.now)
    assert (found.subject, found.kind) == ("inbox:telegram", "silent")
    assert "@BotFather" in found.reason
    telegram.failing.clear()
    Bot.objects.update(resting_until_at=None)
    polling.tick(desk.now)
    assert not troubles.found(desk.now)


def test_a_trial_of_the_ways_comes_through(telegram: Telegram, desk: Desk) -> None:
    linked(telegram, desk, desk.member)
    known = ways.addresses([desk.member])[desk.member.pk]
    preferences.try_ways(desk.cause(desk.member), desk.member, known)
    go_on(desk)
    assert states(desk.member) == ["sent"]
    assert "/notices/" in telegram.said[-1]["text"]


def test_the_token_is_sealed_and_in_no_log(
    telegram: Telegram, desk: Desk, caplog: pytest.LogCaptureFixture, settings: Settings
) -> None:
    settings.TELEGRAM_URL = "http://127.0.0.1:9"
    secret = TOKEN.partition(":")[2]
    polling.tick(desk.now)
    settings.OUTSIDE_NETWORKS = ()
    Bot.objects.update(resting_until_at=None)
    polling.tick(desk.now)
    bot = Bot.objects.get()
    assert bot.failures == 2
    assert secret not in bot.token + bot.error + caplog.text
    assert sealed.unseal(bot.token) == TOKEN
    assert secret not in "".join(str(row.facts) for row in Entry.objects.all())


def test_another_bot_has_none_of_the_chats(telegram: Telegram, desk: Desk) -> None:
    linked(telegram, desk, desk.member)
    vendor = desk.cause(desk.house.vendor)
    actions.set_bot(vendor, TOKEN, api.me(TOKEN))
    assert Chat.objects.filter(ended_at=None).exists()
    actions.set_bot(vendor, TOKEN, api.Self(2, "other_bot", "Other"))
    assert Chat.objects.get().ended_why == "new_bot"
    actions.remove_bot(vendor)
    assert polling.tick(_later(desk)) == 0
    assert not Bot.objects.exists()


def _later(desk: Desk) -> datetime:
    return desk.later(minutes=10)
