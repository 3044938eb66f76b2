"""Mails of the control room: what waits today, and the week under the Standard, in figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from django.utils.translation import gettext as _

from desk.channels import addresses, words
from desk.channels.email.letter import Letter
from desk.channels.models import Delivery
from desk.journal.models import Entry
from desk.oversight.queries import duties, weeks
from desk.web import formats

VERBS = ("digest_control", "summary_control")
Facts = Iterator[tuple[str, str]]


def letter(delivery: Delivery) -> Letter:
    """The digest of a day or the summary of a week, to one administrator."""
    entry = delivery.entry
    headline = words.headline(entry.verb)
    daily = entry.verb == "digest_control"
    rows = tuple(_of_day(entry, delivery) if daily else _of_week(entry))
    calm = _("Nothing was found, and nothing waits.")
    return Letter(
        subject=f"{headline}: {formats.day(date.fromisoformat(str(entry.facts['on'])))}",
        headline=headline,
        facts=rows,
        paragraphs=() if rows else (calm,),
        link=(_("Open the control room"), addresses.whole(addresses.of_control(entry.verb))),
        why=words.why(delivery.why),
        thread=entry.verb,
    )


def _of_day(entry: Entry, delivery: Delivery) -> Facts:
    """What waits is as it was when the day was opened; what the reader owes is as it is now."""
    told = entry.facts
    labels = {
        "violation": _("Violations to rule on"),
        "contest": _("Contests to rule on"),
        "doubt": _("Doubts to answer"),
        "complaint": _("Complaints to answer"),
        "audit": _("Tickets to audit"),
    }
    waiting = told.get("waiting", {})
    if delivery.person_id is not None:
        mine = sum(one.mine for one in duties.waiting(delivery.person_id, entry.at))
        if mine:
            yield _("Owed by you"), formats.number(mine)
    for kind, label in labels.items():
        if waiting.get(kind):
            yield label, formats.number(waiting[kind])
    yield from _found(told.get("violations", {}), _("Found since the last digest"))
    if told.get("misfits"):
        yield _("Does not fit into the day"), formats.number(told["misfits"])
    if told.get("gaps"):
        yield _("Times without lead and cover"), formats.number(told["gaps"])


def _of_week(entry: Entry) -> Facts:
    found = weeks.summary(date.fromisoformat(str(entry.facts["on"])))
    yield _("Clauses held by the machine"), f"{found.clauses_by_machine} / {found.clauses}"
    share = found.deviations.share
    if share is not None:
        yield _("Of what went wrong, found by the machine"), formats.percent(share)
    yield from _found(found.violations, _("Violations by clause"))
    for name, tenths in found.scores:
        score = formats.number(tenths / 10) if tenths is not None else "–"
        yield _("Score of %(name)s") % {"name": name}, score
    yield _("Audits of the week before"), f"{found.audits_done} / {found.audits_drawn}"
    yield _("Agreement of those who audit"), _agreement(found)


def _agreement(found: weeks.Summary) -> str:
    agreed = found.agreed.whole
    if not found.agreed.is_enough or agreed.kappa is None:
        return _("too few to say")
    low, high = agreed.low or 0.0, agreed.high or 0.0
    interval = f"{formats.number(round(low, 2))} … {formats.number(round(high, 2))}"
    return f"{formats.number(round(agreed.kappa, 2))} ({interval})"


def _found(violations: Mapping[str, int], label: str) -> Facts:
    if violations:
        told = ", ".join(f"{clause}: {count}" for clause, count in violations.items())
        yield label, told
