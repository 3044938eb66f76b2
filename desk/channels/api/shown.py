"""Tokens and scopes in the words of the pages."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from desk.channels import addresses
from desk.channels.api.actions import INTEGRATION_ROLES
from desk.channels.api.forms import DAYS, DAYS_USUAL
from desk.channels.api.models import Token
from desk.channels.api.scopes import FOR_PARTNERS, FOR_STAFF, Scope
from desk.partners.models import PartnerRole
from desk.web import labels

Context = dict[str, Any]
SPACES = {"setup": "api_setup", "cabinet": "integrations"}
CALL = "/api/v1/me"
# What a token does that nobody has thought about: it looks and submits, and spends nothing.
USUAL = (Scope.TICKETS_READ, Scope.TICKETS_WRITE, Scope.PROJECTS_READ)
SCOPES = {
    Scope.TICKETS_READ: gettext_lazy("Read tickets, messages and files"),
    Scope.TICKETS_WRITE: gettext_lazy("Submit tickets, answer, and move them"),
    Scope.TICKETS_APPROVE: gettext_lazy("Approve or refuse what costs money"),
    Scope.PROJECTS_READ: gettext_lazy("See projects, who leads them, and working hours"),
    Scope.PEOPLE_READ: gettext_lazy("See the team"),
    Scope.PEOPLE_WRITE: gettext_lazy("Invite people and change their roles"),
    Scope.DEPOSIT_READ: gettext_lazy("See the deposit and its movements"),
    Scope.DEPOSIT_WRITE: gettext_lazy("Turn money of the deposit into consultations"),
    Scope.NOTICES: gettext_lazy("See notices and mark them as read"),
    Scope.WEBHOOKS: gettext_lazy("Set up webhooks"),
    Scope.WORK: gettext_lazy("Work on tickets as at the workplace"),
}
ROLES = {
    PartnerRole.MEMBER: gettext_lazy("submits tickets and sees all of the partner's"),
    PartnerRole.FINANCE: gettext_lazy("sees the deposit and approves, submits nothing"),
    PartnerRole.VIEWER: gettext_lazy("sees every ticket, changes nothing"),
}


def address(area: str, name: str, *arguments: int) -> str:
    """An address of these pages in the area on which they stand."""
    return reverse(f"{SPACES[area]}:{name}", args=arguments)


def token(area: str, found: Token, at: datetime) -> Context:
    """A token with whose it is; `partner` is "" for a person's own."""
    return {
        "id": found.pk,
        "name": found.name,
        "start": found.prefix,
        "who": found.person.name,
        "partner": found.partner.name if found.partner else "",
        "scopes": scope_words(found.scopes),
        "created_at": found.created_at,
        "expires_at": found.expires_at,
        "revoked_at": found.revoked_at,
        "used_at": found.used_at,
        "is_expired": found.expires_at is not None and found.expires_at <= at,
        "revoke_url": address(area, "revoke", found.pk),
    }


def scope_words(scopes: Collection[str]) -> list[str]:
    """What a token may be used for, in plain words."""
    if set(scopes) >= set(FOR_PARTNERS):
        # A token with every scope would else fill the page.
        work = [str(SCOPES[Scope.WORK])] if Scope.WORK in scopes else []
        return [_("Everything that a partner's person may do"), *work]
    return [str(SCOPES[scope]) for scope in Scope if scope in scopes]


def choices(chosen: Collection[str], *, staff: bool) -> list[Context]:
    """Every scope that may be chosen."""
    offered = FOR_STAFF if staff else FOR_PARTNERS
    return [
        {"name": scope.value, "label": SCOPES[scope], "checked": scope in chosen}
        for scope in offered
    ]


def whose(chosen: str) -> list[Context]:
    """For whom an owner may make a token: an integration with a role, or the owner."""
    options = [
        {"value": role.value, "label": _integration(role), "note": ROLES[role]}
        for role in INTEGRATION_ROLES
    ]
    note = _("everything that you may do yourself; it ends when you leave")
    options.append({"value": "own", "label": _("Your own"), "note": note})
    return [{**option, "checked": option["value"] == chosen} for option in options]


def spans(chosen: str) -> list[Context]:
    """How long a token may be used."""
    return [
        {"value": str(days), "label": _span(days), "chosen": str(days) == chosen} for days in DAYS
    ]


def usual() -> Context:
    """What the form says before anybody touches it."""
    return {"name": "", "days": str(DAYS_USUAL), "whose": PartnerRole.MEMBER.value}


def example(secret: str) -> str:
    """Three lines for a terminal: the token, the question, and who answers."""
    return (
        f'TOKEN={secret}\ncurl -H "Authorization: Bearer $TOKEN" \\\n     {addresses.whole(CALL)}'
    )


def _integration(role: PartnerRole) -> str:
    return _("Integration: %(role)s") % {"role": labels.role_label(role)}


def _span(days: int) -> str:
    if not days:
        return _("until it is revoked")
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
