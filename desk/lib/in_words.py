"""Sums in words, as papers need them: "Одна тисяча одна гривня 05 копійок".

Hryvnias in words and kopiykas in figures, which is how Ukrainian papers are written.
"""

from __future__ import annotations

from num2words import num2words

APOSTROPHE = "’"
HUNDRED = 100
THOUSAND = 1_000
MILLION = 1_000_000
_MINUS = {"uk": "мінус", "ru": "минус", "en": "minus"}
_ONES = [
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = ("", " thousand", " million", " billion", " trillion")


def in_words(kopecks: int, language: str) -> str:
    """A sum in "uk", "ru" or "en", with a capital first letter; what is owed to the reader is
    negative and opens with "minus"."""
    words = _english(abs(kopecks)) if language == "en" else _slavic(abs(kopecks), language)
    if kopecks < 0:
        words = f"{_MINUS[language]} {words}"
    return words[0].upper() + words[1:]


def _slavic(kopecks: int, language: str) -> str:
    """Millions apart: the library makes them as feminine as the hryvnias ("одна миллион").

    It writes kopiykas in two figures when it is told not to spell them.
    """
    rest = kopecks % (MILLION * HUNDRED)
    millions = (kopecks - rest) // HUNDRED
    words: str = num2words(
        rest, lang=language, to="currency", currency="UAH", separator="", cents=False
    )
    if millions:
        small = words if rest >= HUNDRED else words.partition(" ")[2]
        words = f"{num2words(millions, lang=language)} {small}"
    return words.replace("'", APOSTROPHE)


def _english(kopecks: int) -> str:
    whole, part = divmod(kopecks, HUNDRED)
    hryvnias = "hryvnia" if whole == 1 else "hryvnias"
    kopiykas = "kopiyka" if part == 1 else "kopiykas"
    return f"{_cardinal(whole)} {hryvnias} {part:02} {kopiykas}"


def _cardinal(number: int) -> str:
    """An English cardinal without "and"; up to 999 trillion."""
    if not number:
        return _ONES[0]
    groups: list[str] = []
    for scale in _SCALES:
        number, rest = divmod(number, THOUSAND)
        if rest:
            groups.append(_below_thousand(rest) + scale)
    assert not number, "no paper is about so much"
    return " ".join(reversed(groups))


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, HUNDRED)
    words = [f"{_ONES[hundreds]} hundred"] if hundreds else []
    if rest >= len(_ONES):
        tens, ones = divmod(rest, 10)
        words.append(_TENS[tens - 2] + (f"-{_ONES[ones]}" if ones else ""))
    elif rest:
        words.append(_ONES[rest])
    return " ".join(words)
