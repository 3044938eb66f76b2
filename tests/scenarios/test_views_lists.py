"""Lists, the queue and the boards: the right order, its reason, no more queries for more rows."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from desk.deposits import queries as ledger
from desk.partners import actions as partners
from desk.partners.models import PartnerRole
from desk.rules.lifecycle import Type
from desk.tickets import actions, queries
from desk.tickets.actions import Objection
from desk.tickets.models import DisputeAbout, Ticket
from desk.tickets.queries import BadCursor, Filter, Show
from desk.tickets.queries.values import Phase
from desk.workdays import actions as workdays
from desk.workdays.models import Activity
from tests import cast
from tests.language import Desk, moment
from tests.scenarios.tickets import (
    accepted,
    asks,
    buys,
    clock,
    delivers,
    estimates,
    in_work,
    is_away,
    resolved,
    submits,
    tops_up,
)


def numbers(lines: object) -> list[str]:
    return [line.number for line in lines]  # type: ignore[attr-defined]  # lines of any list


def test_home_opens_with_whose_turn_it_is(desk: Desk) -> None:
    buys(desk, 5)
    asked = asks(desk, in_work(desk))
    working = in_work(desk)
    done = resolved(desk, in_work(desk))
    home = queries.home(desk.owner, desk.now)
    assert home is not None
    assert [line.id for line in home.my_turn] == [asked.pk]
    assert [line.id for line in home.in_work] == [working.pk]
    assert [line.id for line in home.done] == [done.pk]
    assert home.my_turn[0].deadline.phase == Phase.STANDING
    assert home.my_turn[0].deadline.remaining_seconds == 8 * 3600
    assert home.in_work[0].deadline.remaining_seconds == 8 * 3600
    manager = home.managers[0]
    assert manager.lead is not None and manager.lead.name == desk.lead.name
    assert manager.cover is not None and manager.cover.name == desk.cover.name
    assert manager.projects == (desk.company.project.name,)
    assert home.deposit is not None
    assert home.deposit.balance == ledger.balance(desk.company.partner.pk)


def test_home_by_role(desk: Desk) -> None:
    member, staff = (queries.home(who, desk.now) for who in (desk.member, desk.lead))
    assert member is not None and member.deposit is None
    assert staff is None
    other = cast.company(desk.now, desk.house, "XYZ", "Another Demo")
    assert queries.home(other.owner, desk.now, desk.company.partner.pk) is None


def test_pages_follow_each_other_without_gap_or_repeat(desk: Desk) -> None:
    for n in range(55):
        submits(desk, f"Ticket {n}")
    for show in (Show.ALL, Show.OPEN):
        wanted = Filter(show, partner_id=desk.company.partner.pk)
        first = queries.list_of(desk.owner, wanted, desk.now)
        second = queries.list_of(desk.owner, wanted, desk.now, first.cursor)
        assert (len(first.lines), len(second.lines), second.cursor) == (50, 5, "")
        seen = [line.id for line in (*first.lines, *second.lines)]
        assert len(set(seen)) == 55
        assert seen == sorted(seen, reverse=show == Show.ALL)


@pytest.mark.parametrize("cursor", ["x", "W10", "WyJhIl0", "WzEsMl0", "[1]", "e30", "W05hTl0", "ї"])
def test_a_cursor_that_nobody_gave_out_is_refused(desk: Desk, cursor: str) -> None:
    with pytest.raises(BadCursor):
        queries.list_of(desk.owner, Filter(), desk.now, cursor)


def test_a_list_is_narrowed(desk: Desk) -> None:
    buys(desk, 5)
    asked = asks(desk, in_work(desk))
    bug = accepted(desk, Type.BUG)
    done = resolved(desk, in_work(desk))

    def shown(**narrowed: object) -> list[int]:
        page = queries.list_of(desk.owner, Filter(**narrowed), desk.now)  # type: ignore[arg-type]
        return [line.id for line in page.lines]

    assert shown() == [done.pk, bug.pk, asked.pk]
    assert shown(show=Show.MY_TURN) == [asked.pk]
    assert shown(show=Show.IN_WORK) == [bug.pk]
    assert shown(show=Show.DONE) == [done.pk]
    assert shown(type="bug") == [bug.pk]
    assert shown(mine=True) == []
    assert shown(state="awaiting_partner") == [asked.pk]


def test_who_sees_only_the_own_ones_sees_no_others_in_any_list(desk: Desk) -> None:
    hidden = submits(desk, "Secret numbers")
    partners.change_membership(
        desk.cause(desk.owner),
        desk.company.partner.pk,
        desk.company.viewer.pk,
        PartnerRole.MEMBER,
        sees_all=False,
    )
    viewer = desk.company.viewer
    assert queries.list_of(viewer, Filter(), desk.now).lines == ()
    assert queries.search(viewer, "Secret", desk.now) == ()
    assert queries.search(viewer, f"OLH-{hidden.number}", desk.now) == ()
    home = queries.home(viewer, desk.now)
    assert home is not None and home.in_work == ()
    actions.follow(desk.cause(desk.member), hidden.pk, viewer.pk)
    assert [line.id for line in queries.search(viewer, "Secret", desk.now)] == [hidden.pk]


def test_another_partner_finds_nothing(desk: Desk) -> None:
    submits(desk, "The report is empty")
    other = cast.company(desk.now, desk.house, "XYZ", "Another Demo")
    assert queries.search(other.owner, "report", desk.now) == ()
    assert queries.search(other.owner, "Olhivka", desk.now) == ()
    assert queries.list_of(other.owner, Filter(), desk.now).lines == ()


def test_search_by_number_words_partner_and_project(desk: Desk) -> None:
    first = submits(desk, "Звіт по складу порожній")
    second = submits(desk, "The stage has no rule")
    for text in (f"OLH-{first.number}", str(first.number), "звіт", "СКЛАДУ зв", "olh-1"):
        assert queries.search(desk.lead, text, desk.now)[0].id == first.pk, text
    both = [line.id for line in queries.search(desk.lead, "Olhivka", desk.now)]
    assert both == [second.pk, first.pk]
    for text in ("", "x", "100%", "under_score", "OLH-", "-5", "9" * 40, "nothing like it"):
        assert queries.search(desk.lead, text, desk.now) == (), text


def test_the_queue_is_in_the_order_in_which_it_must_be_worked(desk: Desk) -> None:
    buys(desk, 9)
    calm = in_work(desk)
    waiting = asks(desk, in_work(desk))
    late = accepted(desk)
    desk.at("mon 09:00")
    soon = accepted(desk)
    desk.at("mon 16:30")
    later = accepted(desk)
    plain = submits(desk)
    bug = in_work(desk, Type.BUG)
    critical = submits(desk, critical=True)
    queue = queries.queue(desk.lead, desk.now)
    assert [(one.line.id, one.why.value) for one in queue.work] == [
        (critical.pk, "critical"),
        (bug.pk, "critical"),
        (plain.pk, "acceptance"),
        (soon.pk, "soon"),
        (calm.pk, "late"),
        (late.pk, "late"),
        (later.pk, "due"),
    ]
    assert [line.id for line in queue.acceptances] == [plain.pk, critical.pk] or [
        line.id for line in queue.acceptances
    ] == [critical.pk, plain.pk]
    assert {line.id for line in queue.at_risk} == {soon.pk, calm.pk, late.pk}
    assert [line.id for line in queue.waiting] == [waiting.pk]
    assert not queue.cut
    acceptance = next(line for line in queue.acceptances if line.id == plain.pk)
    assert acceptance.deadline.kind == "acceptance"
    assert acceptance.deadline.remaining_seconds == 3600


def test_a_line_reads_as_the_page_does(desk: Desk) -> None:
    """Lists use columns kept beside the ticket, pages the clocks: both say the same."""
    buys(desk, 5)
    tickets = [in_work(desk), asks(desk, in_work(desk)), in_work(desk, Type.BUG), submits(desk)]
    done = resolved(desk, in_work(desk))
    desk.at("fri 16:30")
    lines = {line.id: line for line in queries.list_of(desk.owner, Filter(), desk.now).lines}
    for ticket in (*tickets, done):
        found = queries.by_number(desk.owner, f"OLH-{ticket.number}")
        page = queries.partner_view(found, desk.owner, desk.now)
        clock_ = page.acceptance if page.head.state == "submitted" else page.deadline
        line = lines[ticket.pk].deadline
        assert clock_ is not None
        for field in ("kind", "phase", "due_at", "remaining_seconds", "since_at", "target_seconds"):
            if ticket is done and field == "remaining_seconds":
                continue
            assert getattr(line, field) == getattr(clock_, field), (ticket.pk, field)


def test_the_pool_holds_what_nobody_executes(desk: Desk) -> None:
    is_away(desk, desk.lead, days=3)
    is_away(desk, desk.cover, days=3)
    desk.later(minutes=1)
    ticket = submits(desk)
    assert [line.id for line in queries.pool(desk.now)] == [ticket.pk]


def test_the_board_shows_who_does_what_and_where_it_goes_wrong(desk: Desk) -> None:
    buys(desk, 5)
    late = in_work(desk, Type.BUG)
    working = in_work(desk)
    desk.at("fri 12:30")
    actions.note(desk.cause(desk.lead, "workplace"), late.pk, "It broke.")
    actions.work_start(desk.cause(desk.lead, "workplace"), working.pk)
    waiting = submits(desk)
    is_away(desk, desk.cover, days=3)
    asked = actions.contest(
        desk.cause(desk.owner), working.pk, Objection(DisputeAbout.TYPE, "It is a bug.")
    )
    desk.at("fri 16:30")
    board = queries.board(desk.now)
    lead = next(seat for seat in board.seats if seat.person.id == desk.lead.pk)
    assert (lead.activity, lead.ticket) == (Activity.WORK, f"OLH-{working.number}")
    assert lead.since_at == moment("fri 12:30")
    assert lead.next_promise is not None and lead.next_promise.id == late.pk
    assert [line.id for line in board.acceptances] == [waiting.pk]
    assert [line.id for line in board.at_risk] == [late.pk, working.pk]
    assert [breach.clock for breach in board.breaches] == ["resolution"]
    assert board.breaches[0].noticed_after_seconds == 30 * 60
    assert board.away[0].person.id == desk.cover.pk
    assert [dispute.dispute.id for dispute in board.disputes] == [asked.pk]
    assert board.is_open


def test_there_is_no_board_before_the_desk_is_set_up(db: None) -> None:
    with pytest.raises(queries.NoCalendar):
        queries.board(moment("fri 09:00"))


def test_the_board_names_who_covers_whom(desk: Desk) -> None:
    absent = is_away(desk, desk.lead, hours=4)
    board = queries.board(desk.now)
    assert board.away[0].until_at == absent.until_at
    (project, cover) = board.away[0].covered_by[0]
    assert project == desk.company.project.name
    assert cover is not None and cover.name == desk.cover.name


def test_production_sees_the_promise_behind_each_question(desk: Desk) -> None:
    buys(desk, 3)
    tops_up(desk, 20_000_00)
    production = desk.house.production
    screen = accepted(desk, Type.CUSTOMISATION)
    simple = in_work(desk)
    desk.at("fri 10:00")
    bug = in_work(desk, Type.BUG)
    for ticket in (simple, bug):
        actions.consult(desk.cause(desk.lead, "workplace"), ticket.pk, "Which table?")
    desk.at("fri 11:00")
    queue = queries.production_queue(desk.now)
    assert [question.line.id for question in queue.consultations] == [bug.pk, simple.pk]
    assert queue.consultations[0].line.deadline.due_at == moment("fri 13:00")
    assert queue.consultations[0].own.due_at == moment("mon 10:00", desk.now)
    assert queue.consultations[0].age_seconds == 3600
    assert [question.line.id for question in queue.estimates] == [screen.pk]
    estimates(desk, screen)
    actions.approve(desk.cause(desk.owner), screen.pk)
    actions.start(desk.cause(desk.lead, "workplace"), screen.pk)
    actions.log(desk.cause(production, "production"), screen.pk, 90, desk.now.date(), "begun")
    building = queries.production_queue(desk.now).building
    assert [(b.line.id, b.minutes_logged, b.minutes_approved) for b in building] == [
        (screen.pk, 90, 240)
    ]


def test_an_acceptance_is_previewed_as_it_will_be(desk: Desk) -> None:
    buys(desk, 2)
    for kind, parts in ((Type.SIMPLE, 1), (Type.BUG, 1), (Type.COMPLEX, 2), (Type.COMPLEX, 9)):
        ticket = submits(desk)
        found = queries.by_number(desk.lead, f"OLH-{ticket.number}")
        preview = queries.preview_acceptance(found, kind, parts, desk.now)
        titles = [f"Part {n}" for n in range(parts)] if kind == Type.COMPLEX else []
        made = actions.accept(
            desk.cause(desk.lead, "workplace"),
            ticket.pk,
            actions.Accepting(kind, "Taken.", titles),
        )
        assert preview.outcome == made.state, kind
        assert preview.units == made.promised
        assert preview.target_seconds == clock(ticket).target_seconds
        if made.due_at is not None:
            assert preview.due_at == made.due_at
            left = ledger.balance(desk.company.partner.pk).consultations_available
            assert preview.available_after == left


def test_a_preview_says_what_is_missing(desk: Desk) -> None:
    found = queries.by_number(desk.lead, f"OLH-{submits(desk).number}")
    simple = queries.preview_acceptance(found, Type.SIMPLE, 1, desk.now)
    assert (simple.outcome, simple.deposit_low) == ("awaiting_deposit", True)
    assert (simple.kopecks, simple.available_after) == (180_00, -1)
    bug = queries.preview_acceptance(found, Type.BUG, 1, desk.now)
    assert (bug.outcome, bug.uncovered, bug.deposit_low) == ("accepted", 1, False)
    many = queries.preview_acceptance(found, Type.COMPLEX, 9, desk.now)
    assert (many.outcome, many.needs_approval, many.units) == ("awaiting_approval", True, 9)
    assert many.part_dues_at[7:] == (moment("fri 18:00"), moment("mon 18:00", desk.now))
    screen = queries.preview_acceptance(found, Type.CUSTOMISATION, 0, desk.now)
    assert (screen.outcome, screen.due_at, screen.units) == ("awaiting_estimate", None, 0)


def _more(desk: Desk) -> None:
    """A few of everything that lists show."""
    in_work(desk)
    asks(desk, in_work(desk))
    submits(desk)
    delivers(desk, in_work(desk))
    resolved(desk, in_work(desk))
    actions.consult(desk.cause(desk.lead, "workplace"), in_work(desk).pk, "Which table?")
    actions.doubt(desk.cause(desk.member), in_work(desk).pk, "Is this right?")
    accepted(desk, Type.CUSTOMISATION)


LISTS: list[tuple[str, int, Callable[[Desk], object]]] = [
    ("home", 18, lambda desk: queries.home(desk.owner, desk.now)),
    ("list", 6, lambda desk: queries.list_of(desk.owner, Filter(), desk.now)),
    ("search", 12, lambda desk: queries.search(desk.lead, "report", desk.now)),
    ("queue", 3, lambda desk: queries.queue(desk.lead, desk.now)),
    ("pool", 3, lambda desk: queries.pool(desk.now)),
    ("board", 26, lambda desk: queries.board(desk.now)),
    ("production", 9, lambda desk: queries.production_queue(desk.now)),
]


def test_more_rows_take_no_more_queries(desk: Desk) -> None:
    buys(desk, 60)
    tops_up(desk, 50_000_00)
    workdays.start(
        desk.cause(desk.cover, "workplace"), desk.cover.pk, Activity.PLANNING, "", None, 1
    )
    counted: dict[str, list[int]] = {name: [] for name, _, _ in LISTS}
    for _ in range(2):
        _more(desk)
        desk.later(seconds=10)
        for name, most, show in LISTS:
            with CaptureQueriesContext(connection) as captured:
                show(desk)
            counted[name].append(len(captured))
            assert len(captured) <= most, (name, len(captured))
    assert all(few == many for few, many in counted.values()), counted


def test_waiting_tickets_stand_longest_first(desk: Desk) -> None:
    buys(desk, 3)
    first = asks(desk, in_work(desk))
    desk.later(minutes=30)
    second: Ticket = delivers(desk, in_work(desk))
    queue = queries.queue(desk.lead, desk.now + timedelta(hours=1))
    assert [line.id for line in queue.waiting] == [first.pk, second.pk]
