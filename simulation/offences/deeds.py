"""What a specialist does with tickets: as the Standard wants it, or wrongly as planned."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from desk.journal.models import Entry
from desk.knowledge import actions as knowledge
from desk.knowledge.actions import News
from desk.knowledge.models import Dossier
from desk.oversight.models import DayPlan
from desk.rules.lifecycle import Reason, Type
from desk.tickets import actions
from desk.tickets.actions import Accepting, Handover
from desk.tickets.models import Clock
from desk.workdays.models import Interval
from simulation.offences.hours import SERVICE_HOURS as SERVICE
from simulation.offences.hours import local_date
from simulation.offences.jobs import MINUTE, NOTHING, SECOND, Job, Stage, Tale

if TYPE_CHECKING:
    from simulation.offences.specialist import Planned, Specialist

HOUR = 60 * MINUTE
SIMPLE_MINUTES = 8 * 60
SLOTS_MAX = 2
APART = 17 * MINUTE
WORDS = "Прийнято, подивлюся налаштування і повернуся з рішенням."


def entry_of(job: Job, verb: str) -> str:
    """The name of the latest such entry of the ticket."""
    found = Entry.objects.filter(subject=job.key, verb=verb).latest("pk")
    return f"entry:{found.pk}"


def accept(who: Specialist, job: Job) -> None:
    """Take the ticket, with what the partner needs to know."""
    if job.stage != Stage.SUBMITTED or job not in who.jobs:
        return
    if job.tale == Tale.DECLINED:
        words = "Це питання до вашого хостингу, наш продукт тут ні до чого."
        who.do(actions.decline, job.number, Reason.NOT_OUR_PRODUCT, words)
        job.stage = Stage.ENDED
        return
    if job.tale == Tale.COMPLEX:
        job.kind, job.parts = Type.COMPLEX, 2
    titles = tuple(f"Частина {n}" for n in range(1, job.parts + 1)) if job.parts > 1 else ()
    message = "Ок" if job.fault == "message" else WORDS
    who.do(actions.accept, job.number, Accepting(job.kind, message, titles))
    job.stage, job.accepted_at, job.news_on = Stage.OURS, who.now, local_date(who.now)
    job.not_before = None
    if job.kind != Type.BUG:
        job.due_at = SERVICE.add(job.submitted_at, SIMPLE_MINUTES)
    if job.fault == "message":
        who.course.expect("2.2", who.person, who.now, (entry_of(job, "accept"),))
    who.town.accepted(who, job)


def answer(who: Specialist, job: Job) -> None:
    """Answer what the partner wrote."""
    if job.heard_at is None or job not in who.jobs or job.stage == Stage.ENDED:
        return
    who.do(actions.message, job.number, "Дякую, бачу. Врахую це в налаштуванні.")
    job.heard_at, job.news_on, job.not_before = None, local_date(who.now), None


def news(who: Specialist, job: Job) -> None:
    """A word a day on what is not done yet."""
    if job.stage != Stage.OURS or job not in who.jobs:
        return
    job.news_on = local_date(who.now)
    who.do(actions.message, job.number, "Працюємо далі, завтра напишу про результат.")


def work(who: Specialist, job: Job) -> int:
    """Start the timer; the interval's number."""
    part = job.part if job.parts > 1 else None
    row = who.do(actions.work_start, job.number, part)
    assert isinstance(row, Interval)
    # The limit of the hour may come before everybody is looked at again.
    who.course.sharp |= job.worked.get(job.part, NOTHING) > HOUR / 2
    job.news_on = job.news_on or local_date(who.now)
    return row.pk


def reach_hour(who: Specialist, job: Job, began: datetime) -> None:
    """Add up the work on a part; one that goes past the hour undecided was planned to."""
    before = job.worked.get(job.part, NOTHING)
    job.worked[job.part] = before + (who.now - began)
    if before < HOUR < job.worked[job.part] and job.fault == "hour":
        row = Interval.objects.filter(subject=job.subject).latest("since_at")
        who.course.expect("2.3", who.person, began + (HOUR - before), (f"interval:{row.pk}",))


