"""A POST under a key is done once, whatever happens to its answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from desk.channels.api import actions
from desk.channels.api.actions import ANSWERS_KEPT
from desk.channels.api.models import StoredAnswer
from desk.channels.api.queries import claimed
from desk.tickets.models import Message, Ticket
from tests.channels.api_client import Program, program, refused, told
from tests.language import Desk, at_once, moment


@pytest.fixture
def desk(db: None, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Friday 09:00; the API's clock is the desk's."""
    found = Desk.open()
    monkeypatch.setattr("desk.lib.clock.now", lambda: found.now)
    return found


def wanted(desk: Desk, **more: object) -> dict[str, object]:
    return {
        "project_id": desk.company.project.pk,
        "subject": "Printing",
        "text": "It fails.",
        **more,
    }


def test_a_repeated_call_gets_the_first_answer(desk: Desk) -> None:
    caller = program(desk.owner)
    first = caller.post("/tickets", wanted(desk), idempotency_key="a")
    desk.later(hours=2)
    second = caller.post("/tickets", wanted(desk), idempotency_key="a")
    assert told(first, 201) == told(second, 201)
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert (second["ETag"], second["Location"]) == (first["ETag"], first["Location"])
    assert Ticket.objects.count() == 1


def test_another_content_under_the_key_is_refused(desk: Desk) -> None:
    caller = program(desk.owner)
    told(caller.post("/tickets", wanted(desk), idempotency_key="a"), 201)
    other = caller.post("/tickets", wanted(desk, subject="Mail"), idempotency_key="a")
    refused(other, 422, "key-reused")
    elsewhere = caller.post("/tickets/OLH-1/cancel", {"text": ""}, idempotency_key="a")
    refused(elsewhere, 422, "key-reused")
    assert Ticket.objects.get().state == "submitted"


def test_keys_of_two_tokens_are_two(desk: Desk) -> None:
    for caller in (program(desk.owner), program(desk.owner)):
        told(caller.post("/tickets", wanted(desk), idempotency_key="a"), 201)
    assert Ticket.objects.count() == 2


def test_a_refused_call_may_be_tried_again_under_its_key(desk: Desk) -> None:
    caller = program(desk.owner)
    body = wanted(desk, project_id=999_999)
    refused(caller.post("/tickets", body, idempotency_key="a"), 422, "invalid")
    told(caller.post("/tickets", wanted(desk), idempotency_key="a"), 201)
    assert StoredAnswer.objects.count() == 1


def test_a_lost_answer_is_made_again_from_the_deed(desk: Desk) -> None:
    """The answers are forgotten after days; what was done stays done once."""
    caller = program(desk.owner)
    told(caller.post("/tickets", wanted(desk), idempotency_key="a"), 201)
    assert actions.forget_answers(desk.now + ANSWERS_KEPT) == 0
    assert actions.forget_answers(desk.now + ANSWERS_KEPT + timedelta(seconds=1)) == 1
    desk.later(days=8)
    again = told(caller.post("/tickets", wanted(desk), idempotency_key="a"), 200)
    assert again["number"] == "OLH-1"
    other = caller.post("/tickets", wanted(desk, subject="Mail"), idempotency_key="a")
    refused(other, 422, "key-reused")
    assert Ticket.objects.count() == 1


def test_a_message_is_written_once(desk: Desk) -> None:
    caller = program(desk.owner)
    told(caller.post("/tickets", wanted(desk)), 201)
    for _ in range(2):
        said = {"text": "Any news?"}
        told(caller.post("/tickets/OLH-1/message", said, idempotency_key="b"))
    assert Message.objects.count() == 2


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "ключ"])
def test_a_key_that_is_none_is_told(desk: Desk, key: str) -> None:
    response = program(desk.owner).post("/tickets", wanted(desk), idempotency_key=key)
    refused(response, 400, "malformed")
    assert not Ticket.objects.exists()


def test_a_key_of_a_reading_call_means_nothing(desk: Desk) -> None:
    told(program(desk.owner).get("/me", idempotency_key="a b"))


def test_files_are_the_same_by_their_content(desk: Desk) -> None:
    caller = program(desk.owner)

    def sent(content: bytes) -> Any:
        upload = SimpleUploadedFile("a.txt", content)
        return caller.upload("/files", upload, idempotency_key="f")

    first = told(sent(b"one"), 201)
    assert told(sent(b"one"), 201) == first
    refused(sent(b"two"), 422, "key-reused")


def test_a_rollback_takes_the_answer_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = program(desk.owner)

    def broken(*_given: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr("desk.channels.api.tickets._answer", broken)
        refused(caller.post("/tickets", wanted(desk), idempotency_key="a"), 500, "fault")
    assert not Ticket.objects.exists()
    assert not StoredAnswer.objects.exists()
    told(caller.post("/tickets", wanted(desk), idempotency_key="a"), 201)


def _together(count: int, key: str) -> list[Any]:
    desk = Desk.open()
    caller, body = program(desk.owner), wanted(desk)

    def call() -> object:
        return Program(caller.secret).post("/tickets", body, idempotency_key=key)

    return at_once(*[call] * count)


def test_two_at_once_with_one_key_do_it_once(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.lib.clock.now", lambda: moment("fri 09:00"))
    found = _together(6, "same")
    statuses = sorted(response.status_code for response in found)
    assert set(statuses) <= {201, 409}, statuses
    assert statuses[0] == 201
    numbers = {told(one, 201)["number"] for one in found if one.status_code == 201}
    assert numbers == {"OLH-1"}
    for one in found:
        if one.status_code == 409:
            refused(one, 409, "in-flight")
            assert one["Retry-After"] == "1"
    assert Ticket.objects.count() == 1


def test_a_key_in_flight_is_held_until_the_end(committed: str) -> None:
    """Somebody else's transaction holds the key: the call does not wait, and does nothing."""
    desk = Desk.open()
    caller = program(desk.owner)
    with transaction.atomic():
        assert claimed(caller.token_id, "a") == (True, None)
        other = at_once(lambda: caller.post("/tickets", wanted(desk), idempotency_key="a"))
        refused(other[0], 409, "in-flight")  # type: ignore[arg-type]  # a response
    assert connection.is_usable()
    assert not Ticket.objects.exists()
