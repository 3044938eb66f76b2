"""The machine's control: each limit is found once, at its instant, with edition and evidence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk.journal.models import Entry
from desk.oversight.actions import control, outages
from desk.oversight.models import Edition, Outage, Reminder, Violation, Watch
from desk.oversight.queries import control as queries
from desk.rules.lifecycle import Type
from desk.tickets import actions
from desk.workdays import actions as workdays
from desk.workdays.models import AbsenceKind, Activity
from tests.channels import post
from tests.language import KYIV, OPENED, Desk
from tests.scenarios import standard
from tests.scenarios.tickets import buys

ACCEPTING = actions.Accepting(type=Type.BUG, message="I look at it at once.")
SIMPLE = actions.Accepting(type=Type.SIMPLE, message="I look at it at once.")


@pytest.fixture(autouse=True)
def edition(desk: Desk) -> Edition:
    """The first edition, in force since the desk opened."""
    return standard.publishes(desk.now - timedelta(hours=1))


def found(clause: str) -> list[tuple[str, str]]:
    """Key and local time of the violations of a clause that nothing excused."""
    rows = Violation.objects.filter(clause=clause, excuse="").order_by("at")
    return [(row.key.split(":", 2)[2], f"{row.at.astimezone(KYIV):%a %H:%M}") for row in rows]


def test_an_acceptance_is_reminded_of_and_then_found_once(desk: Desk, edition: Edition) -> None:
    ticket = post.submitted(desk)
    desk.later(minutes=49)
    control.tick(desk.now)
    assert not Reminder.objects.filter(clause="2.1", key__contains="accept").exists()
    desk.later(minutes=1)
    control.tick(desk.now)
    assert Reminder.objects.filter(clause="2.1", key__contains="accept").count() == 1
    desk.later(minutes=10)
    control.tick(desk.now)
    assert found("2.1") == [] or "accept" not in str(found("2.1"))
    desk.later(seconds=3)
    control.tick(desk.now)
    desk.later(hours=2)
    control.tick(desk.now)
    rows = Violation.objects.filter(clause="2.1", key__contains="/accept:1")
    [row] = rows
    assert row.at == ticket.acceptance_due_at
    assert (row.person, row.edition, row.ticket_id) == (desk.lead, edition, ticket.pk)
    assert row.evidence == [f"clock:{ticket.clocks.get(kind='acceptance').pk}"]
    assert Entry.objects.filter(verb="violation", facts__violation=row.pk).count() == 1


def test_a_limit_is_looked_at_when_it_comes(desk: Desk) -> None:
    post.submitted(desk)
    control.tick(desk.now)
    row = Watch.objects.get(person=desk.lead)
    assert row.next_at is not None
    assert desk.now < row.next_at <= desk.now + timedelta(hours=1)
    quiet = desk.now + timedelta(seconds=5)
    assert queries.due(quiet).people == ()
    assert desk.lead.pk in queries.due(row.next_at).people


def test_whoever_something_happened_to_is_looked_at(desk: Desk) -> None:
    control.tick(desk.now)
    assert queries.due(desk.now).people == ()
    post.submitted(desk)
    assert queries.due(desk.now).people == (desk.lead.pk,)


def test_what_was_killed_is_found_again_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    post.submitted(desk)
    desk.later(hours=3)

    class Kill(BaseException):
        """What ends a process cannot be caught on the way."""

    def kill(*_args: object, **_fields: object) -> None:
        raise Kill

    with monkeypatch.context() as patched, pytest.raises(Kill):
        patched.setattr(control, "_looked", kill)
        control.tick(desk.now)
    assert not Violation.objects.exists()
    control.tick(desk.now)
    once = list(Violation.objects.order_by("key").values_list("key", "at"))
    assert once
    control.look(queries.watched(), desk.now)
    assert list(Violation.objects.order_by("key").values_list("key", "at")) == once
    assert Entry.objects.filter(verb="violation").count() == len(once)


def test_an_outage_of_ours_excuses(desk: Desk) -> None:
    ticket = post.submitted(desk)
    opened_at = desk.now
    desk.later(minutes=90)
    outages.note_outage(desk.cause(desk.house.administrator), opened_at, desk.now, "power")
    actions.accept(desk.cause(desk.lead), ticket.pk, ACCEPTING)
    control.tick(desk.now)
    row = Violation.objects.get(clause="2.1", key__contains="/accept:1")
    assert (row.excuse, row.evidence[-1]) == ("outage", f"outage:{Outage.objects.get().pk}")


def test_an_outage_is_known_as_long_as_the_limit_that_it_moved(desk: Desk) -> None:
    """What ended in a lengthened limit does not become late when days have passed."""
    ticket, begun_at = post.submitted(desk), desk.now
    out_at = desk.later(minutes=5)
    desk.later(minutes=30)
    administrator = desk.cause(desk.house.administrator)
    outages.note_outage(administrator, out_at, desk.now, "power")
    desk.later(minutes=35)
    actions.cancel(desk.cause(desk.owner), ticket.pk)
    control.tick(desk.now)
    for minutes in (40, 41):
        desk.now = begun_at + timedelta(days=4, minutes=minutes)
        control.look([desk.lead.pk], desk.now)
    assert not [key for key, _ in found("2.1") if "accept" in key]


def test_nothing_is_held_against_anybody_before_an_edition(desk: Desk) -> None:
    desk.now = OPENED - timedelta(minutes=5)
    control.look([desk.lead.pk], desk.now)
    assert not Violation.objects.exists()


def test_the_hour_on_a_part_is_the_workers(desk: Desk) -> None:
    ticket = post.submitted(desk)
    buys(desk, 5)
    actions.accept(desk.cause(desk.lead), ticket.pk, SIMPLE)
    actions.start(desk.cause(desk.lead), ticket.pk)
    workdays.start(desk.cause(desk.lead), desk.lead.pk, Activity.WORK, f"{ticket.key}/part:1")
    desk.later(minutes=61)
    control.tick(desk.now)
    assert [key for key, _ in found("2.3")] == [f"{ticket.key}/part:1/hour"]


def test_an_absent_specialist_owes_no_plan(desk: Desk) -> None:
    desk.at("mon 08:00")
    workdays.note_absence(
        desk.cause(desk.house.administrator),
        desk.lead.pk,
        AbsenceKind.SICK,
        desk.now,
        desk.now + timedelta(hours=12),
    )
    desk.at("mon 12:00")
    control.tick(desk.now)
    plans = Violation.objects.filter(person=desk.lead, clause="1.1")
    assert [row.key.partition("plan:")[2][:10] for row in plans] == ["2026-11-27"]
