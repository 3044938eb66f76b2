"""Critical or not: a bug from the start of the call, accepted at once, or nothing at all."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from desk.channels.phone import actions, callers
from desk.channels.phone.actions import Claim, Decided, UnknownCaller
from desk.channels.phone.models import Call, Provider
from desk.journal.models import Entry
from desk.partners import actions as partners
from desk.partners.models import PartnerRole, Person
from desk.rules.lifecycle import State, Type
from desk.tickets.actions import Incomplete
from desk.tickets.models import ClockKind, Message, Ticket
from tests import cast
from tests.channels import exchanges
from tests.channels.exchanges import Exchange
from tests.language import OPENED, Desk, at_once
from tests.scenarios import tickets

Decision = Call.Decision


@pytest.fixture
def exchange(desk: Desk) -> Exchange:
    exchanges.has_number(desk, desk.member)
    return exchanges.connected(desk, Provider.GENERIC)


def talks(desk: Desk, exchange: Exchange, call_id: str = "a", **more: object) -> Call:
    """Our caller is put through after 20 seconds."""
    exchanges.tells(desk, exchange, exchanges.generic("ringing", call_id, **more))
    desk.later(seconds=20)
    exchanges.tells(desk, exchange, exchanges.generic("answered", call_id))
    return Call.objects.get(call_id=call_id)


def says_critical(desk: Desk, call: Call, person: Person | None = None, **claim: object) -> Call:
    desk.later(minutes=2)
    cause = desk.cause(person or desk.lead, "phone", desk.key())
    return actions.critical(cause, call.pk, Claim(**claim))  # type: ignore[arg-type]  # its fields


def test_a_bug_from_the_start_of_the_call_accepted_at_once(desk: Desk, exchange: Exchange) -> None:
    call = says_critical(desk, talks(desk, exchange), subject="Nothing is saved")
    ticket = call.ticket
    assert ticket is not None
    assert (ticket.state, ticket.type, ticket.critical_claim) == (State.ACCEPTED, Type.BUG, True)
    assert (ticket.author, ticket.filed_by, ticket.executor) == (desk.member, desk.lead, desk.lead)
    assert (ticket.channel, ticket.subject) == ("phone", "Nothing is saved")
    assert (ticket.submitted_at, ticket.received_at) == (call.started_at, call.heard_at)
    assert ticket.due_at == call.started_at + timedelta(hours=3)
    acceptance = tickets.clock(ticket, ClockKind.ACCEPTANCE)
    assert (acceptance.target_seconds, acceptance.breached_at) == (15 * 60, None)
    assert (call.decision, call.decided_by) == (Decision.CRITICAL, desk.lead)
    entry = Entry.objects.get(verb="submit", subject=ticket.key)
    assert (entry.by, entry.channel) == (f"person:{desk.lead.pk}", "phone")
    assert (entry.key, entry.at) == (call.key, call.started_at)


def test_its_own_words_are_in_the_authors_language(desk: Desk, exchange: Exchange) -> None:
    card = partners.Card(name=desk.member.name, language="en", phone=exchanges.CALLER)
    partners.change_person(desk.cause(desk.member), desk.member.pk, card)
    ticket = says_critical(desk, talks(desk, exchange)).ticket
    assert ticket is not None
    assert ticket.subject == "Critical error, reported by phone"
    said = Message.objects.filter(ticket=ticket).order_by("id").values_list("text", flat=True)
    assert said[1] == "We have taken your call and are working on it."


def test_said_twice_it_is_one_ticket(desk: Desk, exchange: Exchange) -> None:
    call = talks(desk, exchange)
    first = says_critical(desk, call, subject="Down")
    second = says_critical(desk, call, desk.cover, subject="All is down")
    assert (first.ticket, Ticket.objects.count()) == (second.ticket, 1)
    assert Entry.objects.filter(verb="judge_call").count() == 1


def test_who_neither_leads_nor_covers_opens_it_for_the_executor(
    desk: Desk, exchange: Exchange
) -> None:
    call = says_critical(desk, talks(desk, exchange), desk.house.administrator)
    assert call.ticket is not None
    assert (call.ticket.state, call.ticket.executor) == (State.SUBMITTED, desk.lead)
    assert tickets.clock(call.ticket, ClockKind.ACCEPTANCE).target_seconds == 15 * 60


def test_the_cover_takes_the_calls_of_a_lead_who_is_away(desk: Desk, exchange: Exchange) -> None:
    tickets.is_away(desk, desk.lead, days=1)
    call = talks(desk, exchange)
    assert call.duty == desk.cover
    ticket = says_critical(desk, call, desk.cover).ticket
    assert ticket is not None
    assert (ticket.state, ticket.executor) == (State.ACCEPTED, desk.cover)


def test_with_both_away_the_administrators_have_it(desk: Desk, exchange: Exchange) -> None:
    for person in (desk.lead, desk.cover):
        tickets.is_away(desk, person, days=1)
    call = talks(desk, exchange)
    house = desk.house
    shown = set(callers.administrators())
    assert (call.duty, shown) == (
        None,
        {house.administrator.pk, house.second_administrator.pk},
    )


def test_an_unknown_number_opens_nothing(desk: Desk, exchange: Exchange) -> None:
    call = talks(desk, exchange, phone="0670000000")
    assert (call.partner, call.person) == (None, None)
    with pytest.raises(UnknownCaller):
        says_critical(desk, call, project_id=desk.company.project.pk, author_id=desk.member.pk)
    actions.not_critical(desk.cause(desk.lead, "phone"), call.pk, "Wrong number")
    with pytest.raises(UnknownCaller):
        wish(desk, call)
    assert not Ticket.objects.exists()


def test_a_number_written_on_a_card_later_is_found(desk: Desk, exchange: Exchange) -> None:
    call = talks(desk, exchange, phone="0670000000")
    exchanges.has_number(desk, desk.owner, "+38 (067) 000-00-00")
    call = actions.match(desk.cause(desk.lead, "phone"), call.pk)
    assert (call.person, call.partner) == (desk.owner, desk.company.partner)
    assert says_critical(desk, call).ticket is not None


def wish(desk: Desk, call: Call, **more: object) -> Call:
    claim = Claim(subject="A report", text="One more column, please.", **more)  # type: ignore[arg-type]  # its fields
    return actions.file(desk.cause(desk.lead, "phone", desk.key()), call.pk, claim, wished=True)


def test_not_critical_opens_nothing(desk: Desk, exchange: Exchange) -> None:
    call = talks(desk, exchange)
    with pytest.raises(Decided):
        wish(desk, call)
    found = actions.not_critical(desk.cause(desk.lead, "phone"), call.pk, "A question.")
    assert (found.decision, found.note) == (Decision.NOT_CRITICAL, "A question.")
    assert not Ticket.objects.exists()


def test_with_the_partners_spoken_wish_a_ticket_as_in_the_cabinet(
    desk: Desk, exchange: Exchange
) -> None:
    call = talks(desk, exchange)
    actions.not_critical(desk.cause(desk.lead, "phone"), call.pk, "")
    claim = Claim(subject="A report", text="One more column.")
    with pytest.raises(Incomplete):
        actions.file(desk.cause(desk.lead, "phone"), call.pk, claim, wished=False)
    first, second = wish(desk, call), wish(desk, call)
    ticket = first.ticket
    assert ticket is not None
    assert (second.ticket, Ticket.objects.count()) == (ticket, 1)
    assert (ticket.state, ticket.critical_claim) == (State.SUBMITTED, False)
    assert (ticket.channel, ticket.author, ticket.filed_by) == ("phone", desk.member, desk.lead)
    with pytest.raises(Decided):
        actions.not_critical(desk.cause(desk.lead, "phone"), call.pk, "After all")


def test_a_change_of_mind_before_anything_was_opened(desk: Desk, exchange: Exchange) -> None:
    call = talks(desk, exchange)
    actions.not_critical(desk.cause(desk.lead, "phone"), call.pk, "")
    found = says_critical(desk, call)
    assert (found.decision, found.ticket is not None) == (Decision.CRITICAL, True)


def test_a_missed_call_that_is_answered_later_counts_from_its_own_start(
    desk: Desk, exchange: Exchange
) -> None:
    exchanges.tells(desk, exchange, exchanges.generic("missed", "first"))
    missed = Call.objects.get()
    desk.later(minutes=8)
    back = talks(desk, exchange, "back", outgoing=True)
    ticket = says_critical(desk, back).ticket
    assert ticket is not None
    assert ticket.submitted_at == missed.started_at
    assert says_critical(desk, missed).ticket == ticket
    missed.refresh_from_db()
    assert (missed.ticket, missed.decision) == (ticket, Decision.CRITICAL)
    assert Ticket.objects.count() == 1


def test_a_call_at_night_is_stored_and_its_clocks_count_from_the_opening(
    desk: Desk, exchange: Exchange
) -> None:
    desk.at("fri 22:00")
    ticket = says_critical(desk, talks(desk, exchange)).ticket
    assert ticket is not None
    assert ticket.due_at == desk.at("mon 12:00")


def test_one_number_of_two_colleagues_asks_whose_request_it_is(
    desk: Desk, exchange: Exchange
) -> None:
    exchanges.has_number(desk, desk.owner)
    call = talks(desk, exchange)
    assert (call.person, call.partner) == (None, desk.company.partner)
    with pytest.raises(Incomplete):
        says_critical(desk, call)
    with pytest.raises(Incomplete):
        says_critical(desk, call, author_id=desk.lead.pk)
    ticket = says_critical(desk, call, author_id=desk.owner.pk).ticket
    assert ticket is not None
    assert ticket.author == desk.owner


def test_who_may_not_submit_tickets_calls_for_somebody_who_may(
    desk: Desk, exchange: Exchange
) -> None:
    exchanges.has_number(desk, desk.company.finance, "067 111 22 33")
    call = talks(desk, exchange, phone="0671112233")
    assert call.person == desk.company.finance
    assert {person.pk for person in callers.authors(call)} == {desk.owner.pk, desk.member.pk}


def test_a_number_of_two_partners_is_nobodys(desk: Desk, exchange: Exchange) -> None:
    other = cast.company(OPENED, desk.house, "AGR", "Ahrus Demo")
    exchanges.has_number(desk, other.member)
    call = talks(desk, exchange)
    assert (call.person, call.partner) == (None, None)
    with pytest.raises(UnknownCaller):
        says_critical(desk, call, author_id=desk.member.pk)


def test_a_partner_with_two_projects_is_asked_which(desk: Desk, exchange: Exchange) -> None:
    second = cast.led_project(OPENED, desk.company.partner, desk.house, "Another CRM")
    call = talks(desk, exchange)
    assert (call.project, call.duty) == (None, desk.lead)
    with pytest.raises(Incomplete):
        says_critical(desk, call)
    ticket = says_critical(desk, call, project_id=second.pk).ticket
    assert ticket is not None
    assert ticket.project == second


def test_another_partners_project_is_refused(desk: Desk, exchange: Exchange) -> None:
    other = cast.company(OPENED, desk.house, "AGR", "Ahrus Demo")
    with pytest.raises(type(other.project).DoesNotExist):
        says_critical(desk, talks(desk, exchange), project_id=other.project.pk)


def test_somebody_who_left_the_partner_is_not_known_any_more(
    desk: Desk, exchange: Exchange
) -> None:
    partners.end_membership(desk.cause(None), desk.company.partner.pk, desk.member.pk)
    assert talks(desk, exchange).partner is None


@pytest.mark.parametrize(
    "written", ["+380 50 123 45 67", "(050) 123-45-67", "380501234567", "044 1, 0501234567"]
)
def test_numbers_are_found_however_people_write_them(
    desk: Desk, exchange: Exchange, written: str
) -> None:
    exchanges.has_number(desk, desk.member, written)
    assert talks(desk, exchange).person == desk.member


def _claims(desk: Desk, call: Call, who: Person, key: str) -> Call:
    claim = Claim(subject=f"Seen by {who.name}")
    return actions.critical(desk.cause(who, "phone", key), call.pk, claim)


def test_two_people_at_the_same_moment_open_one_ticket(committed: str) -> None:
    desk = Desk.open()
    exchanges.has_number(desk, desk.member)
    call = talks(desk, exchanges.connected(desk, Provider.GENERIC))
    people = (desk.lead, desk.cover, desk.lead, desk.house.administrator)
    deeds = [partial(_claims, desk, call, who, desk.key()) for who in people]
    outcomes = at_once(*deeds)
    opened = {one.ticket_id for one in outcomes if isinstance(one, Call)}
    assert len(opened) == 1, outcomes
    assert Ticket.objects.count() == 1


def test_every_role_of_a_partner_is_recognised(desk: Desk, exchange: Exchange) -> None:
    assert {row.role for row in callers.by_number(exchanges.CALLER).memberships} == {
        PartnerRole.MEMBER
    }
