"""What accounting's templates draw: balances, what waits, statements, charges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from desk.deposits import queries as ledger
from desk.deposits.queries.duties import PartnerDeposit
from desk.deposits.values import AdjustmentRow, Movement
from desk.partners import queries as partners
from desk.partners.models import Partner, Person
from desk.rules.ledger import Commodity
from desk.rules.lifecycle import State
from desk.tickets import queries as tickets
from desk.tickets.models import Ticket
from desk.web import formats, labels

Context = dict[str, Any]
LIST_MAX = 200
OLD_AFTER = timedelta(days=30)
YEAR_MIN = 2000


@dataclass(frozen=True, slots=True)
class Month:
    """A month in the reader's zone: [first_at, until_at); `later` is "" for the present one."""

    first_at: datetime
    until_at: datetime
    earlier: str
    later: str


def month(text: str, at: datetime) -> Month:
    """The month "2026-11", or the present one for anything else and for what lies ahead."""
    present = _first(timezone.localtime(at))
    try:
        chosen = datetime.strptime(text, "%Y-%m").replace(tzinfo=present.tzinfo)
    except ValueError:
        chosen = present
    if chosen.year < YEAR_MIN or chosen > present:
        chosen = present
    following = _first(chosen + timedelta(days=32))
    return Month(
        first_at=chosen,
        until_at=following,
        earlier=f"{chosen - timedelta(days=1):%Y-%m}",
        later=f"{following:%Y-%m}" if following <= present else "",
    )


def _first(local: datetime) -> datetime:
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)


def deposit(row: PartnerDeposit) -> Context:
    """A partner with the deposit, and whether it is low."""
    return {
        "id": row.partner_id,
        "name": row.name,
        "code": row.code,
        "balance": row.balance,
        "tone": _tone(row.balance.consultations_available),
    }


def _tone(available: int) -> str:
    if available <= 0:
        return "late"
    return "soon" if available <= 3 else ""


def waiting() -> list[Context]:
    """Tickets that wait for money, the longest waiting first."""
    rows = Ticket.objects.filter(state=State.AWAITING_DEPOSIT).select_related("partner")
    return [
        {
            "number": tickets.number(row),
            "subject": row.subject,
            "partner": row.partner.name,
            "since_at": row.changed_at,
            "units": row.promised,
            "url": reverse("accounting:partner", args=[row.partner_id]),
        }
        for row in rows.order_by("changed_at", "pk")[:LIST_MAX]
    ]


def uncovered() -> list[Context]:
    """Bugs accepted beyond the credit, which the next purchase settles."""
    rows = ledger.uncovered()
    names = _partner_names({row.partner_id for row in rows})
    return [
        {
            "memo": row.memo or row.subject,
            "partner": names[row.partner_id],
            "at": row.at,
            "resolved": row.resolved_at is not None,
            "kopecks": row.quantity * row.unit_price_kopecks,
            "url": reverse("accounting:partner", args=[row.partner_id]),
        }
        for row in rows
    ]


def old_holds(at: datetime) -> list[Context]:
    """What has been held for more than a month (L4)."""
    rows = ledger.open_holds_older_than(at - OLD_AFTER)
    names = _partner_names({row.partner_id for row in rows})
    return [
        {
            "memo": row.memo or row.subject,
            "partner": names[row.partner_id],
            "at": row.at,
            "amount": amount(row.commodity, row.quantity),
            "url": reverse("accounting:partner", args=[row.partner_id]),
        }
        for row in rows
    ]


def corrections(rows: list[AdjustmentRow], reader: Person) -> list[Context]:
    """Corrections with who proposed and who decided, and whether the reader may approve."""
    names = tickets.names_of([row.proposed_by for row in rows] + [row.decided_by for row in rows])
    companies = _partner_names({row.partner_id for row in rows})
    by = f"person:{reader.pk}"
    return [
        {
            "id": row.id,
            "partner": companies[row.partner_id],
            "partner_url": reverse("accounting:partner", args=[row.partner_id]),
            "amount": signed(row.commodity, row.delta),
            "reason": row.reason,
            "proposed_by": names.get(row.proposed_by, ""),
            "proposed_at": row.proposed_at,
            "outcome": row.outcome,
            "decided_by": names.get(row.decided_by, ""),
            "decided_at": row.decided_at,
            "own": row.proposed_by == by,
            "may_approve": row.outcome is None and ledger.may_approve(by, row.proposed_by),
        }
        for row in rows
    ]


