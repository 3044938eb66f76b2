"""The worker's loop "troubles": compares what needs somebody with what was noted."""

from __future__ import annotations

from datetime import datetime

from desk.channels.troubles import actions, queries


def tick(at: datetime) -> int:
    """Note what began and what is over; returns how many troubles changed."""
    found = queries.found(at)
    changed = sum(actions.note(one, at) for one in found)
    still = {(one.subject, one.kind) for one in found}
    for trouble in queries.present():
        if (trouble.subject, trouble.kind) not in still:
            changed += actions.over(trouble, at)
    return changed
