"""What waits for the accountant, as the home page draws it: count, age, the oldest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from desk.deposits import queries as ledger
from desk.deposits.queries import duties, figures, papers, payments, refunds
from desk.partners import queries as partners
from desk.partners.models import Person
from desk.staff.accounting import shown
from desk.tickets import queries as tickets
from desk.web import formats

Context = dict[str, Any]
SHOWN_MAX = 5
# Lists are read up to here; a longer one says so instead of counting on.
COUNT_MAX = duties.QUEUE_MAX


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do: one press leads to the work. `since` is what its age is counted from."""

    title: str
    url: str
    note: str = ""
    side: str = ""
    since: date | datetime | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of work. `calm` says what it means that nothing waits; `url` leads to all of it;
    `rows` are corrections, which are decided on the page itself."""

    name: str
    title: str
    hint: str
    calm: str
    items: Sequence[Item] = ()
    url: str = ""
    rows: Sequence[Context] = field(default=())

    @property
    def count(self) -> int:
        return len(self.rows) or len(self.items)

    @property
    def counted(self) -> str:
        """ "7", or "100+" where nobody counted on."""
        plus = "+" if self.count >= COUNT_MAX else ""
        return f"{formats.number(self.count)}{plus}"

    @property
    def first(self) -> Sequence[Item]:
        return self.items[:SHOWN_MAX]

    @property
    def has_more(self) -> bool:
        return len(self.items) > SHOWN_MAX

    @property
    def oldest(self) -> date | datetime | None:
        return self.items[0].since if self.items else None


def sections(reader: Person, at: datetime) -> tuple[list[Section], list[Section]]:
    """Kinds of work with something to do, and those without, each in the order of the month."""
    today = timezone.localdate(at, timezone.get_default_timezone())
    names = _Names()
    found = [
        _match(names),
        _corrections(reader),
        _approve_refunds(names),
        _issue(today),
        _send_out(names),
        _sign(names),
        _chase(names, today),
        _uncovered(),
        _held(at),
        _waiting(),
    ]
    return [one for one in found if one.count], [one for one in found if not one.count]


class _Names:
    """Partners' names, read once for each list."""

    def of(self, ids: set[int]) -> Callable[[int | None], str]:
        known = {row.pk: row.name for row in partners.partners_among(ids)}
        return lambda partner_id: known.get(partner_id or 0, "")


def route(name: str, *args: int) -> str:
    """An address of accounting."""
    return reverse(f"accounting:{name}", args=args)


def _partner_url(partner_id: int) -> str:
    return reverse("accounting:partner", args=[partner_id])


def _match(names: _Names) -> Section:
    rows = payments.unclear()
    name = names.of({row.partner_id for row in rows if row.partner_id})
    return Section(
        "match",
        _("Payments to match"),
        _("Money came in, and nobody could tell for certain what it pays."),
        _("Every payment is booked."),
        [
            Item(
                row.payer_name or name(row.partner_id) or _("Unknown payer"),
                route("payment", row.id),
                row.purpose,
                formats.money(row.left_kopecks),
                row.paid_on,
            )
            for row in rows
        ],
        route("payments"),
    )


def _corrections(reader: Person) -> Section:
    rows = shown.corrections(ledger.pending_adjustments(), reader)
    return Section(
        "approve",
        _("Corrections to approve"),
        _("A correction moves nothing until a second person has looked at it."),
        _("No correction waits for a second person."),
        rows=rows,
    )


def _approve_refunds(names: _Names) -> Section:
    rows = refunds.pending_refunds()
    name = names.of({row.partner_id for row in rows})
    return Section(
        "approve_refunds",
        _("Refunds to approve"),
        _("Money goes back only after a second person has agreed."),
        _("No refund waits for a second person."),
        [
            Item(
                name(row.partner_id),
                route("refunds"),
                row.reason,
                formats.money(row.kopecks),
                row.proposed_at,
            )
            for row in rows
        ],
        route("refunds"),
    )


def _issue(today: date) -> Section:
    first_on = figures.month_before(today)
    out = {one.root for one in tickets.contested()}
    due = [one for one in papers.act_due(first_on) if not set(one.roots) <= out]
    month = formats.month(first_on)
    return Section(
        "issue",
        _("Acts to issue"),
        _("Charges until the end of %(month)s that no act carries yet.") % {"month": month},
        _("Every partner has the act of %(month)s.") % {"month": month},
        [
            Item(
                one.partner_name,
                _partner_url(one.partner_id),
                "",
                formats.money(one.kopecks),
                figures.next_month(first_on),
            )
            for one in due
        ],
        reverse("accounting:months"),
    )


def _send_out(names: _Names) -> Section:
    rows = refunds.unpaid_refunds()
    name = names.of({row.partner_id for row in rows})
    return Section(
        "send_out",
        _("Refunds to send"),
        _("Approved, and the money has not left yet."),
        _("Every approved refund is paid."),
        [
            Item(
                name(row.partner_id),
                route("refunds"),
                row.reason,
                formats.money(row.kopecks),
                row.decided_at,
            )
            for row in rows
        ],
        route("refunds"),
    )


def _sign(names: _Names) -> Section:
    rows = duties.unsigned_acts()
    name = names.of({row.partner_id for row in rows})
    return Section(
        "sign",
        _("Acts that have not come back"),
        _("Issued, and not signed by the partner yet."),
        _("Every act came back signed."),
        [
            Item(
                row.number,
                reverse("accounting:paper", args=[row.id]),
                name(row.partner_id),
                formats.money(row.total_kopecks),
                row.issued_on,
            )
            for row in rows
        ],
        f"{reverse('accounting:papers')}?kind=act&state=unsigned",
    )


def _chase(names: _Names, today: date) -> Section:
    rows = duties.overdue_invoices(today)
    name = names.of({row.partner_id for row in rows})
    return Section(
        "chase",
        _("Overdue invoices"),
        _("The day of payment has passed."),
        _("No invoice is overdue."),
        [
            Item(
                row.number,
                route("invoice", row.id),
                name(row.partner_id),
                formats.money(row.left_kopecks),
                row.due_on,
            )
            for row in rows
        ],
        route("invoices"),
    )


def _uncovered() -> Section:
    return Section(
        "uncovered",
        _("Bugs without cover"),
        _("Accepted beyond the credit limit. The next purchase settles them first."),
        _("Every accepted bug is covered."),
        [
            Item(
                one["memo"],
                one["url"],
                f"{one['partner']} · {_('resolved')}" if one["resolved"] else one["partner"],
                formats.money(one["kopecks"]),
                one["at"],
            )
            for one in shown.uncovered()
        ],
    )


def _held(at: datetime) -> Section:
    return Section(
        "held",
        _("Held for more than a month"),
        _("A hold ends with its ticket; an old one asks what became of it."),
        _("Nothing has been held for more than a month."),
        [
            Item(one["memo"], one["url"], one["partner"], one["amount"], one["at"])
            for one in shown.old_holds(at)
        ],
    )


def _waiting() -> Section:
    return Section(
        "waiting",
        _("Tickets that wait for money"),
        _("They go on by themselves once the deposit suffices."),
        _("No ticket waits for money."),
        [
            Item(
                f"{one['number']} {one['subject']}",
                one["url"],
                one["partner"],
                formats.units(one["units"]) if one["units"] else "",
                one["since_at"],
            )
            for one in shown.waiting()
        ],
    )
