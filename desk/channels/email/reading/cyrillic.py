"""Which Cyrillic charset bytes are in, weighed by letters, case and neighbours.

The four eight-bit charsets put the same letters at different places, so that a wrong one yields
rare letters, capitals inside words, or signs between letters. Each of these costs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from desk.channels.email.reading.letter_pairs import COST, LETTERS

CHARSETS = ("cp1251", "koi8-u", "iso8859-5", "cp866")

_LETTERS = frozenset(LETTERS.strip())
# Costs beside those of the pairs of letters; the same unit, minus the logarithm of a probability.
_CAPITAL = 0.3
_CAPITAL_AFTER_CAPITAL = 1.0
_CAPITAL_INSIDE = 6
_SIGN = 5
_FOREIGN_LETTER = 9
_STRANGE = 11
_STRANGE_INSIDE = 4
# Typographic signs of these charsets that stand in ordinary text.
_SIGNS = frozenset("«»„“”‘’–—…№\xa0•·§©®°±‚‹›™")
# A declared charset gives way only to one that is cheaper by this much a letter, on this many.
_CONTRADICTS_BY = 1.2
# An odd text, with capitals inside words or signs between letters, gives way on fewer.
_CONTRADICTS_LETTERS = 20
_CONTRADICTS_LETTERS_ODD = 6
# Above this a letter, no charset makes words of it.
_WORDS_MAX = 5.5
# So many letters are hardly valid as UTF-8 by chance.
_UTF8_LETTERS = 2
_SAMPLE = 1_500
_ASCII = bytes(range(128))
_HIGH_WORDS = re.compile(rb"[A-Za-z\x80-\xff]+")


def guess(raw: bytes) -> str | None:
    """The Cyrillic charset that makes words of the bytes, or None when Western is likelier."""
    sample = _sample(raw)
    if not _is_cyrillic_like(sample):
        return None
    best, least = _cheapest(sample, CHARSETS)
    if least > _WORDS_MAX:
        return None
    return "cp1125" if best == "cp866" and _is_ukrainian_dos(sample) else best


def contradicted(raw: bytes, declared: str) -> str | None:
    """The charset that the bytes are in rather than the declared one, or None."""
    sample = _sample(raw)
    text = sample.decode(declared, "replace")
    enough = _CONTRADICTS_LETTERS_ODD if _is_odd(text) else _CONTRADICTS_LETTERS
    if len(sample.translate(None, _ASCII)) < enough:
        return None
    own = cost(text)
    if own <= _WORDS_MAX - _CONTRADICTS_BY:
        return None
    best, least = _cheapest(sample, [charset for charset in CHARSETS if charset != declared])
    return best if least <= _WORDS_MAX and own - least >= _CONTRADICTS_BY else None


def is_rather(utf8: str, text: str) -> bool:
    """Whether bytes that are valid as UTF-8 are that, and not what the mail says."""
    first, second = utf8[:_SAMPLE], text[:_SAMPLE]
    letters = sum(char > "\x7f" for char in first)
    return (
        letters >= _UTF8_LETTERS
        and cost(first) < cost(second)
        and (cost(first) <= _WORDS_MAX or letters >= 2 * _UTF8_LETTERS)
    )


def cost(text: str) -> float:
    """What a non-ASCII character of the text costs in the mean; 0 when it has none."""
    total = 0.0
    count = 0
    before = " "
    for char in text:
        if char > "\x7f":
            count += 1
            total += _of(char, before)
        elif before > "\x7f":
            total += COST.get(before.lower() + " ", 0)
        before = char
    return total / count if count else 0.0


def _of(char: str, before: str) -> float:
    lower = char.lower()
    if lower in _LETTERS:
        known = before.lower()
        found: float = COST[(known if known in _LETTERS else " ") + lower]
        if char != lower:
            found += _CAPITAL
            if before in _LETTERS:
                found += _CAPITAL_INSIDE
            elif known in _LETTERS:
                found += _CAPITAL_AFTER_CAPITAL
        return found
    if char in _SIGNS:
        return _SIGN
    return (_FOREIGN_LETTER if char.isalpha() else _STRANGE) + (
        _STRANGE_INSIDE if before.isalpha() else 0
    )


def _cheapest(sample: bytes, charsets: Sequence[str]) -> tuple[str, float]:
    costs = {charset: cost(sample.decode(charset, "replace")) for charset in charsets}
    best = min(costs, key=lambda charset: costs[charset])
    return best, costs[best]


def _is_odd(text: str) -> bool:
    before = " "
    for char in text:
        lower = char.lower()
        if char > "\x7f" and lower not in _LETTERS and char not in _SIGNS:
            return True
        if char != lower and before in _LETTERS:
            return True
        before = char
    return False


def _sample(raw: bytes) -> bytes:
    return raw if len(raw) <= _SAMPLE else raw[:_SAMPLE]


def _is_cyrillic_like(raw: bytes) -> bool:
    """Whether whole words are beyond ASCII; in Western text only some letters of a word are."""
    whole = mixed = 0
    for word in _HIGH_WORDS.findall(raw):
        high = len(word.translate(None, _ASCII))
        if high == len(word) > 1:
            whole += high
        elif high and high < len(word):
            mixed += high
    return whole > mixed


def _is_ukrainian_dos(raw: bytes) -> bool:
    # Ukrainian i of code page 1125; in 866 a letter that only Belarusian has.
    return b"\xf6" in raw or b"\xf7" in raw
