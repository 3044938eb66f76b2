"""Forms of refunds: what is given back, and when its money was sent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from desk.deposits.queries.refunds import Refundable
from desk.rules.ledger import Commodity
from desk.web import formats
from desk.web.amounts import MoneyField
from desk.web.forms import DeskForm

WHOLE = 100


def lot_label(row: Refundable) -> str:
    """What may be given back of a lot, in words."""
    if row.commodity is Commodity.MONEY:
        return _("Money: %(left)s") % {"left": formats.money(row.quantity)}
    return _("%(left)s at %(price)s") % {
        "left": formats.units(row.quantity),
        "price": formats.money(row.unit_price_kopecks),
    }


class RefundForm(DeskForm):
    """Units of one lot, or money, to be given back."""

    lot = forms.TypedChoiceField(
        label=_("From which purchase"), widget=forms.RadioSelect, coerce=int
    )
    amount = MoneyField(
        label=_("How much"),
        help_text=_("Consultations, or hryvnias where money is given back."),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, rows: list[Refundable], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.commodities = {row.lot_id: row.commodity for row in rows}
        choices = [(row.lot_id, lot_label(row)) for row in rows]
        self.fields["lot"].choices = choices  # type: ignore[attr-defined]  # a choice field
        if len(rows) == 1:
            self.fields["lot"].initial = rows[0].lot_id

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        amount, lot = found.get("amount"), found.get("lot")
        if amount is None or lot is None:
            return found
        if self.commodities[lot] is Commodity.MONEY:
            found["quantity"] = amount
        elif amount % WHOLE:
            self.add_error("amount", _("Consultations are whole: write 3, not 3,50."))
        else:
            found["quantity"] = amount // WHOLE
        return found


class AllForm(DeskForm):
    """Everything that is free is given back: the partner leaves the plan."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )


class PayoutForm(DeskForm):
    """The money was sent."""

    paid_on = forms.DateField(
        label=_("Sent on"),
        widget=forms.DateInput(attrs={"type": "date", "class": "input-medium"}, format="%Y-%m-%d"),
    )
    reference = forms.CharField(
        label=_("Number of the payment order"), max_length=100, required=False
    )
