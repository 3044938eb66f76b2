"""Mails that answer mails: acknowledged once, never in a loop, and never more than people bear."""

from __future__ import annotations

from functools import partial

import pytest

from desk.channels.email import actions as email
from desk.channels.email import outbound, pulse
from desk.channels.email.models import OwnAddress, Received, Turn, TurnKind
from desk.channels.models import Arrival, ArrivalState, Delivery, DeliveryState
from desk.channels.notices.models import Notice
from desk.journal import actions as journal
from desk.journal.models import Entry
from desk.partners.models import Person
from desk.rules.lifecycle import State
from desk.tickets import actions as tickets
from desk.tickets.models import Message, MessageKind, Ticket
from tests.channels import post
from tests.channels.mailserver import MailServer
from tests.channels.test_mail import speak, text
from tests.channels.test_mail_in import answering, comes, delivered, mail
from tests.language import Desk, at_once

GRACE_MINUTES = 6
ROUNDS_MAX = 30


def acknowledgements() -> list[Delivery]:
    return list(Delivery.objects.filter(why=email.SENDER).order_by("id"))


def writes(desk: Desk, subject: str, sender: str = "", **headers: str) -> Arrival:
    return comes(desk, mail(sender or desk.member.email, subject, "It does not.", **headers))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("We have your mail: it is ticket OLH-1", "To be accepted by", "What happens next")),
        ("uk", ("Ваш лист отримано: це звернення OLH-1", "Що далі", "прийняття до")),
        ("ru", ("Ваше письмо получено: это обращение OLH-1", "Что дальше", "приём до")),
    ],
)
def test_a_ticket_by_mail_is_acknowledged_in_the_senders_language(
    desk: Desk, language: str, said: tuple[str, ...]
) -> None:
    speak(desk.member, language)
    writes(desk, "Broken", message_id="<first@olh.example>")
    found = post.parsed(outbound.compose(acknowledgements()[0], desk.now))
    assert found["To"].addresses[0].addr_spec == desk.member.email
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["References"].split()[0] == "<first@olh.example>"
    for kind in ("plain", "html"):
        for words in said:
            assert words in text(found, kind)


def test_one_sender_is_acknowledged_once_an_hour(desk: Desk) -> None:
    for subject, minutes in (("One", 0), ("Two", 59), ("Three", 1)):
        desk.later(minutes=minutes)
        writes(desk, subject)
    states = [(one.state, one.error) for one in acknowledgements()]
    assert [state for state, _ in states] == ["waiting", "dropped", "waiting"]
    assert states[1][1].startswith("held")
    writes(desk, "Four", desk.company.owner.email)
    assert acknowledgements()[-1].state == DeliveryState.WAITING


@pytest.mark.usefixtures("committed")
def test_two_processes_acknowledge_once() -> None:
    desk = Desk.open()
    ticket = post.submitted(desk)
    entries = Entry.objects.filter(subject=ticket.key)
    for verb in ("one", "two", "three"):
        journal.record(desk.cause(desk.member), verb, ticket.key, {})
    made = [partial(email.acknowledge, one.pk, desk.member, desk.now) for one in entries[1:]]
    states = [one.state for one in at_once(*made) if isinstance(one, Delivery)]
    assert sorted(states) == ["dropped", "dropped", "waiting"]


@pytest.mark.parametrize("kind", ["automatic", "stranger", "repeat", "answer"])
def test_nothing_else_is_acknowledged(desk: Desk, kind: str) -> None:
    if kind == "automatic":
        writes(desk, "Away", Auto_Submitted="auto-replied")
    elif kind == "stranger":
        assert writes(desk, "Hello", "who@else.example").state == ArrivalState.QUARANTINED
    elif kind == "repeat":
        writes(desk, "Once")
        comes(desk, mail(desk.member.email, "Once", "It does not."), key="again")
    else:
        ticket = post.accepted(desk)
        writes(desk, f"OLH-{ticket.number}")
    assert len(acknowledgements()) == (kind == "repeat")
    post.relayed(desk.now)
    assert not Delivery.objects.filter(address="who@else.example").exists()


def goes_out(desk: Desk) -> None:
    """Everything that is to be told is told, also what waits a moment for more of its ticket."""
    post.relayed(desk.now)
    desk.later(minutes=GRACE_MINUTES)
    post.sent(desk.now)


