"""Short stretches that many stories share: submit, accept, work, hand over, confirm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from desk.journal.cause import Cause
from desk.knowledge import actions as knowledge
from desk.knowledge.actions import News
from desk.partners.models import Person
from desk.rules.lifecycle import State, Type
from desk.tickets import actions
from desk.tickets.actions import Accepting, Handover, Submission
from desk.tickets.models import Ticket
from desk.workdays import actions as workdays_actions
from desk.workdays import queries as workdays
from desk.workdays.models import Activity
from simulation.people import Company
from simulation.world import Story, World, is_open, ticket

PIECE_MINUTES = 22
LOOK_MINUTES = 3
# Of so many results one brings something new for the project's dossier.
NEWS_EACH = 5
SUBJECTS = (
    "Не надходять листи з форми на сайті",
    "Звіт про продажі показує нулі",
    "Не змінюється статус після оплати",
    "Дублюються контакти при імпорті",
    "Потрібно додати поле до замовлення",
    "Не друкується накладна",
    "Менеджер не бачить своїх задач",
    "Телефонія не створює угоду",
    "Як налаштувати нагадування клієнту?",
    "Залишки на складі не сходяться",
    "Не спрацьовує бізнес-процес на третьому етапі",
    "Шаблон документа губить шрифт",
)
TEXT = (
    "Почалося сьогодні зранку. Перевіряли у двох браузерах, результат той самий. "
    "Адреса процесу є в картці проєкту. Чекаємо на рішення, клієнт питає."
)
TAKEN = "Прийнято. Подивлюся налаштування процесу і повернуся з рішенням до вказаного терміну."
RESULT = Handover(
    "Виправлено умову переходу між етапами: тепер статус змінюється одразу після оплати.",
    "Умова переходу на етап «Оплачено».",
    "Відкрийте будь-яке замовлення, проведіть оплату і перевірте статус.",
)

LEARNT = News("Змінено умову переходу між етапами: статус змінюється одразу після оплати.")
NOTHING_NEW = News(nothing=True)


def submit(world: World, company: Company, *, critical: bool = False, who: str = "member") -> int:
    """A partner's person submits a ticket now; its id."""
    author: Person = getattr(company, who)
    made: Ticket = world.do(
        author,
        "cabinet",
        actions.submit,
        Submission(
            company.partner.pk,
            world.random.choice(company.projects).pk,
            world.random.choice(SUBJECTS),
            TEXT,
            author_id=author.pk,
            critical_claim=critical,
        ),
    )
    return made.pk


def executor(world: World, ticket_id: int) -> Person:
    """The executor; where nobody is, an administrator chooses the first one present."""
    found = ticket(ticket_id).executor
    if found is not None:
        return found
    present = [p for p in world.cast.specialists if not workdays.away(p.pk, world.now)]
    chosen = present[0]
    administrator = world.cast.administrators[0]
    world.do(administrator, "control", actions.hand_over, ticket_id, chosen.pk, "Нікого немає")
    return chosen


def accept(
    world: World, ticket_id: int, kind: Type = Type.SIMPLE, parts: Sequence[str] = (), why: str = ""
) -> None:
    accepting = Accepting(kind, TAKEN, tuple(parts), why)
    world.do(executor(world, ticket_id), "workplace", actions.accept, ticket_id, accepting)


def taken(world: World, ticket_id: int, kind: Type = Type.SIMPLE, *parts: str) -> Story:
    """Wait a little, accept, and wait for the deposit where it does not suffice."""
    yield world.soon(3, 45)
    accept(world, ticket_id, kind, parts)
    while is_open(ticket_id, State.AWAITING_DEPOSIT):
        yield world.soon(30, 120)


def worked(world: World, ticket_id: int, minutes: float, part: int | None = None) -> Story:
    """The executor works on it with the timer running, when nothing else keeps them."""
    person = executor(world, ticket_id)
    free = world.busy.get(person.pk, world.now)
    yield max(free, world.soon(1, 10))
    person = executor(world, ticket_id)
    if is_open(ticket_id, State.ACCEPTED, State.IN_WORK):
        until = world.after(minutes)
        world.busy[person.pk] = until
        yield from _pieces(world, ticket_id, part, until)


def _pieces(world: World, ticket_id: int, part: int | None, until: datetime) -> Story:
    """Work until a moment; every twenty minutes or so a look at what came in."""
    person = executor(world, ticket_id)
    while world.now < until and is_open(ticket_id, State.ACCEPTED, State.IN_WORK):
        person = executor(world, ticket_id)
        world.do(person, "workplace", actions.work_start, ticket_id, part)
        yield min(until, world.after(PIECE_MINUTES))
        if world.now < until:
            world.do(person, "workplace", _look, person.pk)
            yield min(until, world.after(LOOK_MINUTES))
    world.do(person, "workplace", actions.work_stop, ticket_id)


def _look(cause: Cause, person_id: int) -> None:
    workdays_actions.start(cause, person_id, Activity.INTAKE)


def started(world: World, ticket_id: int) -> Story:
    """Start by the button, without the timer."""
    yield world.soon(2, 20)
    world.do(executor(world, ticket_id), "workplace", actions.start, ticket_id)


def deliver(world: World, ticket_id: int) -> None:
    """Hand the result over, with what was learnt for the dossier or that there is nothing new."""
    news = LEARNT if ticket(ticket_id).number % NEWS_EACH == 1 else NOTHING_NEW
    person = executor(world, ticket_id)
    world.do(person, "workplace", knowledge.deliver, ticket_id, RESULT, news)


def confirmed(world: World, ticket_id: int, company: Company, rating: int = 5) -> Story:
    """The author checks it some time later and confirms."""
    yield world.soon(15, 240)
    if is_open(ticket_id, State.DELIVERED):
        world.do(company.member, "cabinet", actions.confirm, ticket_id, rating, "")
