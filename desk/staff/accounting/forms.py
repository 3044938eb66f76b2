"""Forms of accounting: what was paid, what becomes consultations, what is corrected."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from desk.rules.ledger import Commodity
from desk.web.amounts import MoneyField
from desk.web.forms import DeskForm

QUANTITY_MAX = 100_000
KOPECKS_MAX = 100_000_000_00


def _quantity(label: Any, **options: Any) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"class": "input-short", "inputmode": "numeric"})
    return forms.IntegerField(
        label=label, min_value=1, max_value=QUANTITY_MAX, widget=widget, **options
    )


class BuyForm(DeskForm):
    """A pack that was paid, or given for nothing."""

    quantity = _quantity(_("Consultations"))
    price = MoneyField(label=_("Price of one, UAH"))
    paid = MoneyField(
        label=_("Paid, UAH"),
        help_text=_("As in the bank statement. A part payment buys what it pays for."),
        required=False,
    )
    bonus = forms.BooleanField(label=_("A bonus: given for nothing"), required=False)
    expires_on = forms.DateField(
        label=_("Usable up to and including"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "input-medium"}, format="%Y-%m-%d"),
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not self.errors and not found["bonus"] and not found["paid"]:
            self.add_error("paid", _("Write what was paid, or mark it as a bonus."))
        if not self.errors and not found["bonus"] and not found["price"]:
            self.add_error("price", _("A price is above zero; a bonus is marked as such."))
        return found


class TopUpForm(DeskForm):
    """Money that came in."""

    amount = MoneyField(label=_("Paid in, UAH"))
    memo = forms.CharField(
        label=_("For what"),
        max_length=300,
        required=False,
        help_text=_("Number and date of the payment."),
    )


class ConvertForm(DeskForm):
    """Money of the deposit becomes consultations at the price of the day."""

    quantity = _quantity(_("Consultations"))


class AdjustForm(DeskForm):
    """A correction, which somebody else has to approve."""

    commodity = forms.ChoiceField(
        label=_("What"),
        choices=[
            (Commodity.CONSULTATIONS.value, _("Consultations")),
            (Commodity.MONEY.value, _("Money, UAH")),
        ],
        widget=forms.RadioSelect,
        initial=Commodity.CONSULTATIONS.value,
    )
    direction = forms.ChoiceField(
        label=_("Which way"),
        choices=[("up", _("add to the deposit")), ("down", _("take from the deposit"))],
        widget=forms.RadioSelect,
        initial="up",
    )
    amount = MoneyField(label=_("How much"))
    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        amount = found.get("amount")
        if amount is not None and found.get("commodity") == Commodity.CONSULTATIONS.value:
            if amount % 100:
                self.add_error("amount", _("Consultations are whole: write 3, not 3,50."))
            found["delta"] = amount // 100
        elif amount is not None:
            found["delta"] = amount
        if "delta" in found and found.get("direction") == "down":
            found["delta"] = -found["delta"]
        return found


class OpeningForm(DeskForm):
    """What a partner brought along: consultations at their old price, or money."""

    quantity = _quantity(_("Consultations"), required=False)
    price = MoneyField(label=_("Bought for, UAH each"), required=False)
    money = MoneyField(label=_("Money, UAH"), required=False)
    reason = forms.CharField(
        label=_("Where it comes from"),
        max_length=300,
        help_text=_("For example: balance of 31 October in the former program."),
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if self.errors:
            return found
        if bool(found["quantity"]) == bool(found["money"]):
            self.add_error("quantity", _("Enter consultations or money, one of them at a time."))
        elif found["quantity"] and not found["price"]:
            self.add_error("price", _("Write what one was bought for: its revenue comes from it."))
        return found


class ReverseForm(DeskForm):
    """A charge is taken back, as a whole or in part."""

    subject = forms.ChoiceField(label=_("Which charge"), widget=forms.RadioSelect)
    amount = MoneyField(
        label=_("How much"),
        help_text=_("Consultations, or hryvnias where hours of programmers were charged."),
    )
    memo = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, charges: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subject"].choices = charges  # type: ignore[attr-defined]  # a choice field
        if len(charges) == 1:
            self.fields["subject"].initial = charges[0][0]
