"""Several things in one mail: within a minute, after quiet hours, in digests; nothing twice."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, time
from email.message import EmailMessage

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from desk.channels import actions as channels
from desk.channels import outbox, recipients, spreading
from desk.channels.models import Channel, Delivery, DeliveryState
from desk.channels.notices import actions as notices
from desk.channels.notices.models import Notice
from desk.channels.notices.preferences import actions as preferences
from desk.channels.notices.preferences.actions import Chosen
from desk.channels.routing import Digest, Several, Way
from desk.channels.themes import Theme
from desk.journal.models import Entry
from desk.partners.models import Person
from desk.tickets import actions
from desk.tickets.models import Ticket
from tests.channels import post
from tests.channels.mailserver import MailServer
from tests.language import Desk, at_once

NIGHT = Chosen({}, quiet_since=time(20), quiet_until=time(8))
DAILY = Chosen({}, digest=Digest.DAILY, digest_hour=18)


def choose(desk: Desk, person: Person, chosen: Chosen) -> None:
    preferences.choose(desk.cause(person), person, chosen)


def to(person: Person, mails: MailServer) -> list[EmailMessage]:
    return [mail for mail in mails.messages if person.email in mail["To"]]


def text(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def states(person: Person) -> dict[str, str]:
    """What became of a person's deliveries, by verb."""
    rows = Delivery.objects.filter(person=person).order_by("id")
    return dict(rows.values_list("entry__verb", "state"))


def say(desk: Desk, ticket: Ticket, words: str) -> None:
    actions.message(desk.cause(desk.lead), ticket.pk, words)
    post.relayed(desk.now)