def _partner_names(ids: set[int]) -> dict[int, str]:
    return {partner.pk: partner.name for partner in partners.partners_among(ids)}


def amount(commodity: str, quantity: int) -> str:
    """Units or kopiykas in words."""
    if commodity == Commodity.MONEY:
        return formats.money(quantity)
    return formats.units(quantity)


def signed(commodity: str, quantity: int) -> str:
    """The same with its sign."""
    return f"{'+' if quantity > 0 else '−'}{amount(commodity, abs(quantity))}"


def movements(partner: Partner, found: tuple[Movement, ...]) -> list[Context]:
    """Lines of a statement, the last one first, with a way to take a charge back."""
    names = tickets.names_of([one.by for one in found])
    return [
        {
            "at": one.at,
            "what": labels.movement_label(one.verb),
            "memo": one.memo or _paid(one),
            "by": names.get(one.by, "") or labels.role_label(one.by),
            "consultations": _units(one.change.consultations_available),
            "held": _units(one.change.consultations_held),
            "money": _money(one.change.money_available_kopecks),
            "after": one.after,
            "charged": formats.money(one.kopecks) if one.kopecks else "",
            "reverse_url": _reverse_url(partner, one),
        }
        for one in reversed(found)
    ]


def _paid(one: Movement) -> str:
    """What was paid for a purchase, as the bank statement has it."""
    kopecks = one.facts.get("paid_kopecks")
    return _("Paid %(sum)s") % {"sum": formats.money(kopecks)} if kopecks else ""


def _reverse_url(partner: Partner, one: Movement) -> str:
    if one.verb != "capture" or not one.subject or one.kopecks <= 0:
        return ""
    ticket = one.subject.partition("/")[0].removeprefix("ticket:")
    return reverse("accounting:reverse", args=[partner.pk, ticket])


def _units(count: int) -> str:
    return f"{'+' if count > 0 else '−'}{abs(count)}" if count else ""


def _money(kopecks: int) -> str:
    if not kopecks:
        return ""
    return f"{'+' if kopecks > 0 else '−'}{formats.money(abs(kopecks))}"


def lots(partner_id: int) -> list[Context]:
    """What was bought together, in the order of use."""
    return [
        {
            "source": labels.lot_source_label(row.source),
            "bought_at": row.bought_at,
            "expires_on": row.expires_on,
            "quantity": amount(row.commodity, row.quantity),
            "available": amount(row.commodity, row.available),
            "held": amount(row.commodity, row.held) if row.held else "",
            "price": ""
            if row.commodity == Commodity.MONEY or not row.unit_price_kopecks
            else formats.money(row.unit_price_kopecks),
        }
        for row in ledger.lots(partner_id)
    ]


def charges(ticket: Ticket) -> list[tuple[str, str]]:
    """What is left of a ticket's charges, by subject, in words."""
    return [
        (subject, f"{subject_label(subject)}: {amount(commodity_of(subject), left)}")
        for subject, left in ledger.charged(ticket.key).items()
        if left > 0
    ]


def commodity_of(subject: str) -> Commodity:
    """Programmers' hours are charged in money, everything else in consultations."""
    return Commodity.MONEY if _piece(subject).startswith("hours") else Commodity.CONSULTATIONS


def subject_label(subject: str) -> str:
    """A part, hours, or the whole ticket."""
    piece = _piece(subject)
    if piece.startswith("part:"):
        return _("part %(number)s") % {"number": piece.partition(":")[2]}
    return _("programmers' hours") if piece.startswith("hours") else _("the ticket")


def _piece(subject: str) -> str:
    return subject.partition("/")[2]
