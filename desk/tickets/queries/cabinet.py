"""Lists of tickets: the cabinet's first page, pages of a list, search."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from desk.deposits import queries as deposits
from desk.partners import queries as partners
from desk.partners.models import (
    Assignment,
    Partner,
    PartnerRole,
    Person,
    Project,
    ProjectState,
    StaffRole,
)
from desk.rules import ledger
from desk.rules.lifecycle import STATES, ClockState, Turn
from desk.tickets.models import Ticket
from desk.tickets.queries import cursors, deadlines, people, rows, visibility
from desk.tickets.queries.lines import Deposit, Filter, Home, Manager, Page, Show, TicketLine
from desk.tickets.queries.visibility import Access

OPEN_MAX = 100
DONE_LOOKED_AT = 50
DONE_MAX = 10
SEARCH_MAX = 20
MATCHES_MAX = 200
WORDS_MAX = 6
WORD_LENGTH_MIN = 2
PROJECTS_MAX = 200
SEES_DEPOSIT = frozenset({PartnerRole.OWNER, PartnerRole.FINANCE})
OPEN_STATES = tuple(state for state, row in STATES.items() if row.open)


def home(
    person: Person, at: datetime, partner_id: int | None = None, known: Access | None = None
) -> Home | None:
    """The first page of a partner's person: of that partner, or of the first there is; None for
    somebody without a role with it."""
    seen_by = known or visibility.access(person)
    roles = [role for role in seen_by.roles if partner_id in (None, role.partner_id)]
    if not roles:
        return None
    role = min(roles, key=lambda role: role.partner_id)
    partner = Partner.objects.get(pk=role.partner_id)
    plan_version, version = partners.versions_in_force(partner.plan_id, at)
    known_hours = deadlines.hours(version.value(), at)
    clerk = rows.Clerk(at, Turn.PARTNER)
    own = visibility.visible_to(person, seen_by).filter(partner_id=partner.pk)
    lines = clerk.lines(_in_own_order(rows.prepared(own))[:OPEN_MAX])
    return Home(
        at=at,
        partner_id=partner.pk,
        partner_name=partner.name,
        my_turn=tuple(line for line in lines if line.my_turn),
        in_work=tuple(line for line in lines if not line.my_turn),
        done=_done(own, clerk),
        managers=_managers(partner.pk, known_hours),
        deposit=_deposit(partner.pk, known_hours) if role.role in SEES_DEPOSIT else None,
        calendar=deadlines.calendar_view(plan_version.calendar.name, known_hours),
    )


def list_of(
    person: Person, wanted: Filter, at: datetime, cursor: str = "", known: Access | None = None
) -> Page:
    """A page of the tickets that the person may see; raises `BadCursor`.

    Open ones come in the partner's own order, all others newest first. Nothing is counted.
    """
    seen_by = known or visibility.access(person)
    side = _side(seen_by)
    tickets = _narrowed(visibility.visible_to(person, seen_by), wanted, seen_by, side)
    own_order = wanted.show == Show.OPEN and wanted.partner_id is not None
    if own_order:
        tickets = _in_own_order(tickets)
        if cursor:
            rank, last = cursors.read(cursor, 2)
            tickets = tickets.filter(Q(queue_rank__gt=rank) | Q(queue_rank=rank, pk__gt=last))
    else:
        tickets = tickets.order_by("-pk")
        if cursor:
            tickets = tickets.filter(pk__lt=cursors.read(cursor, 1)[0])
    found = list(rows.prepared(tickets)[: wanted.limit + 1])
    shown, more = found[: wanted.limit], len(found) > wanted.limit
    place = ""
    if more:
        last_one = shown[-1]
        keys = (last_one.queue_rank, last_one.pk) if own_order else (last_one.pk,)
        place = cursors.written(*keys)
    return Page(rows.Clerk(at, side).lines(shown), place)


def search(
    person: Person, text: str, at: datetime, known: Access | None = None
) -> tuple[TicketLine, ...]:
    """Tickets by number ("OLH-42", "42"), by words of the subject, or by partner and project;
    the newest first, within what the person may see."""
    words = text.split()[:WORDS_MAX]
    if len("".join(words)) < WORD_LENGTH_MIN and not text.strip().isdecimal():
        return ()
    seen_by = known or visibility.access(person)
    visible = visibility.visible_to(person, seen_by)
    exact = _by_number(visible, words)
    found = (_by_subject(visible, words) | _by_place(visible, words)) - exact
    newest = [*exact, *sorted(found, reverse=True)][:SEARCH_MAX]
    tickets = {t.pk: t for t in rows.prepared(visible.filter(pk__in=newest))}
    ordered = sorted(tickets, key=lambda pk: (pk not in exact, -pk))
    return rows.Clerk(at, _side(seen_by)).lines(tickets[pk] for pk in ordered)


def _side(seen_by: Access) -> Turn:
    if not seen_by.is_staff:
        return Turn.PARTNER
    only_production = seen_by.staff == {StaffRole.PRODUCTION}
    return Turn.PRODUCTION if only_production else Turn.SPECIALIST


def _in_own_order(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    open_ones = tickets.exclude(clock=ClockState.ENDED)
    return open_ones.order_by("queue_rank", "pk")


def _narrowed(
    tickets: QuerySet[Ticket], wanted: Filter, seen_by: Access, side: Turn
) -> QuerySet[Ticket]:
    exact = {
        "partner_id": wanted.partner_id,
        "project_id": wanted.project_id,
        "executor_id": wanted.executor_id,
        "state": wanted.state or None,
        "type": wanted.type or None,
        "author_id": seen_by.person_id if wanted.mine else None,
        "external_id": wanted.external_id,
    }
    tickets = tickets.filter(**{name: value for name, value in exact.items() if value is not None})
    mine = [state for state in OPEN_STATES if STATES[state].turn == side]
    match wanted.show:
        case Show.MY_TURN:
            return tickets.exclude(clock=ClockState.ENDED).filter(state__in=mine)
        case Show.IN_WORK:
            return tickets.exclude(clock=ClockState.ENDED).exclude(state__in=mine)
        case Show.OPEN:
            return tickets.exclude(clock=ClockState.ENDED)
        case Show.DONE:
            return tickets.filter(clock=ClockState.ENDED)
        case Show.ALL:
            return tickets


def _done(own: QuerySet[Ticket], clerk: rows.Clerk) -> tuple[TicketLine, ...]:
    """The latest to end among the newest: an index on numbers serves it at any size."""
    ended = own.filter(clock=ClockState.ENDED).order_by("-pk")
    known = ended.values_list("changed_at", "pk")[:DONE_LOOKED_AT]
    latest = [pk for _, pk in sorted(known, reverse=True)[:DONE_MAX]]
    lines = clerk.lines(rows.prepared(own.filter(pk__in=latest)))
    return tuple(sorted(lines, key=lambda line: (line.changed_at, line.id), reverse=True))


def _managers(partner_id: int, known: deadlines.Hours) -> tuple[Manager, ...]:
    """Lead and cover of the partner's projects; projects with the same two are one card."""
    present = Assignment.objects.filter(
        project__partner_id=partner_id,
        project__state=ProjectState.ACTIVE,
        since_at__lte=known.at,
    ).filter(Q(until_at=None) | Q(until_at__gt=known.at))
    held: dict[int, dict[str, int]] = defaultdict(dict)
    titles: dict[int, str] = {}
    found = present.order_by("project__name").values_list(
        "project_id", "project__name", "role", "specialist__person_id"
    )
    for project_id, name, role, person_id in found[:PROJECTS_MAX]:
        held[project_id][role] = person_id
        titles[project_id] = name
    pairs: dict[tuple[int | None, int | None], list[str]] = defaultdict(list)
    for project_id, by_role in held.items():
        pairs[by_role.get("lead"), by_role.get("cover")].append(titles[project_id])
    everybody = {person_id for pair in pairs for person_id in pair if person_id}
    names = people.load(everybody, known.calendar, known.at)
    return tuple(
        Manager(names.card(lead), names.card(cover), tuple(projects))
        for (lead, cover), projects in pairs.items()
    )


