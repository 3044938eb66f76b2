"""Codes of parties: check digits tell a mistyped one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.rules import parties

# Published codes of state companies and banks: both rows of weights are among them.
KNOWN = ("14360570", "00032129", "21133352", "40075815", "20077720", "14305909", "32855961")


@pytest.mark.parametrize("code", KNOWN)
def test_a_published_code_is_one(code: str) -> None:
    assert parties.is_company_code(code)
    assert parties.is_code(code)


@pytest.mark.parametrize("code", KNOWN)
def test_another_check_digit_is_refused(code: str) -> None:
    others = [code[:-1] + digit for digit in "0123456789" if digit != code[-1]]
    assert not any(map(parties.is_company_code, others))


def test_a_rest_of_ten_is_counted_anew_and_may_be_a_zero() -> None:
    """4000005: 7·4 + 6·5 = 58, rest 3; 3000040: 7·3 + 5·4 = 41, rest 8; 1000003: 22, rest 0."""
    assert parties.is_company_code("40000053")
    assert parties.is_company_code("30000408")
    assert parties.is_company_code("10000030")
    # 0000003 weighs 21, rest 10; with the weights 3 to 9 it weighs 27, rest 5.
    assert parties.is_company_code("00000035")


def test_a_persons_code_has_ten_digits() -> None:
    """1234567899: -1 + 10 + 21 + 36 + 20 + 36 + 70 + 40 + 63 = 295 = 26·11 + 9."""
    assert parties.is_person_code("1234567899")
    assert parties.is_code("1234567899")
    assert not parties.is_person_code("1234567890")
    assert not parties.is_company_code("1234567899")


@pytest.mark.parametrize(
    "code", ["", "1", "1436057", "143605700", "1436057O", "²4360570", " 4360570"]
)
def test_what_is_no_eight_digits_is_no_code(code: str) -> None:
    assert not parties.is_code(code)


@pytest.mark.parametrize(
    "iban",
    [
        "UA213223130000026007233566001",  # the example of the National Bank
        "GB82WEST12345698765432",  # the example of ISO 13616
        "DE89370400440532013000",
    ],
)
def test_a_published_iban_is_one(iban: str) -> None:
    assert parties.is_iban(iban)


@pytest.mark.parametrize(
    "iban",
    [
        "",
        "UA",
        "UA213223130000026007233566002",
        "UA21322313000002600723356600",
        "UA2132231300000260072335660010",
        "UA21322313000002600723356600A",
        "ua213223130000026007233566001",
        "GB82WEST1234569876543²",
        "8237322313000002600723356600",
    ],
)
def test_what_is_no_iban_is_refused(iban: str) -> None:
    assert not parties.is_iban(iban)


@given(st.integers(0, 28), st.characters(codec="ascii", categories=["Nd", "Lu"]))
def test_one_mistyped_character_is_found(place: int, typed: str) -> None:
    iban = "UA213223130000026007233566001"
    other = iban[:place] + typed + iban[place + 1 :]
    assert parties.is_iban(other) == (other == iban)


def test_codes_are_read_as_people_write_them() -> None:
    assert parties.compact(" ua21 3223 1300 0002\u00a06007 2335 6600 1") == (
        "UA213223130000026007233566001"
    )


@pytest.mark.parametrize(
    ("number", "is_one"),
    [("123456789012", True), ("1234567890", True), ("12345678901", False), ("12345678901a", False)],
)
def test_a_vat_number_has_twelve_digits_or_ten(number: str, is_one: bool) -> None:
    assert parties.is_vat_number(number) is is_one
