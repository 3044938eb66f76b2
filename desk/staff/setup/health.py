"""Whether the desk is well: background loops, queues, clocks, database, and the ledger's proof."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from desk.deposits import checks as ledger
from desk.journal.models import Pending
from desk.lib import clock
from desk.lib import health as beats
from desk.lib.findings import Finding
from desk.oversight.queries import pace as control
from desk.partners.models import StaffRole
from desk.tickets import checks as tickets
from desk.tickets.models import Ticket
from desk.web import edge, formats
from desk.web.access import staff_page
from desk.web.forms import Guards, guard_of

Context = dict[str, Any]
SILENT_AFTER = timedelta(seconds=30)
SKEW_SECONDS_MAX = 2.0
LAG_SECONDS_MAX = 60
CHECK_TICKETS_MAX = 2_000
FINDINGS_SHOWN_MAX = 50
KEPT = "setup:check"
KEPT_SECONDS = 7 * 24 * 3600


@require_GET
@staff_page(StaffRole.VENDOR)
def health(request: HttpRequest) -> HttpResponse:
    """Everything on one page, drawn anew by itself."""
    at = edge.now()
    context = {
        "loops": [_loop(one, at) for one in beats.read()],
        "queue": _queue(at),
        "outbox": import_string(settings.OUTBOX_HEALTH)(),
        "database": _database(at),
        "pace": _pace(at),
        "check": cache.get(KEPT),
        "check_small": _small(),
        "guard": Guards(),
    }
    return render(request, "setup/health.html", context)


def _loop(one: beats.Beat, at: datetime) -> Context:
    """A background loop: when it last went round, and whether it fails."""
    silent = at - one.at > SILENT_AFTER
    words = {
        "relay": _("Passing on what happened"),
        "watcher": _("Watching deadlines"),
        "inbox": _("Using what comes in"),
        "mail": _("Reading mailboxes"),
        "receiver": _("Taking mail that is handed in"),
        "telegram": _("Listening to the bot"),
        "hotline": _("Watching the hotline"),
        "control": _("Holding work against the Standard"),
        "digests": _("Drawing audits, writing digests"),
        "days": _("Watching the plans of days"),
        "expiry": _("Letting lots of deposits expire"),
        "deliveries": _("Sending letters"),
        "troubles": _("Watching the channels"),
    }
    return {
        "name": words.get(one.name, one.name),
        "at": one.at,
        "ok": not silent and not one.failures,
        "note": _("no sign of life") if silent else one.error,
        "failures": one.failures,
    }


def _pace(at: datetime) -> Context:
    """Whether machine control keeps up."""
    found = control.of(at)
    return {
        "found": found,
        "lag": "" if found.lag_seconds is None else formats.number(found.lag_seconds),
    }


def _queue(at: datetime) -> Context:
    """What the relay has not passed on yet."""
    waiting = Pending.objects.count()
    oldest = Pending.objects.select_related("entry").order_by("entry_id").first()
    lag = int((at - oldest.entry.at).total_seconds()) if oldest else 0
    return {"waiting": waiting, "lag": max(lag, 0), "late": lag > LAG_SECONDS_MAX}


def _database(at: datetime) -> Context:
    """Size and version, and how far its clock is from ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_database_size(current_database()), current_setting('server_version'),"
            " clock_timestamp()"
        )
        size, version, there = cursor.fetchone()
    skew = abs((there + _shift() - at).total_seconds())
    return {
        "size": size,
        "version": version.partition(" ")[0],
        "desk": _desk_version(),
        "skew": formats.number(round(skew, 1)),
        "skewed": skew > SKEW_SECONDS_MAX,
    }


def _desk_version() -> str:
    """The version of the desk that runs."""
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


def _shift() -> timedelta:
    """A demo's clock may be moved on purpose; that is no fault."""
    return clock.shift()


def _small() -> bool:
    """Whether the whole proof fits into one request."""
    return Ticket.objects.order_by("pk")[: CHECK_TICKETS_MAX + 1].count() <= CHECK_TICKETS_MAX


@require_POST
@staff_page(StaffRole.VENDOR)
def check(request: HttpRequest) -> HttpResponse:
    """Prove the ledger, and the tickets where they are few; the result stays on the page."""
    guard_of(request)
    at = edge.now()
    found = list(ledger.check())
    if _small():
        found += list(tickets.check(at))
    keep(found, at)
    return redirect("setup:health")


def keep(found: Sequence[Finding], at: datetime) -> None:
    """Let the page show what a check found, by hand or at night, until the next one."""
    shown = [
        {"code": one.code, "subject": one.subject, "sentence": one.sentence}
        for one in found[:FINDINGS_SHOWN_MAX]
    ]
    kept = {"at": at, "faults": len(found), "findings": shown, "counts": ledger.counts()}
    cache.set(KEPT, kept, KEPT_SECONDS)
