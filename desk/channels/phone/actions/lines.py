"""Lines of the hotline: connect an exchange, change it, renew its secret, let it rest."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network

from django.db import transaction
from django.db.models import F

from desk.channels.phone import events
from desk.channels.phone.models import CONSENT_MAX, NAME_MAX, Line, Provider
from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.lib import sealed
from desk.partners.actions import checks
from desk.tickets.actions import Incomplete
from desk.tickets.actions.engine import text

LINES_MAX = 20
NETWORKS_MAX = 60
RECORDING_DAYS, RECORDING_DAYS_MAX = 90, 1095
SECRET_MAX = 200
ACCOUNT_MAX = 100
# After a new secret the old one is taken for so long: the exchange can be changed in peace.
OVERLAP = timedelta(hours=24)
# These prove themselves by a secret of ours; Zadarma signs by its own, Binotel by none.
OUR_SECRET = (Provider.PHONET, Provider.RINGOSTAT, Provider.GENERIC)


class TooMany(Exception):
    """There are `LINES_MAX` lines already."""


class NoSecret(Exception):
    """Zadarma signs by the secret key of its own API: without it nothing can be checked."""


@dataclass(frozen=True, slots=True)
class LineCard:
    """What a person enters of a line. `secret` is Zadarma's, "" keeps the present one."""

    name: str
    number: str
    timezone: str
    calendar_id: int | None = None
    account: str = ""
    networks: tuple[str, ...] = ()
    secret: str = ""
    consent: str = ""
    recording_days: int = RECORDING_DAYS


def add(cause: Cause, provider: Provider, card: LineCard) -> tuple[Line, str | None]:
    """A new line, with the secret that we made for it: shown this once, None where there is none
    or when the form came twice. Raises `TooMany`, `NoSecret`, `Incomplete`, `KeyReused`."""
    content = {"verb": "add_line", "provider": provider, "number": card.number}
    with transaction.atomic():
        if done := journal.repeated(cause, content):
            return Line.objects.get(pk=done.subject.partition(":")[2]), None
        if Line.objects.count() >= LINES_MAX:
            raise TooMany
        if provider == Provider.ZADARMA and not card.secret:
            raise NoSecret
        made = Line(
            provider=provider, code=secrets.token_hex(12), created_at=cause.at, recording_days=0
        )
        secret = secrets.token_urlsafe(24) if provider in OUR_SECRET else None
        if secret is not None:
            made.secret = sealed.seal(secret)
        _write(made, card)
        journal.record(cause, "add_line", made.key, {"provider": provider}, None, content)
        return made, secret


def change(cause: Cause, line_id: int, card: LineCard) -> Line:
    """Another name, number, hours, networks, consent. Raises `Incomplete`."""
    with transaction.atomic():
        found = _locked(line_id)
        _write(found, card)
        journal.record(cause, "change_line", found.key, {})
        return found


def rotate(cause: Cause, line_id: int) -> tuple[Line, str | None]:
    """A new secret, shown this once (None when the form came twice); the old one is taken for
    `OVERLAP` more. Only where the secret is ours: raises `NoSecret`."""
    with transaction.atomic():
        found = _locked(line_id)
        if found.provider not in OUR_SECRET:
            raise NoSecret
        content = {"verb": "rotate_line"}
        if journal.earlier(cause, found.key, content):
            return found, None
        secret = secrets.token_urlsafe(24)
        found.previous_secret, found.previous_until_at = found.secret, cause.at + OVERLAP
        found.secret = sealed.seal(secret)
        found.save(update_fields=["secret", "previous_secret", "previous_until_at"])
        journal.record(cause, "rotate_line", found.key, {}, None, content)
        return found, secret


def pause(cause: Cause, line_id: int) -> Line:
    """Take no events until `resume`."""
    return _switched(cause, line_id, "pause_line", on=False)


def resume(cause: Cause, line_id: int) -> Line:
    """Take events again."""
    return _switched(cause, line_id, "resume_line", on=True)


def refused(line_id: int, why: str, at: datetime) -> None:
    """Count a request that did not prove where it comes from; nothing else of it is kept."""
    Line.objects.filter(pk=line_id).update(refused=F("refused") + 1, refused_at=at, refused_why=why)


def _switched(cause: Cause, line_id: int, verb: str, *, on: bool) -> Line:
    with transaction.atomic():
        found = _locked(line_id)
        if (found.paused_at is None) != on:
            found.paused_at = None if on else cause.at
            found.save(update_fields=["paused_at"])
            journal.record(cause, verb, found.key, {})
        return found


def _locked(line_id: int) -> Line:
    return Line.objects.select_for_update().get(pk=line_id)


def _write(line: Line, card: LineCard) -> None:
    line.name = text("name", card.name, longest=NAME_MAX)
    line.number = events.phone(card.number)
    if not line.number:
        raise Incomplete("phone", "unknown")
    line.timezone = _zone(card.timezone)
    line.calendar_id = card.calendar_id
    line.account = text("account", card.account, required=False, longest=ACCOUNT_MAX)
    line.networks = _networks(card.networks)
    if line.provider == Provider.BINOTEL and not line.networks:
        raise Incomplete("networks", "missing")
    if line.provider == Provider.ZADARMA and card.secret:
        line.secret = sealed.seal(text("secret", card.secret, longest=SECRET_MAX))
    line.consent = text("consent", card.consent, required=False, longest=CONSENT_MAX)
    if not 1 <= card.recording_days <= RECORDING_DAYS_MAX:
        raise Incomplete("recording_days", "out_of_range")
    line.recording_days = card.recording_days
    line.save()


def _zone(name: str) -> str:
    try:
        return checks.timezone(name)
    except checks.Incomplete as error:
        raise Incomplete("timezone", "unknown") from error


def _networks(written: tuple[str, ...]) -> list[str]:
    if len(written) > NETWORKS_MAX:
        raise Incomplete("networks", "too_many")
    try:
        return [str(ip_network(each.strip(), strict=False)) for each in written if each.strip()]
    except ValueError as error:
        raise Incomplete("networks", "unknown") from error
