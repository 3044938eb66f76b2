"""Partners, projects, people and roles; plans and calendars by date; who leads whom."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Lower

from desk.partners import guards
from desk.rules.promises import Terms
from desk.rules.worktime import Calendar as WorkCalendar

# By RFC 2606 there is no such domain.
MACHINES = ".invalid"


class PartnerRole(models.TextChoices):
    OWNER = "owner"
    FINANCE = "finance"
    MEMBER = "member"
    VIEWER = "viewer"


class StaffRole(models.TextChoices):
    SPECIALIST = "specialist"
    ADMINISTRATOR = "administrator"
    PRODUCTION = "production"
    ACCOUNTANT = "accountant"
    VENDOR = "vendor"


class PersonManager(BaseUserManager["Person"]):
    def get_by_natural_key(self, email: str | None) -> Person:
        return self.get(email__iexact=email)


class Person(AbstractBaseUser):
    """Everybody who signs in. The e-mail address is the login, whatever its case."""

    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120)
    language = models.CharField(max_length=2, default="uk")
    timezone = models.CharField(max_length=60, default="Europe/Kyiv")
    theme = models.CharField(max_length=5, default="auto")
    phone = models.CharField(max_length=40, blank=True)
    position = models.CharField(max_length=120, blank=True)
    photo = models.CharField(max_length=64, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = PersonManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="person_email_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_machine(self) -> bool:
        """A partner's integration: it has no password, and an address that no mail reaches."""
        return self.email.endswith(MACHINES)


class Calendar(models.Model):
    name = models.CharField(max_length=120, unique=True)

    def __str__(self) -> str:
        return self.name


class CalendarVersion(models.Model):
    """A working calendar from a date on; a ticket keeps the version it was given (R1, R12)."""

    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="versions")
    effective_on = models.DateField()
    content = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "effective_on"], name="calendar_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.calendar} {self.effective_on}"

    def value(self) -> WorkCalendar:
        return WorkCalendar.parse(self.content)


class Plan(models.Model):
    name = models.CharField(max_length=120, unique=True)

    def __str__(self) -> str:
        return self.name


class PlanVersion(models.Model):
    """The terms of a plan from a date on; a ticket keeps the version it was given (R15)."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="versions")
    effective_on = models.DateField()
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT)
    terms = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "effective_on"], name="plan_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.plan} {self.effective_on}"

    def value(self) -> Terms:
        return Terms.parse(self.terms)


class Organisation(models.Model):
    """The vendor that runs this installation: one row, made by the first-run wizard.

    `calendar` is the service calendar: whoever has no hours of their own works by it.
    """

    name = models.CharField(max_length=200)
    language = models.CharField(max_length=2, default="uk")
    timezone = models.CharField(max_length=60, default="Europe/Kyiv")
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, null=True)
    created_at = models.DateTimeField()
    only = models.BooleanField(default=True, unique=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(only=True), name="organisation_only")]

    def __str__(self) -> str:
        return self.name


class Partner(models.Model):
    """A company that implements the product. `code` starts the numbers of its tickets."""

    code = models.CharField(max_length=6)
    name = models.CharField(max_length=200)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT)
    language = models.CharField(max_length=2, default="uk")
    timezone = models.CharField(max_length=60, default="Europe/Kyiv")
    credit_consultations = models.PositiveIntegerField(default=0)
    tickets_count = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("code", name="partner_code_once"),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[A-Z][A-Z0-9]{1,5}$"), name="partner_code_form"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's role with a partner; a member may see the own tickets or all of them."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=10, choices=PartnerRole)
    sees_all = models.BooleanField(default=True)
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "person"],
                condition=Q(until_at=None),
                name="membership_once",
            ),
            models.CheckConstraint(
                condition=Q(role__in=PartnerRole.values), name="membership_role"
            ),
            models.CheckConstraint(
                condition=Q(until_at=None) | Q(until_at__gte=F("since_at")),
                name="membership_forward",
            ),
        ]
        triggers = [guards.one_side("partners_staffmembership"), guards.KEPT]

    def __str__(self) -> str:
        return f"{self.role} of {self.partner_id}"


class StaffMembership(models.Model):
    """A person's role at the vendor. Nobody is specialist and administrator at once: the second
    index forbids it (specification 4)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="staff_roles")
    role = models.CharField(max_length=15, choices=StaffRole)
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role"], condition=Q(until_at=None), name="staff_role_once"
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(until_at=None, role__in=["specialist", "administrator"]),
                name="specialist_or_administrator",
            ),
            models.CheckConstraint(condition=Q(role__in=StaffRole.values), name="staff_role"),
            models.CheckConstraint(
                condition=Q(until_at=None) | Q(until_at__gte=F("since_at")),
                name="staff_forward",
            ),
        ]
        triggers = [guards.one_side("partners_membership"), guards.KEPT]

    def __str__(self) -> str:
        return f"{self.role} {self.person_id}"