def _deposit(partner_id: int, known: deadlines.Hours) -> Deposit:
    balance = deposits.balance(partner_id)
    today = known.calendar.date_of(known.at)
    first = today - timedelta(days=deposits.PACE_DAYS)
    usual = deposits.pace(
        partner_id, known.at, known.calendar.working_dates(first, today - timedelta(days=1))
    )
    return Deposit(balance, ledger.lasts_days(balance.consultations_available, usual))


def _by_number(visible: QuerySet[Ticket], words: list[str]) -> set[int]:
    code, _, digits = words[0].upper().rpartition("-")
    if len(words) > 1 or not digits.isascii() or not digits.isdigit():
        return set()
    if len(digits) > visibility.NUMBER_DIGITS_MAX:
        return set()
    numbered = visible.filter(number=int(digits))
    if code:
        numbered = numbered.filter(partner__code=code)
    return set(numbered.order_by().values_list("pk", flat=True)[:SEARCH_MAX])


def _by_subject(visible: QuerySet[Ticket], words: list[str]) -> set[int]:
    """Matched by the index of the subjects first, sorted after: the matches are few."""
    for word in words:
        visible = visible.filter(subject__icontains=word)
    return set(visible.order_by().values_list("pk", flat=True)[:MATCHES_MAX])


def _by_place(visible: QuerySet[Ticket], words: list[str]) -> set[int]:
    """Tickets of the partners or projects that the words name."""
    named, clients = Q(), Q()
    for word in words:
        named &= Q(name__icontains=word)
        clients &= Q(name__icontains=word) | Q(client__icontains=word)
    companies = list(Partner.objects.filter(named).values_list("pk", flat=True)[:SEARCH_MAX])
    projects = list(Project.objects.filter(clients).values_list("pk", flat=True)[:SEARCH_MAX])
    if not companies and not projects:
        return set()
    newest = visible.filter(Q(partner_id__in=companies) | Q(project_id__in=projects))
    return set(newest.order_by("-pk").values_list("pk", flat=True)[:SEARCH_MAX])
