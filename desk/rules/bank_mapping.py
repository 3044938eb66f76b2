"""How a bank writes its statement: which column is what, and how days and sums look (pure)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

ENCODINGS = ("utf-8-sig", "cp1251", "utf-16")
DELIMITERS = (";", ",", "\t", "|")
DECIMALS = (",", ".")
DATE_FORMATS = (
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y.%m.%d",
    "%d/%m/%Y",
    "%d.%m.%y",
)


class Field(StrEnum):
    """What a column can be."""

    DATE = "date"
    AMOUNT = "amount"
    CREDIT = "credit"
    DEBIT = "debit"
    PURPOSE = "purpose"
    PAYER_NAME = "payer_name"
    PAYER_CODE = "payer_code"
    PAYER_IBAN = "payer_iban"
    REFERENCE = "reference"
    DOCUMENT = "document"
    OWN_ACCOUNT = "own_account"
    CURRENCY = "currency"


class MappingWrong(ValueError):
    """A mapping that cannot work; `field` names what is wrong with it."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True, slots=True)
class BankMapping:
    """How a bank writes its statement. `columns`: names of the heading, or "#3" for the third.
    `header`: whether there is a heading row, within the first rows. `amount` is signed; with
    `credit` (and `debit`) there is a column for each direction. `currencies` and `own_accounts`
    choose rows where these columns are named; empty ones choose all."""

    columns: Mapping[Field, str]
    encoding: str = "utf-8-sig"
    delimiter: str = ";"
    header: bool = True
    quotes: bool = True
    decimal: str = "."
    date_formats: tuple[str, ...] = DATE_FORMATS[:3]
    currencies: tuple[str, ...] = ("UAH", "980")
    own_accounts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        checks = {
            "encoding": self.encoding in ENCODINGS,
            "delimiter": self.delimiter in DELIMITERS,
            "decimal": self.decimal in DECIMALS,
            "date_formats": bool(self.date_formats) and set(self.date_formats) <= set(DATE_FORMATS),
            Field.DATE.value: Field.DATE in self.columns,
            Field.AMOUNT.value: (Field.AMOUNT in self.columns) != (Field.CREDIT in self.columns),
            "header": self.header
            or all(place_of(one) is not None for one in self.columns.values()),
        }
        if wrong := next((name for name, right in checks.items() if not right), ""):
            raise MappingWrong(wrong)

    def to_dict(self) -> dict[str, object]:
        """As JSON that is kept."""
        return {
            "columns": {field.value: name for field, name in self.columns.items()},
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "header": self.header,
            "quotes": self.quotes,
            "decimal": self.decimal,
            "date_formats": list(self.date_formats),
            "currencies": list(self.currencies),
            "own_accounts": list(self.own_accounts),
        }

    @classmethod
    def parse(cls, stored: Mapping[str, object]) -> "BankMapping":
        """From kept JSON. Raises MappingWrong."""
        values = dict(stored)
        columns = values.pop("columns", None)
        if not isinstance(columns, dict) or not set(columns) <= set(Field):
            raise MappingWrong("columns")
        known = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
        }
        try:
            return cls({Field(name): str(text) for name, text in columns.items()}, **known)  # type: ignore[arg-type]  # checked when made
        except TypeError as error:
            raise MappingWrong("columns") from error


def place_of(name: str) -> int | None:
    """The place of "#3", counted from zero."""
    found = re.fullmatch(r"#([1-9]\d{0,2})", name.strip())
    return int(found[1]) - 1 if found else None
