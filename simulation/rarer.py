"""The rarer ways of a ticket: customisations, disputes, races, and who was not allowed."""

from __future__ import annotations

from datetime import timedelta

from desk.rules.lifecycle import Reason, State, Type
from desk.tickets import actions
from desk.tickets.actions import Objection, Offer, Reply, Ruling
from desk.tickets.models import Clock, Dispute, DisputeAbout, Pause
from simulation.moves import RESULT, accept, confirmed, deliver, executor, submit, taken, worked
from simulation.people import Company
from simulation.stories import Q
from simulation.world import Story, World, is_open, ticket

PROD = "production"


def offer(world: World, hours: int, days: int = 8) -> Offer:
    until = world.now + timedelta(days=days)
    return Offer(hours, hours * 3600 * 2, "Новий екран із фільтром і друком", until)


def customisation(world: World, company: Company) -> Story:
    number = submit(world, company)
    developer = world.cast.production[1]
    yield world.soon(5, 40)
    accept(world, number, Type.CUSTOMISATION)
    yield world.soon(60, 300)
    world.do(developer, PROD, actions.estimate, number, offer(world, 6))
    yield world.soon(30, 300)
    world.do(company.owner, "cabinet", actions.approve, number)
    while is_open(number, State.AWAITING_DEPOSIT):
        yield world.soon(60, 200)
    yield from worked(world, number, 15)
    world.do(executor(world, number), Q, actions.consult, number, "Де зберігати фільтр?")
    yield world.soon(30, 200)
    world.do(developer, PROD, actions.reply, number, Reply("У профілі користувача", ""))
    today = world.now.date()
    world.do(developer, PROD, actions.log, number, 200, today, "Екран")
    if world.random.random() < 0.6:
        world.do(developer, PROD, actions.supplement, number, offer(world, 2))
        yield world.soon(20, 100)
        verb = actions.approve if world.random.random() < 0.6 else actions.refuse
        world.do(company.owner, "cabinet", verb, number)
        while is_open(number, State.AWAITING_DEPOSIT):
            yield world.soon(60, 200)
    yield world.soon(30, 120)
    world.do(developer, PROD, actions.log, number, 100, world.now.date(), "Друк")
    world.do(developer, PROD, actions.build, number, "Готово на тестовій копії")
    yield from worked(world, number, 20)
    deliver(world, number)
    yield from confirmed(world, number, company)


def outdated(world: World, company: Company) -> Story:
    """The estimate lapses; the partner asks once for another, then lets it go or approves."""
    number = submit(world, company)
    developer = world.cast.production[0]
    yield world.soon(5, 40)
    accept(world, number, Type.CUSTOMISATION)
    yield world.soon(60, 200)
    world.do(developer, PROD, actions.estimate, number, offer(world, 3, days=1))
    yield world.days(2)
    world.tries(company.owner, "cabinet", actions.approve, number)
    world.do(company.owner, "cabinet", actions.expire, number)
    yield world.soon(30, 100)
    if world.random.random() < 0.5:
        words = "Без зміни ядра це неможливо"
        world.do(developer, PROD, actions.decline, number, Reason.IMPOSSIBLE, words)
        return
    world.do(developer, PROD, actions.estimate, number, offer(world, 4))
    yield world.soon(60, 100)
    world.do(company.owner, "cabinet", actions.refuse, number, "Дорого")


def lapsed(world: World, company: Company) -> Story:
    """Nobody approves: after ten working days it ends by itself, free."""
    number = submit(world, company)
    yield world.soon(5, 40)
    accept(world, number, Type.COMPLEX, [f"Етап {n}" for n in range(1, 5)])


def contested(world: World, company: Company) -> Story:
    number = submit(world, company)
    yield world.soon(5, 40)
    decline = (number, Reason.DUPLICATE, "Таке саме звернення вже є")
    world.do(executor(world, number), Q, actions.decline, *decline)
    yield world.soon(10, 60)
    objection = Objection(DisputeAbout.DECLINE, "Це інший процес")
    world.do(company.owner, "cabinet", actions.contest, number, objection)
    yield from ruled(
        world, number, Ruling(upheld=True, text="Справді інше. Подайте знову.", clause="2.1")
    )


def doubted(world: World, company: Company) -> Story:
    number = submit(world, company)
    yield from taken(world, number)
    yield from worked(world, number, 15)
    world.do(company.member, "cabinet", actions.doubt, number, "Чи правильно починати зі звіту?")
    yield from ruled(world, number, Ruling(upheld=False, text="Так: спершу причина.", clause="1.2"))
    yield from worked(world, number, 15)
    deliver(world, number)
    yield from confirmed(world, number, company)


