"""What a new version of a plan would touch, and what it would not, before it is kept (R12, R15)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from desk.deposits.queries import catalogue
from desk.partners.models import Partner, PlanVersion
from desk.rules.lifecycle import ClockState
from desk.rules.promises import Terms
from desk.staff.setup import terms
from desk.staff.setup.forms import PlanVersionForm
from desk.tickets.models import Ticket
from desk.web import formats

NAMES_MAX = 12


@dataclass(frozen=True, slots=True)
class Changed:
    """A term that differs: its name on the form, and both values in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What the page says before a version is kept. `more_partners`: how many are not named.
    `mark` stands for exactly this form: what was changed after the look is looked at again."""

    effective_on: date
    changed: list[Changed]
    partners: list[str]
    more_partners: int
    open_tickets: int
    kept: catalogue.Kept
    mark: str


def of(plan_id: int, form: PlanVersionForm, versions: Sequence[PlanVersion]) -> Effect:
    """The effect of a valid form; `versions` of the plan, the newest first."""
    on = form.cleaned_data["effective_on"]
    holders = Partner.objects.filter(plan_id=plan_id).order_by("name")
    names = list(holders.values_list("pk", "name"))
    is_open = ~Q(clock=ClockState.ENDED)
    return Effect(
        effective_on=on,
        changed=_changed(_before(versions, on), form),
        partners=[name for _pk, name in names[:NAMES_MAX]],
        more_partners=max(0, len(names) - NAMES_MAX),
        open_tickets=Ticket.objects.filter(is_open, plan_version__plan_id=plan_id).count(),
        kept=catalogue.kept_by([pk for pk, _name in names]),
        mark=_mark(form),
    )


def _mark(form: PlanVersionForm) -> str:
    """A word for exactly what the form says."""
    found = {**form.terms(), "on": form.cleaned_data["effective_on"].isoformat()}
    found["calendar"] = form.cleaned_data["calendar"]
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def _before(versions: Sequence[PlanVersion], on: date) -> PlanVersion:
    """The version that the day would have without the new one."""
    return next((one for one in versions if one.effective_on < on), versions[-1])


def _changed(before: PlanVersion, form: PlanVersionForm) -> list[Changed]:
    old, new = before.value(), Terms.parse(form.terms())
    rows = [
        Changed(str(label), _said(unit, getattr(old, name)), _said(unit, getattr(new, name)))
        for name, (unit, label) in terms.TERMS.items()
        if getattr(old, name) != getattr(new, name)
    ]
    calendar_id = form.cleaned_data["calendar"]
    if before.calendar_id != calendar_id:
        field = form.fields["calendar"]
        names = dict(field.choices)  # type: ignore[attr-defined]  # a choice field
        rows.append(Changed(str(field.label), before.calendar.name, names[calendar_id]))
    return rows


def _said(unit: str, value: Any) -> str:
    """A term in words."""
    if unit == terms.MONEY:
        return formats.money(value)
    if unit == terms.FLAG:
        return _("yes") if value else _("no")
    if unit in terms.SECONDS:
        return formats.duration(value)
    if unit == terms.LIST:
        return ", ".join(map(formats.number, value)) or "–"
    return formats.number(value)
