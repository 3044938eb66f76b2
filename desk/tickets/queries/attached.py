"""Which stored bytes belong to tickets."""

from __future__ import annotations

from collections.abc import Collection

from desk.tickets.models import Attachment


def are_attached(digests: Collection[str]) -> frozenset[str]:
    """Those of the SHA-256 digests that a ticket refers to: one query."""
    rows = Attachment.objects.filter(sha256__in=digests)
    return frozenset(rows.values_list("sha256", flat=True))
