"""Proposals: the chain of covers, the next lead, a partner divided by project."""

from __future__ import annotations

from desk.rules.capacity import Place, chain, divide, next_cover, next_lead


def test_each_covers_the_next_and_the_last_the_first() -> None:
    assert chain([7, 3, 9]) == {3: 7, 9: 3, 7: 9}
    assert chain([7, 3]) == {3: 7, 7: 3}
    assert chain([7]) == chain([]) == {}


def test_the_next_lead_is_the_partners_own_else_who_has_most_room() -> None:
    places = [Place(1, 2, 0), Place(2, 5, 0), Place(3, 0, 0)]
    assert next_lead(places) == 2
    assert next_lead(places, own={1}) == 1
    assert next_lead(places, own={3}) == 2
    assert next_lead([Place(3, 0, 4)]) is None


def test_the_next_cover_is_of_the_chain_and_never_the_lead() -> None:
    places = [Place(1, 0, 2), Place(2, 0, 5), Place(3, 0, 0)]
    assert next_cover(places, lead=2) == 1
    assert next_cover(places, lead=9, wanted=1) == 1
    assert next_cover(places, lead=9, wanted=3) == 2
    assert next_cover([Place(1, 0, 5)], lead=1) is None


def test_a_partner_is_divided_into_few_hands_and_the_rest_waits() -> None:
    places = [Place(1, 2, 0), Place(2, 1, 0)]
    assert divide([10, 11, 12, 13], places, {}) == {10: 1, 11: 1, 12: 2, 13: None}
    assert divide([10, 11, 12], places, {12: 2}) == {10: 2, 11: 1, 12: 2}
    assert divide([10], [], {}) == {10: None}
