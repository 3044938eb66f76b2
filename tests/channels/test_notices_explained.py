"""`desk told`: why somebody was told of something, and why not."""

from __future__ import annotations

import argparse
import json
from typing import Any

import pytest

from desk.channels.notices.preferences import actions as preferences
from desk.channels.notices.preferences.actions import Chosen
from desk.channels.routing import Digest
from desk.config.commands import told as command
from desk.tickets import actions
from tests.channels import post
from tests.language import Desk

SECRET = "They forgot the invoice again."


def asked(*arguments: str) -> int:
    """What the command line does after the database is there."""
    parser = argparse.ArgumentParser()
    command.configure(parser)
    return command.run(parser.parse_args(arguments))


def lines(printed: pytest.CaptureFixture[str]) -> dict[str, dict[str, Any]]:
    rows = [json.loads(line) for line in printed.readouterr().out.splitlines()]
    return {row["verb"]: row for row in rows}


def test_it_says_what_somebody_was_told_why_and_what_waits(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    member = desk.company.member
    chosen = Chosen({}, digest=Digest.DAILY)
    preferences.choose(desk.cause(member), member, chosen)
    ticket = post.accepted(desk)
    actions.note(desk.cause(desk.lead), ticket.pk, SECRET)
    post.relayed(desk.now)
    assert asked("olh-1", member.email.upper(), "--json") == 0
    found = lines(capsys)
    assert (found["submit"]["told"], found["submit"]["why"]) == (False, "did it")
    assert (found["note"]["told"], found["note"]["why"]) == (False, "internal")
    assert found["accept"]["why"] == "author"
    (mail,) = found["accept"]["sent"]
    assert (mail["channel"], mail["state"], mail["hold"]) == ("email", "waiting", "digest")
    assert asked("OLH-1", desk.company.owner.email) == 0
    said = capsys.readouterr().out
    assert "not told: no rule names this person" in said
    assert SECRET not in said


def test_it_knows_neither_strangers_nor_other_numbers(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked("OLH-1", desk.lead.email) == 1
    assert asked("OLH-1", "nobody@people.example") == 1
    assert "no ticket" in capsys.readouterr().err
