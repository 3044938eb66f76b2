"""`desk channels`: what comes in and goes out, what got stuck there, and the first aid for it.

Listings exit with 0; what is done exits with 1 when one of the numbers could not be done. With
--json each line is one JSON object. What came from outside is shown with its control characters
as signs, so that it cannot command the terminal.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desk.channels.models import Arrival, Delivery
    from desk.channels.queries import Way
    from desk.journal.cause import Cause

NAME = "channels"
HELP = "what comes in and goes out, and what got stuck"

_SHOWN_CHARACTERS_MAX = 4_000
_LISTS = {
    "quarantine": "what came in and waits for a person, the newest first",
    "dead": "what was given up on its way out, the newest first",
}
_DEEDS = {
    "replay": "let what is in quarantine be tried again",
    "dismiss": "put what is in quarantine aside for good; it stays readable",
    "resend": "let what was given up be sent again",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommands; without one the ways are listed."""
    parser.set_defaults(needs_database=True, action=ways)
    parser.add_argument("--json", action="store_true", help="a JSON object a line")
    actions = parser.add_subparsers(dest="channels_action", metavar="ACTION")
    for name, text in _LISTS.items():
        listing = actions.add_parser(name, help=text, description=text)
        listing.set_defaults(action={"quarantine": quarantine, "dead": dead}[name])
        _takes_json(listing)
    showing = actions.add_parser("show", help="facts and beginning of one that came in")
    showing.set_defaults(action=show)
    showing.add_argument("number", type=int, metavar="N")
    _takes_json(showing)
    for name, text in _DEEDS.items():
        doing = actions.add_parser(name, help=text, description=text)
        doing.set_defaults(action={"replay": replay, "dismiss": dismiss, "resend": resend}[name])
        doing.add_argument("numbers", type=int, nargs="+", metavar="N")


def _takes_json(parser: argparse.ArgumentParser) -> None:
    # Without a default of its own, so that --json before the subcommand is not forgotten.
    parser.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="a JSON object a line"
    )


def run(options: argparse.Namespace) -> int:
    """Do what was asked; return the exit status of the action."""
    status = options.action(options)
    assert isinstance(status, int)
    return status


def ways(options: argparse.Namespace) -> int:
    """`desk channels`: each way with what waits, what failed and what waits for a person."""
    from desk.channels import queries

    for direction, stuck, found in (
        ("in", "quarantined", queries.ways_in()),
        ("out", "dead", queries.ways_out()),
    ):
        for way in found:
            _say(options, _way(direction, stuck, way), _WAYS[direction].format)
    _say(options, {"direction": "relay", "parked": queries.parked().count()}, _PARKED.format)
    return 0


_WAYS = {
    "in": "in   {channel:<8}  waiting {waiting}, failed {failed}, "
    "quarantined {quarantined}, oldest {oldest_at}",
    "out": "out  {channel:<8}  waiting {waiting}, failed {failed}, dead {dead}, held {held}, "
    "oldest {oldest_at}",
}
_PARKED = "Entries that could not pass (set-up, mail): {parked}"


def _way(direction: str, stuck: str, way: "Way") -> dict[str, object]:
    oldest = way.oldest_at.isoformat() if way.oldest_at else None
    return {
        "direction": direction,
        "channel": way.channel,
        "waiting": way.waiting,
        "failed": way.failed,
        stuck: way.stuck,
        "oldest_at": oldest,
        "held": way.held,
    }


def quarantine(options: argparse.Namespace) -> int:
    """`desk channels quarantine`: what waits for a person, and why."""
    from desk.channels import queries

    for row in queries.quarantine().iterator():
        _say(options, _arrival(row), _ARRIVAL.format)
    return 0


_ARRIVAL = "{number}  {received_at}  {channel}  {source}  {error}"


