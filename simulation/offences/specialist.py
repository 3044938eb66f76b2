"""A specialist who lives whole days under the Standard, and on a planned day breaks one clause.

Obedience is strict, up to the second where the limit allows it: whatever else control finds was
not planned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from desk.oversight.actions import days
from desk.oversight.actions.days import Wish
from desk.partners.models import Person
from desk.rules.dayplan import Kind
from desk.rules.lifecycle import Type
from desk.workdays import actions as workdays
from desk.workdays.models import Activity
from simulation.offences import deeds
from simulation.offences.course import Steps, Walker
from simulation.offences.hours import Hours, Window, local_date
from simulation.offences.jobs import MINUTE, NOTHING, SECOND, Job, Stage
from simulation.offences.serving import serve

if TYPE_CHECKING:
    from simulation.offences.town import Town

LOOK = 60 * SECOND
STEP = 20 * SECOND
LAST_LOOK = 100 * SECOND
BREAK = 15 * MINUTE
BREAKS_MAX = 2
SLOT = 15 * MINUTE
NEWS_HOUR = 16
# Breaks of neighbours in the ring never meet: those at even places go earlier.
BREAKS_AT = (((10, 20), (15, 0)), ((11, 0), (16, 0)))
THIRD_AT = ((14, 15), (14, 40))


@dataclass(slots=True)
class Planned:
    """A slot of work in the confirmed plan."""

    job: Job
    at: datetime
    begun: bool = False
    late: timedelta = NOTHING


@dataclass(slots=True)
class Today:
    """What a day holds for a specialist. `fault` names the offence planned for it."""

    on: date
    windows: list[Window]
    confirm_at: datetime | None
    breaks: list[tuple[datetime, timedelta]]
    fault: str = ""
    slots: list[Planned] = field(default_factory=list)
    idle: timedelta = NOTHING
    missing: timedelta = NOTHING
    breaks_taken: int = 0


class Specialist:
    """One specialist: the steps of every day, from the look at what came in to the last one."""

    def __init__(self, town: Town, person: Person, place: int) -> None:
        course = town.course
        self.town, self.course, self.person, self.place = town, course, person, place
        self.hours: Hours = course.ground.hours[person.pk]
        self.jobs: list[Job] = []
        self.faults: dict[date, str] = {}
        self.away: list[Window] = []
        self.today = Today(date.min, [], None, [])
        self.resting = False
        self.doing: Activity | None = None
        self.others: list[Specialist] = []
        self.walker: Walker | None = None

    # Days

    def live(self, dates: list[date]) -> None:
        """Begin to live through these dates."""
        self.walker = Walker(self.course, self._days(dates))
        self.walker.start()

    def wake(self) -> None:
        """Something came in that cannot wait."""
        if self.walker is not None and self.resting:
            self.walker.wake()

    @property
    def now(self) -> datetime:
        return self.course.now

    def _days(self, dates: list[date]) -> Steps:
        for on in dates:
            windows = self._present(on)
            if not windows:
                continue
            self.today = self._script(on, windows)
            for number, (start, end) in enumerate(windows):
                yield start + (self._overrun() if number else NOTHING)
                yield from self._window(start, end)
                self.do(workdays.stop, self.person.pk)
                self.doing = None
                self._count_record(end)
                if number + 1 < len(windows) and windows[1][0] - end == 60 * MINUTE:
                    self._lunch(end)

    def _present(self, on: date) -> list[Window]:
        """Working hours without absences; an absence lasts to the end of the day."""
        found = []
        for start, end in self.hours.windows(on):
            gone = [since for since, until in self.away if since < end and until > start]
            until_at = min([end, *gone])
            if start < until_at:
                found.append((start, until_at))
        return found

    def _script(self, on: date, windows: list[Window]) -> Today:
        fault, chance = self.faults.get(on, ""), self.course.random
        first = windows[0][0]
        confirm = chance.choice((15 * MINUTE, 15 * MINUTE, chance.uniform(4, 14) * MINUTE))
        if fault == "plan":
            confirm = 15 * MINUTE + chance.uniform(0.1, 20) * MINUTE
            self.course.expect("1.1", self.person, first + 15 * MINUTE)
        lengths = [chance.choice((BREAK, chance.uniform(8, 14) * MINUTE)) for _ in range(2)]
        times = BREAKS_AT[self.place % 2]
        breaks = [
            (self._at(on, hour, minute), length)
            for (hour, minute), length in zip(times, lengths, strict=True)
        ]
        today = Today(on, windows, first + confirm, breaks, fault)
        if fault == "record":
            today.idle = 62 * MINUTE
        if fault == "third_break":
            breaks.append((self._at(on, *THIRD_AT[self.place % 2]), 5 * MINUTE))
        if fault == "long_break":
            breaks[1] = (breaks[1][0], BREAK + chance.choice((1, 90, 200)) * SECOND)
        if fault == "together":
            other = BREAKS_AT[1 - self.place % 2][0]
            breaks[0] = (self._at(on, *other) + 4 * MINUTE, 8 * MINUTE)
        return today

    def _count_record(self, end: datetime) -> None:
        whole = sum(((end - start) for start, end in self.today.windows), NOTHING)
        if end == self.today.windows[-1][1] and self.today.missing * 10 > whole:
            self.course.expect("7.1", self.person, end)

    def _at(self, on: date, hour: int, minute: int) -> datetime:
        midnight = self.hours.windows(on)[0][0]
        return midnight + timedelta(hours=hour - 9, minutes=minute)

    def _overrun(self) -> timedelta:
        return 130 * SECOND if self.today.fault == "long_lunch" else NOTHING

    def _lunch(self, at: datetime) -> None:
        ref = self.begin(Activity.LUNCH)
        if self._overrun():
            self.course.expect("4.1", self.person, at + 60 * MINUTE, (ref,))

    # One window of working hours

    def _window(self, start: datetime, end: datetime) -> Steps:
        look_at = start
        while self.now < end:
            bug = self._urgent()
            if bug is not None:
                yield from serve(self, bug)
                # The acceptance was a look, and work on a bug excuses the next one.
                look_at = min(self.now + 5 * MINUTE, end - LAST_LOOK)
            elif self.now >= look_at:
                yield from self._look(end)
                look_at = self._next_look(end)
            elif self._due(self.today.confirm_at):
                self._confirm()
            elif self._break_due():
                yield from self._break(end)
            else:
                yield from self._block(min(self._until(end), look_at))

    def _urgent(self) -> Job | None:
        return next((job for job in self.jobs if job.kind == Type.BUG and self._waits(job)), None)

    def _waits(self, job: Job) -> bool:
        ready = job.not_before is None or job.not_before <= self.now
        return ready and job.stage in (Stage.SUBMITTED, Stage.OURS) and job.rounds == 0

    def _due(self, at: datetime | None) -> bool:
        return at is not None and at <= self.now

    def _break_due(self) -> bool:
        passed = [one for one in self.today.breaks if one[0] + 2 * MINUTE < self.now]
        for one in passed:
            # A break that could not be taken in its turn is not taken at another's expense.
            self.today.breaks.remove(one)
        return any(at <= self.now for at, _ in self.today.breaks)

    def _until(self, end: datetime) -> datetime:
        moments = [end, *(at for at, _ in self.today.breaks)]
        moments += [slot.at + slot.late for slot in self.today.slots if not slot.begun]
        moments += [job.not_before for job in self.jobs if job.not_before is not None]
        if self.today.confirm_at is not None:
            moments.append(self.today.confirm_at)
        return min(at for at in moments if at > self.now)

    def _next_look(self, end: datetime) -> datetime:
        minutes = self.course.random.choice((self.course.random.uniform(24, 29), 30))
        wanted = self.now + minutes * MINUTE
        if self.today.fault == "intake" and self.now > self.today.windows[-1][0]:
            # No break comes in the first hour of the second window.
            self.today.fault = ""
            self.course.expect("2.1", self.person, self.now + 30 * MINUTE)
            return self.now + 30 * MINUTE + self.course.random.choice((1, 200, 1100)) * SECOND
        last = end - LAST_LOOK
        return wanted if wanted < last else max(last, self.now + SECOND)

    def _look(self, end: datetime) -> Steps:
        """Look at what came in, and answer it, one thing after the other."""
        self.begin(Activity.INTAKE)
        until = min(self.now + LOOK, end)
        for act in list(self._acts()):
            if self.now + STEP >= end:
                break
            yield self.now + STEP
            act()
        yield max(until, self.now)

    def _acts(self) -> Iterator[Callable[[], None]]:
        for job in list(self.jobs):
            ready = job.not_before is None or job.not_before <= self.now
            if job.stage == Stage.SUBMITTED and job.kind != Type.BUG and ready:
                yield lambda job=job: deeds.accept(self, job)  # type: ignore[misc]
            elif job.heard_at is not None and ready and job.kind != Type.BUG:
                yield lambda job=job: deeds.answer(self, job)  # type: ignore[misc]
            elif self._lacks_news(job):
                yield lambda job=job: deeds.news(self, job)  # type: ignore[misc]

    def _lacks_news(self, job: Job) -> bool:
        late = self.now >= self._at(self.today.on, NEWS_HOUR, 0)
        silent = job.fault == "news" and job.news_on == local_date(job.submitted_at)
        ours = job.stage == Stage.OURS and job.news_on != self.today.on
        return ours and late and not silent

    # What is done in between

    def _block(self, until: datetime) -> Steps:
        job = self._choose()
        began = self.now
        if job is not None:
            self.work(job)
            until = min(until, began + max(job.left, SECOND))
        elif self.today.idle > NOTHING:
            self.do(workdays.stop, self.person.pk)
            self.doing = None
        else:
            self.begin(self.course.random.choice((Activity.MEETING, Activity.TRAINING)))
        yield from self.rest(until)
        if job is not None:
            self.worked(job, began)
        elif self.doing is None:
            self.today.idle -= self.now - began
            self.today.missing += self.now - began

    def _choose(self) -> Job | None:
        for slot in self.today.slots:
            can = slot.job.stage == Stage.OURS and slot.job in self.jobs
            if not slot.begun and can and slot.at + slot.late <= self.now:
                slot.begun = True
                return slot.job
        kept = [slot.job for slot in self.today.slots if not slot.begun]
        free = (job for job in self.jobs if job.workable(self.now) and job not in kept)
        return next(free, None)

    def rest(self, until: datetime) -> Steps:
        """Wait; what cannot wait ends it."""
        self.resting = True
        yield until
        self.resting = False

    def work(self, job: Job) -> int:
        """Begin to work on a ticket; the interval's number."""
        row = deeds.work(self, job)
        self.doing = Activity.WORK
        return row

    def worked(self, job: Job, began: datetime) -> None:
        """So much was done since; at the end of it comes the result."""
        deeds.reach_hour(self, job, began)
        job.left -= self.now - began
        mine = job in self.jobs and job.stage == Stage.OURS
        if job.left <= NOTHING and mine:
            deeds.complete(self, job)

    def begin(self, activity: Activity) -> str:
        """Something that is no work on a ticket; the interval's name."""
        self.doing = activity
        started = self.do(workdays.start, self.person.pk, activity)
        assert isinstance(started, workdays.Started)
        return f"interval:{started.interval.pk}"

    def do(self, verb: Callable[..., object], *what: object) -> object:
        return self.course.do(self.person, verb, *what)

    def _break(self, end: datetime) -> Steps:
        at, length = self.today.breaks.pop(0)
        ref = self.begin(Activity.BREAK)
        if length > BREAK:
            self.course.expect("4.1", self.person, self.now + BREAK, (ref,))
        self.today.breaks_taken += 1
        if self.today.breaks_taken > BREAKS_MAX:
            self.course.expect("4.1", self.person, self.now, (ref,))
        if self.today.fault == "together" and at < self._at(self.today.on, 12, 0):
            away = [one for one in self.others if one.doing == Activity.BREAK]
            if away:
                self.course.expect("4.1", self.person, self.now, (ref,))
        yield min(self.now + length, end)

    def _confirm(self) -> None:
        """Confirm a plan that one can keep: the next pieces of work at times without breaks."""
        self.today.confirm_at = None
        self.today.slots = deeds.slots(self)
        wishes = [
            Wish(Kind.WORK, slot.at, slot.at + SLOT, slot.job.subject) for slot in self.today.slots
        ]
        plan = self.do(days.confirm_day, wishes)
        deeds.expect_slot(self, plan)