class Specialist(models.Model):
    """What limits a specialist: the most projects to lead and to cover."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="specialist")
    projects_max = models.PositiveIntegerField(default=12)
    covers_max = models.PositiveIntegerField(default=24)

    class Meta:
        triggers = [
            pgtrigger.Trigger(
                name="cap_lowered",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                func=guards.CAP_LOWERED,
            )
        ]

    def __str__(self) -> str:
        return f"specialist {self.person_id}"


class ProjectState(models.TextChoices):
    WAITING = "waiting"
    ACTIVE = "active"
    ARCHIVED = "archived"


class Project(models.Model):
    """One installation of an end client. It waits, visibly, while every specialist is full."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="projects")
    name = models.CharField(max_length=200)
    client = models.CharField(max_length=200, blank=True)
    address = models.URLField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=ProjectState, default=ProjectState.WAITING)
    waits_since_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner", "name"], name="project_name_once"),
            models.CheckConstraint(
                condition=Q(state__in=ProjectState.values), name="project_state"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting") ^ Q(waits_since_at=None), name="project_waits"
            ),
        ]
        triggers = [guards.led("NEW.id")]

    def __str__(self) -> str:
        return self.name


class AssignmentRole(models.TextChoices):
    LEAD = "lead"
    COVER = "cover"


def _span() -> models.Func:
    return models.Func(F("since_at"), F("until_at"), function="tstzrange")


class Assignment(models.Model):
    """Who leads or covers a project, by dated rows that never overlap. Ended when the project
    is archived, so that open lead rows are exactly what the cap counts."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="assignments")
    specialist = models.ForeignKey(Specialist, on_delete=models.PROTECT, related_name="assignments")
    role = models.CharField(max_length=5, choices=AssignmentRole)
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until_at=None) | Q(until_at__gte=F("since_at")),
                name="assignment_forward",
            ),
            models.CheckConstraint(
                condition=Q(role__in=AssignmentRole.values), name="assignment_role"
            ),
            ExclusionConstraint(
                name="assignment_one_at_a_time",
                expressions=[
                    ("project", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (_span(), RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="assignment_lead_is_not_cover",
                expressions=[
                    ("project", RangeOperators.EQUAL),
                    ("specialist", RangeOperators.EQUAL),
                    (_span(), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [
            models.Index(
                fields=["specialist", "role"],
                condition=Q(until_at=None),
                name="assignment_open",
            )
        ]
        triggers = [
            pgtrigger.Trigger(
                name="cap",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=guards.CAP,
            ),
            guards.led("NEW.project_id"),
            guards.KEPT,
        ]

    def __str__(self) -> str:
        return f"{self.role} of {self.project_id}"


class Invitation(models.Model):
    """A link that lets one address in, once.

    The token of the link is not kept: it is computed from this row and the installation's secret
    key (`desk/partners/invitations.py`), so that a copy of the database lets nobody in.
    `partner` None invites one of the vendor's people.
    """

    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=2, default="uk")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True)
    role = models.CharField(max_length=15)
    sees_all = models.BooleanField(default=True)
    invited_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="invitations_sent"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                Coalesce("partner_id", 0),
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="invitation_open_once",
            ),
            models.CheckConstraint(
                condition=Q(partner=None, role__in=StaffRole.values)
                | Q(partner__isnull=False, role__in=PartnerRole.values),
                name="invitation_role",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(withdrawn_at=None, person__isnull=False),
                name="invitation_accepted_by",
            ),
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk}"
