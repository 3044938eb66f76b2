"""A critical error is served: accepted, taken up, told, escalated and solved, with everything else
put aside; or one of these is done too late, as planned."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from desk.rules.lifecycle import Type
from desk.tickets import actions
from desk.tickets.actions import Level
from desk.workdays.models import Activity
from simulation.offences import deeds
from simulation.offences.course import Steps
from simulation.offences.jobs import MINUTE, NOTHING, SECOND, Job

if TYPE_CHECKING:
    from simulation.offences.specialist import Specialist

PRODUCTION = 30 * MINUTE
ADMINISTRATOR = 60 * MINUTE
BEGIN = 10 * MINUTE
ACCEPT = 15 * MINUTE
ANSWER = 15 * MINUTE

Event = tuple[datetime, Callable[[], None]]


def serve(who: Specialist, job: Job) -> Steps:
    """Everything from the acceptance of a critical error to its solution."""
    if who.now < job.submitted_at + ACCEPT:
        # It is read first: the work that was put aside for it does not go on.
        who.begin(Activity.INTAKE)
        yield min(who.now + 40 * SECOND, job.submitted_at + ACCEPT)
    deeds.accept(who, job)
    accepted = who.now
    if accepted > job.submitted_at + ACCEPT:
        due_at, clock = job.submitted_at + ACCEPT, deeds.clock_of(job, "acceptance")
        # The desk has shown fifteen minutes as its limit: both clauses ask for the same.
        who.course.expect("2.1", who.person, due_at, (clock,))
        who.course.expect("5.1", who.person, due_at)
    begin = accepted + _begin(who, job)
    if begin > accepted:
        who.begin(Activity.MEETING)
        yield begin
    if begin > accepted + BEGIN:
        ref = deeds.entry_of(job, "accept")
        who.course.expect("5.1", who.person, accepted + BEGIN, (ref,))
    job.left = 200 * MINUTE
    who.work(job)
    events = sorted(_script(who, job, accepted), key=lambda event: event[0])
    for at, act in events:
        yield max(at, who.now)
        act()
    deeds.deliver(who, job)


def _begin(who: Specialist, job: Job) -> timedelta:
    chance = who.course.random
    if job.fault == "begin":
        return BEGIN + chance.choice((1, 30, 240)) * SECOND
    return chance.choice((NOTHING, 30 * SECOND, 3 * MINUTE, BEGIN))


def _script(who: Specialist, job: Job, accepted: datetime) -> list[Event]:
    """What happens while it is worked on; the last event is a moment before the solution."""
    chance = who.course.random

    def after(minutes: float) -> datetime:
        return accepted + timedelta(seconds=int(minutes * 60))

    def nothing() -> None:
        return None

    if job.fault == "production":
        who.course.expect("5.2", who.person, after(30), (deeds.entry_of(job, "accept"),))
        return [(after(chance.choice((30.1, 41, 55))), nothing)]
    if job.fault == "other":
        return [*_other(who, job, after), (after(26), nothing)]
    if job.fault == "bug_answer" or (not job.fault and chance.random() < 0.4):
        late = chance.choice((1, 60)) * SECOND if job.fault else NOTHING
        return [*_message(who, job, after(12), late), (after(29.9), nothing)]
    if job.fault == "administrator" or chance.random() < 0.5:
        return _escalated(who, job, after)
    return [(after(chance.choice((15, 24, 30))), nothing)]


def _message(who: Specialist, job: Job, at: datetime, late: timedelta) -> list[Event]:
    """The partner writes on it, and is answered; at the last moment, or later as planned."""

    def write() -> None:
        who.course.do(job.house.owner, actions.message, job.number, "Клієнт телефонує, що там?")
        who.course.touched.add(who.person.pk)
        who.course.sharp = True
        if late:
            who.course.expect("3.1", who.person, at + ANSWER, (who.town.latest_message(job),))

    def say() -> None:
        who.do(actions.message, job.number, "Причину знайдено, виправляємо.")

    return [(at, write), (at + ANSWER + late, say)]


def _other(who: Specialist, job: Job, after: Callable[[float], datetime]) -> list[Event]:
    """Some other work in between, which 5.1 forbids."""
    away, back = after(14), after(17)
    others = (one for one in who.jobs if one.kind != Type.BUG and one.left > back - away)
    found = [one for one in others if one.workable(who.now)]

    def turn_away() -> None:
        row = deeds.work(who, found[0])
        who.course.sharp = True
        who.course.expect("5.1", who.person, who.now, (f"interval:{row}",))

    def come_back() -> None:
        deeds.reach_hour(who, found[0], away)
        found[0].left -= back - away
        deeds.work(who, job)

    return [(away, turn_away), (back, come_back)] if found else []


def _escalated(who: Specialist, job: Job, after: Callable[[float], datetime]) -> list[Event]:
    """Production is asked in time, and an administrator told where it takes an hour."""
    developer = who.course.ground.production

    def consult() -> None:
        who.do(actions.consult, job.number, "Чи є відомий збій у модулі?")

    def reply() -> None:
        words = actions.Reply("Так, після оновлення", "Помилку знайдено, виправляємо")
        who.course.do(developer, actions.reply, job.number, words)

    def escalate() -> None:
        words = "Не вирішено за годину, потрібна допомога"
        who.do(actions.escalate, job.number, Level.ADMINISTRATOR, words)

    def nothing() -> None:
        return None

    asked = who.course.random.choice((18.0, 30.0))
    events: list[Event] = [(after(asked), consult), (after(asked + 14), reply)]
    if job.fault == "administrator":
        who.course.expect("5.2", who.person, after(60), (deeds.entry_of(job, "accept"),))
        return [*events, (after(60.5), nothing)]
    if who.course.random.random() < 0.5:
        return [*events, (after(59.9), nothing)]
    told = who.course.random.choice((52.0, 60.0))
    return [*events, (after(told), escalate), (after(68), nothing)]