def _arrival(row: "Arrival") -> dict[str, object]:
    return {
        "number": row.pk,
        "channel": row.channel,
        "source": row.source,
        "key": row.key,
        "state": row.state,
        "attempts": row.attempts,
        "received_at": row.received_at.isoformat(),
        "outcome": row.outcome,
        "error": row.error,
    }


def show(options: argparse.Namespace) -> int:
    """`desk channels show N`: the facts around an arrival, and the beginning of its bytes."""
    from desk.channels import queries, visible
    from desk.channels.models import Arrival

    try:
        found = queries.opened(options.number)
    except Arrival.DoesNotExist:
        return _refuse(f"Nothing came in under the number {options.number}.")
    row = {**_arrival(found.arrival), "sha256": found.arrival.sha256, "bytes": found.size_bytes}
    row["facts"] = found.arrival.facts
    text = visible.text(found.head, cut=found.is_cut)
    shown = text if options.json else text[:_SHOWN_CHARACTERS_MAX]
    if options.json:
        print(json.dumps({**row, "excerpt": shown}))
        return 0
    for name, value in row.items():
        plain = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        print(f"{name}: {visible.line(plain)}")
    print(f"\n{shown}")
    if found.is_cut or len(shown) < len(text):
        print("\nThis is the beginning. All of it can be downloaded in set-up, channels.")
    return 0


def dead(options: argparse.Namespace) -> int:
    """`desk channels dead`: what was given up on its way out, and why."""
    from desk.channels import queries

    for row in queries.dead().iterator():
        _say(options, _delivery(row), _DELIVERY.format)
    return 0


_DELIVERY = "{number}  {ended_at}  {channel}  {address}  {verb}  {error}"


def _delivery(row: "Delivery") -> dict[str, object]:
    return {
        "number": row.pk,
        "channel": row.channel,
        "address": row.address,
        "verb": row.entry.verb,
        "subject": row.entry.subject,
        "attempts": row.attempts,
        "created_at": row.created_at.isoformat(),
        "ended_at": row.ended_at.isoformat() if row.ended_at else None,
        "error": row.error,
    }


def replay(options: argparse.Namespace) -> int:
    """`desk channels replay N…`."""
    from desk.channels import actions

    return _each_arrival(options.numbers, actions.replay, "is tried again")


def dismiss(options: argparse.Namespace) -> int:
    """`desk channels dismiss N…`."""
    from desk.channels import actions

    return _each_arrival(options.numbers, actions.dismiss, "is put aside")


def resend(options: argparse.Namespace) -> int:
    """`desk channels resend N…`."""
    from desk.channels import actions
    from desk.channels.models import Delivery

    status = 0
    for number in options.numbers:
        try:
            actions.resend(_cause(), number)
        except Delivery.DoesNotExist:
            status = _refuse(f"There is no delivery {number}.")
        except actions.NotDead:
            status = _refuse(f"Delivery {number} was not given up.")
        else:
            print(f"{number} is sent again.")
    return status


def _each_arrival(numbers: Iterable[int], deed: Callable[..., object], done: str) -> int:
    from desk.channels import actions
    from desk.channels.models import Arrival

    status = 0
    for number in numbers:
        try:
            deed(_cause(), number)
        except Arrival.DoesNotExist:
            status = _refuse(f"Nothing came in under the number {number}.")
        except actions.NotQuarantined:
            status = _refuse(f"{number} is not in quarantine.")
        else:
            print(f"{number} {done}.")
    return status


def _cause() -> "Cause":
    from desk.journal.cause import SYSTEM, Cause
    from desk.lib import clock

    return Cause(SYSTEM, clock.now(), "command")


def _say(options: argparse.Namespace, row: dict[str, object], written: Callable[..., str]) -> None:
    from desk.channels import visible

    if options.json:
        print(json.dumps(row), flush=True)
        return
    safe = {name: visible.line("-" if value is None else str(value)) for name, value in row.items()}
    print(written(**safe), flush=True)


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1
