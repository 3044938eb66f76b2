"""Reading tickets: who may see which, what a reader is shown, and in which order."""

from desk.tickets.queries.page import partner_view, staff_view
from desk.tickets.queries.visibility import (
    Access,
    access,
    actors,
    by_number,
    number,
    relation,
    verbs,
    visible_to,
)

__all__ = [
    "Access",
    "access",
    "actors",
    "by_number",
    "number",
    "partner_view",
    "relation",
    "staff_view",
    "verbs",
    "visible_to",
]
