"""The steps of the first-run wizard: which are done is read from what is there, not remembered."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from desk.oversight.queries import editions
from desk.partners import queries as partners
from desk.partners.models import (
    Assignment,
    AssignmentRole,
    Invitation,
    Partner,
    Plan,
    Project,
    StaffMembership,
)

LABELS: dict[str, str | Promise] = {
    "calendar": _("Working hours"),
    "plan": _("Plan and price"),
    "people": _("People"),
    "partner": _("First partner"),
    "lead": _("Lead and cover"),
    "mail": _("E-mail"),
    "standard": _("The Standard"),
    "done": _("Ready"),
}
NAMES = tuple(LABELS)


@dataclass(frozen=True, slots=True)
class Shown:
    """A step in the list of steps: `number` counts from 2, the owner's account being the first."""

    name: str
    label: str
    url: str
    number: int
    done: bool
    current: bool


def done() -> dict[str, bool]:
    """Which steps have what they are for."""
    organisation = partners.organisation()
    staff = StaffMembership.objects.filter(until_at=None)
    invited = Invitation.objects.filter(partner=None, withdrawn_at=None)
    leads = Assignment.objects.filter(until_at=None, role=AssignmentRole.LEAD)
    return {
        "calendar": organisation is not None and organisation.calendar_id is not None,
        "plan": Plan.objects.exists(),
        "people": staff.values("person").distinct().count() > 1 or invited.exists(),
        "partner": Project.objects.exists() or Partner.objects.exists(),
        "lead": leads.exists(),
        "mail": settings.MAIL_GOES_OUT,
        "standard": editions.published().exists(),
    }


def shown(current: str = "") -> list[Shown]:
    """All steps after the owner's account, in order."""
    finished = done()
    return [
        Shown(
            name=name,
            label=str(LABELS[name]),
            url=url(name),
            number=number,
            done=finished.get(name, False),
            current=name == current,
        )
        for number, name in enumerate(NAMES, 2)
    ]


def url(name: str) -> str:
    """The page of a step."""
    return reverse("setup:step", args=[name])


def following(name: str) -> str:
    """The page after a step."""
    place = NAMES.index(name) + 1
    return url(NAMES[place]) if place < len(NAMES) else reverse("setup:home")


def preceding(name: str) -> str:
    """The page before a step, "" before the first."""
    place = NAMES.index(name)
    return url(NAMES[place - 1]) if place else ""
