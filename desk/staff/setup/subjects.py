"""What the journal's entries are about, by name: "partner:3" is a company, "ticket:42" a number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from desk.deposits.queries import catalogue
from desk.partners.models import Calendar, Partner, Person, Plan, Project
from desk.tickets import queries as tickets
from desk.tickets.models import Ticket

NAMED = {
    "person": Person,
    "partner": Partner,
    "deposit": Partner,
    "project": Project,
    "plan": Plan,
    "calendar": Calendar,
}


def named(subjects: Iterable[str]) -> dict[str, str]:
    """Names by subject as the journal writes it; one query a kind of thing. What has no name is
    left out."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for subject in subjects:
        kind, _colon, number = subject.partition("/")[0].partition(":")
        if number.isascii() and number.isdigit():
            wanted[kind].add(int(number))
    found: dict[str, str] = {}
    for kind, model in NAMED.items():
        if wanted[kind]:
            rows = model.objects.filter(pk__in=wanted[kind]).values_list("pk", "name")  # type: ignore[attr-defined]
            found |= {f"{kind}:{pk}": name for pk, name in rows}
    for kind in ("company", "pack"):
        if wanted[kind]:
            names = catalogue.names_of(kind, wanted[kind])
            found |= {f"{kind}:{pk}": name for pk, name in names.items()}
    if wanted["ticket"]:
        rows = Ticket.objects.filter(pk__in=wanted["ticket"]).select_related("partner")
        found |= {row.key: tickets.number(row) for row in rows}
    return found