def told_often(desk: Desk, ticket: Ticket, count: int) -> list[Delivery]:
    """So many messages of the lead to the member, each sent before the next."""
    goes_out(desk)
    for number in range(count):
        tickets.message(desk.cause(desk.lead), ticket.pk, f"Message {number}.")
        goes_out(desk)
    return list(Delivery.objects.filter(person=desk.member, entry__verb="message").order_by("id"))


def test_the_eleventh_mail_of_a_day_waits_and_tells_the_rest(desk: Desk, mails: MailServer) -> None:
    speak(desk.member, "en")
    ticket = post.accepted(desk)
    found = told_often(desk, ticket, 13)
    states = [one.state for one in found]
    # The acceptance was the first of the ten.
    assert states == ["sent"] * 9 + ["waiting"] + ["dropped"] * 3
    assert found[9].error.startswith("held until 2026-11-28 08:00")
    assert "told together" in found[12].error
    desk.at("sat 08:00")
    post.sent(desk.now)
    last = mails.messages[-1]
    assert last["To"].addresses[0].addr_spec == desk.member.email
    assert "There is more on the ticket" in text(last)
    assert "4 × A new message" in text(last)
    assert "Message 12." not in text(last)
    found[9].refresh_from_db()
    assert found[9].state == DeliveryState.SENT


def test_the_morning_mail_goes_also_when_its_own_news_was_read(
    desk: Desk, mails: MailServer
) -> None:
    speak(desk.member, "en")
    told_often(desk, post.accepted(desk), 12)
    waits = Delivery.objects.get(turn__kind=TurnKind.HELD)
    Notice.objects.filter(person=desk.member, entry=waits.entry).update(read_at=desk.now)
    desk.at("sat 08:00")
    post.sent(desk.now)
    assert "3 × A new message" in text(mails.messages[-1])


def test_what_asks_or_hands_over_never_waits(desk: Desk, mails: MailServer) -> None:
    ticket = post.accepted(desk)
    tickets.start(desk.cause(desk.lead), ticket.pk)
    told_often(desk, ticket, 12)
    handover = tickets.Handover("The index was rebuilt.", "Nothing.", "Save an order.")
    tickets.deliver(desk.cause(desk.lead), ticket.pk, handover)
    goes_out(desk)
    handed = Delivery.objects.get(person=desk.member, entry__verb="deliver")
    assert handed.state == DeliveryState.SENT


def test_each_address_ticket_and_day_has_its_own_ten(desk: Desk, mails: MailServer) -> None:
    first = post.accepted(desk)
    told_often(desk, first, 12)
    second = post.submitted(desk, "Another one.")
    tickets.message(desk.cause(desk.lead), second.pk, "On the other.")
    post.relayed(desk.now)
    desk.at("mon 09:00")
    tickets.message(desk.cause(desk.lead), first.pk, "A new day.")
    goes_out(desk)
    ours = Delivery.objects.filter(person=desk.member, entry__verb="message")
    assert [one.state for one in ours.order_by("-id")[:2]] == ["sent", "sent"]


def test_a_repeated_attempt_takes_no_second_turn(desk: Desk, mails: MailServer) -> None:
    mails.to_data = "451 later"
    ticket = post.accepted(desk)
    told_often(desk, ticket, 1)
    desk.later(hours=1)
    post.sent(desk.now)
    assert Turn.objects.filter(address=desk.member.email).count() == 2
    assert set(Turn.objects.values_list("kind", flat=True)) == {TurnKind.SENT}


def test_an_answer_goes_to_the_author_and_not_to_who_wrote_last(
    desk: Desk, mails: MailServer
) -> None:
    ticket = post.accepted(desk)
    goes_out(desk)
    told = Delivery.objects.get(person=desk.member, entry__verb="accept")
    owner = desk.company.owner
    comes(desk, mail(owner.email, "Fwd: x", "And also this.", **answering(told)))
    goes_out(desk)
    mails.messages.clear()
    tickets.message(desk.cause(desk.lead), ticket.pk, "Done.")
    goes_out(desk)
    to = [one["To"].addresses[0].addr_spec for one in mails.messages]
    assert to == [desk.member.email]


