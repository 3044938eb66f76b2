"""Makes demo data in an empty database: four weeks of a desk that end now.

    bin/demo            with progress; refuses a database that is in use

It is the simulated world (simulation/) with fewer tickets a day, and at its end a ticket in every
state whose deadlines lie ahead, at whatever hour it is made. Every person in it is plainly a demo
person; the sign-ins are printed, and kept in the data folder for bin/run.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

SEED = 7
DAYS = 28
TICKETS_A_DAY = 5
KEEP_PENDING = timedelta(hours=1)
KYIV = ZoneInfo("Europe/Kyiv")
SIGN_INS = (
    ("partner-owner", "partner's owner"),
    ("partner-finance", "partner's finance"),
    ("partner-member", "partner's member"),
    ("partner-viewer", "partner's viewer"),
    ("specialist", "specialist, leads that partner"),
    ("specialist2", "specialist, covers that partner"),
    ("admin", "administrator"),
    ("production", "production"),
    ("accountant", "accountant"),
    ("owner", "owner of the desk"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill the present database; 1 when it is in use."""
    parser = argparse.ArgumentParser(
        prog="demo", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.parse_args(arguments)
    from desk.config import database

    with database.running():
        return _fill()


def _fill() -> int:
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk.config.settings")
    import django

    django.setup()
    from django.conf import settings

    from desk.lib import clock
    from desk.partners import queries as partners

    if partners.organisation() is not None:
        print("This database is in use: demo data go into an empty one.", file=sys.stderr)
        return 1
    began = time.perf_counter()
    _live(clock.now())
    text = sign_ins()
    Path(settings.DATA_DIR, "demo_logins.txt").write_text(text, encoding="utf-8")
    print(f"Demo data are made ({time.perf_counter() - began:.0f} s).\n{text}", flush=True)
    return 0


def _live(now: datetime) -> None:
    from simulation import afterwards, charter, plot, stage
    from simulation.world import World

    first = (now.astimezone(KYIV) - timedelta(days=DAYS)).replace(
        hour=8, minute=0, second=0, microsecond=0
    )
    world = World.make(SEED, first.astimezone(ZoneInfo("UTC")))
    world.end = now
    plot.begin(world)
    for number in range(DAYS + 1):
        day = first + timedelta(days=number)
        if number == DAYS - charter.DAYS_UNDER_IT:
            charter.publish(world)
        if world.calendar.is_working_date(day.date()) and number < DAYS:
            plot.arrivals(world, day.astimezone(ZoneInfo("UTC")), TICKETS_A_DAY)
        end = (day + timedelta(days=1)).astimezone(ZoneInfo("UTC"))
        world.run(min(end, now))
        if number >= DAYS - charter.DAYS_UNDER_IT:
            charter.evening(world, day.date())
        if number % 4 == 0:
            print(f"  demo data: {100 * number // DAYS} %", flush=True)
    world.queue.clear()
    stage.every_state(world, now)
    world.now = stage.before(world, now, 150)
    afterwards.complain(world, world.cast.companies[1], answered=True)
    world.now = stage.before(world, now, 25)
    afterwards.complain(world, world.cast.companies[2], answered=False)
    world.now = now
    _forget_old_messages(now)
    if world.findings:
        raise RuntimeError(f"the demonstration met refusals: {world.findings}")


def _forget_old_messages(now: datetime) -> None:
    """Nobody is told of what happened weeks ago, and what happens now need not wait for it."""
    from desk.journal import actions as journal
    from desk.journal.models import Pending

    old = Pending.objects.filter(entry__at__lt=now - KEEP_PENDING)
    journal.relayed(list(old.values_list("entry_id", flat=True)))


def sign_ins() -> str:
    """Who may sign in, for people to read."""
    from simulation.people import PASSWORD

    lines = [f"  {f'{name}@desk.example':32} {role}" for name, role in SIGN_INS]
    return "\n".join([f"Sign in with the password {PASSWORD} as", *lines])


if __name__ == "__main__":
    raise SystemExit(main())
