"""A result that is confirmed on the phone: in the caller's name, by whoever had the call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from desk.channels import recipients
from desk.channels.email import outbound
from desk.channels.models import Delivery
from desk.channels.phone import actions, spoken
from desk.channels.phone.actions import NotHeard
from desk.channels.phone.models import Call, Provider
from desk.channels.phone.spoken import Why
from desk.channels.reasons import Why as Reason
from desk.journal.models import Entry
from desk.partners import actions as partners
from desk.partners.models import Person
from desk.rules.lifecycle import NotAllowed, State
from desk.tickets import actions as moves
from desk.tickets import queries
from desk.tickets.models import Ticket
from tests import cast
from tests.channels import exchanges, post
from tests.channels.exchanges import Exchange
from tests.language import OPENED, Desk
from tests.scenarios import tickets


@dataclass
class Hotline:
    """The exchange, a result that waits, and what is said about it."""

    desk: Desk
    exchange: Exchange
    ticket: Ticket

    def talks(self, call_id: str = "a", **more: object) -> Call:
        """The caller is put through, and they talk."""
        tells = (self.desk, self.exchange)
        exchanges.tells(*tells, exchanges.generic("ringing", call_id, **more))
        exchanges.tells(*tells, exchanges.generic("answered", call_id, **more))
        return Call.objects.get(call_id=call_id)

    def hangs_up(self, call_id: str = "a") -> Call:
        exchanges.tells(self.desk, self.exchange, exchanges.generic("ended", call_id))
        return Call.objects.get(call_id=call_id)

    def hears(self, call: Call, who: Person | None = None, key: str = "") -> Ticket:
        """Whoever had the call writes down that the caller confirmed."""
        cause = self.desk.cause(who or self.desk.lead, "workplace", key or self.desk.key())
        return actions.hear_confirm(cause, call.pk, self.ticket.pk)

    def offered(self, call: Call, who: Person | None = None) -> list[Ticket]:
        return spoken.confirmable(call, (who or self.desk.lead).pk, self.desk.now)

    def is_refused(self, call: Call, why: Why, who: Person | None = None) -> None:
        """Neither offered nor done."""
        assert self.offered(call, who) == []
        with pytest.raises(NotHeard) as refused:
            self.hears(call, who)
        assert refused.value.why == why
        self.ticket.refresh_from_db()
        assert self.ticket.state == State.DELIVERED


@pytest.fixture
def hotline(desk: Desk) -> Hotline:
    exchanges.has_number(desk, desk.member)
    tickets.buys(desk, 2)
    ticket = tickets.delivers(desk, tickets.in_work(desk))
    desk.later(minutes=5)
    return Hotline(desk, exchanges.connected(desk, Provider.GENERIC), ticket)


def test_the_caller_confirms_and_who_heard_it_is_on_record(hotline: Hotline) -> None:
    desk, call = hotline.desk, hotline.talks()
    assert hotline.offered(call) == [hotline.ticket]
    found = hotline.hears(call)
    assert found.state == State.RESOLVED
    entry = Entry.objects.get(subject=found.key, verb="confirm")
    assert (entry.by, entry.channel) == (f"person:{desk.member.pk}", "phone")
    assert (entry.facts["heard_by"], entry.facts["call"]) == (desk.lead.pk, call.key)
    assert entry.facts["by_silence"] is False
    assert hotline.offered(call) == []


def test_pressed_twice_it_is_confirmed_once(hotline: Hotline) -> None:
    call = hotline.talks()
    first, second = (hotline.hears(call, key="twice") for _ in range(2))
    assert (first.pk, second.state) == (second.pk, State.RESOLVED)
    assert Entry.objects.filter(verb="confirm").count() == 1


def test_the_caller_is_told_at_once_with_the_way_back(hotline: Hotline) -> None:
    desk = hotline.desk
    partners.change_person(
        desk.cause(desk.member),
        desk.member.pk,
        partners.Card(name=desk.member.name, language="en", phone=exchanges.CALLER),
    )
    ticket = hotline.hears(hotline.talks())
    entry = Entry.objects.get(subject=ticket.key, verb="confirm")
    told = {each.person: each for each in recipients.of(entry, desk.now)}
    assert desk.lead not in told, "who wrote it down knows"
    assert (told[desk.member].why, told[desk.member].mail) == (Reason.SPOKE, True)
    post.relayed(desk.now)
    delivery = Delivery.objects.get(entry=entry, person=desk.member)
    body = str(outbound.compose(delivery, desk.now).body)
    assert f"{desk.lead.name} heard you say so on the call" in body
    assert "you reopen it free of charge, or contest the charge" in body
    view = queries.partner_view(ticket, desk.member, desk.now)
    told_to_partner = view.history[-1]
    assert (told_to_partner.verb, told_to_partner.channel) == ("confirm", "phone")
    assert told_to_partner.about is not None
    assert told_to_partner.about.id == desk.lead.pk
    moves.reopen(desk.cause(desk.member, "cabinet"), ticket.pk, "I said no such thing.")


def test_an_owner_confirms_what_a_colleague_wrote(hotline: Hotline) -> None:
    exchanges.has_number(hotline.desk, hotline.desk.owner, "067 111 22 33")
    call = hotline.talks(phone="0671112233")
    assert hotline.hears(call).state == State.RESOLVED


def test_who_may_not_confirm_cannot_by_phone_either(hotline: Hotline) -> None:
    """The table of moves asks the caller, not who had the call."""
    finance = hotline.desk.company.finance
    exchanges.has_number(hotline.desk, finance, "067 111 22 33")
    call = hotline.talks(phone="0671112233")
    assert hotline.offered(call) == []
    with pytest.raises(NotAllowed):
        hotline.hears(call)


def test_of_another_partner_nothing_is_known(hotline: Hotline) -> None:
    other = cast.company(OPENED, hotline.desk.house, "AGR", "Ahrus Demo")
    exchanges.has_number(hotline.desk, other.owner, "067 111 22 33")
    call = hotline.talks(phone="0671112233")
    assert hotline.offered(call) == []
    with pytest.raises(Ticket.DoesNotExist):
        hotline.hears(call)


def test_a_number_of_two_people_is_nobodys_word(hotline: Hotline) -> None:
    exchanges.has_number(hotline.desk, hotline.desk.owner)
    hotline.is_refused(hotline.talks(), Why.WHOSE_NUMBER)


def test_a_number_that_became_anothers_during_the_call(hotline: Hotline) -> None:
    call = hotline.talks()
    exchanges.has_number(hotline.desk, hotline.desk.owner)
    hotline.is_refused(call, Why.WHOSE_NUMBER)


@pytest.mark.parametrize("phone", ["0670000000", ""])
def test_an_unknown_or_hidden_number_confirms_nothing(hotline: Hotline, phone: str) -> None:
    call = hotline.talks(phone=phone)
    assert call.duty is None
    hotline.is_refused(call, Why.WHOSE_NUMBER, hotline.desk.house.administrator)


def test_only_whoever_has_the_call_hears_it(hotline: Hotline) -> None:
    call, desk = hotline.talks(), hotline.desk
    for other in (desk.cover, desk.house.administrator, desk.house.vendor):
        hotline.is_refused(call, Why.NOT_YOURS, other)


def test_with_lead_and_cover_away_an_administrator_has_the_call(hotline: Hotline) -> None:
    desk = hotline.desk
    for person in (desk.lead, desk.cover):
        tickets.is_away(desk, person, days=1)
    call = hotline.talks()
    hotline.is_refused(call, Why.NOT_YOURS)
    assert hotline.hears(call, desk.house.administrator).state == State.RESOLVED


def test_while_it_rings_or_was_missed_nobody_has_said_anything(hotline: Hotline) -> None:
    tells = (hotline.desk, hotline.exchange)
    exchanges.tells(*tells, exchanges.generic("ringing"))
    hotline.is_refused(Call.objects.get(), Why.NOBODY_TALKED)
    exchanges.tells(*tells, exchanges.generic("missed"))
    hotline.is_refused(Call.objects.get(), Why.NOBODY_TALKED)


def test_after_the_call_there_is_a_quarter_of_an_hour(hotline: Hotline) -> None:
    hotline.talks()
    call = hotline.hangs_up()
    assert call.ended_at is not None
    hotline.desk.now = call.ended_at + spoken.RECORDED_WITHIN
    assert hotline.offered(call) == [hotline.ticket]
    hotline.desk.now += timedelta(seconds=1)
    hotline.is_refused(call, Why.TOO_LATE)


def test_what_was_handed_over_after_the_call_was_not_confirmed_on_it(hotline: Hotline) -> None:
    hotline.talks()
    call = hotline.hangs_up()
    desk = hotline.desk
    desk.later(minutes=1)
    moves.recall(desk.cause(desk.lead), hotline.ticket.pk, "One thing more.")
    moves.deliver(desk.cause(desk.lead), hotline.ticket.pk, tickets.RESULT)
    hotline.is_refused(call, Why.HANDED_OVER_LATER)


def test_a_call_back_counts_as_well(hotline: Hotline) -> None:
    call = hotline.talks("back", outgoing=True)
    assert hotline.hears(call).state == State.RESOLVED
