"""Papers as they are printed: what they say (`content`), as PDF and as XLSX.

A paper's content is JSON that is kept with it for ever: sums in kopiykas, days in ISO form, both
parties as they were. `render` makes the bytes of it; papers are in Ukrainian, as the law wants.
"""

from desk.deposits.printing.content import (
    CONSULTATION_UNIT,
    SERVICE_UNIT,
    Charge,
    SoldLine,
    act,
    correction,
    invoice,
    payment_purpose,
    reconciliation,
)
from desk.deposits.printing.rendering import pictures, render

__all__ = [
    "CONSULTATION_UNIT",
    "SERVICE_UNIT",
    "Charge",
    "SoldLine",
    "act",
    "correction",
    "invoice",
    "payment_purpose",
    "pictures",
    "reconciliation",
    "render",
]
