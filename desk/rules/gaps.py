"""Gaps of the service: working time in which nobody of those who stand in for each other is there,
because their shifts do not reach, or because all of them have lunch."""

from __future__ import annotations

from collections.abc import Iterable

from desk.rules.worktime import Window


def uncovered(service: Iterable[Window], present: Iterable[Window]) -> tuple[Window, ...]:
    """The service's windows less those in which somebody is there, in the order of time.

    `present` are the windows of everybody together, in any order; they may overlap.
    """
    there = sorted(present)
    found = []
    for start, end in sorted(service):
        free_at = start
        for since_at, until_at in there:
            if since_at > free_at:
                found.append((free_at, min(since_at, end)))
            free_at = max(free_at, until_at)
            if free_at >= end:
                break
        if free_at < end:
            found.append((free_at, end))
    return tuple((start, end) for start, end in found if start < end)