def test_our_own_mail_that_comes_back_is_dropped_for_all_to_see(desk: Desk) -> None:
    post.accepted(desk)
    post.relayed(desk.now)
    told = Delivery.objects.get(person=desk.member, entry__verb="accept")
    ours = post.parsed(outbound.compose(told, desk.now))
    assert comes(desk, ours, key="1").outcome == "our own mail, which came back"
    del ours["Message-ID"]
    ours["Message-ID"] = "<rewritten@relay.example>"
    assert comes(desk, ours, key="2").outcome == "our own mail, which came back"
    assert Received.objects.filter(automatic=Received.OWN).count() == 2
    assert Ticket.objects.count() == 1
    assert Message.objects.filter(channel="email").count() == 0


def test_the_desk_writes_no_mail_to_itself(desk: Desk, mails: MailServer) -> None:
    OwnAddress.objects.create(address=desk.member.email, created_at=desk.now)
    post.accepted(desk)
    goes_out(desk)
    told = Delivery.objects.get(person=desk.member, entry__verb="accept")
    assert told.state == DeliveryState.DROPPED
    assert "own" in told.error


class Echo:
    """A mail program that answers every mail of ours at once, honestly or not."""

    def __init__(self, desk: Desk, mails: MailServer, *, honest: bool, mirrors: bool) -> None:
        self.desk, self.mails, self.honest, self.mirrors = desk, mails, honest, mirrors
        self.seen, self.count = 0, 0

    def answers(self, *people: Person) -> int:
        """Answer what came since the last time; returns how many were answered."""
        addresses = {one.email for one in people}
        fresh, self.seen = self.mails.messages[self.seen :], len(self.mails.messages)
        due = [one for one in fresh if one["To"].addresses[0].addr_spec in addresses]
        for one in due:
            self.count += 1
            said = text(one) if self.mirrors else "I have got your mail."
            words = {"In_Reply_To": one["Message-ID"], "message_id": f"<echo{self.count}@x.y>"}
            if self.honest:
                words["Auto_Submitted"] = "auto-replied"
            sender = one["To"].addresses[0].addr_spec
            comes(self.desk, mail(sender, f"Re: {one['Subject']}", said, **words))
        return len(due)


@pytest.mark.parametrize("honest", [True, False])
@pytest.mark.parametrize("mirrors", [True, False])
def test_two_desks_that_answer_each_other_come_to_rest(
    desk: Desk, mails: MailServer, honest: bool, mirrors: bool
) -> None:
    """Both the partner's mailbox and the lead's answer everything, for three days."""
    ticket = delivered(desk)
    tickets.confirm(desk.cause(desk.member), ticket.pk)
    echo = Echo(desk, mails, honest=honest, mirrors=mirrors)
    writes(desk, "A new one")
    rounds = 0
    for day in ("mon 10:00", "tue 10:00", "wed 10:00"):
        still = 1
        while still:
            goes_out(desk)
            still = echo.answers(desk.member, desk.lead)
            rounds += still
            assert rounds < ROUNDS_MAX, f"it still goes round before {day}"
        desk.at(day)
    before = len(mails.messages)
    goes_out(desk)
    goes_out(desk)
    assert len(mails.messages) == before, "it ended by itself"
    ticket.refresh_from_db()
    assert ticket.state == State.RESOLVED, "nothing is reopened"
    assert Ticket.objects.count() == 2
    if honest:
        assert not Message.objects.filter(kind=MessageKind.PARTNER, channel="email")[1:].exists()


def test_only_a_row_of_swift_answers_is_a_machine(desk: Desk) -> None:
    ticket = post.accepted(desk)
    post.relayed(desk.now)
    told = Delivery.objects.get(person=desk.member, entry__verb="accept")
    Delivery.objects.filter(pk=told.pk).update(
        state=DeliveryState.SENT, ended_at=desk.now, next_at=None
    )
    for number in range(pulse.SWIFT_MAX):
        found = mail(desk.member.email, f"Re: {number}", f"Yes {number}.", **answering(told))
        assert comes(desk, found).outcome == ticket.key
    late = comes(desk, mail(desk.member.email, "Re: x", "Slow.", **answering(told)), key="x")
    assert late.state == ArrivalState.QUARANTINED
    assert "Чи не програма це?" in late.error
    desk.later(minutes=3)
    found = mail(desk.member.email, "Re: y", "By hand.", **answering(told))
    assert comes(desk, found).outcome == ticket.key
