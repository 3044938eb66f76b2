"""Tokens: issued, revoked, admitted; and the answers that are given again."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction

from desk.channels.api import scopes
from desk.channels.api.models import NAME_MAX, PREFIX_MAX, StoredAnswer, Token
from desk.channels.api.scopes import Scope
from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.partners import actions as partners
from desk.partners.models import MACHINES, PartnerRole, Person, StaffMembership

SECRET_BYTES = 32
SECRET_START = "desk_"  # noqa: S105  what every secret begins with, no secret
TOKENS_MAX = 50
# An integration is nobody's mailbox: nothing is ever sent to this domain.
INTEGRATION_DOMAIN = f"integrations{MACHINES}"
# What an integration may be. It is never an owner: a partner must not be left to a machine.
INTEGRATION_ROLES = (PartnerRole.MEMBER, PartnerRole.FINANCE, PartnerRole.VIEWER)
# Calls of one token in one window.
RATE_MAX = 600
RATE_WINDOW_SECONDS = 60
ANSWERS_KEPT = timedelta(days=7)
FORGOTTEN_MAX = 5000

# Counting may be lost with a power cut, so nobody waits for the disk.
_ADMIT = """
    WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true) AS done)
    UPDATE api_token token SET
        used_at = %(at)s,
        window_at = %(window)s,
        window_count = CASE WHEN token.window_at = %(window)s THEN token.window_count ELSE 0 END + 1
    FROM partners_person person, quick
    WHERE token.sha256 = %(sha256)s AND token.revoked_at IS NULL AND quick.done = 'off'
        AND (token.expires_at IS NULL OR token.expires_at > %(at)s)
        AND person.id = token.person_id AND person.is_active
    RETURNING token.id, token.partner_id, token.scopes, token.window_count, {person}
"""
_KEEP = """
    INSERT INTO api_storedanswer (token_id, key, request_sha256, status, headers, body, at)
    VALUES (%s, %s, %s, %s, %s::jsonb, %s, %s) ON CONFLICT (token_id, key) DO NOTHING
"""
_PERSON = [field.column for field in Person._meta.concrete_fields]
_ADMIT = _ADMIT.format(person=", ".join(f"person.{column}" for column in _PERSON))


class NoRole(Exception):
    """An integration can only be one of `INTEGRATION_ROLES`."""


class TooMany(Exception):
    """There are `TOKENS_MAX` tokens in use already."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A token that is asked for. `expires_at` None: until it is revoked."""

    name: str
    scopes: tuple[str, ...]
    expires_at: datetime | None = None

    def content(self) -> dict[str, object]:
        """What the idempotency key of the form stands for."""
        return {"name": self.name, "scopes": sorted(self.scopes), "expires_at": self.expires_at}


@dataclass(frozen=True, slots=True)
class Admitted:
    """A token that was let in: whose, for what, and how many calls of its window were made."""

    token_id: int
    partner_id: int | None
    scopes: frozenset[str]
    count: int
    person: Person = field(repr=False)


def issue(cause: Cause, person_id: int, wanted: Wanted) -> tuple[Token, str | None]:
    """A token of a person, with its secret, which is shown this once: None when the form came
    twice. Raises `UnknownScope`, `TooMany`, `Incomplete`, `KeyReused`."""
    content = {"verb": "issue_token", "person": person_id, **wanted.content()}
    with transaction.atomic():
        if done := journal.repeated(cause, content):
            return _of_entry(done.subject), None
        staff = StaffMembership.objects.filter(person_id=person_id, until_at=None).exists()
        offered = scopes.FOR_STAFF if staff else scopes.FOR_PARTNERS
        person = Person.objects.select_for_update(no_key=True).get(pk=person_id, is_active=True)
        return _issued(cause, person, None, wanted, (offered, content))


