"""Forms of bank statements: the file, and how a bank writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from desk.deposits.queries import imports
from desk.rules.bank_mapping import DATE_FORMATS, BankMapping, Field
from desk.staff.accounting.payment_forms import CompanyForm
from desk.web.forms import DeskForm

COLUMN_MAX = 100
LIST_TEXT_MAX = 1_000
COLUMNS: dict[Field, Any] = {
    Field.DATE: _("Day"),
    Field.AMOUNT: _("Sum, below zero where money went out"),
    Field.CREDIT: _("Sum that came in"),
    Field.DEBIT: _("Sum that went out"),
    Field.PURPOSE: _("Purpose"),
    Field.PAYER_NAME: _("Payer"),
    Field.PAYER_CODE: _("Code of the payer"),
    Field.PAYER_IBAN: _("Account of the payer"),
    Field.DOCUMENT: _("Document number"),
    Field.REFERENCE: _("The bank's own number of the payment, never given twice"),
    Field.OWN_ACCOUNT: _("Own account"),
    Field.CURRENCY: _("Currency"),
}
ENCODINGS = [
    ("utf-8-sig", "UTF-8"),
    ("cp1251", "Windows-1251"),
    ("utf-16", "UTF-16"),
]
DELIMITERS = [
    (";", _("semicolon")),
    (",", _("comma")),
    ("tab", _("tab")),
    ("|", _("vertical bar")),
]
DECIMALS = [(".", _("point: 1800.50")), (",", _("comma: 1800,50"))]
_WRITTEN = {"%d": "31", "%m": "12", "%Y": "2026", "%y": "26", "%H": "23", "%M": "59", "%S": "58"}


class StatementForm(CompanyForm):
    """A file of a bank."""

    mapping = forms.ChoiceField(label=_("Bank"))
    file = forms.FileField(
        label=_("Statement, CSV"),
        help_text=_("Nothing is booked yet: the next page shows what the file would bring."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(one.name, one.name) for one in imports.mappings()]
        self.fields["mapping"].choices = names  # type: ignore[attr-defined]  # a choice field


class MappingForm(DeskForm):
    """How a bank writes its statement; every column has a field "column_…"."""

    name = forms.CharField(label=_("Name of the bank"), max_length=200)
    encoding = forms.ChoiceField(label=_("Encoding"), choices=ENCODINGS)
    delimiter = forms.ChoiceField(label=_("Cells are parted by"), choices=DELIMITERS)
    header = forms.BooleanField(
        label=_("Columns have a heading"),
        required=False,
        help_text=_("Columns are named as there, or by their place: #3 is the third."),
    )
    quotes = forms.BooleanField(
        label=_("Texts stand in quotes where they hold a delimiter"), required=False
    )
    decimal = forms.ChoiceField(label=_("Kopiykas are parted by"), choices=DECIMALS)
    date_formats = forms.MultipleChoiceField(
        label=_("Days are written as"),
        choices=[(form, "") for form in DATE_FORMATS],
        widget=forms.CheckboxSelectMultiple,
    )
    currencies = forms.CharField(
        label=_("Only these currencies"),
        max_length=LIST_TEXT_MAX,
        required=False,
        help_text=_("Parted by commas; empty: all. Where the file names the currency."),
    )
    own_accounts = forms.CharField(
        label=_("Only these own accounts"),
        max_length=LIST_TEXT_MAX,
        required=False,
        help_text=_("Parted by commas; empty: all."),
    )
    sample = forms.FileField(label=_("A file to try it on"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        written = [(form, _sample_day(form)) for form in DATE_FORMATS]
        self.fields["date_formats"].choices = written  # type: ignore[attr-defined]  # a choice field
        for field, label in COLUMNS.items():
            self.fields[f"column_{field.value}"] = forms.CharField(
                label=label, max_length=COLUMN_MAX, required=field is Field.DATE
            )
        # Columns come before what chooses rows, and the file last.
        columns = [f"column_{field.value}" for field in COLUMNS]
        last = ["currencies", "own_accounts", "sample"]
        first = [name for name in self.fields if name not in (*columns, *last)]
        self.order_fields([*first, *columns, *last])

    def mapping(self) -> BankMapping:
        """What was filled in. Raises MappingWrong."""
        given = self.cleaned_data
        columns = {
            field: given[f"column_{field.value}"].strip()
            for field in Field
            if given[f"column_{field.value}"].strip()
        }
        return BankMapping(
            columns,
            encoding=given["encoding"],
            delimiter="\t" if given["delimiter"] == "tab" else given["delimiter"],
            header=given["header"],
            quotes=given["quotes"],
            decimal=given["decimal"],
            date_formats=tuple(given["date_formats"]),
            currencies=_parts(given["currencies"].upper()),
            own_accounts=_parts(given["own_accounts"]),
        )


def filled(name: str, mapping: BankMapping) -> Mapping[str, object]:
    """The form's fields of a mapping."""
    columns = {f"column_{field.value}": text for field, text in mapping.columns.items()}
    return {
        "name": name,
        "encoding": mapping.encoding,
        "delimiter": "tab" if mapping.delimiter == "\t" else mapping.delimiter,
        "header": mapping.header,
        "quotes": mapping.quotes,
        "decimal": mapping.decimal,
        "date_formats": list(mapping.date_formats),
        "currencies": ", ".join(mapping.currencies),
        "own_accounts": ", ".join(mapping.own_accounts),
        **columns,
    }


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _sample_day(form: str) -> str:
    for code, text in _WRITTEN.items():
        form = form.replace(code, text)
    return form
