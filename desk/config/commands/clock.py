"""`desk clock`: deadlines and elapsed working time from the command line (R1-R3, R10).

`due` needs no database: it answers for a calendar file and instants given as options, or for a
stream of cases. Instants are ISO 8601; one without an offset is local to the calendar, in a
repeated hour its first occurrence, in a missing hour the end of the gap. Answers carry the offset
of the calendar's zone.
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import BinaryIO

from desk.config.commands import _explain
from desk.rules import clock
from desk.rules.clock import ClockError, Pause
from desk.rules.worktime import Calendar, CalendarError
from desk.rules.worktime_text import shown

NAME = "clock"
HELP = "deadlines and elapsed working time"

FIELDS = ("id", "calendar", "start", "target", "pauses", "stop")
INPUT_BYTES_MAX = 1_000_000
INSTANT_LENGTH_MAX = 64
PAUSES_MAX = 10_000
YEAR_MIN, YEAR_MAX = 1900, 2999

_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}.*", re.DOTALL)
_TARGET = re.compile(r"(?:([0-9]{1,12})h)?(?:([0-9]{1,12})m)?(?:([0-9]{1,12})s)?")


class CaseError(ValueError):
    """A case is not in the form that `desk clock due` takes; the sentence says where."""


@dataclass(frozen=True, slots=True)
class Case:
    """One question: due, when there is a target; elapsed, when there is a stop."""

    calendar: Calendar
    start: datetime
    target_seconds: int | None
    pauses: tuple[Pause, ...]
    stop: datetime | None


Problem = (CaseError, CalendarError, ClockError)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommands; each sets `action`, which `run` calls."""
    actions = parser.add_subparsers(dest="clock_action", required=True, metavar="ACTION")
    _configure_due(actions.add_parser("due", help="when a target is due", description=_DUE))
    _explain.configure(actions.add_parser("explain", help=_explain.HELP, description=_explain.HELP))


def run(options: argparse.Namespace) -> int:
    """Do what was asked; 0 when every answer was given, 1 when not, 2 when wrongly asked."""
    try:
        status = options.action(options)
    except BrokenPipeError:
        # Who read the answers has gone; nothing more can reach them, the last flush neither.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    assert isinstance(status, int)
    return status


_DUE = (
    "Print the instant at which a target of working time is due, and the working seconds elapsed "
    "up to a stop. An instant without an offset is local to the calendar."
)


