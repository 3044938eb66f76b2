"""What happens to tickets: each story is one way that a ticket may go, by the verbs it shows."""

from __future__ import annotations

from collections.abc import Callable

from desk.rules.lifecycle import Reason, State, Step, Type
from desk.tickets import actions
from desk.tickets.actions import Reclassifying
from simulation.moves import (
    accept,
    confirmed,
    deliver,
    executor,
    started,
    submit,
    taken,
    worked,
)
from simulation.people import Company
from simulation.world import Story, World, is_open

Tale = Callable[[World, Company], Story]
Q = "workplace"


def plain(world: World, company: Company) -> Story:
    number = submit(world, company)
    yield from taken(world, number)
    yield from worked(world, number, world.random.uniform(10, 40))
    if world.random.random() < 0.5:
        world.do(executor(world, number), Q, actions.step, number, Step.IMPLEMENTING)
        yield from worked(world, number, world.random.uniform(3, 12))
    deliver(world, number)
    yield from confirmed(world, number, company, world.random.choice((3, 4, 5, 5)))


def silent(world: World, company: Company) -> Story:
    """The partner says nothing: the system confirms (T6)."""
    number = submit(world, company)
    yield from taken(world, number)
    yield from worked(world, number, 25)
    deliver(world, number)


def returned(world: World, company: Company) -> Story:
    number = submit(world, company)
    yield from taken(world, number)
    yield from worked(world, number, 20)
    deliver(world, number)
    for _ in range(world.random.choice((1, 1, 3))):
        yield world.soon(20, 120)
        world.do(company.member, "cabinet", actions.return_, number, "Ще не так")
        yield from worked(world, number, 8)
        deliver(world, number)
    yield from confirmed(world, number, company, 3)


def asked(world: World, company: Company) -> Story:
    number = submit(world, company)
    yield from taken(world, number)
    yield from started(world, number)
    world.do(executor(world, number), Q, actions.ask, number, "Який саме звіт?")
    yield world.soon(30, 400)
    world.do(company.member, "cabinet", actions.message, number, "Звіт за тиждень")
    yield from worked(world, number, 20)
    deliver(world, number)
    yield from confirmed(world, number, company)


def resumed(world: World, company: Company) -> Story:
    number = submit(world, company)
    yield from taken(world, number)
    yield from started(world, number)
    world.do(executor(world, number), Q, actions.ask, number, "Чи можна змінити етап?")
    yield world.soon(20, 100)
    world.do(executor(world, number), Q, actions.resume, number, "Відповіли телефоном")
    yield from worked(world, number, 15)
    deliver(world, number)
    yield from confirmed(world, number, company)


def complex_(world: World, company: Company) -> Story:
    number = submit(world, company)
    yield from taken(world, number, Type.COMPLEX, "Налаштувати форму", "Звіт", "Права доступу")
    yield from worked(world, number, 25, 1)
    world.do(executor(world, number), Q, actions.finish_part, number, 1, "Форму налаштовано")
    world.do(executor(world, number), Q, actions.ask, number, "Хто бачить звіт?", 2)
    yield from worked(world, number, 25, 3)
    world.do(executor(world, number), Q, actions.finish_part, number, 3, "Права надано")
    yield world.soon(20, 120)
    world.do(company.member, "cabinet", actions.message, number, "Керівник відділу")
    yield from worked(world, number, 20, 2)
    world.do(executor(world, number), Q, actions.finish_part, number, 2, "Звіт готовий")
    deliver(world, number)
    yield from confirmed(world, number, company)


def large(world: World, company: Company) -> Story:
    """More parts than the specialist may decide alone: the owner approves, or does not."""
    number = submit(world, company)
    yield world.soon(5, 40)
    accept(world, number, Type.COMPLEX, [f"Частина {n}" for n in range(1, 6)])
    yield world.soon(30, 200)
    if world.random.random() < 0.3:
        world.do(company.finance, "cabinet", actions.refuse, number, "Забагато, зробимо самі")
        return
    world.do(company.owner, "cabinet", actions.approve, number)
    while is_open(number, State.AWAITING_DEPOSIT):
        yield world.soon(60, 200)
    for part in range(1, 6):
        yield from worked(world, number, world.random.uniform(15, 40), part)
        world.do(executor(world, number), Q, actions.finish_part, number, part, "Зроблено")
    deliver(world, number)
    yield from confirmed(world, number, company)


