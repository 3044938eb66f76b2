"""What a lead is forecast to miss is offered to the cover: once, taken by one, withdrawn when the
lead acts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk.journal.models import Entry
from desk.oversight.actions import offers
from desk.oversight.actions.offers import NotOffered, OfferGone
from desk.oversight.models import Offer
from desk.oversight.queries import offers as queries
from desk.rules.lifecycle import State, Type
from desk.tickets import actions
from desk.tickets.models import Ticket
from desk.workdays import actions as workdays
from desk.workdays.models import Activity
from tests.language import Desk, at_once, moment
from tests.scenarios.tickets import (
    accepted,
    accepts,
    asks,
    buys,
    entries,
    fresh,
    in_work,
    is_away,
    submits,
)


def takes(desk: Desk, offer: Offer, key: str = "") -> Offer:
    return offers.take_offer(desk.cause(desk.cover, "workplace", key), offer.pk)


def has_lunch(desk: Desk) -> Ticket:
    """A ticket waits for acceptance until 10:00 while its lead has lunch; it is 09:50."""
    ticket = submits(desk)
    workdays.start(desk.cause(desk.lead), desk.lead.pk, Activity.LUNCH)
    desk.at("09:50")
    return ticket


def test_an_acceptance_at_risk_is_offered_to_the_cover_once(desk: Desk) -> None:
    ticket = submits(desk)
    workdays.start(desk.cause(desk.lead), desk.lead.pk, Activity.LUNCH)
    assert offers.tick(desk.at("09:30")) == 0
    assert offers.tick(desk.at("09:50")) == 1
    assert offers.tick(desk.later(minutes=1)) == 0
    (found,) = queries.of_cover(desk.cover.pk)
    assert (found.ticket, found.kind, found.reason) == ("OLH-1", "acceptance", "pause")
    assert (found.limit_at, found.lead, found.cover) == (
        moment("fri 10:00"),
        desk.lead,
        desk.cover,
    )
    assert queries.open_offers() == (found,)
    assert queries.of_cover(desk.lead.pk) == ()
    (told,) = entries(ticket, "offer_work")
    assert told.facts["person"] == desk.cover.pk and told.by == "system"


def test_who_is_at_the_desk_with_nothing_else_to_do_is_left_in_peace(desk: Desk) -> None:
    submits(desk)
    desk.at("09:50")
    desk.lead.seen_at = desk.now
    desk.lead.save(update_fields=["seen_at"])
    assert offers.tick(desk.now) == 0
    workdays.start(desk.cause(desk.lead), desk.lead.pk, Activity.INTAKE)
    assert offers.tick(desk.now) == 0
    assert offers.tick(desk.later(minutes=6)) == 0
    workdays.stop(desk.cause(desk.lead), desk.lead.pk)
    assert offers.tick(desk.now) == 1


def test_the_cover_takes_it_and_the_lead_and_the_partner_are_told_why(desk: Desk) -> None:
    ticket = has_lunch(desk)
    offers.tick(desk.now)
    offer = Offer.objects.get()
    assert takes(desk, offer, "click-1") == takes(desk, offer, "click-1")
    assert fresh(ticket).executor_id == desk.cover.pk
    (handed,) = entries(ticket, "hand_over")
    assert (handed.facts["because"], handed.facts["executor_from"]) == ("offered", desk.lead.pk)
    assert handed.parent_id is not None
    assert Entry.objects.get(pk=handed.parent_id).verb == "take_offer"
    offer.refresh_from_db()
    assert (offer.outcome, offer.ended_at) == ("taken", desk.now)
    with pytest.raises(OfferGone):
        takes(desk, offer)
    assert accepts(desk, fresh(ticket)).accepted_at == desk.now


def test_an_offer_is_withdrawn_when_the_lead_acts_and_not_made_again(desk: Desk) -> None:
    buys(desk, 1)
    ticket = has_lunch(desk)
    offers.tick(desk.now)
    accepts(desk, ticket)
    with pytest.raises(OfferGone):
        takes(desk, Offer.objects.get())
    assert offers.tick(desk.now) == 1
    assert (Offer.objects.get().outcome, queries.open_offers()) == ("withdrawn", ())
    assert len(entries(ticket, "withdraw_offer")) == 1
    assert offers.tick(desk.later(minutes=1)) == 0


def test_only_whom_it_was_offered_to_takes_it(desk: Desk) -> None:
    has_lunch(desk)
    offers.tick(desk.now)
    with pytest.raises(NotOffered):
        offers.take_offer(desk.cause(desk.lead), Offer.objects.get().pk)


def test_nothing_is_offered_to_a_cover_who_is_away_or_busy_with_a_critical(desk: Desk) -> None:
    buys(desk, 1)
    bug = accepts(desk, submits(desk, critical=True), Type.BUG)
    actions.hand_over(desk.cause(desk.house.administrator), bug.pk, desk.cover.pk)
    actions.work_start(desk.cause(desk.cover), bug.pk)
    has_lunch(desk)
    assert [one.reason for one in queries.open_offers()] == []
    assert offers.tick(desk.now) == 0
    actions.work_stop(desk.cause(desk.cover), bug.pk)
    is_away(desk, desk.cover, hours=2)
    offers.tick(desk.now)
    assert queries.of_cover(desk.cover.pk) == ()
    assert [one.ticket for one in queries.of_cover(desk.lead.pk)] == ["OLH-1"]


def test_a_deadline_that_the_hours_do_not_hold_is_offered(desk: Desk) -> None:
    buys(desk, 12)
    first = [in_work(desk) for _ in range(9)]
    assert offers.tick(desk.at("fri 10:00")) == 0
    assert offers.tick(desk.at("fri 12:30")) > 0
    offered = set(Offer.objects.values_list("ticket_id", flat=True))
    assert offered <= {ticket.pk for ticket in first}
    assert {one.reason for one in queries.open_offers()} == {"full"}
    offer = Offer.objects.order_by("pk")[0]
    takes(desk, offer)
    assert fresh(offer.ticket).executor_id == desk.cover.pk


def test_a_clock_that_stands_takes_the_offer_back(desk: Desk) -> None:
    buys(desk, 12)
    tickets = [in_work(desk) for _ in range(9)]
    offers.tick(desk.at("fri 12:50"))
    (one, *_) = Offer.objects.filter(ended_at=None)
    asks(desk, next(ticket for ticket in tickets if ticket.pk == one.ticket_id))
    offers.tick(desk.now)
    one.refresh_from_db()
    assert one.outcome == "withdrawn"


def test_working_on_it_takes_the_offer_back(desk: Desk) -> None:
    buys(desk, 12)
    tickets = [in_work(desk) for _ in range(9)]
    offers.tick(desk.at("fri 12:50"))
    (one, *_) = Offer.objects.filter(ended_at=None)
    ticket = next(ticket for ticket in tickets if ticket.pk == one.ticket_id)
    actions.work_start(desk.cause(desk.lead), ticket.pk)
    assert offers.tick(desk.now) >= 1
    one.refresh_from_db()
    assert one.outcome == "withdrawn"


def test_a_ticket_that_the_cover_has_is_offered_to_its_lead(desk: Desk) -> None:
    buys(desk, 1)
    ticket = submits(desk)
    actions.hand_over(desk.cause(desk.lead), ticket.pk, desk.cover.pk)
    workdays.start(desk.cause(desk.cover), desk.cover.pk, Activity.MEETING)
    offers.tick(desk.at("09:50"))
    (found,) = queries.of_cover(desk.lead.pk)
    assert (found.lead, found.reason) == (desk.cover, "meeting")


def test_nothing_happens_at_night(desk: Desk) -> None:
    desk.at("fri 17:50")
    submits(desk)
    assert offers.tick(desk.at("fri 18:30")) == 0
    assert offers.tick(desk.at("mon 09:30")) == 0
    assert offers.tick(desk.at("mon 09:40")) == 1


def test_many_tickets_take_the_same_few_queries(
    desk: Desk, django_assert_max_num_queries: object
) -> None:
    buys(desk, 20)
    for _ in range(15):
        accepted(desk)
    with django_assert_max_num_queries(16):  # type: ignore[operator]  # a fixture of pytest-django
        assert queries.proposed(desk.at("fri 09:30"))


def test_of_two_clicks_and_the_leads_own_acceptance_one_wins(committed: str) -> None:
    desk = Desk.open()
    buys(desk, 1)
    ticket = has_lunch(desk)
    offers.tick(desk.now)
    offer = Offer.objects.get()
    accepting = actions.Accepting(Type.SIMPLE, "Taken.")
    by_lead = desk.cause(desk.lead, "workplace")
    outcome = at_once(
        lambda: takes(desk, offer, "click-1"),
        lambda: takes(desk, offer, "click-2"),
        lambda: actions.accept(by_lead, ticket.pk, accepting),
    )
    taken = sum(isinstance(one, Offer) for one in outcome)
    found = fresh(ticket)
    if taken:
        assert taken == 1 and len(entries(ticket, "hand_over")) == 1
    else:
        assert (found.state, found.executor_id) == (State.ACCEPTED, desk.lead.pk)
    offers.tick(desk.now + timedelta(seconds=1))
    assert queries.open_offers() == ()
