"""Gaps of the service: what nobody of a group covers, minute by minute."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.rules.gaps import uncovered
from tests.rules.standard_facts import clock

Window = tuple[datetime, datetime]


def windows(*spans: str) -> list[Window]:
    return [(clock(span[:5]), clock(span[6:])) for span in spans]


@pytest.mark.parametrize(
    ("service", "present", "expected"),
    [
        # Lunches are staggered: somebody is always there.
        (["09:00-18:00"], ["09:00-13:00", "14:00-18:00", "09:00-12:00", "13:00-18:00"], []),
        # Both have lunch at once.
        (["09:00-18:00"], ["09:00-13:00", "14:00-18:00"] * 2, ["13:00-14:00"]),
        # The service has lunch too: nothing is owed then.
        (["09:00-13:00", "14:00-18:00"], ["09:00-13:00", "14:00-18:00"], []),
        # One comes later, and nobody stays to the end.
        (["09:00-18:00"], ["10:00-17:30"], ["09:00-10:00", "17:30-18:00"]),
        (["09:00-18:00"], [], ["09:00-18:00"]),
        ([], ["09:00-18:00"], []),
        (["09:00-12:00"], ["13:00-14:00"], ["09:00-12:00"]),
    ],
)
def test_what_nobody_covers(service: list[str], present: list[str], expected: list[str]) -> None:
    assert list(uncovered(windows(*service), windows(*present))) == windows(*expected)


spans = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 15)).map(lambda one: (one[0], one[0] + one[1])),
    max_size=6,
)


def _at(minute: int) -> datetime:
    return clock("09:00") + timedelta(minutes=minute)


@given(service=spans, present=spans)
def test_every_minute_is_counted(
    service: list[tuple[int, int]], present: list[tuple[int, int]]
) -> None:
    apart = [span for place, span in enumerate(sorted(service)) if _is_apart(service, place)]
    found = uncovered(
        [(_at(start), _at(end)) for start, end in apart],
        [(_at(start), _at(end)) for start, end in present],
    )
    for minute in range(60):
        owed = any(start <= minute < end for start, end in apart)
        there = any(start <= minute < end for start, end in present)
        gap = any(start <= _at(minute) < end for start, end in found)
        assert gap == (owed and not there)


def _is_apart(service: list[tuple[int, int]], place: int) -> bool:
    """A service's windows do not overlap: of those that do, the first is taken."""
    ordered = sorted(service)
    return all(end <= ordered[place][0] for _, end in ordered[:place])
