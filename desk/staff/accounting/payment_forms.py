"""Forms of payments and invoices: what came in, what it is for, what is to be paid."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from desk.deposits.actions.invoicing import QUANTITY_MAX, Order
from desk.deposits.queries import catalogue
from desk.deposits.queries.catalogue import PackRow
from desk.partners import queries as partners
from desk.partners.models import Person
from desk.web import formats
from desk.web.amounts import MoneyField
from desk.web.forms import DeskForm

TEXT_MAX = 300


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date", "class": "input-medium"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget)


def companies() -> list[tuple[str, str]]:
    """Our companies as a choice; a page with one of them does not ask."""
    return [(str(one.id), one.name) for one in catalogue.companies()]


class CompanyForm(DeskForm):
    """A form that names a company of ours, the default one first."""

    company = forms.ChoiceField(label=_("Our company"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = companies()
        field = self.fields["company"]
        field.choices = known  # type: ignore[attr-defined]  # a choice field
        if len(known) == 1:
            field.widget, field.initial = forms.HiddenInput(), known[0][0]


class PaymentForm(CompanyForm):
    """Money that came in, entered by hand."""

    amount = MoneyField(label=_("Sum, UAH"))
    paid_on = _day(_("Day"))
    payer_name = forms.CharField(label=_("Payer"), max_length=200, required=False)
    payer_code = forms.CharField(
        label=_("Code of the payer"),
        max_length=12,
        required=False,
        help_text=_("EDRPOU of a company, or the tax number of a person."),
        widget=forms.TextInput(attrs={"class": "input-medium", "inputmode": "numeric"}),
    )
    purpose = forms.CharField(
        label=_("Purpose"),
        max_length=500,
        required=False,
        help_text=_("As in the bank: with the invoice's number the payment is booked by itself."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    reference = forms.CharField(label=_("Document number"), max_length=100, required=False)


class ToInvoiceForm(DeskForm):
    """A payment, or a piece of it, for an invoice that a person names."""

    number = forms.CharField(
        label=_("Invoice"), max_length=60, help_text=_("Its number, or the end of it: 42.")
    )
    amount = MoneyField(label=_("Sum, UAH"))


class ToDepositForm(DeskForm):
    """A payment, or a piece of it, as money of a deposit."""

    partner = forms.ChoiceField(label=_("Partner"))
    amount = MoneyField(label=_("Sum, UAH"))

    def __init__(self, *args: Any, reader: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = partners.visible_partners(reader).values_list("pk", "name")
        found = sorted(((str(pk), name) for pk, name in rows), key=lambda one: one[1])
        self.fields["partner"].choices = found  # type: ignore[attr-defined]  # a choice field


class ReturnForm(DeskForm):
    """What is left of a payment goes back, or is none of the deposits' business."""

    why = forms.CharField(
        label=_("Why"), max_length=TEXT_MAX, widget=forms.Textarea(attrs={"rows": 2})
    )


class CancelForm(DeskForm):
    """An invoice is taken back by a correction."""

    reason = forms.CharField(
        label=_("Reason"), max_length=TEXT_MAX, widget=forms.Textarea(attrs={"rows": 2})
    )


class OrderForm(DeskForm):
    """What an invoice is for: a pack, a quantity, or money."""

    PACK, QUANTITY, MONEY = "pack", "quantity", "money"

    kind = forms.ChoiceField(label=_("What for"), widget=forms.RadioSelect)
    pack = forms.ChoiceField(label=_("Pack"), required=False)
    quantity = forms.IntegerField(
        label=_("Consultations"),
        min_value=1,
        max_value=QUANTITY_MAX,
        required=False,
        help_text=_("At the price of the plan of today."),
        widget=forms.NumberInput(attrs={"class": "input-short", "inputmode": "numeric"}),
    )
    amount = MoneyField(
        label=_("Sum, UAH"),
        required=False,
        help_text=_("Money of the deposit, for hours of programmers."),
    )

    def __init__(self, *args: Any, packs: list[PackRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(self.QUANTITY, _("a quantity")), (self.MONEY, _("money"))]
        if packs:
            kinds.insert(0, (self.PACK, _("a pack")))
        else:
            del self.fields["pack"]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]  # a choice field
        self.fields["kind"].initial = kinds[0][0]
        if packs:
            self.fields["pack"].choices = [  # type: ignore[attr-defined]  # a choice field
                (str(one.id), f"{_name(one)} · {formats.money(one.total_kopecks)}") for one in packs
            ]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        field = {self.PACK: "pack", self.QUANTITY: "quantity", self.MONEY: "amount"}.get(
            found.get("kind", "")
        )
        if field and field not in self.errors and not found.get(field):
            self.add_error(field, _("Say how much."))
        return found

    def order(self) -> Order:
        """What was chosen."""
        given = self.cleaned_data
        match given["kind"]:
            case self.PACK:
                return Order(pack_id=int(given["pack"]))
            case self.MONEY:
                return Order(kopecks=given["amount"])
        return Order(quantity=given["quantity"])


def _name(pack: PackRow) -> str:
    return pack.names.get(formats.language()) or str(pack.quantity)
