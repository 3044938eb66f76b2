"""The rules of the first edition: the table of specification 4 with its defaults.

Texts are no rules: they come with the edition that is stored. Clause 6.2 is held where articles
exist; until then it is for people.
"""

from __future__ import annotations

from collections.abc import Mapping

from desk.rules.standard.edition import Clause, Edition, Rule, Severity
from desk.rules.standard.obligation import Excuse
from desk.rules.standard.parameters import (
    Answer,
    Breaks,
    Critical,
    Escalation,
    Minutes,
    Rulings,
    Share,
)

MINUTE = 60
NOT_THERE = frozenset({Excuse.ABSENCE, Excuse.OUTAGE})
BUSY = NOT_THERE | {Excuse.BUG, Excuse.COVER}
NOTHING: frozenset[Excuse] = frozenset()
CRITICAL = Critical(accept_minutes=15, begin_minutes=10)
TAKEN_UP = (Rule("critical_taken_up", CRITICAL), Rule("other_work_suspended", CRITICAL))
BREAKS = (Rule("breaks_taken", Breaks(2, 15, 1, 60)), Rule("not_all_away", Share(50)))


MINOR, MAJOR = Severity.MINOR, Severity.MAJOR

Row = tuple[str, Severity, int, frozenset[Excuse], tuple[Rule, ...]]

# Number, severity, minutes before the limit at which the specialist is reminded, what excuses.
TABLE: tuple[Row, ...] = (
    ("1.1", MINOR, 5, BUSY, (Rule("plan_confirmed", Minutes(15)),)),
    ("1.2", Severity.NOTE, 5, BUSY, (Rule("slot_kept", Minutes(15)),)),
    ("2.1", MAJOR, 10, BUSY, (Rule("accepted_in_time"), Rule("intake_checked", Minutes(30)))),
    ("2.2", MINOR, 0, NOTHING, (Rule("acceptance_complete"),)),
    ("2.3", MINOR, 15, NOT_THERE, (Rule("an_hour_at_most", Minutes(60)),)),
    ("3.1", MAJOR, 10, BUSY, (Rule("partner_answered", Answer(60, 15)),)),
    ("3.2", MINOR, 60, BUSY, (Rule("partner_hears"),)),
    ("3.3", MAJOR, 60, NOTHING, (Rule("promise_kept"),)),
    ("4.1", Severity.NOTE, 2, NOT_THERE, BREAKS),
    ("5.1", Severity.CRITICAL, 5, NOT_THERE, TAKEN_UP),
    (
        "5.2",
        Severity.CRITICAL,
        10,
        NOT_THERE,
        (Rule("critical_escalated", Escalation(30, 60)),),
    ),
    ("6.1", MINOR, 0, NOTHING, (Rule("handover_complete"),)),
    ("6.2", MINOR, 0, NOTHING, ()),
    ("7.1", MINOR, 30, NOT_THERE, (Rule("work_on_record", Share(90)),)),
    ("8.1", MAJOR, 60, NOT_THERE, (Rule("ruled_in_time", Rulings(violation_days=1)),)),
    ("8.2", MINOR, 8 * 60, NOT_THERE, (Rule("audited_in_time", Share(5)),)),
)


def clauses(texts: Mapping[str, Mapping[str, str]]) -> Edition:
    """The first edition; `texts` are by clause number and language."""
    return Edition(
        tuple(
            Clause(number, texts.get(number, {}), rules, severity, 0, minutes * MINUTE, excuses)
            for number, severity, minutes, excuses, rules in TABLE
        )
    )
