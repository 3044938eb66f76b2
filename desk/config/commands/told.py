"""`desk told`: why somebody was told of what happened on a ticket, and why not.

A line for each entry: whether it stands in the person's list of notices and for which reason, and
what was sent, held or left out beside it. Exits with 1 when there is no such ticket or person.
"""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from desk.channels.explaining import Line

NAME = "told"
HELP = "why somebody was told of what happened on a ticket, or was not"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the ticket, the person and --json."""
    parser.set_defaults(needs_database=True)
    parser.add_argument("number", metavar="TICKET", help="the ticket's number, as OLH-42")
    parser.add_argument("email", metavar="E-MAIL", help="the address the person signs in with")
    parser.add_argument("--json", action="store_true", help="a JSON object a line")


def run(options: argparse.Namespace) -> int:
    """Print the lines; 1 when ticket or person is not found."""
    from desk.channels import explaining
    from desk.partners.models import Person
    from desk.tickets import queries as tickets
    from desk.tickets.models import Ticket

    person = Person.objects.filter(email__iexact=options.email).first()
    if person is None:
        print("There is no person with this address.", file=sys.stderr)
        return 1
    try:
        ticket = tickets.by_number_for_operator(options.number)
    except Ticket.DoesNotExist:
        print("There is no ticket with this number.", file=sys.stderr)
        return 1
    for line in explaining.of_ticket(ticket, person):
        print(json.dumps(_fields(line)) if options.json else _text(line))
    return 0


def _fields(line: "Line") -> dict[str, Any]:
    return {
        "entry": line.entry_id,
        "at": line.at.isoformat(),
        "verb": line.verb,
        "told": line.told,
        "why": line.why,
        "read_at": line.read_at.isoformat() if line.read_at else None,
        "sent": [
            {
                "channel": one.channel,
                "state": one.state,
                "hold": one.hold,
                "at": one.at.isoformat(),
                "error": one.error,
            }
            for one in line.sent
        ],
    }


def _text(line: "Line") -> str:
    bell = f"told ({line.why})" if line.told else f"not told: {line.why}"
    read = f", read {line.read_at:%Y-%m-%d %H:%M} UTC" if line.read_at else ""
    ways = [
        f"\n      {one.channel}: {one.state} {one.at:%Y-%m-%d %H:%M} UTC"
        + (f", held for: {one.hold}" if one.hold else "")
        + (f", {one.error}" if one.error else "")
        for one in line.sent
    ]
    return f"{line.at:%Y-%m-%d %H:%M} UTC  {line.verb}: {bell}{read}{''.join(ways)}"
