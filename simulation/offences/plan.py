"""Who comes with what when, who is away, what is out, and who breaks which clause on which day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from desk.oversight.actions import audits
from desk.tickets.actions import watch
from desk.workdays import actions as workdays
from desk.workdays.models import AbsenceKind
from simulation.offences import hours
from simulation.offences.course import Course
from simulation.offences.ground import House
from simulation.offences.hours import moment, working_dates
from simulation.offences.jobs import MINUTE, SECOND, Tale
from simulation.offences.town import CRITICAL_FAULTS, WEIGHTS, Town

DAY_FAULTS = ("plan", "slot", "intake", "long_break", "third_break", "together", "record")
JOB_FAULTS: dict[str, Tale] = {
    "accept": Tale.PLAIN,
    "message": Tale.PLAIN,
    "hour": Tale.PLAIN,
    "answer": Tale.WRITTEN,
    "news": Tale.LONG,
    "promise": Tale.PLAIN,
    "dossier": Tale.PLAIN,
}
LONG_FAULTS = ("news", "promise")
OFFICE_FAULTS = ("contest", "doubt", "audit")
# Whoever goes to lunch later can stay too long without anybody who waits for them.
LATE_PLACES_ONLY = ("long_lunch",)
CRITICAL_CHANCE = 0.4
OUTAGE_EVERY_DAYS = 4
SPARE_SHARE = 0.55
LONG_FAULT_DAYS = 3


@dataclass(frozen=True, slots=True)
class Offence:
    """One planned offence: which, by the specialist at which place, on which working day."""

    fault: str
    place: int
    day: int

    @property
    def cells(self) -> list[tuple[int, int]]:
        """Its place with each of its days. Some come about a day or two later: on these their
        specialist stays, no system is out, and no critical error excuses them."""
        days = LONG_FAULT_DAYS if self.fault in LONG_FAULTS else 1
        return [(self.place, day) for day in range(self.day, self.day + days)]


class Plan:
    """The whole run, laid out before it begins; the same seed makes the same plan."""

    def __init__(self, course: Course, town: Town, first: date, days: int) -> None:
        self.course, self.town = course, town
        self.chance = course.random
        self.dates = working_dates(first, days)
        self.off: set[tuple[int, int]] = set()
        self.out: set[int] = set()

    def lay_out(self) -> None:
        self._outages()
        self.course.planned = tuple(self.course.outages)
        self._absences()
        offences = list(self._offences())
        for offence in offences:
            self._inject(offence)
        self.town.office.faults.update(OFFICE_FAULTS)
        busy = {cell for one in offences for cell in one.cells}
        for number, on in enumerate(self.dates):
            self._day(number, on, busy)

    # What excuses

    def _outages(self) -> None:
        for number in range(1, len(self.dates), OUTAGE_EVERY_DAYS):
            self.out.add(number)
            at = moment(self.dates[number], *self.chance.choice(((11, 27), (16, 38), (14, 51))))
            length = self.chance.uniform(6, 45) * MINUTE
            self.course.outages.append((at, at + timedelta(seconds=int(length.total_seconds()))))

    def _absences(self) -> None:
        """A day of vacation and an afternoon of illness, each for another specialist."""
        people = self.course.ground.specialists
        for number in range(2, len(self.dates), 5):
            place = (number // 5) % len(people)
            self._away(place, number, moment(self.dates[number], 0), AbsenceKind.VACATION)
        for number in range(3, len(self.dates), 5):
            place = (number // 5 + 2) % len(people)
            at = moment(self.dates[number], 14, self.chance.randrange(5, 55))
            self._away(place, number, at, AbsenceKind.SICK)

    def _away(self, place: int, number: int, since_at: datetime, kind: AbsenceKind) -> None:
        person = self.course.ground.specialists[place]
        until_at = moment(self.dates[number] + timedelta(days=1), 0)
        self.off |= {(place, number)}
        self.town.people[person.pk].away.append((since_at, until_at))
        noted_at = since_at
        if kind == AbsenceKind.VACATION:
            noted_at = moment(self.dates[number - 1], 16, 40)

        def note() -> None:
            self.course.do(
                self.town.office.duty,
                workdays.note_absence,
                person.pk,
                kind,
                since_at,
                until_at,
            )

        def leave() -> None:
            watch.tick(self.course.now)
            self.town.handed_over(person)
            self.course.touched.add(person.pk)

        self.course.call(noted_at, note)
        self.course.call(since_at, leave)

    # Offences

    def _offences(self) -> Iterator[Offence]:
        kinds = [*DAY_FAULTS, *LATE_PLACES_ONLY, *JOB_FAULTS, *CRITICAL_FAULTS]
        self.chance.shuffle(kinds)
        cells = [
            (place, day)
            for day in range(len(self.dates))
            for place in range(len(self.course.ground.specialists))
            if day not in self.out and (place, day) not in self.off
        ]
        self.chance.shuffle(cells)
        room = int(len(cells) * SPARE_SHARE)
        wanted = [*kinds, *self.chance.choices(kinds, k=room)][:room]
        for fault in wanted:
            every = (Offence(fault, *cell) for cell in cells)
            found = next((one for one in every if self._can(one, cells)), None)
            if found is not None:
                cells = [cell for cell in cells if cell not in found.cells]
                yield found

    def _can(self, one: Offence, free: list[tuple[int, int]]) -> bool:
        if one.fault in LATE_PLACES_ONLY and one.place % 2 == 0:
            return False
        if one.fault == "slot" and one.day == 0:
            return False
        return set(one.cells) <= set(free)

    def _inject(self, offence: Offence) -> None:
        on, fault = self.dates[offence.day], offence.fault
        person = self.course.ground.specialists[offence.place]
        if fault in DAY_FAULTS or fault in LATE_PLACES_ONLY:
            self.town.people[person.pk].faults[on] = fault
            return
        house = self.course.ground.houses[offence.place]
        if fault in CRITICAL_FAULTS:
            at = self._critical_at(on)
            if fault == "other":
                self._arrival(at - 45 * MINUTE, house, Tale.PLAIN)
            late = self.chance.choice((1, 60, 280)) * SECOND
            self._arrival(at, house, Tale.CRITICAL, fault, late)
            return
        late = self.chance.choice((1, 30, 600, 3000)) * SECOND
        at = moment(on, 9, 40) + self.chance.uniform(0, 60) * MINUTE
        self._arrival(at, house, JOB_FAULTS[fault], fault, late)

    # Ordinary days

    def _day(self, number: int, on: date, busy: set[tuple[int, int]]) -> None:
        self.course.call(moment(on, 10, 5), self.town.office.morning)
        self.course.call(moment(on, 15, 35), self.town.office.morning)
        self.course.call(moment(on, 11, 17), self.town.office.audits)
        for hour in range(9, 19):
            self.course.call(moment(on, hour, 30), self._watch)
        for place, house in enumerate(self.course.ground.houses):
            self._tickets(number, on, house)
            calm = (place, number) not in busy | self.off and number not in self.out
            if calm and self.chance.random() < CRITICAL_CHANCE:
                self._arrival(self._critical_at(on), house, Tale.CRITICAL)

    def _tickets(self, number: int, on: date, house: House) -> None:
        """One in the evening before or in the night, and one or two during the day."""
        last = number + LONG_FAULT_DAYS >= len(self.dates)
        if number:
            before = moment(self.dates[number - 1], 17) + self.chance.uniform(0, 300) * MINUTE
            self._arrival(before, house, self._tale(last))
        for _ in range(self.chance.choice((1, 1, 2))):
            at = moment(on, 9) + self.chance.uniform(0, 500) * MINUTE
            self._arrival(at, house, self._tale(last))

    def _tale(self, last: bool) -> Tale:
        tales = [tale for tale in WEIGHTS if not (last and tale == Tale.LONG)]
        return self.chance.choices(tales, [WEIGHTS[tale] for tale in tales])[0]

    def _critical_at(self, on: date) -> datetime:
        """When everybody is there for the next hour and a half."""
        hour, minute, length = self.chance.choice(((9, 35, 28), (14, 10, 75)))
        seconds = int(self.chance.uniform(0, length) * 60)
        return moment(on, hour, minute) + timedelta(seconds=seconds)

    def _arrival(
        self,
        at: datetime,
        house: House,
        tale: Tale,
        fault: str = "",
        late: timedelta = SECOND,
    ) -> None:
        at = at.replace(microsecond=0)
        self.course.call(at, lambda: self.town.arrives(house, tale, fault, late))

    def _watch(self) -> None:
        watch.tick(self.course.now)
        if self.course.now.astimezone(hours.KYIV).weekday() == 0:
            audits.draw_audits(self.course.now)
