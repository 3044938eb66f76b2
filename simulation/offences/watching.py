"""Control driven through simulated time: as the real loop runs, rarely, or killed and restarted."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from desk.oversight.actions import control
from desk.oversight.models import Watch
from desk.oversight.queries import control as queries
from simulation.offences.hours import KYIV, is_working_date, local_date

EVERYBODY_EVERY = timedelta(hours=1)
TOUCHED_EVERY = timedelta(minutes=25)
ROUND_HOURS = range(8, 20)


class Live:
    """At every limit, and after what happened: at once where something may be owed at once, else
    within 25 minutes, which is less than any other limit. The loop does it second by second;
    that it may be done more rarely is what makes a month go by in a minute."""

    def __init__(self, people: list[int], start: datetime) -> None:
        self.people = people
        self.touched: set[int] = set()
        self.flush_at = self.everybody_at = start
        control.look(people, start)

    def up_to(self, at: datetime) -> None:
        while True:
            next_at, person_id = self._next(at)
            moment = min(next_at, self.flush_at if self.touched else at, self.everybody_at)
            if moment >= at:
                return
            if moment == self.everybody_at:
                self._look(self.people, moment)
                self.everybody_at = _next_round(moment)
            elif moment == next_at:
                self._look([person_id], moment)
            else:
                self._look(sorted(self.touched), moment)

    def _next(self, at: datetime) -> tuple[datetime, int]:
        """The first limit or reminder before `at`, and whose."""
        due = Watch.objects.filter(next_at__lt=at).order_by("next_at")
        first = due.values_list("next_at", "person_id").first()
        return (first[0], first[1]) if first is not None and first[0] is not None else (at, 0)

    def _look(self, people: list[int], at: datetime) -> None:
        """Whoever was touched meanwhile is looked at in the same go, as the loop does it."""
        control.look(sorted(self.touched.union(people)), at)
        self.touched.clear()

    def happened(self, people: set[int], at: datetime, *, sharp: bool) -> None:
        known = people & set(self.people)
        if sharp:
            self._look(sorted(known), at)
            return
        if not self.touched:
            self.flush_at = at + TOUCHED_EVERY
        self.touched |= known


def _next_round(at: datetime) -> datetime:
    """In an hour; at night and on days off there is nothing that time alone brings about."""
    at += EVERYBODY_EVERY
    while at.astimezone(KYIV).hour not in ROUND_HOURS or not is_working_date(local_date(at)):
        at += EVERYBODY_EVERY
    return at


class Rare:
    """Once in a few hours, at whatever moments: what is found must be the same."""

    def __init__(self, start: datetime, seed: int) -> None:
        self.random = random.Random(f"{seed}/rare")
        self.next_at = start

    def up_to(self, at: datetime) -> None:
        while self.next_at < at:
            control.look(queries.watched(), self.next_at)
            self.next_at += timedelta(minutes=self.random.uniform(20, 900))

    def happened(self, people: set[int], at: datetime, *, sharp: bool) -> None:
        """Nothing is looked at before its time."""
