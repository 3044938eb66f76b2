"""Tickets as the control room's lists draw them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from desk.tickets.queries import lines
from desk.web import present


def url(number: str) -> str:
    """The page of a ticket."""
    return reverse("workplace:ticket", args=[number])


def row(line: lines.TicketLine) -> dict[str, Any]:
    """A ticket with its executor."""
    executor = line.executor.name if line.executor else _("nobody yet")
    return present.row(line, url(line.number), executor, side="staff")
