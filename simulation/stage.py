"""The last hour of the demonstration: a ticket in every state, its deadlines ahead at any hour.

Everything is dated in working time before now, so that also at night or on a Sunday nothing of
it is late.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from desk.rules.lifecycle import Reason, Step, Type
from desk.tickets import actions
from desk.tickets.actions import Objection, Offer
from desk.tickets.models import DisputeAbout
from simulation import plot
from simulation.moves import accept, deliver, executor, submit
from simulation.people import Company
from simulation.stories import Q
from simulation.world import World

PROD = "production"


def before(world: World, now: datetime, minutes: float) -> datetime:
    """The latest moment from which so many working minutes have passed until `now`."""
    low, high = now - timedelta(days=14), now
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if world.calendar.elapsed(middle, now) >= minutes * 60:
            low = middle
        else:
            high = middle
    return low


class Stage:
    """Acts at chosen working minutes before now."""

    def __init__(self, world: World, now: datetime) -> None:
        self.world, self.end = world, now
        self.company: Company = world.cast.companies[0]

    def at(self, minutes: float) -> None:
        self.world.now = before(self.world, self.end, minutes)

    def taken(self, minutes: float, kind: Type = Type.SIMPLE, *parts: str) -> int:
        """A ticket submitted `minutes` ago and accepted ten minutes later."""
        self.at(minutes)
        number = submit(self.world, self.company, critical=kind == Type.BUG)
        self.at(minutes - 10)
        accept(self.world, number, kind, parts)
        return number

    def started(self, minutes: float, kind: Type = Type.SIMPLE, *parts: str) -> int:
        number = self.taken(minutes, kind, *parts)
        self.at(minutes - 15)
        self.world.do(executor(self.world, number), Q, actions.start, number)
        return number

    def estimated(self, minutes: float, hours: int) -> int:
        number = self.taken(minutes, Type.CUSTOMISATION)
        self.at(minutes - 30)
        until = self.end + timedelta(days=14)
        offer = Offer(hours, hours * 7200, "Екран залишків із фільтром і друком", until)
        self.world.do(self.world.cast.production[0], PROD, actions.estimate, number, offer)
        return number

    def approved(self, minutes: float, hours: int) -> int:
        number = self.estimated(minutes, hours)
        self.at(minutes - 40)
        self.world.do(self.company.owner, "cabinet", actions.approve, number)
        return number


def every_state(world: World, now: datetime) -> None:
    """Bring a ticket into each state for the first partner, then into the finer situations."""
    stage = Stage(world, now)
    stage.at(310)
    plot.top_up(world, stage.company)
    _ended(stage)
    _waiting(stage)
    _disputed(stage)
    _working(stage)
    _fresh(stage)
    world.now = now


def _ended(stage: Stage) -> None:
    world, member = stage.world, stage.company.member
    number = stage.started(300)
    stage.at(200)
    deliver(world, number)
    stage.at(150)
    world.do(member, "cabinet", actions.confirm, number, 5, "Швидко і зрозуміло, дякуємо")
    stage.at(190)
    number = submit(world, stage.company)
    stage.at(180)
    words = "Це запит до вашого постачальника телефонії."
    decline = (number, Reason.NOT_OUR_PRODUCT, words)
    world.do(executor(world, number), Q, actions.decline, *decline)
    number = stage.taken(170)
    stage.at(150)
    world.do(member, "cabinet", actions.cancel, number, "Розібралися самі")
    target, double = stage.started(140), stage.taken(138)
    stage.at(110)
    world.do(executor(world, double), Q, actions.merge, double, target)


def _waiting(stage: Stage) -> None:
    world = stage.world
    number = stage.started(130)
    stage.at(100)
    words = "У якому саме процесі зникає статус? Надішліть, будь ласка, адресу картки."
    world.do(executor(world, number), Q, actions.ask, number, words)
    stage.taken(120, Type.COMPLEX, *(f"Етап воронки {n}" for n in range(1, 6)))
    stage.estimated(125, 12)
    stage.approved(118, 80)
    stage.taken(90, Type.CUSTOMISATION)
    number = stage.approved(240, 10)
    stage.at(190)
    world.do(executor(world, number), Q, actions.start, number)
    stage.at(80)
    world.do(executor(world, number), Q, actions.consult, number, "У якій таблиці залишки?")
    number = stage.started(160)
    stage.at(60)
    deliver(world, number)


def _disputed(stage: Stage) -> None:
    world, company = stage.world, stage.company
    number = stage.started(200)
    stage.at(70)
    words = "Чи правильно, що спершу змінюють права, а не сам процес?"
    world.do(company.member, "cabinet", actions.doubt, number, words)
    number = stage.started(260, Type.COMPLEX, "Форма заявки", "Звіт")
    stage.at(75)
    objection = Objection(DisputeAbout.UNITS, "Це одна справа, а не дві")
    world.do(company.owner, "cabinet", actions.contest, number, objection)
    number = stage.started(230)
    stage.at(50)
    due = world.calendar.end_of_working_day(stage.end, 2)
    words = "Потрібен доступ до сервера вашого клієнта"
    world.do(executor(world, number), Q, actions.re_promise, number, due, words)


def _working(stage: Stage) -> None:
    world = stage.world
    number = stage.started(150, Type.COMPLEX, "Форма на сайті", "Сповіщення", "Права доступу")
    stage.at(120)
    person = executor(world, number)
    world.do(person, Q, actions.finish_part, number, 1, "Форма створює процес")
    world.do(person, Q, actions.step, number, Step.IMPLEMENTING)
    number = stage.started(45, Type.BUG)
    stage.at(30)
    words = "Після оновлення не створюються процеси, чи є відомий збій?"
    world.do(executor(world, number), Q, actions.consult, number, words)
    stage.taken(40)
    number = stage.taken(55)
    stage.at(18)
    world.do(executor(world, number), Q, actions.work_start, number, None)


def _fresh(stage: Stage) -> None:
    stage.at(12)
    submit(stage.world, stage.company, who="owner")
    stage.at(4)
    submit(stage.world, stage.company, critical=True)
    stage.at(2)
    submit(stage.world, stage.world.cast.companies[3])
