"""Digests: each working day and each week once, to every administrator, also after restarts."""

from __future__ import annotations

import pytest
from django.core import mail

from desk.channels.models import Delivery
from desk.channels.notices.models import Notice
from desk.journal.models import Entry
from desk.oversight.actions import audits, control, digests, editions
from desk.oversight.models import Edition, WeekScore
from desk.partners.models import Person
from desk.tickets import actions
from tests.channels import post
from tests.language import Desk
from tests.scenarios import standard
from tests.scenarios.tickets import buys, in_work, resolved, submits


@pytest.fixture
def edition(desk: Desk) -> Edition:
    return standard.publishes(desk.now, content=editions.first_content())


def reads_english(desk: Desk) -> None:
    Person.objects.update(language="en")


def digest() -> Entry:
    return Entry.objects.filter(verb="digest_control").latest("id")


def test_a_day_is_told_once_when_the_service_opens(desk: Desk, edition: Edition) -> None:
    submits(desk, "Late one")
    desk.at("fri 17:00")
    control.tick(desk.now)
    desk.later(minutes=1)
    assert digests.digest_day(desk.now) == 1, "the first day of an edition, late as it is"
    assert digest().facts["violations"] == {"1.1": 2, "2.1": 5}
    desk.at("fri 19:00")
    assert digests.digest_day(desk.now) == 0
    desk.at("sat 12:00")
    assert digests.digest_day(desk.now) == 0, "no service, no digest"
    desk.at("mon 08:59")
    assert digests.digest_day(desk.now) == 0
    desk.at("mon 09:00")
    assert (digests.digest_day(desk.now), digests.digest_day(desk.now)) == (1, 0)
    told = digest().facts
    assert told["on"] == "2026-11-30"
    assert told["violations"] == {}, "what the last one told is not told again"
    assert told["waiting"] == {"violation": 7}


def test_every_administrator_gets_one_mail_with_what_is_owed(desk: Desk, edition: Edition) -> None:
    reads_english(desk)
    buys(desk, 1)
    resolved(desk, in_work(desk))
    ticket = submits(desk, "Late one")
    desk.at("fri 17:30")
    actions.doubt(desk.cause(desk.member), ticket.pk, "Is this right?")
    desk.at("mon 09:00")
    assert audits.draw_audits(desk.now)
    for _ in range(3):
        digests.tick(desk.now)
    post.relayed(desk.now)
    mail.outbox.clear()
    administrators = {desk.house.administrator, desk.house.second_administrator}
    daily = Notice.objects.filter(verb="digest_control")
    assert {row.person for row in daily} == administrators and len(daily) == 2
    rows = Delivery.objects.filter(entry=digest(), channel="email")
    assert {row.person for row in rows} == administrators
    desk.later(minutes=3)
    post.sent(desk.now)
    [letter] = [one for one in mail.outbox if "What waits" in one.subject and "adam" in one.to[0]]
    text = str(letter.body)
    assert "Tickets to audit: 1" in text and "Doubts to answer: 1" in text
    assert "Owed by you: 2" in text and "/control/morning/" in text
    assert "Late one" not in text, "figures, and no names"


def test_a_week_is_told_once_with_its_scores(desk: Desk, edition: Edition) -> None:
    reads_english(desk)
    submits(desk, "Late one")
    desk.at("fri 17:00")
    control.tick(desk.now)
    assert digests.digest_week(desk.now) == 0, "the week before had no edition"
    desk.at("mon 09:00")
    assert (digests.digest_week(desk.now), digests.digest_week(desk.now)) == (1, 0)
    entry = Entry.objects.get(verb="summary_control")
    assert entry.facts["on"] == "2026-11-23" and entry.facts["violations"]["1.1"] == 2
    assert WeekScore.objects.filter(week_on="2026-11-23").count() == 2
    post.relayed(desk.now)
    desk.later(minutes=3)
    post.sent(desk.now)
    letters = [one for one in mail.outbox if "The week under the Standard" in one.subject]
    assert len(letters) == 2
    text = str(letters[0].body)
    assert "15 / 16" in text and "Score of Olha Persha" in text and "too few to say" in text


def test_nothing_is_told_without_an_edition(desk: Desk) -> None:
    desk.at("mon 09:00")
    assert digests.tick(desk.now) == 0
