"""Addresses of pages that notices and mails lead to. Mails need them whole."""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings
from django.urls import reverse

from desk.tickets import queries as tickets
from desk.tickets.models import Ticket


def ticket(found: Ticket, *, staff: bool) -> str:
    """The page of a ticket: the cabinet's for partners, the workplace's for our people."""
    name = "workplace:ticket" if staff else "cabinet:ticket"
    return reverse(name, kwargs={"number": tickets.number(found)})


def deposit() -> str:
    """The partner's own deposit."""
    return reverse("cabinet:deposit")


def invitation(token: str) -> str:
    """Where an invitation is accepted."""
    return f"/account/invitation/{quote(token)}/"


def whole(path: str) -> str:
    """A path as an address that works from a mail."""
    return f"{settings.BASE_URL}{path}"
