"""`desk clock due`: options, streams, and a sentence for whatever is wrong (2, Clocks)."""

import argparse
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from desk.config.commands import clock as command
from tests.rules.calendars import OFFICE_DOCUMENT

ROOT = Path(__file__).resolve().parents[2]

FRIDAY, MONDAY = "2026-11-27", "2026-11-30"
CASE: dict[str, Any] = {
    "id": "a",
    "calendar": OFFICE_DOCUMENT,
    "start": f"{FRIDAY}T16:00:00+02:00",
    "target": "8h",
}


@pytest.fixture
def calendar(tmp_path: Path) -> str:
    path = tmp_path / "calendar.json"
    path.write_text(json.dumps(OFFICE_DOCUMENT))
    return str(path)


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser(prog="desk clock")
    command.configure(parser)
    return command.run(parser.parse_args(["due", *arguments]))


def batch(
    lines: list[object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> tuple[int, list[dict[str, Any]]]:
    """Exit status and answers for cases, a string or bytes standing for a line as it is."""
    path = tmp_path / "cases.jsonl"
    raw = [
        line
        if isinstance(line, bytes)
        else (line if isinstance(line, str) else json.dumps(line)).encode()
        for line in lines
    ]
    path.write_bytes(b"\n".join(raw))
    status = run("--batch", str(path))
    return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_due_and_elapsed_are_printed(calendar: str, capsys: pytest.CaptureFixture[str]) -> None:
    pause = f"{FRIDAY}T17:00/{MONDAY}T10:00"
    stop = f"{MONDAY}T10:30"
    options = ["--calendar", calendar, "--start", f"{FRIDAY}T16:00", "--target", "8h"]
    assert run(*options, "--pause", pause, "--stop", stop) == 0
    assert capsys.readouterr().out == (
        f"due: {MONDAY}T18:00:00+02:00\nelapsed: 5400 working seconds\n"
    )
    assert run(*options, "--pause", pause, "--stop", stop, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "due": f"{MONDAY}T18:00:00+02:00",
        "elapsed_seconds": 5400,
    }


def test_only_what_was_asked_is_printed(calendar: str, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--calendar", calendar, "--start", f"{FRIDAY}T16:00"]
    assert run(*options, "--target", "30m") == 0
    assert capsys.readouterr().out == f"due: {FRIDAY}T16:30:00+02:00\n"
    assert run(*options, "--stop", f"{FRIDAY}T16:30") == 0
    assert capsys.readouterr().out == "elapsed: 1800 working seconds\n"


def test_an_open_pause_leaves_no_due_r10(calendar: str, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--calendar", calendar, "--start", f"{FRIDAY}T16:00", "--target", "8h"]
    assert run(*options, "--pause", f"{FRIDAY}T17:00/") == 0
    assert capsys.readouterr().out == "due: none while a pause is open\n"


@pytest.mark.parametrize(
    ("start", "target", "expected"),
    [
        ("2026-10-25T02:30+03:00", "3h", "2026-10-25T04:30:00+02:00"),
        ("2026-10-25T03:30", "1h", "2026-10-25T03:30:00+02:00"),
        ("2026-10-24T23:30:00Z", "10800s", "2026-10-25T04:30:00+02:00"),
        ("2027-03-28T01:30", "3h", "2027-03-28T05:30:00+03:00"),
        ("2027-03-28T03:30", "1h30m", "2027-03-28T05:30:00+03:00"),
        ("2026-11-27 16:00:00.25", "90s", "2026-11-27T16:01:30.250000+02:00"),
        ("2026-11-27T16:00", "0h", "2026-11-27T16:00:00+02:00"),
        ("2026-11-27T16:00", "20000h", "2029-03-10T00:00:00+02:00"),
    ],
)
def test_instants_and_targets_as_they_may_be_written_r1_r13(
    start: str, target: str, expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    days = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    document = {"timezone": "Europe/Kyiv", "week": days}
    case = {"id": 1, "calendar": document, "start": start, "target": target}
    assert batch([case], tmp_path, capsys) == (
        0,
        [{"id": 1, "due": expected, "elapsed_seconds": None}],
    )


def test_every_line_gets_its_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pauses = [[f"{FRIDAY}T17:00", f"{MONDAY}T10:00"], [f"{MONDAY}T10:00", None]]
    status, answers = batch(
        [
            CASE,
            "",
            {**CASE, "id": 2, "pauses": pauses[:1], "stop": f"{MONDAY}T10:30"},
            {**CASE, "id": None, "pauses": pauses, "target": None, "stop": f"{MONDAY}T10:30"},
            {**CASE, "id": ["x"], "target": "lots"},
            {**CASE, "id": "open", "pauses": pauses, "note": "other fields are let be"},
        ],
        tmp_path,
        capsys,
    )
    assert status == 1
    assert answers == [
        {"id": "a", "due": f"{MONDAY}T16:00:00+02:00", "elapsed_seconds": None},
        {"id": 2, "due": f"{MONDAY}T18:00:00+02:00", "elapsed_seconds": 5400},
        {"id": None, "due": None, "elapsed_seconds": 3600},
        {"id": ["x"], "error": "A target is written as 8h, 30m, 90s or 1h30m, not 'lots'."},
        {"id": "open", "due": None, "elapsed_seconds": None},
    ]


BAD: list[tuple[object, str]] = [
    ("{", "Line 1 is not JSON"),
    (b"\xff\xfe", "Line 1 is not JSON"),
    ("[" * 100_000, "Line 1 is not JSON"),
    ('{"id": NaN}', "NaN is no number of JSON"),
    ('{"id": ' + "9" * 5_000 + "}", "Line 1 is not JSON"),
    (b" " * 1_000_001 + b"{}", "Line 1 is longer than 1000000 bytes"),
    ("[]", "must be a JSON object"),
    ("7", "must be a JSON object"),
    ({}, 'needs a "calendar"'),
    ({**CASE, "calendar": None}, 'needs a "calendar"'),
    ({**CASE, "calendar": "office"}, "must be a JSON object"),
    ({**CASE, "calendar": {"timezone": "UTC", "week": {}}}, "no working time at all"),
    ({**CASE, "start": None}, 'needs a "start"'),
    ({**CASE, "start": "tomorrow"}, "An instant (start) is written as"),
    ({**CASE, "start": "2026-11-27"}, "An instant (start) is written as"),
    ({**CASE, "start": 1_795_000_000}, "An instant (start) is written as"),
    ({**CASE, "start": "2026-11-27T16:00" + "0" * 5_000}, "An instant (start) is written as"),
    ({**CASE, "start": "2026-02-30T16:00"}, "no instant '2026-02-30T16:00' (start)"),
    ({**CASE, "start": "2026-11-27T25:00"}, "no instant"),
    ({**CASE, "start": "2026-11-27T16:00+99:00"}, "no instant"),
    ({**CASE, "start": "0001-01-01T00:00+14:00"}, "must lie between 1900 and 2999"),
    ({**CASE, "start": "9999-12-31T23:59-14:00"}, "must lie between 1900 and 2999"),
    ({**CASE, "target": 8}, "A target is written as"),
    ({**CASE, "target": ""}, "A target is written as"),
    ({**CASE, "target": "8"}, "A target is written as"),
    ({**CASE, "target": "-8h"}, "A target is written as"),
    ({**CASE, "target": "8 h"}, "A target is written as"),
    ({**CASE, "target": "1.5h"}, "A target is written as"),
    ({**CASE, "target": "8h\n"}, "A target is written as"),
    ({**CASE, "target": "٨h"}, "A target is written as"),
    ({**CASE, "target": "9" * 13 + "h"}, "A target is written as"),
    ({**CASE, "target": "9" * 12 + "h"}, "more than a century"),
    ({**CASE, "stop": "2026-11-27T15:59"}, "stops before it starts"),
    ({**CASE, "stop": "2996-11-27T15:59"}, "more than a century"),
    ({**CASE, "stop": ""}, "An instant (stop) is written as"),
    ({**CASE, "pauses": {}}, "must be a list"),
    ({**CASE, "pauses": ""}, "must be a list"),
    ({**CASE, "pauses": [[]] * 10_001}, "at most 10000"),
    ({**CASE, "pauses": ["2026-11-27T16:00/2026-11-27T17:00"]}, "Pause 1 must be a pair"),
    ({**CASE, "pauses": [["2026-11-27T16:00"]]}, "Pause 1 must be a pair"),
    ({**CASE, "pauses": [[None, "2026-11-27T16:00"]]}, "An instant (pause 1)"),
    ({**CASE, "pauses": [["2026-11-27T17:00", "2026-11-27T16:00"]]}, "ends before it starts"),
    ({**CASE, "pause": []}, "unknown field 'pause'; is \"pauses\" meant?"),
]


@pytest.mark.parametrize(("line", "sentence"), BAD)
def test_a_bad_line_gets_a_sentence_and_the_next_its_answer(
    line: object, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, (bad, good) = batch([line, CASE], tmp_path, capsys)
    assert status == 1
    assert sentence in bad["error"]
    assert len(bad["error"]) < 250
    assert bad["id"] == ("a" if isinstance(line, dict) and line else None)
    assert good["due"] == f"{MONDAY}T16:00:00+02:00"


@pytest.mark.parametrize(
    ("options", "status", "sentence"),
    [
        ([], 2, "Give --calendar and --start"),
        (["--calendar", "CALENDAR", "--target", "8h"], 2, "Give --calendar and --start"),
        (["--calendar", "CALENDAR", "--start", "2026-11-27T16:00"], 2, "Nothing is asked"),
        (["--batch", "-", "--start", "2026-11-27T16:00"], 2, "no other options"),
        (["--batch", "/nowhere/cases.jsonl"], 1, "cannot be read: No such file"),
        (["--batch", "/"], 1, "cannot be read: Is a directory"),
        (["--batch", "a\0b"], 1, "cannot be read: no such name is possible"),
        (["--calendar", "/nowhere", "--start", "x", "--target", "8h"], 1, "cannot be read"),
        (["--calendar", "README.md", "--start", "x", "--target", "8h"], 1, "is not JSON"),
        (["--calendar", "CALENDAR", "--start", "x", "--target", "8h"], 1, "An instant (start)"),
        (["--calendar", "CALENDAR", "--start", "2026-11-27T16:00", "--target", ""], 1, "A target"),
        (
            [
                "--calendar",
                "CALENDAR",
                "--start",
                "2026-11-27T16:00",
                "--pause",
                "x",
                "--stop",
                "x",
            ],
            1,
            "A pause is written as START/END",
        ),
    ],
)
def test_wrong_options_get_a_sentence(
    options: list[str],
    status: int,
    sentence: str,
    calendar: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "README.md").write_text("# no calendar")
    names = {"CALENDAR": calendar, "README.md": str(tmp_path / "README.md")}
    given = [names.get(option, option) for option in options]
    assert run(*given) == status
    assert sentence in capsys.readouterr().err
    assert run(*given, "--json") == status
    assert sentence in json.loads(capsys.readouterr().out)["error"]


def test_standard_input_is_answered_line_by_line() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "desk.config.commands.clock", "due", "--batch", "-"],
        input=json.dumps(CASE) + "\nno case\n",
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert found.returncode == 1
    assert found.stderr == ""
    assert [json.loads(line)["id"] for line in found.stdout.splitlines()] == ["a", None]


def test_a_reader_that_went_away_is_no_traceback() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "desk.config.commands.clock", "due", "--batch", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdin and process.stdout and process.stderr
    process.stdout.close()
    process.stdin.write(json.dumps(CASE).encode() + b"\n")
    process.stdin.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=60) == 1


def test_a_byte_order_mark_before_the_first_case_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content = io.BytesIO(b"\xef\xbb\xbf" + json.dumps(CASE).encode())
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(content))
    assert run("--batch", "-") == 0
    assert json.loads(capsys.readouterr().out)["id"] == "a"
