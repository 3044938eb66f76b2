"""Translated labels of papers and of a VAT payer's events."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

PAPERS: dict[str, Promise] = {
    "invoice": pgettext_lazy("paper", "invoice"),
    "act": pgettext_lazy("paper", "act"),
    "reconciliation": pgettext_lazy("paper", "reconciliation"),
    "correction": pgettext_lazy("paper", "correction"),
}
FIRST_EVENTS: dict[str, Promise] = {
    "payment": pgettext_lazy("first event", "payment"),
    "booked": pgettext_lazy("first event", "purchase without a payment"),
    "work": pgettext_lazy("first event", "work on credit"),
    "returned": pgettext_lazy("first event", "payment sent back"),
    "refund": pgettext_lazy("first event", "refund"),
}


def paper_label(kind: str) -> str:
    """What a paper is."""
    return str(PAPERS[kind])


def first_event_label(kind: str) -> str:
    """Why a VAT payer's obligation arose, or was taken back."""
    return str(FIRST_EVENTS[kind])