def _configure_due(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(action=due)
    parser.add_argument("--calendar", type=Path, metavar="FILE", help="the calendar as JSON")
    parser.add_argument("--start", metavar="ISO", help="when the clock starts")
    parser.add_argument("--target", metavar="8h|30m|90s", help="working time until due")
    parser.add_argument(
        "--pause", action="append", default=[], metavar="ISO/ISO", help="repeatable; ISO/ is open"
    )
    parser.add_argument("--stop", metavar="ISO", help="print the working time elapsed until then")
    parser.add_argument("--batch", metavar="FILE.jsonl", help="a case a line, - is standard input")
    parser.add_argument("--json", action="store_true", help="answer as one line of JSON")


def due(options: argparse.Namespace) -> int:
    """`desk clock due`: one case from options, or many from a stream."""
    single = (options.calendar, options.start, options.target, options.stop, *options.pause)
    if options.batch is not None:
        if any(option is not None for option in single):
            return _refuse(options, "--batch takes its cases from the file, no other options.", 2)
        return _batch(options)
    if options.calendar is None or options.start is None:
        return _refuse(options, "Give --calendar and --start, or --batch.", 2)
    if options.target is None and options.stop is None:
        return _refuse(options, "Nothing is asked: give --target, --stop or both.", 2)
    try:
        case = _case_of_options(options)
        answer = _answer(case)
    except Problem as error:
        return _refuse(options, str(error), 1)
    print(json.dumps(answer) if options.json else _readable(case, answer))
    return 0


def _case_of_options(options: argparse.Namespace) -> Case:
    calendar = Calendar.parse(_parsed(_content(options.calendar), f"The file {options.calendar}"))
    pauses = [text.split("/") for text in options.pause]
    for text, edges in zip(options.pause, pauses, strict=True):
        if len(edges) != 2:
            raise CaseError(f"A pause is written as START/END, not {shown(text)}.")
    fields: dict[str, object] = {
        "start": options.start,
        "pauses": [[opened, closed or None] for opened, closed in pauses],
    }
    asked = {"target": options.target, "stop": options.stop}
    return _case(
        calendar, fields | {name: text for name, text in asked.items() if text is not None}
    )


def _batch(options: argparse.Namespace) -> int:
    if options.batch == "-":
        return _answer_lines(sys.stdin.buffer)
    try:
        source = _opened(Path(options.batch))
    except CaseError as error:
        return _refuse(options, str(error), 1)
    with source:
        return _answer_lines(source)


def _answer_lines(source: BinaryIO) -> int:
    failed = False
    for number, line in enumerate(_lines(source), start=1):
        if not line.strip() and len(line) <= INPUT_BYTES_MAX:
            continue
        answer = _answer_line(line, number)
        failed = failed or "error" in answer
        # Each answer leaves at once, so that a program at the other end of a pipe can converse.
        print(json.dumps(answer), flush=True)
    return 1 if failed else 0


def _answer_line(line: bytes, number: int) -> dict[str, object]:
    """The answer to one case, or its error; the id is null when the line does not show one."""
    identity: object = None
    try:
        fields = _parsed(line, f"Line {number}")
        if not isinstance(fields, dict):
            raise CaseError(f"Line {number} must be a JSON object, not {shown(fields)}.")
        identity = fields.get("id")
        _refuse_misspelt(fields)
        return {
            "id": identity,
            **_answer(_case(Calendar.parse(_given(fields, "calendar")), fields)),
        }
    except Problem as error:
        return {"id": identity, "error": str(error)}


def _answer(case: Case) -> dict[str, object]:
    """Due in the calendar's zone, null while a pause is open, and elapsed seconds up to stop."""
    due_at = elapsed_seconds = None
    if case.target_seconds is not None:
        due_at = clock.due(case.calendar, case.start, case.target_seconds, case.pauses)
    if case.stop is not None:
        elapsed_seconds = clock.elapsed(case.calendar, case.start, case.stop, case.pauses)
    shown_at = None if due_at is None else due_at.astimezone(case.calendar.zone).isoformat()
    return {"due": shown_at, "elapsed_seconds": elapsed_seconds}


def _readable(case: Case, answer: dict[str, object]) -> str:
    lines = []
    if case.target_seconds is not None:
        lines.append(f"due: {answer['due'] or 'none while a pause is open'}")
    if case.stop is not None:
        lines.append(f"elapsed: {answer['elapsed_seconds']} working seconds")
    return "\n".join(lines)


def _case(calendar: Calendar, fields: dict[str, object]) -> Case:
    target, stop = fields.get("target"), fields.get("stop")
    pauses = [] if fields.get("pauses") is None else fields["pauses"]
    if not isinstance(pauses, list) or len(pauses) > PAUSES_MAX:
        raise CaseError(f"The pauses must be a list of at most {PAUSES_MAX} pairs.")
    return Case(
        calendar=calendar,
        start=_instant(calendar, _given(fields, "start"), "start"),
        target_seconds=None if target is None else _seconds(target),
        pauses=tuple(_pause(calendar, pair, number) for number, pair in enumerate(pauses, 1)),
        stop=None if stop is None else _instant(calendar, stop, "stop"),
    )


def _given(fields: dict[str, object], name: str) -> object:
    if fields.get(name) is None:
        raise CaseError(f'The case needs a "{name}".')
    return fields[name]


def _refuse_misspelt(fields: dict[str, object]) -> None:
    """Refuse what looks like a known field; other fields, such as a note, are let be."""
    for name in fields:
        if name not in FIELDS and (meant := get_close_matches(name, FIELDS, n=1, cutoff=0.8)):
            raise CaseError(f'The case has an unknown field {shown(name)}; is "{meant[0]}" meant?')


def _pause(calendar: Calendar, pair: object, number: int) -> Pause:
    if not isinstance(pair, list) or len(pair) != 2:
        raise CaseError(f"Pause {number} must be a pair of instants, not {shown(pair)}.")
    opened_at = _instant(calendar, pair[0], f"pause {number}")
    closed_at = None if pair[1] is None else _instant(calendar, pair[1], f"pause {number}")
    return Pause(str(number), opened_at, closed_at)


def _instant(calendar: Calendar, value: object, place: str) -> datetime:
    """The moment of ISO 8601 text; without an offset it is local to the calendar."""
    if not isinstance(value, str) or len(value) > INSTANT_LENGTH_MAX or not _INSTANT.match(value):
        raise CaseError(
            f"An instant ({place}) is written as 2026-11-27T16:00:00+02:00, not {shown(value)}."
        )
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise CaseError(f"There is no instant {shown(value)} ({place}).") from error
    if not YEAR_MIN <= moment.year <= YEAR_MAX:
        raise CaseError(f"The year ({place}) must lie between {YEAR_MIN} and {YEAR_MAX}.")
    return calendar.moment(moment) if moment.tzinfo is None else moment


def _seconds(value: object) -> int:
    found = _TARGET.fullmatch(value) if isinstance(value, str) and value else None
    if found is None:
        raise CaseError(f"A target is written as 8h, 30m, 90s or 1h30m, not {shown(value)}.")
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds


def _lines(source: BinaryIO) -> Iterator[bytes]:
    """The lines of a stream; of one that is too long only enough to see that."""
    while line := source.readline(INPUT_BYTES_MAX + 1):
        yield line
        while len(line) > INPUT_BYTES_MAX and not line.endswith(b"\n"):
            line = source.readline(INPUT_BYTES_MAX + 1)


def _content(path: Path) -> bytes:
    with _opened(path) as source:
        return source.read(INPUT_BYTES_MAX + 1)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no such name is possible"
        raise CaseError(f"The file {shown(str(path))} cannot be read: {reason}.") from error


def _parsed(content: bytes, name: str) -> object:
    if len(content) > INPUT_BYTES_MAX:
        raise CaseError(f"{name} is longer than {INPUT_BYTES_MAX} bytes.")
    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise CaseError(f"{name} is not JSON: {str(error).splitlines()[0]}.") from error


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no number of JSON")


def _refuse(options: argparse.Namespace, sentence: str, status: int) -> int:
    if options.json:
        print(json.dumps({"error": sentence}))
    else:
        print(f"desk clock due: {sentence}", file=sys.stderr)
    return status


def main() -> int:
    """Run this command by itself: `python -m desk.config.commands.clock due …`."""
    parser = argparse.ArgumentParser(prog="desk clock", description=HELP)
    configure(parser)
    return run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
