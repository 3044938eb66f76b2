"""Whether the codes of a party can be right: EDRPOU, the tax card of a person, IBAN, VAT number.

A mistyped digit is found by the check digits alone; whether the party exists is not known here.
Sources: EDRPOU, order of the State Statistics Committee of Ukraine on the identification code of
the unified register (weights 1-7 or 7,1-6, modulo 11); the tax card of a person (RNOKPP), order
of the Ministry of Finance No. 822 of 29 September 2017 and its published check formula; IBAN,
ISO 13616 with ISO 7064 MOD 97-10, and for Ukraine resolution of the National Bank No. 162 of
28 December 2018 (29 characters: UA, 2 check digits, 6 of the bank, 19 of the account).
"""

from __future__ import annotations

import re
from string import ascii_uppercase, digits

COMPANY_DIGITS = 8
PERSON_DIGITS = 10
VAT_DIGITS = frozenset({PERSON_DIGITS, 12})
IBAN_LENGTH_MIN, IBAN_LENGTH_MAX = 15, 34
UKRAINE = "UA"
UKRAINIAN_IBAN = re.compile(r"UA[0-9]{27}", re.ASCII)
IBAN_FORM = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]+", re.ASCII)

_FIRST_WEIGHTS = (1, 2, 3, 4, 5, 6, 7)
_MIDDLE_WEIGHTS = (7, 1, 2, 3, 4, 5, 6)
_MIDDLE_FROM, _MIDDLE_TO = 30_000_000, 60_000_000
_PERSON_WEIGHTS = (-1, 5, 7, 9, 4, 6, 10, 5, 7)
_ELEVEN = 11
_VALUE = {letter: str(value) for value, letter in enumerate(digits + ascii_uppercase)}


def compact(text: str) -> str:
    """A code without the blanks that it was written with, in capitals."""
    return "".join(text.split()).upper()


def is_code(text: str) -> bool:
    """Whether this can be the code of a company (8 digits) or of a person (10 digits)."""
    return is_company_code(text) or is_person_code(text)


def is_company_code(text: str) -> bool:
    """Whether these are 8 digits of which the last is the check digit (EDRPOU)."""
    if not _is_number(text, COMPANY_DIGITS):
        return False
    middle = _MIDDLE_FROM <= int(text) <= _MIDDLE_TO
    weights = _MIDDLE_WEIGHTS if middle else _FIRST_WEIGHTS
    rest = _weighted(text, weights) % _ELEVEN
    if rest > 9:  # a check digit is one digit: count anew with heavier weights
        rest = _weighted(text, tuple(weight + 2 for weight in weights)) % _ELEVEN
    return rest % 10 == int(text[-1])


def is_person_code(text: str) -> bool:
    """Whether these are 10 digits of which the last is the check digit (RNOKPP)."""
    if not _is_number(text, PERSON_DIGITS):
        return False
    return _weighted(text, _PERSON_WEIGHTS) % _ELEVEN % 10 == int(text[-1])


def is_vat_number(text: str) -> bool:
    """Whether this has the length of a VAT payer's number: 12 digits, or 10 of a person."""
    return len(text) in VAT_DIGITS and _is_number(text, len(text))


def is_iban(text: str) -> bool:
    """Whether this is an IBAN by its check digits; one of Ukraine has 29 characters."""
    if not IBAN_LENGTH_MIN <= len(text) <= IBAN_LENGTH_MAX or not IBAN_FORM.fullmatch(text):
        return False
    if text.startswith(UKRAINE) and not UKRAINIAN_IBAN.fullmatch(text):
        return False
    turned = text[4:] + text[:4]
    return int("".join(_VALUE[letter] for letter in turned)) % 97 == 1


def _is_number(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdigit()


def _weighted(text: str, weights: tuple[int, ...]) -> int:
    """The sum of the digits times their weights; the check digit has none."""
    return sum(int(digit) * weight for digit, weight in zip(text, weights, strict=False))
