"""Addresses of pages that notices and mails lead to. Mails need them whole."""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings

from desk.tickets import queries as tickets
from desk.tickets.models import Ticket


def ticket(found: Ticket, *, staff: bool) -> str:
    """The page of a ticket: the cabinet's for partners, the workplace's for our people."""
    prefix = "/work" if staff else ""
    return f"{prefix}/tickets/{tickets.number(found)}/"


def deposit() -> str:
    """The partner's own deposit."""
    return "/deposit/"


def invitation(token: str) -> str:
    """Where an invitation is accepted."""
    return f"/account/invitation/{quote(token)}/"


def whole(path: str) -> str:
    """A path as an address that works from a mail."""
    return f"{settings.BASE_URL}{path}"
