"""Forms of who sells and what: companies of the vendor, a partner's contract, packs."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.deposits.actions.catalogue import (
    INVOICE_DAYS_MAX,
    PREFIX_LENGTH,
    PRICE_MAX,
    QUANTITY_MAX,
    VALIDITY_DAYS_MAX,
    CompanyDetails,
    ContractDetails,
    PackTerms,
)
from desk.rules import parties
from desk.web.amounts import MoneyField
from desk.web.forms import DeskForm

NAME_MAX, ADDRESS_MAX, PHONE_MAX, CONTRACT_NUMBER_MAX = 200, 300, 40, 60
SHORT = forms.NumberInput(attrs={"class": "input-short", "inputmode": "numeric"})


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date", "class": "input-medium"}, format="%Y-%m-%d")


class CodeField(forms.CharField):
    """A code with check digits, written with or without blanks."""

    def to_python(self, value: object) -> str:
        return parties.compact(str(super().to_python(value)))


class PartyForm(DeskForm):
    """What a paper prints of one side."""

    legal_name = forms.CharField(label=gettext_lazy("Full legal name"), max_length=NAME_MAX)
    code = CodeField(
        label=gettext_lazy("EDRPOU, or the tax number of a sole proprietor"),
        help_text=gettext_lazy("8 digits of a company, 10 of a person."),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"class": "input-medium", "inputmode": "numeric"}),
    )
    tax_number = CodeField(
        label=gettext_lazy("VAT number"),
        help_text=gettext_lazy("12 digits of a company, 10 of a person; only of a VAT payer."),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"class": "input-medium", "inputmode": "numeric"}),
    )
    iban = CodeField(
        label=gettext_lazy("Account (IBAN)"),
        help_text=gettext_lazy("29 characters, the first of them are UA."),
        max_length=50,
        required=False,
        widget=forms.TextInput(attrs={"autocapitalize": "characters"}),
    )
    bank = forms.CharField(label=gettext_lazy("Bank"), max_length=NAME_MAX, required=False)
    address = forms.CharField(
        label=gettext_lazy("Legal address"), max_length=ADDRESS_MAX, required=False
    )
    email = forms.EmailField(label=gettext_lazy("E-mail of the accounting"), required=False)
    phone = forms.CharField(label=gettext_lazy("Phone"), max_length=PHONE_MAX, required=False)
    signer = forms.CharField(
        label=gettext_lazy("Who signs, full name"), max_length=NAME_MAX, required=False
    )
    signer_post = forms.CharField(
        label=gettext_lazy("Position of who signs"), max_length=NAME_MAX, required=False
    )

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if code and not parties.is_code(code):
            raise forms.ValidationError(_("The check digit does not fit: look for a mistyped one."))
        return code

    def clean_tax_number(self) -> str:
        number = str(self.cleaned_data["tax_number"])
        if number and not parties.is_vat_number(number):
            raise forms.ValidationError(_("A VAT number has 12 digits, or 10 of a person."))
        return number

    def clean_iban(self) -> str:
        iban = str(self.cleaned_data["iban"])
        if iban and not parties.is_iban(iban):
            raise forms.ValidationError(
                _("The check digits of this IBAN do not fit. In Ukraine it has 29 characters.")
            )
        return iban


class CompanyForm(PartyForm):
    """A company of the vendor."""

    field_order = ("name", "legal_name", "code", "is_vat_payer", "tax_number", "vat_percent")

    name = forms.CharField(
        label=gettext_lazy("Name in the desk"),
        help_text=gettext_lazy("Only your team sees it; papers print the legal name."),
        max_length=NAME_MAX,
    )
    is_vat_payer = forms.BooleanField(label=gettext_lazy("It pays VAT"), required=False)
    vat_percent = forms.IntegerField(
        label=gettext_lazy("VAT within the price, %"), min_value=0, max_value=100, widget=SHORT
    )
    number_prefix = forms.CharField(
        label=gettext_lazy("Letters before the numbers of its papers"),
        max_length=PREFIX_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"class": "input-short"}),
    )
    invoice_days = forms.IntegerField(
        label=gettext_lazy("An invoice is to be paid within, days"),
        min_value=1,
        max_value=INVOICE_DAYS_MAX,
        widget=SHORT,
    )
    is_default = forms.BooleanField(
        label=gettext_lazy("It sells where no contract says otherwise"), required=False
    )
    is_active = forms.BooleanField(label=gettext_lazy("It issues papers"), required=False)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("is_vat_payer") and found.get("tax_number") == "":
            self.add_error("tax_number", _("A VAT payer has a VAT number."))
        return found

    def details(self) -> CompanyDetails:
        """What the form says, for the action."""
        found = dict(self.cleaned_data)
        return CompanyDetails(prefix=found.pop("number_prefix"), **found)


class ContractForm(PartyForm):
    """A partner's own details, and its contract."""

    field_order = ("company_id", "number", "signed_on", "legal_name")

    company_id = forms.TypedChoiceField(label=gettext_lazy("Contract with"), coerce=int)
    number = forms.CharField(
        label=gettext_lazy("Number of the contract"),
        max_length=CONTRACT_NUMBER_MAX,
        required=False,
        widget=forms.TextInput(attrs={"class": "input-medium"}),
    )
    signed_on = forms.DateField(label=gettext_lazy("Signed on"), required=False, widget=_day())

    def __init__(self, *args: Any, companies: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["company_id"].choices = companies  # type: ignore[attr-defined]  # a choice field

    def details(self) -> ContractDetails:
        """What the form says, for the action."""
        return ContractDetails(**self.cleaned_data)


class PackForm(DeskForm):
    """A pack to be offered."""

    name_uk = forms.CharField(label=gettext_lazy("Name in Ukrainian"), max_length=NAME_MAX)
    name_ru = forms.CharField(label=gettext_lazy("Name in Russian"), max_length=NAME_MAX)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=NAME_MAX)
    quantity = forms.IntegerField(
        label=gettext_lazy("Consultations"), min_value=1, max_value=QUANTITY_MAX, widget=SHORT
    )
    unit_price_kopecks = MoneyField(
        label=gettext_lazy("Price of one, UAH"),
        help_text=gettext_lazy("A discount is a lower price of one."),
    )
    bonus = forms.IntegerField(
        label=gettext_lazy("Bonus consultations"),
        help_text=gettext_lazy("Given for nothing once all is paid; never refunded."),
        min_value=0,
        max_value=QUANTITY_MAX,
        widget=SHORT,
    )
    plan_id = forms.TypedChoiceField(
        label=gettext_lazy("For partners of the plan"),
        coerce=int,
        required=False,
        empty_value=None,
    )
    validity_days = forms.IntegerField(
        label=gettext_lazy("To be used within, days"),
        help_text=gettext_lazy("Empty: what the plan says."),
        required=False,
        min_value=1,
        max_value=VALIDITY_DAYS_MAX,
        widget=SHORT,
    )
    since_on = forms.DateField(label=gettext_lazy("Offered from"), widget=_day())
    until_on = forms.DateField(
        label=gettext_lazy("Offered until, that day included"), required=False, widget=_day()
    )

    def __init__(
        self, *args: Any, plans: list[tuple[int, str]], today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("all plans")), *plans]
        self.fields["plan_id"].choices = choices  # type: ignore[attr-defined]  # a choice field
        self.today = today

    def clean_unit_price_kopecks(self) -> int:
        price = int(self.cleaned_data["unit_price_kopecks"])
        if not 0 < price <= PRICE_MAX:
            raise forms.ValidationError(_("A consultation costs something, and not that much."))
        return price

    def clean_since_on(self) -> date:
        since_on: date = self.cleaned_data["since_on"]
        if since_on < self.today:
            raise forms.ValidationError(_("A pack is offered from today or later."))
        return since_on

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        since_on, until_on = found.get("since_on"), found.get("until_on")
        if since_on and until_on and until_on < since_on:
            self.add_error("until_on", _("The last day is not before the first."))
        return found

    def terms(self) -> PackTerms:
        """What the form says, for the action."""
        found = dict(self.cleaned_data)
        names = {language: found.pop(f"name_{language}") for language in ("uk", "ru", "en")}
        return PackTerms(names=names, **found)
