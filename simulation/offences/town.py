"""The partners of the proof: what they submit, write, return, reopen and contest, and when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from desk.partners.models import Person
from desk.rules.lifecycle import Type
from desk.tickets import actions
from desk.tickets.actions import Objection, Submission
from desk.tickets.models import DisputeAbout, Message, Ticket
from simulation.offences import deeds
from simulation.offences.course import Course
from simulation.offences.ground import House
from simulation.offences.hours import SERVICE_HOURS as SERVICE
from simulation.offences.hours import local_date, moment
from simulation.offences.jobs import MINUTE, SECOND, Job, Stage, Tale
from simulation.offences.office import Office
from simulation.offences.specialist import Specialist

NEAR_LUNCH = 6 * MINUTE
WEIGHTS: dict[Tale, int] = {
    Tale.PLAIN: 5,
    Tale.WRITTEN: 5,
    Tale.ASKED: 3,
    Tale.RETURNED: 3,
    Tale.REOPENED: 2,
    Tale.COMPLEX: 2,
    Tale.HOUR: 2,
    Tale.EARLY: 2,
    Tale.LONG: 3,
    Tale.CONTESTED: 2,
    Tale.DOUBTED: 2,
    Tale.DECLINED: 1,
}
MINUTES: dict[Tale, int] = {Tale.HOUR: 60, Tale.EARLY: 52, Tale.REOPENED: 42}
CRITICAL_FAULTS = ("accept_bug", "begin", "other", "production", "administrator", "bug_answer")


class Town:
    """Partners and their tickets, and who holds them."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self.people: dict[int, Specialist] = {}
        for place, person in enumerate(course.ground.specialists):
            self.people[person.pk] = Specialist(self, person, place)
        for person in course.ground.specialists:
            others = course.ground.neighbours(person)
            self.people[person.pk].others = [self.people[other.pk] for other in others]
        self.office = Office(course)
        self.jobs: list[Job] = []
        self.dossiers: dict[int, datetime] = {}

    # Tickets come

    def arrives(self, house: House, tale: Tale, fault: str = "", late: timedelta = SECOND) -> None:
        """A partner submits a ticket now, or a little later where lunch begins just now."""
        if self._near_lunch(self._comes_to(house)):
            self.course.call(
                self.course.now + 13 * MINUTE, lambda: self.arrives(house, tale, fault, late)
            )
            return
        critical = tale == Tale.CRITICAL
        asked = Submission(
            house.partner.pk,
            house.project.pk,
            "Не надходять листи з форми",
            "Почалося зранку, перевіряли у двох браузерах.",
            author_id=house.owner.pk,
            critical_claim=critical,
        )
        made: Ticket = self.course.do(house.owner, actions.submit, asked)
        holder = self.people[made.executor_id or 0]
        minutes = MINUTES.get(tale) or self.course.random.uniform(12, 35)
        job = Job(
            made.pk,
            house,
            tale,
            holder.person,
            self.course.now,
            timedelta(seconds=int(minutes * 60)),
            fault,
            late,
            kind=Type.BUG if critical else Type.SIMPLE,
        )
        self._spoil(holder, job)
        self.jobs.append(job)
        holder.jobs.append(job)
        self.course.touched.add(holder.person.pk)
        self.course.sharp |= critical
        holder.wake()

    def _spoil(self, holder: Specialist, job: Job) -> None:
        if job.fault == "accept":
            due_at = SERVICE.add(job.submitted_at, 60)
            job.not_before = due_at + job.late
            self.course.expect("2.1", holder.person, due_at, (deeds.clock_of(job, "acceptance"),))
        elif job.fault == "accept_bug":
            job.not_before = job.submitted_at + 15 * MINUTE + job.late
        elif job.fault == "hour":
            job.left = 66 * MINUTE

    def _comes_to(self, house: House) -> Specialist:
        """Who gets what comes in now."""
        lead = self.people[house.lead.pk]
        away = any(since <= self.course.now < until for since, until in lead.away)
        return self.people[house.cover.pk] if away else lead

    def _near_lunch(self, who: Specialist) -> bool:
        """Whether somebody goes to lunch just now: what comes in then is for the cover."""
        windows = who.hours.windows(local_date(self.course.now))
        return len(windows) > 1 and abs(windows[0][1] - self.course.now) < NEAR_LUNCH

    # What follows

    def accepted(self, who: Specialist, job: Job) -> None:
        """The ticket was taken: the partner goes on as the tale has it."""
        now, chance = self.course.now, self.course.random
        soon = SERVICE.add(now, chance.uniform(20, 90))
        if job.tale == Tale.WRITTEN:
            self._later(soon, lambda: self._writes(job))
            job.work_after = soon + 2 * MINUTE
        elif job.tale == Tale.LONG:
            job.work_after = moment(local_date(SERVICE.closing(now, 2)), 10, 30)
            self._later(now + 3 * MINUTE, lambda: self._promises(job))
        elif job.tale == Tale.CONTESTED:
            self._later(soon, lambda: self._contests(job))
        elif job.tale == Tale.DOUBTED:
            self._later(soon, lambda: self._doubts(job))
        if job.fault == "news":
            self.course.expect("3.2", who.person, SERVICE.closing(now, 1))
        elif job.fault == "promise" and job.due_at is not None:
            job.work_after = job.due_at + job.late
            clock = deeds.clock_of(job, "resolution")
            self.course.expect("3.3", who.person, job.due_at, (clock,))

    def _later(self, at: datetime, act: Callable[[], None]) -> None:
        self.course.call(at, act)

    def _by_partner(self, job: Job, verb: Callable[..., Any], *what: Any) -> Any:
        self.course.touched.add(job.holder.pk)
        return self.course.do(job.house.owner, verb, *what)

    def _writes(self, job: Job) -> None:
        holder = self.people[job.holder.pk]
        if self._near_lunch(holder):
            self._later(self.course.now + 13 * MINUTE, lambda: self._writes(job))
            return
        if job.stage not in (Stage.OURS, Stage.DELIVERED):
            return
        self._by_partner(job, actions.message, job.number, "Ще одне: чи видно це клієнтам?")
        job.heard_at = self.course.now
        if job.fault == "answer":
            due_at = SERVICE.add(self.course.now, 60)
            job.not_before = due_at + job.late
            job.work_after = job.not_before + 10 * MINUTE
            self.course.expect("3.1", job.holder, due_at, (self.latest_message(job),))

    def _promises(self, job: Job) -> None:
        """The specialist proposes a later date; the partner agrees before the first one passes."""
        if job.stage != Stage.OURS:
            return
        due_at = SERVICE.closing(self.course.now, 2)
        words = "Чекаємо на доступ від вашого клієнта"
        self.course.do(job.holder, actions.re_promise, job.number, due_at, words)
        agreed_at = self.course.now + 20 * MINUTE
        self._later(agreed_at, lambda: self._by_partner(job, actions.agree, job.number))

    def asked(self, job: Job) -> None:
        """The partner answers the question some time later."""

        def answers() -> None:
            self._by_partner(job, actions.message, job.number, "Звіт за тиждень")
            job.stage = Stage.OURS
            self.people[job.holder.pk].wake()

        self._later(SERVICE.add(self.course.now, self.course.random.uniform(30, 240)), answers)

    def _contests(self, job: Job) -> None:
        if job.stage in (Stage.OURS, Stage.DELIVERED):
            objection = Objection(DisputeAbout.TYPE, "Це не те, що ви написали")
            made = self._by_partner(job, actions.contest, job.number, objection)
            self.office.contested(made, SERVICE.closing(self.course.now, 2))

    def _doubts(self, job: Job) -> None:
        if job.stage in (Stage.OURS, Stage.DELIVERED):
            words = "Чи правильно починати зі звіту?"
            made = self._by_partner(job, actions.doubt, job.number, words)
            self.office.doubted(made, SERVICE.add(self.course.now, 240))

    def delivered(self, job: Job) -> None:
        """The partner looks at the result: it is taken, or comes back."""
        soon = SERVICE.add(self.course.now, self.course.random.uniform(25, 300))
        if job.tale == Tale.RETURNED and job.rounds == 1:
            self._later(soon, lambda: self._returns(job))
        else:
            self._later(soon, lambda: self._confirms(job))

    def _returns(self, job: Job) -> None:
        holder = self.people[job.holder.pk]
        if self._near_lunch(holder):
            self._later(self.course.now + 13 * MINUTE, lambda: self._returns(job))
            return
        self._by_partner(job, actions.return_, job.number, "Ще не так")
        job.heard_at = self.course.now
        self._again(job, 8)

    def _confirms(self, job: Job) -> None:
        self._by_partner(job, actions.confirm, job.number, 5, "")
        job.stage = Stage.ENDED
        if job.tale == Tale.REOPENED and job.rounds == 1:
            at = SERVICE.closing(self.course.now, 1) - 5 * 60 * MINUTE
            self._later(at, lambda: self._reopens(job))

    def _reopens(self, job: Job) -> None:
        self._by_partner(job, actions.reopen, job.number, "Знову те саме")
        self._again(job, 25)

    def _again(self, job: Job, minutes: int) -> None:
        job.stage, job.left = Stage.OURS, minutes * MINUTE
        job.work_after = job.not_before = None
        self.moved(job)
        holder = self.people[job.holder.pk]
        holder.jobs.remove(job)
        holder.jobs.insert(0, job)
        holder.wake()

    # Who holds what

    def moved(self, job: Job) -> None:
        """Read who holds a ticket now."""
        executor_id = Ticket.objects.values_list("executor_id", flat=True).get(pk=job.number)
        if executor_id is None or executor_id == job.holder.pk:
            return
        self.people[job.holder.pk].jobs.remove(job)
        job.holder = self.people[executor_id].person
        self.people[executor_id].jobs.append(job)
        self.course.touched.add(executor_id)

    def handed_over(self, person: Person) -> None:
        """Somebody went away: their tickets are the cover's now."""
        for job in list(self.people[person.pk].jobs):
            self.moved(job)

    def latest_message(self, job: Job) -> str:
        return f"message:{Message.objects.filter(ticket=job.number).latest('pk').pk}"

    def live(self, dates: list[date]) -> None:
        for one in self.people.values():
            one.live(dates)
