"""`desk channels`: what got stuck is found, looked at and mended from the command line."""

from __future__ import annotations

import argparse
import json
from typing import Any

import pytest

from desk.channels import actions
from desk.channels.actions import Incoming
from desk.channels.models import Arrival, ArrivalState, Delivery, DeliveryState, Intake
from desk.config.commands import channels as command
from desk.journal.models import Entry
from tests.channels import post
from tests.language import Desk

# A terminal's title, a red text, a mark that turns the line round, bytes that are no text.
NASTY = b"Subject: \x1b]0;owned\x07\x1b[31mred\r\nx\x00y\x7f\xff \xe2\x80\xae end"


def asked(*arguments: str) -> int:
    """What the command line does after the database is there."""
    parser = argparse.ArgumentParser()
    command.configure(parser)
    return command.run(parser.parse_args(arguments))


def stuck(desk: Desk, raw: bytes = NASTY, why: str = "Nobody knows the sender.") -> Arrival:
    """Something in quarantine."""
    incoming = Incoming(Intake.EMAIL, "mailbox:1", raw.hex()[:60], raw, {"file": "a\x1b[2J.eml"})
    kept = actions.keep(incoming, desk.now)
    assert kept is not None
    actions.quarantined(kept.pk, desk.now, why)
    return kept


def given_up(desk: Desk) -> Delivery:
    """A mail that was given up."""
    post.submitted(desk)
    post.relayed(desk.now)
    found = Delivery.objects.order_by("id")[0]
    actions.failed(found, desk.now, "550 no such user", for_good=True)
    return found


def lines(printed: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed.readouterr().out.splitlines()]


def test_each_way_tells_what_waits(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    stuck(desk)
    actions.keep(Incoming(Intake.ONEBOX, "connection:1", "1", b"{}"), desk.now)
    given_up(desk)
    assert asked("--json") == 0
    found = lines(capsys)
    told = {(row["direction"], row.get("channel")): row for row in found}
    assert told["in", "email"]["quarantined"] == 1
    assert told["in", "email"]["oldest_at"] is None
    assert told["in", "onebox"]["waiting"] == 1
    assert told["in", "onebox"]["oldest_at"] == desk.now.isoformat()
    assert told["in", "phone"]["waiting"] == 0
    assert told["out", "email"]["dead"] == 1
    assert told["relay", None]["parked"] == 0
    assert asked() == 0
    plain = capsys.readouterr().out
    assert "quarantined 1" in plain
    assert "dead 1" in plain


def test_what_came_in_cannot_command_the_terminal(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    arrival = stuck(desk, why="From \x1b[31m\u202ehim\nand her")
    for arguments in (["quarantine"], ["show", str(arrival.pk)]):
        assert asked(*arguments) == 0
        shown = capsys.readouterr().out
        assert not set(shown) & {"\x1b", "\x07", "\x00", "\x7f", "\r", "\u202e"}
        assert "\u241b[31m" in shown
    assert "Subject: ␛]0;owned␇␛[31mred\nx␀y␡\\xff \\u202e end" in shown
    for arguments in (["quarantine", "--json"], ["--json", "show", str(arrival.pk)]):
        assert asked(*arguments) == 0
        (row,) = lines(capsys)
        assert (row["number"], row["state"]) == (arrival.pk, "quarantined")
    assert row["bytes"] == len(NASTY)
    assert row["facts"] == {"file": "a\x1b[2J.eml"}


def test_a_long_one_is_shown_by_its_beginning(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    arrival = stuck(desk, "ї".encode() * 20_000)
    assert asked("show", str(arrival.pk)) == 0
    shown = capsys.readouterr().out
    assert "This is the beginning." in shown
    assert len(shown) < 6_000
    assert "\\x" not in shown


def test_listing_never_loads_the_bytes(
    desk: Desk, django_assert_num_queries: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(3):
        stuck(desk, b"%d" % number)
    with django_assert_num_queries(1) as caught:
        asked("quarantine")
    assert '"raw"' not in caught.captured_queries[0]["sql"]
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_try_again_put_aside_and_send_again(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    first, second, mail = stuck(desk, b"1"), stuck(desk, b"2"), given_up(desk)
    assert asked("dead") == 0
    assert f"{mail.pk}  " in capsys.readouterr().out
    assert asked("replay", str(first.pk)) == 0
    assert asked("dismiss", str(second.pk)) == 0
    assert asked("resend", str(mail.pk)) == 0
    states = dict(Arrival.objects.values_list("pk", "state"))
    assert states == {first.pk: ArrivalState.WAITING, second.pk: ArrivalState.DISMISSED}
    assert Delivery.objects.get(pk=mail.pk).state == DeliveryState.WAITING
    done = Entry.objects.filter(channel="command").values_list("verb", flat=True)
    assert sorted(done) == ["replay", "resend", "set_aside"]


def test_what_cannot_be_done_is_named_and_the_rest_is_done(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    first = stuck(desk)
    assert asked("replay", "999999", str(first.pk), str(first.pk)) == 1
    printed = capsys.readouterr()
    assert printed.out == f"{first.pk} is tried again.\n"
    assert "under the number 999999" in printed.err
    assert f"{first.pk} is not in quarantine." in printed.err
    for arguments in (["resend", "7"], ["show", "7"], ["dismiss", "99999999999999999999"]):
        assert asked(*arguments) == 1
        assert capsys.readouterr().err