def paused_wrongly(world: World, company: Company) -> Story:
    """A pause is contested and struck: the deadline is recomputed (R11)."""
    number = submit(world, company)
    yield from taken(world, number)
    yield from worked(world, number, 10)
    world.do(executor(world, number), Q, actions.ask, number, "Чи терміново це?")
    yield world.soon(60, 200)
    world.do(company.member, "cabinet", actions.answer, number, "Ми ж писали, що так")
    pause = Pause.objects.filter(clock__ticket_id=number).latest("pk")
    objection = Objection(DisputeAbout.PAUSE, "Відповідь була у зверненні", pause.pk)
    world.do(company.owner, "cabinet", actions.contest, number, objection)
    yield from ruled(
        world, number, Ruling(upheld=True, text="Запитання було зайвим.", clause="3.1")
    )
    yield from worked(world, number, 20)
    deliver(world, number)
    yield from confirmed(world, number, company, 2)


def ruled(world: World, number: int, ruling: Ruling) -> Story:
    """An administrator who is not involved rules on the open dispute."""
    yield world.soon(30, 150)
    dispute = Dispute.objects.filter(ticket_id=number, ruled_at=None).latest("pk")
    world.do(world.cast.administrators[1], "control", actions.rule, dispute.pk, ruling)


def late(world: World, company: Company) -> Story:
    """Accepted late and delivered late; an administrator excuses one of the breaches."""
    number = submit(world, company)
    yield world.soon(75, 120)
    accept(world, number)
    while is_open(number, State.AWAITING_DEPOSIT):
        yield world.soon(60, 200)
    yield world.days(1)
    yield world.soon(10, 60)
    yield from worked(world, number, 30)
    deliver(world, number)
    broken = Clock.objects.filter(ticket_id=number, breached_at__isnull=False).first()
    if broken is not None:
        words = "Збій на нашому боці"
        world.do(world.cast.administrators[0], "control", actions.excuse, broken.pk, words)
    yield from confirmed(world, number, company, 2)


def promised_anew(world: World, company: Company) -> Story:
    number = submit(world, company)
    yield from taken(world, number)
    yield from worked(world, number, 15)
    due = world.days(2)
    words = "Потрібен доступ від вашого клієнта"
    world.do(executor(world, number), Q, actions.re_promise, number, due, words)
    yield world.soon(10, 60)
    verb = actions.agree if world.random.random() < 0.5 else actions.disagree
    world.do(company.member, "cabinet", verb, number)
    yield from worked(world, number, 20)
    deliver(world, number)
    yield from confirmed(world, number, company)


def merged(world: World, company: Company) -> Story:
    first = submit(world, company)
    yield from taken(world, first)
    yield from worked(world, first, 10)
    second = submit(world, company)
    yield world.soon(5, 30)
    person = executor(world, second)
    if executor(world, first) == person and is_open(first, State.IN_WORK):
        world.do(person, Q, actions.merge, second, first)
        world.do(company.member, "cabinet", actions.message, second, "І ще одне туди ж")
    yield from worked(world, first, 15)
    deliver(world, first)
    yield from confirmed(world, first, company)


def handed_over(world: World, company: Company) -> Story:
    number = submit(world, company)
    yield from taken(world, number)
    yield from worked(world, number, 10)
    here = executor(world, number)
    others = [p for p in world.cast.specialists if p != here]
    world.do(here, Q, actions.note, number, "Клієнт просить дзвонити після 15:00")
    world.tries(here, Q, actions.hand_over, number, world.random.choice(others).pk, "Навчання")
    yield from worked(world, number, 15)
    deliver(world, number)
    yield from confirmed(world, number, company)


def recalled(world: World, company: Company) -> Story:
    number = submit(world, company)
    yield from taken(world, number)
    yield from worked(world, number, 15)
    deliver(world, number)
    yield world.soon(5, 40)
    if is_open(number, State.DELIVERED):
        world.do(executor(world, number), Q, actions.recall, number, "Забув про мобільну версію")
        yield from worked(world, number, 10)
        deliver(world, number)
    yield from confirmed(world, number, company)


def reopened(world: World, company: Company) -> Story:
    number = submit(world, company)
    yield from taken(world, number)
    yield from worked(world, number, 15)
    deliver(world, number)
    yield from confirmed(world, number, company)
    yield world.days(1)
    world.do(company.member, "cabinet", actions.reopen, number, "Знову те саме")
    yield from worked(world, number, 15)
    deliver(world, number)
    yield from confirmed(world, number, company, 4)


def raced(world: World, company: Company) -> Story:
    """Two accept at once: one wins, the other is told (T1). And who may not is refused."""
    number = submit(world, company)
    yield world.soon(3, 30)
    found = ticket(number)
    seen = found.version
    world.tries(company.viewer, "cabinet", actions.cancel, number, "не моє")
    world.tries(world.cast.production[0], PROD, actions.deliver, number, RESULT)
    accept(world, number)
    from_stale(world, number, seen)
    while is_open(number, State.AWAITING_DEPOSIT):
        yield world.soon(60, 200)
    yield from worked(world, number, 20)
    deliver(world, number)
    yield from confirmed(world, number, company)


def from_stale(world: World, number: int, seen: int) -> None:
    """A second click of somebody who still looks at the ticket as it was."""
    person = executor(world, number)
    before = world.refused
    again = actions.Accepting(Type.SIMPLE, "Беру")
    world.tries(person, Q, lambda cause: actions.accept(cause.looking_at(seen), number, again))
    world.lost_races += world.refused - before
