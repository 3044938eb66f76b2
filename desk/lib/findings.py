"""What a check found wrong in the stored data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: `code` names the kind, `subject` the row ("deposit:3"), `sentence` says it."""

    code: str
    subject: str
    sentence: str
