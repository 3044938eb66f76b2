"""Which Cyrillic charset bytes are in, weighed by letters, case and neighbours.

The four eight-bit charsets put the same letters at different places, so that a wrong one yields
rare letters, capitals inside words, or signs between letters. Each of these costs.
"""

from __future__ import annotations

import re
from math import log

CHARSETS = ("cp1251", "koi8-u", "iso8859-5", "cp866")

# Letters per thousand in Ukrainian and Russian texts, the mean of both.
_PER_THOUSAND = {
    "о": 100, "а": 80, "н": 67, "е": 65, "и": 67, "і": 30, "т": 58, "в": 50, "р": 47, "с": 48,
    "л": 40, "к": 37, "у": 30, "д": 32, "м": 32, "п": 29, "з": 20, "я": 21, "ь": 18, "б": 16,
    "г": 15, "ч": 13, "й": 13, "х": 11, "ж": 8, "ц": 8, "ш": 8, "ю": 8, "є": 4, "ї": 4, "щ": 5,
    "ф": 4, "ы": 9, "э": 2, "ъ": 0.4, "ё": 0.5, "ґ": 0.3,
}  # fmt: skip
_LETTER = {letter: log(count / 1000) for letter, count in _PER_THOUSAND.items()}
_RARE = log(0.0001)
_SIGN = log(0.004)
_STRANGE = log(0.00005)
_CAPITAL = -0.4
_CAPITAL_INSIDE = -5.0
_SIGN_INSIDE = -4.0
# Typographic signs of these charsets that stand in ordinary text.
_SIGNS = set("«»„“”‘’–—…№\xa0•·§©®°±‚‹›™")
# A declared charset gives way only to one that is better by this much a letter, on this many.
_CONTRADICTS_BY = 1.6
_CONTRADICTS_LETTERS = 8
# Below this a letter, no charset makes words of it.
_WORDS = -4.6
_SAMPLE = 4_000
_HIGH_WORDS = re.compile(rb"[A-Za-z\x80-\xff]+")


def guess(raw: bytes) -> str | None:
    """The Cyrillic charset that makes words of the bytes, or None when Western is likelier."""
    sample = _sample(raw)
    if not _is_cyrillic_like(sample):
        return None
    weights = {charset: weight(sample.decode(charset, "replace")) for charset in CHARSETS}
    best = max(weights, key=lambda charset: weights[charset])
    if weights[best] < _WORDS:
        return None
    return "cp1125" if best == "cp866" and _is_ukrainian_dos(sample) else best


def contradicted(raw: bytes, declared: str) -> str | None:
    """The charset that the bytes are in rather than the declared one, or None."""
    sample = _sample(raw)
    high = sum(1 for byte in sample if byte > 127)
    if high < _CONTRADICTS_LETTERS:
        return None
    own = weight(sample.decode(declared, "replace"))
    others = {c: weight(sample.decode(c, "replace")) for c in CHARSETS if c != declared}
    best = max(others, key=lambda charset: others[charset])
    if others[best] < _WORDS or others[best] - own < _CONTRADICTS_BY:
        return None
    return best


def better(first: str, second: str) -> bool:
    """Whether the first reading of the same bytes looks more like words."""
    return weight(first[:_SAMPLE]) > weight(second[:_SAMPLE])


def weight(text: str) -> float:
    """The mean log probability of a non-ASCII character of the text; 0 when it has none."""
    total = 0.0
    count = 0
    before = " "
    for char in text:
        if char > "\x7f":
            count += 1
            total += _of(char, before)
        before = char
    return total / count if count else 0.0


def _of(char: str, before: str) -> float:
    lower = char.lower()
    if lower in _PER_THOUSAND:
        cost = _LETTER[lower]
        if char != lower:
            cost += _CAPITAL
            if before.isalpha() and before.islower():
                cost += _CAPITAL_INSIDE
        return cost
    if char in _SIGNS:
        return _SIGN
    cost = _RARE if char.isalpha() else _STRANGE
    return cost + (_SIGN_INSIDE if before.isalpha() else 0)


def _sample(raw: bytes) -> bytes:
    return raw if len(raw) <= _SAMPLE else raw[:_SAMPLE]


def _is_cyrillic_like(raw: bytes) -> bool:
    """Whether whole words are beyond ASCII; in Western text only some letters of a word are."""
    whole = mixed = 0
    for word in _HIGH_WORDS.findall(raw):
        high = sum(1 for byte in word if byte > 127)
        if high == len(word):
            whole += high
        elif high:
            mixed += high
    return whole > mixed


def _is_ukrainian_dos(raw: bytes) -> bool:
    return weight(raw.decode("cp1125", "replace")) > weight(raw.decode("cp866", "replace"))
