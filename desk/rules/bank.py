"""A bank's statement, read by a mapping: which column is what, and how it is written (pure).

Nothing is guessed: a row that cannot be read to the kopiyka and to the day is skipped with the
reason, and a file that is no such statement is refused with one. Only money that came in is taken.
"""

import csv
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache

from desk.rules.bank_mapping import BankMapping, Field, place_of
from desk.rules.matching import fold

BYTES_MAX = 10 * 1024 * 1024
ROWS_MAX = 20_000
COLUMNS_MAX = 200
CELL_MAX = 4_000
HEADER_SEARCH_MAX = 30
SHOWN_MAX = 120
TITLE_CELLS_MAX = 2
REFERENCED = "ref:"
KOPECKS_DIGITS_MAX = 12


class Refusal(StrEnum):
    """Why a file is not read at all."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_MANY_ROWS = "too_many_rows"
    WORKBOOK = "workbook"
    BINARY = "binary"
    ENCODING = "encoding"
    NOT_CSV = "not_csv"
    COLUMNS = "columns"


class Skip(StrEnum):
    """Why a row is not taken."""

    OUTGOING = "outgoing"
    OTHER_ACCOUNT = "other_account"
    OTHER_CURRENCY = "other_currency"
    BAD_DATE = "bad_date"
    BAD_AMOUNT = "bad_amount"
    SHORT = "short"
    REPEATED = "repeated"
    CLOSED_MONTH = "closed_month"
    BAD_DAY = "bad_day"


class StatementRefused(Exception):
    """The file is no statement of this mapping. `detail`: the missing columns, or the limit."""

    def __init__(self, why: Refusal, detail: str = "") -> None:
        super().__init__(f"{why}: {detail}")
        self.why, self.detail = why, detail


@dataclass(frozen=True, slots=True)
class Row:
    """Money that came in, as a line of the file tells it. `fingerprint`: the same in every file
    that holds this row; equal rows of one file are counted, so that two are two."""

    line: int
    paid_on: date
    kopecks: int
    payer_name: str
    payer_code: str
    payer_iban: str
    purpose: str
    reference: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A line that is not taken, why, and the beginning of it."""

    line: int
    why: Skip
    text: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What a file holds."""

    rows: tuple[Row, ...]
    skipped: tuple[Skipped, ...]


def read(content: bytes, mapping: BankMapping) -> Statement:
    """The rows of a statement. Raises StatementRefused."""
    lines = _lines(_text(content, mapping.encoding), mapping)
    places, body = _places(lines, mapping)
    rows: list[Row] = []
    skipped: list[Skipped] = []
    seen: Counter[str] = Counter()
    for number, cells in body:
        if not any(cell.strip() for cell in cells):
            continue
        found = _row(number, cells, places, mapping)
        if isinstance(found, Row):
            found = _counted(found, seen)
        if isinstance(found, Skip):
            skipped.append(Skipped(number, found, " ".join(cells)[:SHOWN_MAX]))
        else:
            rows.append(found)
    return Statement(tuple(rows), tuple(skipped))


def headings(content: bytes, mapping: BankMapping) -> list[str]:
    """The first line that has several cells: what the columns may be called."""
    for _, cells in _lines(_text(content, mapping.encoding), mapping)[:HEADER_SEARCH_MAX]:
        if sum(1 for cell in cells if cell.strip()) > TITLE_CELLS_MAX:
            return [_clean(cell) for cell in cells]
    return []


def kopecks(text: str, decimal: str) -> int | None:
    """Kopiykas of an amount: "1 234,50", "-70 000.00", "2000.0"; None for what is no amount."""
    cleaned = _SPACES.sub("", text).replace("−", "-")
    other = "," if decimal == "." else "."
    grouped = rf"\d{{1,3}}(?:{re.escape(other)}\d{{3}})+|\d{{1,{KOPECKS_DIGITS_MAX}}}"
    found = re.fullmatch(
        rf"([+-]?)({grouped})(?:{re.escape(decimal)}(\d{{1,2}})0*)?", cleaned, re.ASCII
    )
    if found is None or len(found[2].replace(other, "")) > KOPECKS_DIGITS_MAX:
        return None
    whole = int(found[2].replace(other, "")) * 100 + int((found[3] or "0").ljust(2, "0"))
    return -whole if found[1] == "-" else whole


_SPACES = re.compile(r"[\s'\u00a0\u202f\u2009]")


def _text(content: bytes, encoding: str) -> str:
    if not content.strip():
        raise StatementRefused(Refusal.EMPTY)
    if len(content) > BYTES_MAX:
        raise StatementRefused(Refusal.TOO_LARGE, str(BYTES_MAX // 1024 // 1024))
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise StatementRefused(Refusal.WORKBOOK)
    if encoding != "utf-16" and b"\0" in content:
        raise StatementRefused(Refusal.BINARY)
    # Read as a single-byte table, letters of UTF-8 come out as others: refused, not garbled.
    if encoding == "cp1251" and _is_utf8(content):
        raise StatementRefused(Refusal.ENCODING, encoding)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise StatementRefused(Refusal.ENCODING, encoding) from error
    if "\0" in text:
        raise StatementRefused(Refusal.BINARY)
    return text


def _is_utf8(content: bytes) -> bool:
    if content.isascii():
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _lines(text: str, mapping: BankMapping) -> list[tuple[int, list[str]]]:
    """Every line with its number. A quote inside a text is told from one around it by the
    mapping: some banks write names in quotes and escape nothing."""
    lines = io.StringIO(text, newline="")
    if mapping.quotes:
        reader = csv.reader(lines, delimiter=mapping.delimiter)
    else:
        reader = csv.reader(lines, delimiter=mapping.delimiter, quoting=csv.QUOTE_NONE)
    found: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            found.append((reader.line_num, cells[:COLUMNS_MAX]))
            if len(found) > ROWS_MAX + HEADER_SEARCH_MAX:
                raise StatementRefused(Refusal.TOO_MANY_ROWS, str(ROWS_MAX))
    except csv.Error as error:
        raise StatementRefused(Refusal.NOT_CSV) from error
    return found


Places = dict[Field, int]


def _places(
    lines: Sequence[tuple[int, list[str]]], mapping: BankMapping
) -> tuple[Places, Sequence[tuple[int, list[str]]]]:
    """Where each column stands, and the lines below the heading."""
    if not mapping.header:
        return {field: place_of(name) or 0 for field, name in mapping.columns.items()}, lines
    closest = list(mapping.columns.values())
    for number, (_, cells) in enumerate(lines[:HEADER_SEARCH_MAX]):
        names = {_name(cell): place for place, cell in reversed(list(enumerate(cells)))}
        missing = [
            name
            for name in mapping.columns.values()
            if _name(name) not in names and not _within(name, cells)
        ]
        if not missing:
            places = {
                field: names.get(_name(name), place_of(name) or 0)
                for field, name in mapping.columns.items()
            }
            return places, lines[number + 1 :]
        closest = min(closest, missing, key=len)
    raise StatementRefused(Refusal.COLUMNS, ", ".join(closest))


def _within(name: str, cells: Sequence[str]) -> bool:
    place = place_of(name)
    return place is not None and place < len(cells)


def _name(text: str) -> str:
    """A heading as it is compared: some banks mix Latin letters into Ukrainian words."""
    return " ".join(fold(_clean(text)).split())


def _clean(text: str) -> str:
    return text.replace("\ufeff", "").strip().strip('"').strip()


def _row(number: int, cells: list[str], places: Places, mapping: BankMapping) -> Row | Skip:
    def cell(field: Field) -> str:
        place = places.get(field, -1)
        return _printable(cells[place]) if 0 <= place < len(cells) else ""

    if len(cells) <= max(places[field] for field in _NEEDED if field in places):
        return Skip.SHORT
    if refused := _chosen(cell(Field.OWN_ACCOUNT), cell(Field.CURRENCY), mapping):
        return refused
    if (day := _day(cell(Field.DATE), mapping.date_formats)) is None:
        return Skip.BAD_DATE
    amount = _amount(cell(Field.AMOUNT), cell(Field.CREDIT), cell(Field.DEBIT), mapping)
    if isinstance(amount, Skip):
        return amount
    own, reference, document = (
        cell(one) for one in (Field.OWN_ACCOUNT, Field.REFERENCE, Field.DOCUMENT)
    )
    code, iban = re.sub(r"\D", "", cell(Field.PAYER_CODE)), cell(Field.PAYER_IBAN).replace(" ", "")
    purpose, name = cell(Field.PURPOSE), cell(Field.PAYER_NAME)
    same = [reference] if reference else [document, code or name, iban, purpose]
    kind = REFERENCED if reference else "row:"
    mark = kind + _digest([own, day.isoformat(), amount, *same])
    return Row(number, day, amount, name, code, iban, purpose, reference or document, mark)


_NEEDED = (Field.DATE, Field.AMOUNT, Field.CREDIT)


def _chosen(account: str, currency: str, mapping: BankMapping) -> Skip | None:
    accounts = {one.replace(" ", "").upper() for one in mapping.own_accounts}
    if account and accounts and account.replace(" ", "").upper() not in accounts:
        return Skip.OTHER_ACCOUNT
    if currency and mapping.currencies and currency.upper() not in mapping.currencies:
        return Skip.OTHER_CURRENCY
    return None


def _amount(signed: str, credit: str, debit: str, mapping: BankMapping) -> int | Skip:
    """Kopiykas that came in; what went out is not ours to book."""
    found = kopecks(signed or credit or "0", mapping.decimal)
    out = kopecks(debit or "0", mapping.decimal)
    if found is None or out is None:
        return Skip.BAD_AMOUNT
    if found < 0 or (not found and out):
        return Skip.OUTGOING
    return found or Skip.BAD_AMOUNT


@lru_cache(maxsize=4096)
def _day(text: str, formats: Iterable[str]) -> date | None:
    for form in formats:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  # a bank's day has no zone
        except ValueError:
            continue
    return None


def _printable(text: str) -> str:
    """One line of text without control characters, of a bearable length."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[:CELL_MAX]).split())


def _digest(parts: Sequence[object]) -> str:
    text = json.dumps(parts, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _counted(row: Row, seen: Counter[str]) -> Row | Skip:
    """The second of two equal rows is another payment, unless the bank's own number is equal."""
    seen[row.fingerprint] += 1
    if seen[row.fingerprint] > 1 and row.fingerprint.startswith(REFERENCED):
        return Skip.REPEATED
    return replace(row, fingerprint=f"{row.fingerprint}:{seen[row.fingerprint]}")
