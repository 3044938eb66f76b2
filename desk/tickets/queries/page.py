"""A ticket's page: everything its reader may know, in a constant number of queries.

`partner_view` is the one place that leaves internal things out; cabinet, API, mail, OneBox and
webhooks are fed by it. `staff_view` adds them back for our own people.
"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from desk.deposits import queries as deposits
from desk.deposits.values import Cost
from desk.partners.models import Person
from desk.rules.lifecycle import STATES, Actor, State, Step, Turn
from desk.tickets.models import AlarmKind, ClockKind, PartState, Ticket
from desk.tickets.queries import (
    conversation,
    deadlines,
    fresh,
    history,
    internal,
    matters,
    moves,
    offers,
    thread,
    visibility,
)
from desk.tickets.queries.clockwork import DeadlineView, PromiseView
from desk.tickets.queries.deadlines import Hours
from desk.tickets.queries.fresh import Fresh
from desk.tickets.queries.people import Names
from desk.tickets.queries.thread import Thread
from desk.tickets.queries.values import (
    Handover,
    Head,
    Money,
    PartnerView,
    PartView,
    People,
    StaffView,
)
from desk.tickets.queries.visibility import Access

STEPS = ("recorded", "solving", "implementing", "handed_over")
STAFF_TURNS = {
    Actor.EXECUTOR: Turn.SPECIALIST,
    Actor.LEAD: Turn.SPECIALIST,
    Actor.COVER: Turn.SPECIALIST,
    Actor.PRODUCTION: Turn.PRODUCTION,
}
HANDED_OVER = frozenset({State.DELIVERED, State.RESOLVED})


def partner_view(
    ticket: Ticket, reader: Person, at: datetime, known: Access | None = None
) -> PartnerView:
    """What the partner's person `reader` may know of a ticket that `visible_to` has given.

    `known` spares the query for the reader's roles. Also for our own people, to see as a partner
    does.
    """
    seen_by = known or visibility.access(reader)
    loaded = thread.load(ticket, reader.pk, at, internal=False)
    return _Builder(ticket, seen_by, loaded, at).shared()


def fresh_view(rows: Fresh, at: datetime, known: Access) -> PartnerView:
    """`partner_view` of a ticket that was written a moment ago, from its rows, for the reader
    `known`: it has cost nothing yet."""
    return _Builder(rows.ticket, known, fresh.of(rows, at), at, Cost()).shared()


def staff_view(
    ticket: Ticket, reader: Person, at: datetime, known: Access | None = None
) -> StaffView:
    """What one of our own people sees: the same with everything that is internal."""
    seen_by = known or visibility.access(reader)
    assert seen_by.is_staff, "a partner's person reads partner_view"
    loaded = thread.load(ticket, reader.pk, at, internal=True)
    return _Builder(ticket, seen_by, matters.known_to(loaded, seen_by), at).whole()


class _Builder:
    """Puts the views of one ticket together from its thread."""

    def __init__(
        self,
        ticket: Ticket,
        seen_by: Access,
        loaded: Thread,
        at: datetime,
        cost: Cost | None = None,
    ) -> None:
        self.ticket, self.seen_by, self.thread, self.at = ticket, seen_by, loaded, at
        self.cost = cost
        self.calendar = ticket.calendar_version.value()
        self.hours: Hours = deadlines.hours(self.calendar, at)
        self.names = Names(loaded.people, self.calendar, at)
        self.stories = moves.stories(loaded, self.calendar)
        self.estimates = offers.estimates(loaded.estimates, self.calendar, at)
        self.actors = self._actors()

    def shared(self) -> PartnerView:
        """The partner's view."""
        ticket, names, loaded = self.ticket, self.names, self.thread
        asked = offers.approval(ticket, loaded, self.estimates)
        parts = self.parts()
        return PartnerView(
            at=self.at,
            head=self.head(),
            people=self.people(),
            deadline=self.deadline(ClockKind.RESOLUTION) or self._no_deadline(),
            acceptance=self.deadline(ClockKind.ACCEPTANCE),
            promises=self.promises(),
            moves=moves.of(loaded, self.stories, names),
            parts=parts,
            parts_finished=sum(part.state == PartState.FINISHED for part in parts),
            messages=conversation.messages(loaded, names, self.seen_by.person_id),
            messages_cut=len(loaded.messages) > thread.MESSAGES_MAX,
            history=history.of_partner(loaded, names),
            files=conversation.files(loaded.files),
            worked_seconds=sum(row["seconds"] for row in loaded.worked),
            money=self.money(),
            handover=self.handover(),
            approval=asked,
            estimates=self.estimates,
            re_promise=matters.open_re_promise(loaded, names),
            consultations=matters.consultations(loaded, names, self.hours, internal=False),
            disputes=matters.disputes(loaded, names),
            calendar=deadlines.calendar_view(ticket.calendar_version.calendar.name, self.hours),
            verbs=offers.verbs(ticket, self.actors, loaded, asked, self.at),
        )

    def whole(self) -> StaffView:
        """The view of our own people."""
        shared = self.shared()
        same: dict[str, Any] = {
            field.name: getattr(shared, field.name) for field in fields(PartnerView)
        }
        same["history"] = history.of_staff(self.thread, self.names)
        same["consultations"] = matters.consultations(
            self.thread, self.names, self.hours, internal=True
        )
        same["parts"] = internal.worked_parts(self.ticket, self.thread, shared.parts)
        works = next(iter(self.thread.reader_works), None)
        return StaffView(
            **same,
            clocks=internal.clocks(self.ticket, self.thread, self.hours),
            breaches=internal.breaches(self.thread, self.names),
            work=internal.work_rule(self.ticket, self.thread),
            hours=internal.hours(self.thread, self.names),
            re_promises=matters.re_promises(self.thread, self.names),
            external_id=self.ticket.external_id or "",
            balance=deposits.balance(self.ticket.partner_id),
            dossier=f"project:{self.ticket.project_id}",
            reader_works_since_at=works["since_at"] if works else None,
            reader_works_on=works["subject"] if works else "",
        )

    def head(self) -> Head:
        """What the ticket is."""
        ticket, row = self.ticket, STATES[State(self.ticket.state)]
        merged_into, merged_here = self._merged()
        return Head(
            id=ticket.pk,
            number=visibility.number(ticket),
            subject=ticket.subject,
            partner_id=ticket.partner_id,
            partner_code=ticket.partner.code,
            partner_name=ticket.partner.name,
            project_id=ticket.project_id,
            project_name=ticket.project.name,
            project_client=ticket.project.client,
            project_address=ticket.project.address,
            state=ticket.state,
            turn=row.turn,
            my_turn=self._my_turn(row.turn),
            is_open=row.open,
            type=ticket.type,
            step=ticket.step,
            steps=_steps(ticket),
            cycle=ticket.cycle,
            version=ticket.version,
            channel=ticket.channel,
            critical_claim=ticket.critical_claim,
            wanted_by_on=ticket.wanted_by_on,
            billable=ticket.billable,
            returns=ticket.returns,
            decline_reason=ticket.decline_reason,
            merged_into=merged_into,
            merged_here=merged_here,
            submitted_at=ticket.submitted_at,
            received_at=ticket.received_at,
            accepted_at=ticket.accepted_at,
            delivered_at=ticket.delivered_at,
            resolved_at=ticket.resolved_at,
            changed_at=ticket.changed_at,
            reader=self.actors,
        )

    def people(self) -> People:
        """Who is concerned."""
        names, ticket = self.names, self.ticket
        assigned = {row["role"]: row["person_id"] for row in self.thread.assigned}
        followers = [row["person_id"] for row in self.thread.followers]
        refs = (names.ref(person_id) for person_id in followers)
        return People(
            author=names.ref(ticket.author_id),
            filed_by=names.ref(ticket.filed_by_id),
            executor=names.card(ticket.executor_id),
            lead=names.card(assigned.get("lead")),
            cover=names.card(assigned.get("cover")),
            followers=tuple(ref for ref in refs if ref is not None),
            reader_follows=self.seen_by.person_id in followers,
        )

    def deadline(self, kind: ClockKind) -> DeadlineView | None:
        """The clock of the present cycle, or the latest there is."""
        rows = [row for row in self.thread.clocks if row["kind"] == kind]
        if not rows:
            return None
        clock = max(rows, key=lambda row: (row["cycle"], row["id"]))
        pauses = [row for row in self.thread.pauses if row["clock_id"] == clock["id"]]
        return deadlines.of_clock(clock, pauses, self.hours)

    def promises(self) -> tuple[PromiseView, ...]:
        """What was promised, cycle by cycle."""
        return tuple(
            PromiseView(
                id=row["id"],
                cycle=row["cycle"],
                made_at=row["made_at"],
                due_at=row["due_at"],
                target_seconds=row["target_seconds"],
                executor=self.names.ref(row["executor_id"]),
                type=row["type"],
                units=row["units"],
                kopecks=row["kopecks"],
                cause=row["cause"],
            )
            for row in self.thread.promises
        )

    def parts(self) -> tuple[PartView, ...]:
        """The parts with what was worked on each, over all cycles."""
        worked = internal.seconds_by_subject(self.thread)
        return tuple(
            PartView(
                number=row["number"],
                title=row["title"],
                state=row["state"],
                offered=offers.is_offered(row),
                refused=row["refused"],
                due_at=row["due_at"],
                finished_at=row["finished_at"],
                finished_by=self.names.ref(row["finished_by_id"]),
                result=row["result"],
                worked_seconds=worked.get(f"{self.ticket.key}/part:{row['number']}", 0),
                work=None,
            )
            for row in self.thread.parts
        )

    def money(self) -> Money:
        """What it costs, by the ledger."""
        approved = [offer for offer in self.estimates if offer.status == "approved"]
        return Money(
            units_max=self.ticket.promised,
            cost=self.cost or deposits.cost(self.ticket.key),
            hours_max=sum(offer.hours_max for offer in approved),
            hour_kopecks_max=sum(offer.kopecks_max for offer in approved),
            minutes_logged=sum(row["minutes"] for row in self.thread.hours),
        )

    def handover(self) -> Handover | None:
        """The result, while it is with the partner or accepted."""
        ticket = self.ticket
        if ticket.state not in HANDED_OVER or ticket.delivered_at is None:
            return None
        alarms = {row["kind"]: row["at"] for row in self.thread.alarms}
        return Handover(
            solution=ticket.solution,
            changes=ticket.changes,
            checking=ticket.checking,
            delivered_at=ticket.delivered_at,
            remind_at=alarms.get(AlarmKind.REMIND_DELIVERED),
            confirms_at=alarms.get(AlarmKind.CONFIRM_DELIVERED),
            reopen_until_at=offers.reopen_until(ticket),
            rating=ticket.rating,
            rating_comment=ticket.rating_comment,
        )

    def _actors(self) -> frozenset[Actor]:
        person_id = self.seen_by.person_id
        assigned = [row["role"] for row in self.thread.assigned if row["person_id"] == person_id]
        follows = any(row["person_id"] == person_id for row in self.thread.followers)
        return visibility.relation(self.seen_by, self.ticket, assigned, follows=follows)

    def _merged(self) -> tuple[str, tuple[str, ...]]:
        """The number this one was merged into, "" for none, and those merged into it."""
        own, rows = self.ticket, self.thread.merged
        into = [row["number"] for row in rows if row["id"] == own.merged_into_id]
        return "".join(into), tuple(r["number"] for r in rows if r["merged_into_id"] == own.pk)

    def _my_turn(self, turn: Turn) -> bool:
        if not self.seen_by.is_staff:
            return turn == Turn.PARTNER
        return any(STAFF_TURNS.get(actor) == turn for actor in self.actors)

    def _no_deadline(self) -> DeadlineView:
        known = replace(self.hours, windows=())
        return deadlines.of_line(self.ticket, None, known)


def _steps(ticket: Ticket) -> tuple[tuple[str, bool], ...]:
    """The four steps of the personal manager, and whether each is done."""
    handed_over = ticket.state in HANDED_OVER
    implementing = handed_over or ticket.step == Step.IMPLEMENTING
    done = (ticket.accepted_at is not None, implementing, handed_over, handed_over)
    return tuple(zip(STEPS, done, strict=True))
