"""Who stands in for whom: what partners and our people are told of leads, covers and absences.

A partner reads that somebody is absent, and never why.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from desk.journal.models import Entry
from desk.partners.models import Assignment, AssignmentRole, Person, Project, StaffMembership
from desk.web import formats

OF_PROJECT = frozenset({"assign", "await_specialist", "place_free"})
OF_ABSENCE = frozenset({"note_absence", "withdraw_absence"})
# What has a letter and a page of its own; a ticket that changes hands is told as a ticket.
VERBS = OF_PROJECT | OF_ABSENCE | {"come_back", "ask_manager", "answer_manager"}
TELLS = VERBS | {"hand_over"}


def of_lead(entry: Entry) -> bool:
    """Whether it is about the lead: the first one of a new project is no news of a change."""
    facts = entry.facts
    if facts.get("role") != AssignmentRole.LEAD:
        return False
    return entry.verb != "assign" or bool(facts.get("before") or facts.get("waited"))


def named(entry: Entry) -> Iterator[Person]:
    """Whom an entry names."""
    yield from Person.objects.filter(pk=entry.facts.get("person"), is_active=True)


def covers_of(entry: Entry) -> Iterator[Person]:
    """Who covers for the person that an entry names."""
    leads = Assignment.objects.filter(
        until_at=None, role=AssignmentRole.LEAD, specialist__person=entry.facts.get("person")
    )
    covers = Assignment.objects.filter(
        until_at=None, role=AssignmentRole.COVER, project__in=leads.values("project")
    )
    people = Person.objects.filter(pk__in=covers.values("specialist__person"), is_active=True)
    yield from people.order_by("pk")


def sentence(entry: Entry) -> str:
    """What happened, in one sentence that needs no other."""
    if entry.verb == "hand_over":
        return _handed_over(entry)
    if entry.verb in OF_PROJECT:
        return _of_project(entry)
    if entry.verb in OF_ABSENCE:
        return _of_absence(entry)
    if entry.verb == "come_back":
        return _come_back(entry)
    if entry.verb == "ask_manager":
        return _("A partner asks for another manager")
    if entry.facts.get("agreed"):
        return _("You asked for another manager: agreed")
    return _("You asked for another manager: answered")


def because(entry: Entry) -> tuple[tuple[str, str], ...]:
    """Why a ticket has another executor, as a row of a mail; nothing where a person decided."""
    if entry.verb != "hand_over":
        return ()
    reason = _because(entry)
    return ((_("Because"), reason),) if reason else ()


def path(entry: Entry, person: Person | None) -> str:
    """Where the reader looks at it."""
    staff = person is not None and StaffMembership.objects.filter(person=person, until_at=None)
    roles = set(staff.values_list("role", flat=True)) if staff else set()
    if entry.verb == "come_back":
        return f"/work/capacity/absences/{entry.facts.get('absence')}/"
    if entry.verb in ("ask_manager", "answer_manager"):
        return "/control/capacity/requests/" if roles else "/cabinet/manager/"
    if not roles:
        return "/cabinet/projects/"
    if roles & {"administrator", "vendor"}:
        return "/control/capacity/"
    if entry.verb in OF_ABSENCE:
        return "/work/capacity/"
    return f"/work/projects/{entry.facts.get('project')}/"


def _of_project(entry: Entry) -> str:
    facts = entry.facts
    project = Project.objects.filter(pk=facts.get("project")).first()
    words = {
        "project": project.name if project else "",
        "person": _name(facts.get("person")),
        "before": _name(facts.get("before")),
        "moment": formats.moment(timezone.localtime(entry.at)),
    }
    if entry.verb == "await_specialist":
        return _("“%(project)s” waits for a specialist: everybody who could lead it is full") % (
            words
        )
    if entry.verb == "place_free":
        return _("A place has become free: “%(project)s” is first in line") % words
    if facts.get("role") == AssignmentRole.COVER:
        return _("From %(moment)s %(person)s covers “%(project)s”") % words
    if facts.get("before"):
        return (
            _("From %(moment)s the manager of “%(project)s” is %(person)s instead of %(before)s")
            % words
        )
    return _("From %(moment)s the manager of “%(project)s” is %(person)s") % words


def _of_absence(entry: Entry) -> str:
    words = {
        "person": _name(entry.facts.get("person")),
        "since": _moment(entry.facts.get("since_at")),
        "until": _moment(entry.facts.get("until_at")),
    }
    if entry.verb == "withdraw_absence":
        return _("%(person)s is not absent from %(since)s to %(until)s after all") % words
    return _("%(person)s is absent from %(since)s to %(until)s") % words


def _come_back(entry: Entry) -> str:
    counts = {name: entry.facts.get(name, 0) for name in ("opened", "resolved", "back")}
    return (
        _(
            "You are back. Meanwhile: tickets opened %(opened)s, resolved %(resolved)s; with your"
            " covers still %(back)s"
        )
        % counts
    )


def _handed_over(entry: Entry) -> str:
    person = _name(entry.facts.get("executor"))
    if not person:
        return _("The ticket has no executor for now: administrators find one")
    text = _("From %(moment)s the executor is %(person)s") % {
        "moment": formats.moment(timezone.localtime(entry.at)),
        "person": person,
    }
    reason = _because(entry)
    return f"{text}: {reason}" if reason else text


def _because(entry: Entry) -> str:
    before = {"person": _name(entry.facts.get("executor_from"))}
    match entry.facts.get("because"):
        case "absent":
            return _("%(person)s is absent") % before
        case "offered":
            return _("so that it is done in time")
        case "back":
            return _("your manager is back")
        case "assigned":
            return _("the project has its manager")
    return ""


def _name(number: object) -> str:
    if not isinstance(number, int):
        return ""
    return Person.objects.filter(pk=number).values_list("name", flat=True).first() or ""


def _moment(text: object) -> str:
    at = datetime.fromisoformat(text) if isinstance(text, str) else None
    return formats.moment(timezone.localtime(at)) if at is not None else ""
