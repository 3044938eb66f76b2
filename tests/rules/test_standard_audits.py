"""The draw of audits over many weeks: nobody is skipped, nobody is spared, and it can be redone."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from desk.rules.standard import audits
from desk.rules.standard.parameters import Share
from tests.rules.standard_facts import asked, stretch, violated

WEEKS = 400
SHARE = 5


def week_of_work(number: int) -> dict[int, tuple[int, ...]]:
    """The tickets of four specialists in a week: from none to ninety each."""
    chance = random.Random(number)
    counts = {1: chance.randint(0, 3), 2: chance.randint(1, 12), 3: 20, 4: chance.randint(40, 90)}
    return {
        person: tuple(number * 1000 + person * 100 + one for one in range(count))
        for person, count in counts.items()
    }


def test_over_many_weeks_nobody_is_skipped_and_the_share_is_kept() -> None:
    for number in range(WEEKS):
        resolved = week_of_work(number)
        drawn = set(audits.draw(f"seed-{number}", resolved, SHARE, frozenset()))
        for tickets in resolved.values():
            mine = drawn & set(tickets)
            assert bool(mine) == bool(tickets)
            assert len(mine) * 100 >= SHARE * len(tickets)
            assert len(mine) <= max(1, len(tickets) * SHARE // 100 + 1), "and no more than needed"


def test_every_ticket_of_a_specialist_has_the_same_chance() -> None:
    tickets = tuple(range(20))
    drawn = Counter(
        one
        for number in range(WEEKS * 10)
        for one in audits.draw(f"seed-{number}", {1: tickets}, SHARE, frozenset())
    )
    expected = WEEKS * 10 / len(tickets)
    spread = sum((drawn[one] - expected) ** 2 / expected for one in tickets)
    assert spread < 43.8, "chi square with 19 degrees of freedom, beyond it once in a thousand"


@given(
    seed=st.text(max_size=4),
    drawn=st.sets(st.integers(1, 500), max_size=40).map(sorted),
    share=st.integers(1, 100),
)
def test_a_share_is_drawn_for_a_second_pair_of_eyes(
    seed: str, drawn: list[int], share: int
) -> None:
    twice = audits.twice(seed, drawn, share)
    assert twice == audits.twice(seed, list(reversed(drawn)), share)
    assert set(twice) <= set(drawn) and len(set(twice)) == len(twice)
    assert bool(twice) == bool(drawn) and len(twice) * 100 >= share * len(drawn)


def test_an_audit_is_owed_by_its_date_and_a_ruling_is_another_clause() -> None:
    late = asked("09:00", "12:00", "12:30", key="audit:1")
    kept = asked("09:00", "12:00", "11:30", key="audit:2")
    found = stretch(audits=(late, kept))
    assert violated("audited_in_time", Share(SHARE), found) == [("audit:1", "30 12:00")]
    ruling = stretch(asked=(late,))
    assert violated("audited_in_time", Share(SHARE), ruling) == []