def issue_to_partner(
    cause: Cause, partner_id: int, role: PartnerRole, wanted: Wanted
) -> tuple[Token, str | None]:
    """A token of a partner's integration, which becomes one of the partner's people with `role`.
    It goes on when whoever made it leaves. Raises as `issue`, and `NoRole`."""
    if role not in INTEGRATION_ROLES:
        raise NoRole
    content = {"verb": "issue_token", "partner": partner_id, "role": role, **wanted.content()}
    with transaction.atomic():
        if done := journal.repeated(cause, content):
            return _of_entry(done.subject), None
        if Token.objects.filter(partner_id=partner_id, revoked_at=None).count() >= TOKENS_MAX:
            raise TooMany
        address = f"integration-{secrets.token_hex(8)}@{INTEGRATION_DOMAIN}"
        own = Cause(cause.by, cause.at, cause.channel)
        person = partners.add_person(own, address, partners.Card(name=_name(wanted)))
        partners.add_membership(own, partner_id, person.pk, role)
        return _issued(cause, person, partner_id, wanted, (scopes.FOR_PARTNERS, content))


def revoke(cause: Cause, token_id: int) -> Token:
    """Let a token in no more; of an integration, its membership ends with its last token."""
    with transaction.atomic():
        found = Token.objects.select_for_update(no_key=True).get(pk=token_id)
        if found.revoked_at is not None:
            return found
        found.revoked_at = cause.at
        found.save(update_fields=["revoked_at"])
        entry = journal.record(cause, "revoke_token", f"token:{found.pk}", {}, found.partner_id)
        if found.partner_id is not None:
            others = Token.objects.filter(person=found.person_id, revoked_at=None)
            if not others.exists():
                partners.deactivate(cause.follows(entry.pk), found.person_id)
        return found


def admit(secret: str, at: datetime) -> Admitted | None:
    """Let a token in and count the call, in one statement; None for one that is not valid now."""
    window = int(at.timestamp()) // RATE_WINDOW_SECONDS * RATE_WINDOW_SECONDS
    found: dict[str, str | datetime] = {
        "sha256": digest(secret),
        "at": at,
        "window": datetime.fromtimestamp(window, at.tzinfo),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ADMIT, found)
        row = cursor.fetchone()
    if row is None:
        return None
    token_id, partner_id, names, count, *columns = row
    names = json.loads(names) if isinstance(names, str) else names
    fields = [each.attname for each in Person._meta.concrete_fields]
    person = Person.from_db(connection.alias, fields, columns)
    return Admitted(token_id, partner_id, frozenset(names), count, person)


def keep_answer(answer: StoredAnswer) -> bool:
    """Keep an answer in the caller's transaction; False when there is one under this key."""
    with connection.cursor() as cursor:
        values = (answer.request_sha256, answer.status, json.dumps(answer.headers), answer.body)
        cursor.execute(_KEEP, [answer.token_id, answer.key, *values, answer.at])
        return bool(cursor.rowcount == 1)


def forget_answers(at: datetime) -> int:
    """Forget answers older than `ANSWERS_KEPT`, at most `FORGOTTEN_MAX`; returns how many. The
    deeds stay done once: their keys are in the journal for ever."""
    old = StoredAnswer.objects.filter(at__lt=at - ANSWERS_KEPT).order_by("at")
    some = list(old.values_list("pk", flat=True)[:FORGOTTEN_MAX])
    return StoredAnswer.objects.filter(pk__in=some).delete()[0]


def digest(secret: str) -> str:
    """What is kept of a secret: it has 256 random bits, so that a quick hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _issued(
    cause: Cause,
    person: Person,
    partner_id: int | None,
    wanted: Wanted,
    rest: tuple[tuple[Scope, ...], dict[str, object]],
) -> tuple[Token, str]:
    offered, content = rest
    if Token.objects.filter(person=person, revoked_at=None).count() >= TOKENS_MAX:
        raise TooMany
    secret = SECRET_START + secrets.token_urlsafe(SECRET_BYTES)
    made = Token.objects.create(
        person=person,
        partner_id=partner_id,
        name=_name(wanted),
        sha256=digest(secret),
        prefix=secret[:PREFIX_MAX],
        scopes=scopes.checked(wanted.scopes, offered),
        created_at=cause.at,
        expires_at=wanted.expires_at,
    )
    facts = {"person": person.pk, "scopes": made.scopes}
    journal.record(cause, "issue_token", f"token:{made.pk}", facts, partner_id, content)
    return made, secret


def _name(wanted: Wanted) -> str:
    name = " ".join(wanted.name.replace("\x00", "").split())[:NAME_MAX]
    if not name:
        raise partners.Incomplete("name")
    return name


def _of_entry(subject: str) -> Token:
    return Token.objects.get(pk=subject.partition(":")[2])
