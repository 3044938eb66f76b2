"""Which invoice a payment is for: the number in its purpose, the sum, and who paid (pure).

Purposes are typed by people: "оплата за рах. 42 від 20.11", "РАХУНОК №DN-2026-000042". A number
counts when it stands there whole (letters that look alike, blanks, leading zeros and case aside),
without its prefix, or as its last figure alone right after the word for an invoice. Anything less
is left to a person: money booked to a wrong partner is worse than a press of a button.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

SEQUENCE_DIGITS_MAX = 6
SEQUENCES_MAX = 20
# A number is told from a sum or a day by two figures at least: the year and its own.
FIGURES_MIN = 2
# Letters of the two alphabets that look the same; both are read as the Latin one.
_ALIKE = str.maketrans("АВЕЁКМНОРСТХІЇУЈЅ", "ABEEKMHOPCTXIIYJS")


class Hint(StrEnum):
    """Why a payment was left to a person."""

    NO_NUMBER = "no_number"
    UNKNOWN_INVOICE = "unknown_invoice"
    SEVERAL_NUMBERS = "several_numbers"
    OTHER_SUM = "other_sum"
    PAID_ALREADY = "paid_already"
    CANCELLED_INVOICE = "cancelled_invoice"
    OTHER_PAYER = "other_payer"
    OTHER_PARTNER = "other_partner"


@dataclass(frozen=True, slots=True)
class Said:
    """What a payment says of itself."""

    purpose: str
    kopecks: int
    payer_code: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An invoice that a payment may be for. `payer_code`: of the partner's contract, or ""."""

    id: int
    number: str
    sequence: int
    left_kopecks: int
    payer_code: str = ""
    is_cancelled: bool = False
    year: int = 0
    partner_id: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The invoice that is paid for certain, or why it is not certain; `named` in either case."""

    invoice_id: int | None
    hint: Hint | None
    named: tuple[int, ...] = ()


def fold(text: str) -> str:
    """Upper case, with letters that look alike made the same."""
    return text.upper().translate(_ALIKE)


def _words(*words: str) -> str:
    return "|".join(fold(word) for word in words)


# The rest of a word, taken whole: whoever pays writes the purpose, and "фактурафактура…" must not
# be tried in every way that it can be cut.
_REST = r"[^\W\d]*+"
_INVOICE = (
    rf"(?:(?<![^\W_])(?:{_words('рахун')}{_REST}|{_words('рахфакт')}{_REST}"
    rf"|{_words('рах', 'счет', 'счету', 'сч', 'р/ф', 'с/ф')}|INVOICE|INV"
    rf"|{_words('фактур')}{_REST}))"
)
_FILLING = (
    rf"(?:[\s.:,\-]|{_words('фактур')}{_REST}|{_words('на', 'оплату', 'ном', 'номер')}|№|NO|N|#)*"
)
_FIGURE = rf"0*([0-9]{{1,{SEQUENCE_DIGITS_MAX}}})(?![0-9]|[./\-][0-9]|[^\W\d_])"
_AND = rf"\s*(?:[,;&+]|{_words('та', 'и', 'й')}|AND)\s*(?:№|N|#)?\s*"
_LIST = re.compile(rf"{_INVOICE}{_FILLING}({_FIGURE}(?:{_AND}{_FIGURE})*)")
_ANNOUNCED = re.compile(rf"{_INVOICE}{_FILLING}[0-9]")
_OTHER_PAPER = rf"(?:{_words('догов', 'дог', 'контракт', 'акт', 'наклад', 'накл')})\w*[\s.:,№#]*"
# A contract's number, or one with another prefix.
_OTHER_BEFORE = re.compile(rf"(?:{_OTHER_PAPER}|[^\W\d_][\-–—/\\._]+)$")
_DIGITS = re.compile(rf"(?<![0-9])0*([0-9]{{1,{SEQUENCE_DIGITS_MAX}}})(?![0-9])")
_PIECE = re.compile(r"[0-9]+|[^\W\d_]+")
_GAP = r"[\s\-–—/\\._№#]*"


def sequences(purpose: str) -> tuple[int, ...]:
    """Figures of a purpose that may be the last part of an invoice's number, each once."""
    found = dict.fromkeys(int(one) for one in _DIGITS.findall(fold(purpose)))
    return tuple(one for one in found if one)[:SEQUENCES_MAX]


def is_whole(purpose: str, number: str) -> bool:
    """Whether the number stands in the purpose, with its prefix or without it."""
    text, pieces = fold(purpose), _PIECE.findall(fold(number))
    for start in range(len(pieces)):
        tail = pieces[start:]
        if sum(piece.isdigit() for piece in tail) < FIGURES_MIN:
            break
        found = _stands(text, tail)
        if found and (not start or not _OTHER_BEFORE.search(text[: found.start()])):
            return True
    return False


def is_short(purpose: str, sequence: int) -> bool:
    """Whether the figure alone stands right after the word for an invoice, or in a list there."""
    return sequence in _listed(purpose)


def judge(said: Said, candidates: Iterable[Candidate]) -> Verdict:
    """The one open invoice that is named and whose rest is paid by its own payer; else a hint."""
    known = list(candidates)
    named = [one for one in known if is_whole(said.purpose, one.number)]
    if not named:
        named = [one for one in known if is_short(said.purpose, one.sequence)]
    ids = tuple(one.id for one in named)
    if not named:
        announced = _ANNOUNCED.search(fold(said.purpose)) is not None
        return Verdict(None, Hint.UNKNOWN_INVOICE if announced else Hint.NO_NUMBER)
    if len({one.sequence for one in named} | set(_listed(said.purpose))) > 1:
        return Verdict(None, Hint.SEVERAL_NUMBERS, ids)
    # The same figure of last year's series is not meant once it is paid or cancelled.
    payable = [one for one in named if one.left_kopecks and not one.is_cancelled]
    if len(payable) > 1:
        return Verdict(None, Hint.SEVERAL_NUMBERS, ids)
    hint = refusal(said, (payable or named)[0])
    return Verdict(None if hint else (payable or named)[0].id, hint, ids)


def refusal(said: Said, one: Candidate) -> Hint | None:
    """Why a payment is not for certain this invoice's, or None."""
    if one.is_cancelled:
        return Hint.CANCELLED_INVOICE
    if not one.left_kopecks:
        return Hint.PAID_ALREADY
    if said.payer_code and one.payer_code and said.payer_code != one.payer_code:
        return Hint.OTHER_PAYER
    return None if one.left_kopecks == said.kopecks else Hint.OTHER_SUM


def _listed(purpose: str) -> set[int]:
    """Figures that are named as invoices: "рах. № 41, 42 та 43"."""
    return {
        int(figure)
        for found in _LIST.finditer(fold(purpose))
        for figure in _DIGITS.findall(found[1])
    }


def _stands(text: str, pieces: Sequence[str]) -> re.Match[str] | None:
    """Where the pieces stand one after the other, as a whole and not as a part of a date."""
    return _pattern(tuple(pieces)).search(text)


@lru_cache(maxsize=4096)
def _pattern(pieces: tuple[str, ...]) -> re.Pattern[str]:
    written = [f"0*{int(one)}" if one.isdigit() else re.escape(one) for one in pieces]
    return re.compile(rf"(?<![^\W_])(?<![0-9][./\-]){_GAP.join(written)}(?![^\W_]|[./\-][0-9])")
