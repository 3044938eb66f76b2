"""Mails that somebody at the machine hands in as files (`desk mail ingest`)."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from desk.channels import actions
from desk.channels.actions import Incoming
from desk.channels.models import Arrival, Intake

SOURCE = "file"


def keep(name: str, raw: bytes, at: datetime) -> int:
    """Store a mail, once however often it is handed in; returns its arrival."""
    key = hashlib.sha256(raw).hexdigest()
    incoming = Incoming(Intake.EMAIL, SOURCE, key, raw, {"file": Path(name).name[:200]})
    kept = actions.keep(incoming, at)
    if kept is not None:
        return kept.pk
    return Arrival.objects.get(channel=Intake.EMAIL, source=SOURCE, key=key).pk


def became(arrival_id: int) -> str:
    """What became of it, for people."""
    found = Arrival.objects.get(pk=arrival_id)
    return f"{found.state}: {found.outcome or found.error or 'waits'}"