def english(person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(language="en")


@pytest.fixture
def member(desk: Desk) -> Person:
    english(desk.company.member)
    post.relayed(desk.now)
    return desk.company.member


def test_what_happens_on_a_ticket_within_a_minute_is_one_mail(
    desk: Desk, member: Person, mails: MailServer
) -> None:
    ticket = post.accepted(desk, "I look at it today.")
    post.relayed(desk.now)
    desk.later(seconds=20)
    say(desk, ticket, "Which browser is it, by the way?")
    post.sent_by(desk.now)
    assert not to(member, mails), "it waits for more of the ticket"
    post.sent_by(desk.later(seconds=40))
    (mail,) = to(member, mails)
    for kind in ("plain", "html"):
        said = text(mail, kind)
        for words in ("The ticket is accepted", "I look at it today.", "Which browser is it"):
            assert words in said
    assert mail["Subject"].startswith("[OLH-1]")
    assert states(member) == {"accept": "sent", "message": "sent"}
    post.sent(desk.later(hours=1))
    assert len(to(member, mails)) == 1


def test_what_asks_for_something_goes_at_once_and_takes_along_what_waited(
    desk: Desk, member: Person, mails: MailServer
) -> None:
    ticket = post.accepted(desk)
    actions.start(desk.cause(desk.lead), ticket.pk)
    post.relayed(desk.now)
    actions.ask(desk.cause(desk.lead), ticket.pk, "Which browser is it?")
    post.relayed(desk.now)
    post.sent_by(desk.now)
    (mail,) = to(member, mails)
    said = text(mail)
    assert said.index("A question for you") < said.index("The ticket is accepted")
    assert "/answer/" in said
    assert states(member) == {"accept": "sent", "ask": "sent"}


def test_what_was_read_on_the_desk_is_not_mailed_but_what_was_promised_is(
    desk: Desk, member: Person, mails: MailServer
) -> None:
    ticket = post.accepted(desk)
    say(desk, ticket, "Nearly there.")
    desk.later(seconds=10)
    notices.read(member.pk, Notice.objects.filter(person=member).latest("id").pk, desk.now)
    post.sent(desk.now)
    (mail,) = to(member, mails)
    assert "Nearly there." not in text(mail)
    assert states(member) == {"accept": "sent", "message": "dropped"}


def test_a_night_ends_in_one_letter_of_all_tickets(
    desk: Desk, member: Person, mails: MailServer
) -> None:
    first, second = post.accepted(desk), post.accepted(desk)
    post.relayed(desk.now)
    post.sent(desk.now)
    before = len(to(member, mails))
    choose(desk, member, NIGHT)
    desk.at("fri 21:00")
    for ticket, words in ((first, "One."), (second, "Two."), (first, "Three.")):
        say(desk, ticket, words)
        post.sent(desk.now)
        desk.later(hours=1)
    assert len(to(member, mails)) == before
    desk.at("sat 08:00")
    post.sent_by(desk.now)
    (mail,) = to(member, mails)[before:]
    said = text(mail)
    for words in ("One.", "Two.", "Three.", "OLH-1. Orders are not saved", "You are its author."):
        assert words in said
    assert said.count("OLH-1. Orders are not saved") == 1
    assert "OLH\N{NON-BREAKING HYPHEN}1, OLH\N{NON-BREAKING HYPHEN}2" in mail["Subject"]
    assert "OLH-1" not in mail["Subject"], "an answer would land on the first ticket"
    assert mail["Reply-To"] is None
    assert mail["In-Reply-To"] is None
    assert "3 things happened" in said


def test_what_is_critical_breaks_through_the_night(desk: Desk, mails: MailServer) -> None:
    post.relayed(desk.now)
    choose(desk, desk.lead, NIGHT)
    desk.at("fri 23:00")
    for critical in (False, True):
        submission = actions.Submission(
            partner_id=desk.company.partner.pk,
            project_id=desk.company.project.pk,
            subject="Critical" if critical else "Calm",
            text="Help.",
            author_id=desk.company.member.pk,
            critical_claim=critical,
        )
        actions.submit(desk.cause(desk.company.member), submission)
    post.relayed(desk.now)
    post.sent_by(desk.now)
    assert ["Critical" in mail["Subject"] for mail in to(desk.lead, mails)] == [True]
    post.sent_by(desk.at("sat 08:00"))
    assert len(to(desk.lead, mails)) == 2


def test_a_digest_tells_the_present_state_once_and_leaves_out_what_was_read(
    desk: Desk, member: Person, mails: MailServer
) -> None:
    choose(desk, member, DAILY)
    ticket, other = post.accepted(desk), post.accepted(desk)
    post.relayed(desk.now)
    say(desk, other, "Read on the desk.")
    read = Notice.objects.filter(person=member, ticket=other).latest("id")
    notices.read(member.pk, read.pk, desk.later(minutes=5))
    actions.cancel(desk.cause(desk.company.owner), ticket.pk, "Solved by itself.")
    post.relayed(desk.now)
    post.sent(desk.now)
    assert not to(member, mails)
    post.sent_by(desk.at("18:00"))
    (mail,) = to(member, mails)
    said = text(mail)
    assert "The ticket is accepted" in said
    assert "The ticket is cancelled" in said
    assert said.count("Status: Cancelled") == 1
    assert "Read on the desk." not in said
    assert states(member)["message"] == DeliveryState.DROPPED


def test_what_was_switched_off_while_it_waited_is_not_sent(
    desk: Desk, member: Person, mails: MailServer
) -> None:
    ticket = post.accepted(desk)
    post.relayed(desk.now)
    post.sent(desk.now)
    desk.later(minutes=5)
    say(desk, ticket, "One.")
    preferences.stop_mails(desk.cause(member), member, [Theme.MESSAGES])
    post.sent(desk.now)
    assert states(member)["message"] == DeliveryState.DROPPED
    say(desk, ticket, "Two.")
    assert Delivery.objects.filter(entry__verb="message").count() == 1
    assert Notice.objects.filter(person=member, verb="message", read_at=None).count() == 2


def test_a_letter_of_several_that_fails_comes_again_whole_and_once(
    desk: Desk, member: Person, mails: MailServer
) -> None:
    choose(desk, member, DAILY)
    post.accepted(desk)
    post.accepted(desk)
    post.relayed(desk.now)
    mails.to_recipient = "450 busy"
    post.sent_by(desk.at("18:00"))
    assert set(states(member).values()) == {DeliveryState.FAILED}
    mails.to_recipient = "250 OK"
    post.sent_by(desk.later(minutes=1))
    assert len(to(member, mails)) == 1
    assert Delivery.objects.filter(person=member, state=DeliveryState.SENT).count() == 2
    post.sent(desk.later(hours=12))
    assert len(to(member, mails)) == 1


def test_a_letter_refused_for_good_gives_all_of_it_up(
    desk: Desk, member: Person, mails: MailServer
) -> None:
    choose(desk, member, DAILY)
    post.accepted(desk)
    post.accepted(desk)
    post.relayed(desk.now)
    mails.to_recipient = "550 5.1.1 no such mailbox"
    post.sent_by(desk.at("18:00"))
    assert set(states(member).values()) == {DeliveryState.DEAD}
    found = Entry.objects.filter(verb="undelivered", facts__person=member.pk)
    assert found.count() == 2


def test_who_sent_half_and_died_loses_nothing(
    desk: Desk, member: Person, mails: MailServer
) -> None:
    choose(desk, member, DAILY)
    post.accepted(desk)
    post.accepted(desk)
    post.relayed(desk.now)
    desk.at("18:00")
    for row in Delivery.objects.filter(person=member):
        assert channels.claim(row.pk, desk.now)
    post.sent_by(desk.now)
    assert not to(member, mails), "somebody has them"
    post.sent_by(desk.later(seconds=channels.LEASE_SECONDS))
    assert len(to(member, mails)) == 1


def test_two_workers_make_one_letter_of_it(committed: str, mails: MailServer) -> None:
    desk = Desk.open()
    member = desk.company.member
    post.relayed(desk.now)
    choose(desk, member, DAILY)
    for _ in range(4):
        post.accepted(desk)
    post.relayed(desk.now)
    desk.at("18:00")
    numbers = Delivery.objects.filter(person=member).values_list("pk", flat=True)
    deeds = [lambda number=number: outbox.send(number, desk.now) for number in numbers]
    assert at_once(*deeds) == [None] * 4
    assert len(to(member, mails)) == 1
    assert set(states(member).values()) == {DeliveryState.SENT}


def test_mails_say_where_to_choose_and_how_to_stop(
    desk: Desk, member: Person, mails: MailServer
) -> None:
    ticket = post.accepted(desk)
    post.relayed(desk.now)
    post.sent(desk.now)
    (optional,) = to(member, mails)
    link = str(optional["List-Unsubscribe"]).strip(" <>")
    assert optional["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for kind in ("plain", "html"):
        assert "/notices/preferences/" in text(optional, kind)
        assert link in text(optional, kind)
    desk.later(minutes=5)
    actions.start(desk.cause(desk.lead), ticket.pk)
    actions.ask(desk.cause(desk.lead), ticket.pk, "Which browser?")
    post.relayed(desk.now)
    post.sent_by(desk.now)
    needed = to(member, mails)[-1]
    assert needed["List-Unsubscribe"] is None
    assert "/notices/preferences/" in text(needed)


def test_a_test_message_is_a_mail_to_oneself(desk: Desk, member: Person, mails: MailServer) -> None:
    preferences.try_ways(desk.cause(member), member, {Way.EMAIL: (member.email,)})
    post.relayed(desk.now)
    post.sent_by(desk.now)
    (mail,) = to(member, mails)
    assert "A test: notices reach you by this way" in text(mail)


def test_choices_of_many_cost_no_more_queries_than_of_one(desk: Desk) -> None:
    post.relayed(desk.now)
    told = {}
    counts = []
    for _ in range(2):
        for _ in range(5):
            ticket = post.accepted(desk)
            entry = Entry.objects.get(subject=ticket.key, verb="accept")
            told[entry] = recipients.of(entry, desk.now)
            with CaptureQueriesContext(connection) as caught:
                spread = spreading.of(told, desk.now)
            counts.append(len(caught))
    assert len(spread.deliveries) == 10
    assert len(set(counts)) == 1
    assert counts[0] <= 5


def anything(chance: random.Random) -> Chosen:
    """Choices as nobody would make them."""
    return Chosen(
        {(theme, Way.EMAIL): chance.random() < 0.7 for theme in Theme},
        several=chance.choice(list(Several)),
        quiet_since=time(chance.randrange(18, 23)),
        quiet_until=time(chance.randrange(6, 10)),
        quiet_days=frozenset(chance.sample(range(7), 2)),
        digest=chance.choice(list(Digest)),
        digest_hour=chance.randrange(24),
    )


def test_whatever_people_choose_each_thing_reaches_them_once_by_each_way(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(20261127)
    people = [desk.company.member, desk.company.owner, desk.lead]
    sent: Counter[tuple[int | None, int, str]] = Counter()

    def one(delivery: Delivery, at: datetime) -> None:
        sent[delivery.person_id, delivery.entry_id, delivery.channel] += 1

    def several(deliveries: list[Delivery], at: datetime) -> dict[int, str]:
        for delivery in deliveries:
            one(delivery, at)
        return {}

    monkeypatch.setitem(outbox.SENDERS, Channel.EMAIL, one)
    monkeypatch.setitem(outbox.TOGETHER, Channel.EMAIL, several)
    tickets = [post.accepted(desk) for _ in range(3)]
    for _ in range(40):
        person = chance.choice(people)
        preferences.choose(desk.cause(person), person, anything(chance))
        ticket = chance.choice(tickets)
        author = desk.lead if chance.random() < 0.6 else desk.company.member
        actions.message(desk.cause(author), ticket.pk, "Words.")
        post.relayed(desk.now)
        post.sent_by(desk.later(minutes=chance.randrange(600)))
    post.sent_by(desk.later(days=9))
    assert max(sent.values()) == 1
    told = Delivery.objects.filter(state=DeliveryState.SENT)
    assert {(row.person_id, row.entry_id, row.channel) for row in told} == set(sent)
    assert not Delivery.objects.filter(state__in=["waiting", "failed"]).exists()
    assert len(sent) > 20
