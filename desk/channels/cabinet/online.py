"""How an invoice can be paid online. Channels do not know each other: which ways are switched on is
data of the deposits, and where they lead to is the name of an address."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from desk.deposits.queries import online
from desk.deposits.queries.invoices import InvoiceRow

Context = dict[str, Any]
PAY = "payments:pay"


def ways(row: InvoiceRow) -> list[Context]:
    """The buttons of an open invoice, the first way first; none where nothing is switched on."""
    return [
        {"provider": one.provider, "url": reverse(PAY, args=[row.id, one.provider])}
        for one in online.accounts(row.company_id)
    ]
