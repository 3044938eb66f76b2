"""What is told to a partner's OneBox: the whole state, in order, once, whatever happens there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from django.db import connection as database
from django.db import connections
from procrastinate.contrib.django.models import ProcrastinateJob

from desk.channels import outbox
from desk.channels.errors import Busy, Later
from desk.channels.models import Channel, Delivery, DeliveryState
from desk.channels.onebox import actions, link, polling
from desk.channels.onebox.models import Connection, Process, Said
from desk.channels.troubles import queries as troubles
from desk.config import relay
from desk.lib import clock
from desk.tickets import actions as tickets
from desk.tickets.models import Message, Ticket
from tests.channels import boxes, post
from tests.channels.onebox_box import Remote
from tests.language import Desk


@pytest.fixture
def found(desk: Desk, box: Remote) -> Connection:
    """A connection whose box has one process, OLH-1, that was answered with its number."""
    return begun(desk, box)


def begun(desk: Desk, box: Remote) -> Connection:
    made = boxes.connected(desk, box)
    box.opens(8, name="Orders vanish", content="Since noon.")
    boxes.taken_in(desk, made)
    boxes.written(desk)
    return made


def of_box() -> list[str]:
    rows = Delivery.objects.filter(channel=Channel.ONEBOX).order_by("pk")
    return list(rows.values_list("state", flat=True))


def says(desk: Desk, text: str) -> Ticket:
    return tickets.message(desk.cause(desk.lead), boxes.ticket(8).pk, text)


def test_the_whole_state_is_written(desk: Desk, box: Remote, found: Connection) -> None:
    boxes.accepted(desk, boxes.ticket(8))
    boxes.written(desk)
    row = box.row(8)
    assert row["statusid"] == boxes.STATUSES["accepted"]
    assert row["customorder_psm_number"] == "OLH-1"
    # Three working hours for a bug, by the partner's own clock.
    assert row["customorder_psm_deadline"] == "2026-11-27 12:01:00"
    assert row["customorder_psm_executor"] == desk.lead.name
    assert row["customorder_psm_parts"] == "0/1"
    assert row["customorder_psm_answer"] == "I look at it today."
    assert box.texts(8) == [f"{desk.lead.name} (OLH-1): I look at it today."]


def test_nothing_is_written_that_stands_there(desk: Desk, box: Remote, found: Connection) -> None:
    boxes.accepted(desk, boxes.ticket(8))
    boxes.written(desk)
    asked = [path for path, _ in box.tell()["asked"] if path.endswith("/set/")]
    desk.later(minutes=1)
    boxes.written(desk)
    tickets.start(desk.cause(desk.lead), boxes.ticket(8).pk)
    again = says(desk, "Found it.")
    boxes.written(desk)
    sets = [path for path, _ in box.tell()["asked"] if path.endswith("/set/")]
    # Two entries, one state: the second delivery finds everything there.
    assert len(sets) == len(asked) + 1
    assert of_box()[-2:] == [DeliveryState.SENT, DeliveryState.DROPPED]
    assert again.state == "in_work"


def test_our_own_writing_comes_back_as_nothing(desk: Desk, box: Remote, found: Connection) -> None:
    boxes.delivered(desk, boxes.ticket(8))
    boxes.written(desk)
    before = Message.objects.count()
    for _ in range(3):
        boxes.taken_in(desk, found)
        boxes.written(desk)
    assert Message.objects.count() == before
    assert boxes.ticket(8).state == "delivered"
    assert len(box.texts(8)) == len(set(box.texts(8))) == 2


def test_a_partners_message_of_the_cabinet_stands_in_the_box_too(
    desk: Desk, box: Remote, found: Connection
) -> None:
    tickets.message(desk.cause(desk.member), boxes.ticket(8).pk, "It got worse.")
    boxes.written(desk)
    assert box.texts(8) == [f"{desk.member.name} (OLH-1): It got worse."]


def test_after_an_outage_of_hours_all_arrives_in_order_once(
    desk: Desk, box: Remote, found: Connection
) -> None:
    box.tell(mode="down")
    boxes.accepted(desk, boxes.ticket(8))
    for hour in range(4):
        says(desk, f"Hour {hour}")
        if hour == 2:
            tickets.start(desk.cause(desk.lead), boxes.ticket(8).pk)
        for _ in range(2):
            desk.later(minutes=30)
            polling.look(found.pk, desk.now)
            boxes.written(desk)
    assert boxes.fresh(found).error == "away:status"
    assert DeliveryState.DEAD not in of_box()
    box.tell(mode="")
    box.opens(9, name="Opened meanwhile")
    for _ in range(3):
        desk.later(minutes=10)
        polling.look(found.pk, desk.now)
        boxes.used(desk.now)
        boxes.written(desk)
    texts = [text.partition(": ")[2] for text in box.texts(8)]
    assert texts == ["I look at it today.", *(f"Hour {hour}" for hour in range(4))]
    assert box.row(8)["statusid"] == boxes.STATUSES["in_work"]
    assert set(of_box()) <= {DeliveryState.SENT, DeliveryState.DROPPED}
    assert boxes.ticket(9).subject == "Opened meanwhile"
    assert boxes.fresh(found).error == ""


def test_an_answer_that_broke_off_does_nothing_twice(
    desk: Desk, box: Remote, found: Connection
) -> None:
    boxes.accepted(desk, boxes.ticket(8))
    box.tell(half=1)
    boxes.written(desk)
    assert DeliveryState.FAILED in of_box()
    assert len(box.texts(8)) == 1
    desk.later(minutes=1)
    boxes.written(desk)
    assert len(box.texts(8)) == 1
    assert Said.objects.filter(ours=True, written_at=None).count() == 0


def test_a_token_that_ends_midway_is_renewed(desk: Desk, box: Remote, found: Connection) -> None:
    box.tell(tires_after=1)
    for number in range(3):
        says(desk, f"Part {number}")
    boxes.written(desk)
    assert len(box.texts(8)) == 3
    assert Connection.objects.get().token_at == desk.now


def test_a_token_is_kept_between_attempts(desk: Desk, box: Remote, found: Connection) -> None:
    tokens = box.tell()["tokens"]
    says(desk, "Soon")
    boxes.written(desk)
    assert box.tell()["tokens"] == tokens
    desk.later(minutes=50)
    says(desk, "Later")
    boxes.written(desk)
    assert box.tell()["tokens"] == tokens + 1
    assert "token-" not in boxes.fresh(found).token


def test_a_box_that_did_not_answer_is_left_alone_for_a_minute(
    desk: Desk, box: Remote, found: Connection
) -> None:
    box.tell(mode="down")
    for text in ("One", "Two", "Three"):
        says(desk, text)
    asked = len(box.tell()["asked"])
    boxes.written(desk)
    assert len(box.tell()["asked"]) == asked + 1
    assert of_box()[-3:] == [DeliveryState.FAILED, DeliveryState.WAITING, DeliveryState.WAITING]
    box.tell(mode="")
    boxes.taken_in(desk, found)
    boxes.written(desk)
    assert [text.partition(": ")[2] for text in box.texts(8)] == ["One", "Two", "Three"]


def test_those_behind_one_that_waits_are_not_late(
    desk: Desk, box: Remote, found: Connection
) -> None:
    box.tell(mode="down")
    for text in ("One", "Two"):
        says(desk, text)
    post.relayed(desk.now)
    first, second = Delivery.objects.filter(channel=Channel.ONEBOX, state="waiting").order_by("pk")
    for _ in range(4):
        desk.later(minutes=9)
        _try(first.pk, desk.now)
    kinds = {one.kind for one in troubles.found(desk.now) if one.subject == "outbox:onebox"}
    assert kinds == set()
    Delivery.objects.filter(pk=first.pk).update(next_at=second.next_at)
    kinds = {one.kind for one in troubles.found(desk.now) if one.subject == "outbox:onebox"}
    assert kinds == {"late"}


def test_full_sessions_are_waited_for_and_not_counted(
    desk: Desk, box: Remote, found: Connection
) -> None:
    box.tell(full=True)
    says(desk, "Later then.")
    boxes.written(desk)
    waiting = Delivery.objects.latest("pk")
    assert (waiting.state, waiting.attempts) == (DeliveryState.WAITING, 0)
    assert boxes.fresh(found).error == ""
    box.tell(full=False)
    desk.later(minutes=1)
    boxes.written(desk)
    assert len(box.texts(8)) == 1


def test_what_the_box_refuses_is_seen_and_holds_up_nothing(
    desk: Desk, box: Remote, found: Connection
) -> None:
    box.tell(refuse="This status is not of this workflow")
    says(desk, "One")
    boxes.written(desk)
    dead = Delivery.objects.latest("pk")
    assert dead.state == DeliveryState.DEAD
    assert "not of this workflow" in dead.error
    box.tell(refuse="")
    says(desk, "Two")
    boxes.written(desk)
    assert [text.partition(": ")[2] for text in box.texts(8)] == ["One", "Two"]


def test_what_they_set_is_used_before_it_is_written_over(
    desk: Desk, box: Remote, found: Connection
) -> None:
    boxes.delivered(desk, boxes.ticket(8))
    boxes.written(desk)
    box.opens(8, statusid=boxes.RETURNED)
    says(desk, "Did it help?")
    boxes.written(desk)
    assert box.row(8)["statusid"] == boxes.RETURNED
    boxes.used(desk.now)
    desk.later(minutes=1)
    boxes.written(desk)
    assert boxes.ticket(8).state == "in_work"
    assert box.row(8)["statusid"] == boxes.STATUSES["in_work"]


def test_a_box_without_comments_gets_the_last_answer_in_its_field(desk: Desk, box: Remote) -> None:
    box.tell(comments=False)
    made = boxes.connected(desk, box, comments=False, native_deadline="dateto")
    box.opens(8, name="Orders vanish")
    boxes.taken_in(desk, made)
    boxes.accepted(desk, boxes.ticket(8))
    boxes.written(desk)
    row = box.row(8)
    assert row["customorder_psm_answer"] == "I look at it today."
    assert row["dateto"] == row["customorder_psm_deadline"]
    assert "comments" not in row


def test_a_pause_keeps_everything_and_resuming_sends_it(
    desk: Desk, box: Remote, found: Connection
) -> None:
    cause = desk.cause(desk.house.vendor, "setup")
    actions.pause(cause, found.pk)
    says(desk, "While it was paused.")
    boxes.written(desk)
    assert box.texts(8) == []
    actions.resume(desk.cause(desk.house.vendor, "setup"), found.pk)
    desk.later(minutes=6)
    boxes.written(desk)
    assert len(box.texts(8)) == 1


def test_a_removed_connection_forgets_its_secrets(
    desk: Desk, box: Remote, found: Connection
) -> None:
    says(desk, "Too late.")
    post.relayed(desk.now)
    actions.remove(desk.cause(desk.house.vendor, "setup"), found.pk)
    post.sent_by(desk.now)
    assert of_box()[-1] == DeliveryState.DROPPED
    gone = boxes.fresh(found)
    assert (gone.password, gone.token, gone.secret_sha256) == ("", "", "")


def test_two_workers_say_everything_once(committed: str, box: Remote) -> None:
    desk = Desk.open()
    begun(desk, box)
    box.tell(slow_seconds=0.02)
    for number in range(6):
        says(desk, f"Part {number}")
    post.relayed(desk.now)
    numbers = list(Delivery.objects.filter(channel=Channel.ONEBOX).values_list("pk", flat=True))

    def work(_worker: int) -> None:
        try:
            for minute in range(8):
                for number in numbers:
                    _try(number, desk.now + timedelta(minutes=minute))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    assert [text.partition(": ")[2] for text in box.texts(8)] == [f"Part {n}" for n in range(6)]


def _try(delivery_id: int, at: datetime) -> None:
    with suppress(Later):
        outbox.send(delivery_id, at)


def test_a_session_is_held_by_one_alone(committed: str, box: Remote) -> None:
    desk = Desk.open()
    made, _ = boxes.made(desk, box)

    def elsewhere() -> bool:
        try:
            with link.opened(made):
                return True
        except Busy:
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with link.opened(made):
            assert pool.submit(elsewhere).result() is False
        assert pool.submit(elsewhere).result() is True


def test_a_job_that_waits_for_its_next_attempt_is_not_overtaken(
    desk: Desk, box: Remote, found: Connection
) -> None:
    """The queue gives out no later job of an address while an earlier one waits to be retried;
    and a job that is made anew after a crash would overtake it without harm (the test after)."""
    desk.now = clock.now()
    for text in ("One", "Two"):
        says(desk, text)
    relay.tick(desk.now)
    jobs = ProcrastinateJob.objects.filter(lock=f"onebox:{found.address}").order_by("id")
    first, second = jobs.values_list("id", flat=True)[:2]
    assert _given_out() == first
    assert _given_out() is None
    _ended("procrastinate_retry_job_v2(%s, now() + interval '1 hour', NULL, NULL, NULL)", first)
    assert _given_out() is None
    jobs.filter(pk=first).update(scheduled_at=None)
    assert _given_out() == first
    _ended("procrastinate_finish_job_v1(%s, 'succeeded', TRUE)", first)
    assert _given_out() == second


def _ended(how: str, job: int) -> None:
    with database.cursor() as cursor:
        cursor.execute(f"SELECT {how}", [job])


def _given_out() -> int | None:
    """The job of a box that the queue gives out next, if any."""
    with database.cursor() as cursor:
        cursor.execute("SELECT id FROM procrastinate_fetch_job_v2(ARRAY['deliveries'], NULL)")
        row = cursor.fetchone()
        while row is not None and row[0] is not None:
            job = ProcrastinateJob.objects.get(pk=row[0])
            if (job.lock or "").startswith("onebox:"):
                return int(job.pk)
            cursor.execute("SELECT id FROM procrastinate_fetch_job_v2(ARRAY['deliveries'], NULL)")
            row = cursor.fetchone()
    return None


def test_a_delivery_that_overtakes_leaves_no_old_state(
    desk: Desk, box: Remote, found: Connection
) -> None:
    boxes.accepted(desk, boxes.ticket(8))
    desk.later(minutes=1)
    tickets.start(desk.cause(desk.lead), boxes.ticket(8).pk)
    post.relayed(desk.now)
    numbers = Delivery.objects.filter(channel=Channel.ONEBOX, state=DeliveryState.WAITING)
    for number in sorted(numbers.values_list("pk", flat=True), reverse=True):
        outbox.send(number, desk.now)
    assert box.row(8)["statusid"] == boxes.STATUSES["in_work"]
    assert len(box.texts(8)) == 1
    assert Process.objects.get().status_written == boxes.STATUSES["in_work"]
