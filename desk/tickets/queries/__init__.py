"""Reading tickets: who may see which, what a reader is shown, and in which order."""

from desk.tickets.queries.attached import are_attached
from desk.tickets.queries.board import NoCalendar, board
from desk.tickets.queries.broken import breaches
from desk.tickets.queries.cabinet import home, list_of, search
from desk.tickets.queries.contested import (
    Chargeable,
    Contested,
    chargeable,
    contested,
    contested_roots,
    minutes_of,
)
from desk.tickets.queries.cursors import BadCursor
from desk.tickets.queries.explain import explain, explain_to
from desk.tickets.queries.lines import Filter, Page, Show, TicketLine, Why
from desk.tickets.queries.page import fresh_view, partner_view, staff_view
from desk.tickets.queries.people import names_of
from desk.tickets.queries.preview import preview_acceptance, resolution_seconds
from desk.tickets.queries.production import production_queue
from desk.tickets.queries.twins import twin
from desk.tickets.queries.values import PartnerView, StaffView
from desk.tickets.queries.visibility import (
    Access,
    access,
    actors,
    by_number,
    by_number_for_operator,
    number,
    relation,
    verbs,
    visible_to,
)
from desk.tickets.queries.workplace import pool, queue

__all__ = [
    "Access",
    "BadCursor",
    "Chargeable",
    "Contested",
    "Filter",
    "NoCalendar",
    "Page",
    "PartnerView",
    "Show",
    "StaffView",
    "TicketLine",
    "Why",
    "access",
    "actors",
    "are_attached",
    "board",
    "breaches",
    "by_number",
    "by_number_for_operator",
    "chargeable",
    "contested",
    "contested_roots",
    "explain",
    "explain_to",
    "fresh_view",
    "home",
    "list_of",
    "minutes_of",
    "names_of",
    "number",
    "partner_view",
    "pool",
    "preview_acceptance",
    "production_queue",
    "queue",
    "relation",
    "resolution_seconds",
    "search",
    "staff_view",
    "twin",
    "verbs",
    "visible_to",
]
