"""`desk api-token`: a token of the API for scripts, made where no page can be opened.

The token is the only thing on the standard output, so that a script can keep it; it is printed
this once and stands nowhere else.
"""

import argparse
import json
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desk.channels.api.actions import Wanted
    from desk.channels.api.models import Token
    from desk.journal.cause import Cause
    from desk.partners.models import Person

NAME = "api-token"
HELP = "make a token by which a program calls the API"

DAYS_MAX = 3650
EVERY = "all"
ROLES = ("member", "finance", "viewer")


class Refused(Exception):
    """The token was not made; the sentence says why."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.set_defaults(needs_database=True)
    parser.add_argument("person", metavar="PERSON", help="the address that the person signs in by")
    parser.add_argument("--name", required=True, help="what the token is for")
    parser.add_argument(
        "--scope",
        action="append",
        required=True,
        metavar="SCOPE",
        help=f"what it may be used for, as tickets:read; several, or {EVERY}",
    )
    parser.add_argument(
        "--partner",
        metavar="CODE",
        help="make it for an integration of this partner, which PERSON owns or the desk's owner "
        "looks after; it goes on when PERSON leaves",
    )
    parser.add_argument(
        "--role", choices=ROLES, default=ROLES[0], help="what the integration is to the partner"
    )
    parser.add_argument(
        "--expires-days",
        type=int,
        metavar="N",
        help=f"valid for so many days, at most {DAYS_MAX}; without it until it is revoked",
    )
    parser.add_argument("--json", action="store_true", help="answer as one line of JSON")


def run(options: argparse.Namespace) -> int:
    """Make the token and print it."""
    try:
        made, secret = _made(options)
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    facts = {
        "id": made.pk,
        "name": made.name,
        "person": made.person.email if made.partner is None else None,
        "partner": made.partner.code if made.partner else None,
        "scopes": made.scopes,
        "expires_at": made.expires_at.isoformat() if made.expires_at else None,
    }
    if options.json:
        print(json.dumps({"token": secret, **facts}, ensure_ascii=False))
        return 0
    print(secret)
    whose = facts["partner"] or facts["person"]
    print(f"{made.name}: {whose}, {', '.join(made.scopes)}", file=sys.stderr)
    return 0


def _made(options: argparse.Namespace) -> "tuple[Token, str | None]":
    """The new token and its secret. Raises `Refused`."""
    from desk.channels.api import actions
    from desk.channels.api.scopes import UnknownScope
    from desk.journal.cause import SYSTEM, Cause
    from desk.lib import clock
    from desk.partners import actions as partners
    from desk.partners import queries
    from desk.partners.models import PartnerRole

    person = queries.by_email(options.person)
    if person is None or not person.is_active:
        raise Refused(f"Nobody signs in with {options.person}.")
    cause = Cause(SYSTEM, clock.now(), "command")
    try:
        if options.partner is None:
            return actions.issue(cause, person.pk, _wanted(options, cause, person))
        partner_id = _partner(options.partner, person)
        wanted = _wanted(options, cause, None)
        return actions.issue_to_partner(cause, partner_id, PartnerRole(options.role), wanted)
    except UnknownScope as error:
        raise Refused(f"There is no scope {error.scope} for this token; see --help.") from error
    except actions.TooMany as error:
        raise Refused(f"There are {actions.TOKENS_MAX} tokens already. Revoke one.") from error
    except partners.Incomplete as error:
        raise Refused("Say with --name what the token is for.") from error


def _wanted(options: argparse.Namespace, cause: "Cause", person: "Person | None") -> "Wanted":
    from desk.channels.api.actions import Wanted
    from desk.channels.api.scopes import FOR_PARTNERS, FOR_STAFF
    from desk.partners import queries

    names = [name for given in options.scope for name in given.replace(",", " ").split()]
    if EVERY in names:
        staff = person is not None and queries.staff_roles(person.pk)
        names = [scope.value for scope in (FOR_STAFF if staff else FOR_PARTNERS)]
    if not names:
        raise Refused("Name at least one --scope.")
    days = options.expires_days
    if days is not None and not 0 < days <= DAYS_MAX:
        raise Refused(f"--expires-days is a number from 1 to {DAYS_MAX}.")
    until = cause.at + timedelta(days=days) if days else None
    return Wanted(options.name, tuple(names), until)


def _partner(code: str, person: "Person") -> int:
    """The partner whose people PERSON may look after."""
    from desk.partners import queries
    from desk.partners.models import Partner

    found = Partner.objects.filter(code=code.strip().upper()).first()
    if found is None:
        raise Refused(f"There is no partner {code}.")
    if not queries.manages_people(person.pk, found.pk):
        raise Refused(f"{person.email} does not own {found.code}, and looks after no partner.")
    return found.pk