def complete(who: Specialist, job: Job) -> None:
    """What comes when the planned work is done."""
    if job.tale in (Tale.HOUR, Tale.EARLY) and job.fault != "hour" and not job.decided:
        job.decided = True
        who.do(actions.absorb, job.number)
        job.left = 12 * MINUTE
    elif job.tale == Tale.ASKED and job.rounds == 0 and not job.decided:
        job.decided = True
        who.do(actions.ask, job.number, "Який саме звіт?")
        job.stage, job.left = Stage.ASKED, 9 * MINUTE
        who.town.asked(job)
    elif job.part < job.parts:
        who.do(actions.finish_part, job.number, job.part, "Форму налаштовано")
        job.part += 1
        job.left = 14 * MINUTE
    else:
        deliver(who, job)


def deliver(who: Specialist, job: Job) -> None:
    """Hand the result over, with what was learnt for the project's dossier: with the result, on
    the dossier's own page before it, or that there is nothing new."""
    if job.parts > 1:
        who.do(actions.finish_part, job.number, job.part, "Звіт готовий")
    silent = job.fault == "dossier" and not job.rounds and not _written_since(who, job)
    news = News() if silent else _news(who, job)
    result = Handover("Виправлено умову переходу.", "Умова етапу.", "Проведіть оплату.")
    who.do(knowledge.deliver, job.number, result, news)
    if silent:
        ref = entry_of(job, "deliver")
        who.course.expect("6.1", who.person, who.now, (ref,))
    job.stage, job.heard_at = Stage.DELIVERED, None
    job.rounds += 1
    who.town.delivered(job)


def clock_of(job: Job, kind: str) -> str:
    """The name of the clock that a limit is held against."""
    return f"clock:{Clock.objects.filter(ticket=job.number, kind=kind).latest('pk').pk}"


def _news(who: Specialist, job: Job) -> News:
    text = f"Що змінено у зверненні {job.number}, коло {job.rounds + 1}."
    way = (job.number + job.rounds) % 3
    if way < 2:
        who.town.dossiers[job.house.project.pk] = who.now
    if way == 0:
        _write_dossier(who, job, text)
    return (News(), News(text), News(nothing=True))[way]


def _written_since(who: Specialist, job: Job) -> bool:
    """Whether work on another ticket brought the project's dossier up to date meanwhile."""
    written_at, accepted_at = who.town.dossiers.get(job.house.project.pk), job.accepted_at
    return written_at is not None and accepted_at is not None and accepted_at <= written_at


def _write_dossier(who: Specialist, job: Job, text: str) -> None:
    project = job.house.project.pk
    row = Dossier.objects.filter(project=project).first()
    known = knowledge.Known(summary="CRM", setup=text)
    who.do(knowledge.write_dossier, project, known, row.version if row else 0)


def slots(who: Specialist) -> list[Planned]:
    """Work to plan for today: what is open, at times that no break touches."""
    from simulation.offences.specialist import Planned

    found: list[Planned] = []
    at = who.now + 20 * MINUTE
    free = [job for job in who.jobs if job.workable(who.now) and job.kind == Type.SIMPLE]
    for job in free[:SLOTS_MAX]:
        while at < who.today.windows[-1][1] and not _fits(who, at):
            at += 5 * MINUTE
        if at >= who.today.windows[-1][1]:
            break
        minutes = who.course.random.choice((0, 0, who.course.random.uniform(0, 9)))
        found.append(Planned(job, at, late=timedelta(seconds=int(minutes * 60))))
        at += 45 * MINUTE
    return found


def _fits(who: Specialist, at: datetime) -> bool:
    inside = any(start <= at and at + 30 * MINUTE < end for start, end in who.today.windows)
    return inside and all(abs(at - one) > APART for one, _ in who.today.breaks)


def expect_slot(who: Specialist, plan: object) -> None:
    """The first slot is not kept, where that was planned."""
    assert isinstance(plan, DayPlan)
    if who.today.fault != "slot" or not who.today.slots:
        return
    slot = who.today.slots[0]
    slot.late = 15 * MINUTE + who.course.random.choice((1, 60, 500)) * SECOND
    row = plan.slots.get(since_at=slot.at)
    who.course.expect("1.2", who.person, slot.at + 15 * MINUTE, (f"slot:{row.pk}",))
