"""What a partner's OneBox tells becomes tickets, messages and moves, each once."""

from __future__ import annotations

import pytest

from desk.channels.models import Arrival, ArrivalState
from desk.channels.onebox import polling
from desk.journal.models import Entry
from desk.rules.lifecycle import State
from desk.tickets import actions as tickets
from desk.tickets.models import Message, Ticket
from tests.channels import boxes
from tests.channels.onebox_box import Remote
from tests.language import Desk


def said(one: Ticket) -> list[str]:
    rows = Message.objects.filter(ticket=one, kind="partner").order_by("id")
    return list(rows.values_list("text", flat=True))


def test_a_new_process_is_a_ticket_and_an_old_one_is_none(desk: Desk, box: Remote) -> None:
    box.opens(7, name="From last year")
    found = boxes.connected(desk, box)
    assert found.baseline == 7
    box.opens(8, name="Orders <b>vanish</b>", content="<p>Since &quot;noon&quot;.</p><p>All.</p>")
    boxes.taken_in(desk, found)
    boxes.taken_in(desk, found)
    one = Ticket.objects.get()
    assert (one.channel, one.author, one.project) == ("onebox", desk.owner, desk.company.project)
    assert one.external_id == f"onebox:{found.pk}:8"
    (text,) = said(one)
    assert text.startswith('Since "noon".\nAll.\n\n')
    assert f"{box.url}/8/" in text
    assert Arrival.objects.get().outcome == one.key


def test_the_acceptance_clock_runs_from_when_we_had_it(desk: Desk, box: Remote) -> None:
    """R4: what waits in the inbox loses nobody time."""
    found = boxes.connected(desk, box)
    box.opens(8, name="Slow", cdate="2020-01-01 00:00:00")
    box.opens(9, name="Slow", cdate="0000-00-00 00:00:00")
    polling.look(found.pk, desk.now)
    had_at = desk.now
    boxes.used(desk.later(hours=1))
    assert Ticket.objects.get().submitted_at == had_at


def test_the_author_is_who_is_known_by_mail_or_telephone(desk: Desk, box: Remote) -> None:
    desk.company.member.phone = "+380 (67) 123-45-67"
    desk.company.member.save()
    found = boxes.connected(desk, box)
    box.opens(8, name="By mail", clientemail=desk.company.member.email.upper())
    box.opens(9, name="By telephone", clientphone="0671234567")
    box.opens(10, name="By nobody", clientname="Ivan", clientemail="ivan@elsewhere.example")
    box.opens(11, name="By a viewer", clientemail=desk.company.viewer.email)
    boxes.taken_in(desk, found)
    authors = [boxes.ticket(number).author for number in (8, 9, 10, 11)]
    assert authors == [desk.member, desk.member, desk.owner, desk.owner]
    assert "Ivan" in said(boxes.ticket(10))[0]


def test_a_comment_is_a_message_once(desk: Desk, box: Remote) -> None:
    found = boxes.connected(desk, box)
    box.opens(8, name="Orders vanish")
    boxes.taken_in(desk, found)
    box.says(8, "Any news?", "Ivan")
    box.says(8, "Any news?", "Ivan")
    boxes.taken_in(desk, found)
    boxes.taken_in(desk, found)
    assert said(boxes.ticket(8))[1:] == ["Ivan: Any news?", "Ivan: Any news?"]


def test_cancelling_there_is_cancelling_here_before_delivery(desk: Desk, box: Remote) -> None:
    found = boxes.connected(desk, box)
    box.opens(8, name="Orders vanish")
    boxes.taken_in(desk, found)
    box.opens(8, statusid=boxes.CANCELLED)
    boxes.taken_in(desk, found)
    assert boxes.ticket(8).state == State.CANCELLED


def test_cancelling_after_delivery_is_a_message(desk: Desk, box: Remote) -> None:
    found = boxes.connected(desk, box)
    box.opens(8, name="Orders vanish")
    boxes.taken_in(desk, found)
    boxes.delivered(desk, boxes.ticket(8))
    boxes.written(desk)
    box.opens(8, statusid=boxes.CANCELLED)
    boxes.taken_in(desk, found)
    one = boxes.ticket(8)
    assert one.state == State.DELIVERED
    assert len(said(one)) == 2


@pytest.mark.parametrize(
    ("status", "state"), [(boxes.CONFIRMED, State.RESOLVED), (boxes.RETURNED, State.IN_WORK)]
)
def test_confirming_and_returning_there_is_done_here(
    desk: Desk, box: Remote, status: str, state: State
) -> None:
    found = boxes.connected(desk, box)
    box.opens(8, name="Orders vanish")
    boxes.taken_in(desk, found)
    boxes.delivered(desk, boxes.ticket(8))
    boxes.written(desk)
    box.opens(8, statusid=int(status))
    boxes.taken_in(desk, found)
    boxes.taken_in(desk, found)
    assert boxes.ticket(8).state == state
    boxes.written(desk)
    assert str(box.row(8)["statusid"]) == boxes.STATUSES[state]


def test_a_second_return_is_one_more(desk: Desk, box: Remote) -> None:
    found = boxes.connected(desk, box)
    box.opens(8, name="Orders vanish")
    boxes.taken_in(desk, found)
    boxes.delivered(desk, boxes.ticket(8))
    for _ in range(2):
        boxes.written(desk)
        box.opens(8, statusid=boxes.RETURNED)
        boxes.taken_in(desk, found)
        boxes.written(desk)
        done = tickets.Handover("Again.", "Nothing else.", "Save an order.")
        tickets.deliver(desk.cause(desk.lead), boxes.ticket(8).pk, done)
    assert boxes.ticket(8).returns == 2


def test_what_is_not_possible_gets_a_plain_answer(desk: Desk, box: Remote) -> None:
    found = boxes.connected(desk, box)
    box.opens(8, name="Orders vanish")
    boxes.taken_in(desk, found)
    boxes.written(desk)
    box.opens(8, statusid=boxes.CONFIRMED)
    boxes.taken_in(desk, found)
    assert boxes.ticket(8).state == State.SUBMITTED
    assert not Arrival.objects.exclude(state=ArrivalState.DONE).exists()
    assert Entry.objects.filter(verb="onebox_refused").count() == 1
    boxes.written(desk)
    (answer,) = box.texts(8)
    assert answer.startswith("OLH-1: ")
    assert str(box.row(8)["statusid"]) == boxes.STATUSES["submitted"]
    boxes.taken_in(desk, found)
    boxes.written(desk)
    assert len(box.texts(8)) == 1


def test_one_who_may_not_open_tickets_is_told_to_a_person(desk: Desk, box: Remote) -> None:
    found = boxes.connected(desk, box)
    found.person = desk.company.viewer
    found.save()
    box.opens(8, name="Orders vanish")
    boxes.taken_in(desk, found)
    stuck = Arrival.objects.get()
    assert stuck.state == ArrivalState.QUARANTINED
    assert "Valia" in stuck.error
