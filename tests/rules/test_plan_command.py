"""`desk plan` on the command line: the shape of its answers, and what it refuses."""

from __future__ import annotations

import json

import pytest

from desk.config import cli


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> object:
    """What the command prints as JSON."""
    assert cli.main(["plan", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_plain_queue(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("queue", "--arrivals-per-hour", "0.5", "--service-minutes", "30", "--seed", "3")
    found = told(capsys, *asked, "--service-cv", "0", "--servers", "1")
    assert isinstance(found, dict)
    assert set(found) == {"wait_minutes", "sojourn_minutes", "utilisation"}
    assert set(found["wait_minutes"]) == {"mean", "low", "high"}
    assert set(found["sojourn_minutes"]) == {"mean", "p50", "p90"}
    assert found["wait_minutes"]["mean"] == pytest.approx(5.0, rel=0.05)  # Pollaczek-Khinchine
    assert found == told(capsys, *asked, "--service-cv", "0", "--servers", "1")


def test_more_work_than_can_be_done_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["plan", "queue", "--arrivals-per-hour", "4", "--service-minutes", "30"]
    assert cli.main(asked) == 2
    assert "load 2.00" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        ("queue", "--arrivals-per-hour", "0", "--service-minutes", "30"),
        ("queue", "--arrivals-per-hour", "nan", "--service-minutes", "30"),
        ("queue", "--arrivals-per-hour", "1", "--service-minutes", "inf"),
        ("queue", "--arrivals-per-hour", "1", "--service-minutes", "30", "--servers", "0"),
        ("queue", "--arrivals-per-hour", "1", "--service-minutes", "30", "--service-cv", "-1"),
        ("team", "--promise", "1.5"),
        ("team", "--absence-days", "250"),
        ("team", "--way", "alone"),
    ],
)
def test_wrong_questions_are_refused(
    wrong: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["plan", *wrong])
    assert ended.value.code == 2
    assert capsys.readouterr().err


def test_a_team_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["plan", "team", "--specialists", "2"]) == 0
    said = capsys.readouterr().out
    assert "load" in said
    assert "in_time" in said