def bug(world: World, company: Company) -> Story:
    number = submit(world, company, critical=True)
    yield world.soon(2, 12)
    accept(world, number, Type.BUG)
    yield from worked(world, number, 15)
    if is_open(number, State.IN_WORK):
        world.do(executor(world, number), Q, actions.consult, number, "Чи є збій у модулі?")
        yield world.soon(10, 50)
        reply = actions.Reply("Так, зламано оновленням", "Помилку знайдено, виправляємо")
        world.do(world.cast.production[0], "production", actions.reply, number, reply)
        if world.random.random() < 0.6:
            developer = world.cast.production[0]
            world.do(developer, "production", actions.confirm_defect, number, "Дефект продукту")
    yield from worked(world, number, 10)
    deliver(world, number)
    yield from confirmed(world, number, company)


def false_alarm(world: World, company: Company) -> Story:
    """A critical claim found to be none becomes simple, with the reason (T4)."""
    number = submit(world, company, critical=True, who="owner")
    yield world.soon(2, 10)
    accept(world, number, Type.SIMPLE, (), "Система працює, не оновлюється лише один звіт")
    while is_open(number, State.AWAITING_DEPOSIT):
        yield world.soon(60, 200)
    yield from worked(world, number, 20)
    deliver(world, number)
    yield world.soon(30, 100)
    world.do(company.owner, "cabinet", actions.confirm, number, 4, "")


def declined(world: World, company: Company) -> Story:
    number = submit(world, company)
    yield world.soon(5, 40)
    words = "Це питання до вашого хостингу, наш продукт тут ні до чого."
    world.do(executor(world, number), Q, actions.decline, number, Reason.NOT_OUR_PRODUCT, words)


def cancelled(world: World, company: Company) -> Story:
    number = submit(world, company)
    yield from taken(world, number)
    yield from started(world, number)
    world.do(company.member, "cabinet", actions.cancel, number, "Вже не потрібно")


def unanswered(world: World, company: Company) -> Story:
    """No answer for five working dates: the system cancels."""
    number = submit(world, company)
    yield from taken(world, number)
    yield from started(world, number)
    world.do(executor(world, number), Q, actions.ask, number, "Надішліть, будь ласка, приклад")


def split(world: World, company: Company) -> Story:
    """The hour is over: split, and the partner approves the extra part, or does not (T3, L6)."""
    number = submit(world, company)
    yield from taken(world, number)
    yield from worked(world, number, 63)
    if world.random.random() < 0.4:
        world.do(executor(world, number), Q, actions.absorb, number)
    else:
        world.do(executor(world, number), Q, actions.split, number, "Другий звіт")
        yield world.soon(10, 60)
        verb = actions.approve if world.random.random() < 0.7 else actions.refuse
        if world.tries(company.owner, "cabinet", verb, number):
            yield from worked(world, number, 20, 2)
            world.do(executor(world, number), Q, actions.finish_part, number, 1, "Перший")
            world.do(executor(world, number), Q, actions.finish_part, number, 2, "Другий")
        else:
            world.do(executor(world, number), Q, actions.finish_part, number, 1, "Перший")
            world.do(executor(world, number), Q, actions.finish_part, number, 2, "Другий")
    deliver(world, number)
    yield from confirmed(world, number, company)


def reclassified(world: World, company: Company) -> Story:
    number = submit(world, company)
    yield from taken(world, number)
    yield from worked(world, number, 12)
    change = world.random.choice(
        (
            Reclassifying(Type.BUG, "Це збій для всіх користувачів"),
            Reclassifying(Type.COMPLEX, "Тут дві окремі справи", ("Форма", "Звіт")),
        )
    )
    world.do(executor(world, number), Q, actions.reclassify, number, change)
    while is_open(number, State.AWAITING_DEPOSIT, State.AWAITING_APPROVAL):
        yield world.soon(20, 60)
        if is_open(number, State.AWAITING_APPROVAL):
            world.do(company.owner, "cabinet", actions.approve, number)
    parts = 2 if change.type == Type.COMPLEX else 0
    for part in range(1, parts + 1):
        yield from worked(world, number, 15, part)
        world.do(executor(world, number), Q, actions.finish_part, number, part, "Зроблено")
    if not parts:
        yield from worked(world, number, 10)
    deliver(world, number)
    yield from confirmed(world, number, company)
