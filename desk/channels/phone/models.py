"""Lines of the hotline, calls, what exchanges told of them, and whom to call back."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from desk.channels.models import Arrival
from desk.channels.phone.events import ID_MAX, Kind
from desk.channels.phone.fold import LIVE, CallState
from desk.partners.models import Calendar, Partner, Person, Project
from desk.tickets.models import Ticket

PHONE_MAX = 20
NOTE_MAX = 1000
CONSENT_MAX = 300
NAME_MAX = 80


class Provider(models.TextChoices):
    """The exchanges that the desk understands; GENERIC is our own signed form."""

    BINOTEL = "binotel", "Binotel"
    ZADARMA = "zadarma", "Zadarma"
    PHONET = "phonet", "Phonet"
    RINGOSTAT = "ringostat", "Ringostat"
    GENERIC = "generic", "Asterisk"


class Line(models.Model):
    """A number of the hotline and the exchange that tells of its calls.

    `code` is the unguessable part of the address that the exchange calls. Secrets are sealed
    (desk.lib.sealed); after a rotation the previous one is taken too, until `previous_until_at`.
    `networks` are the only addresses that events come from, [] for any. `account` is the
    exchange's own name of our account: events that name another one are refused. `timezone` is of
    the exchange's local times. The line's hours are `calendar`, or the desk's. Without `consent`,
    which says how callers learn of it, no recording is kept.
    """

    code = models.CharField(max_length=40, unique=True)
    provider = models.CharField(max_length=10, choices=Provider)
    name = models.CharField(max_length=NAME_MAX)
    number = models.CharField(max_length=PHONE_MAX)
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, null=True)
    timezone = models.CharField(max_length=60)
    account = models.CharField(max_length=100, blank=True)
    networks = models.JSONField(default=list)
    secret = models.CharField(max_length=500, blank=True)
    previous_secret = models.CharField(max_length=500, blank=True)
    previous_until_at = models.DateTimeField(null=True)
    consent = models.CharField(max_length=CONSENT_MAX, blank=True)
    recording_days = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    refused = models.PositiveIntegerField(default=0)
    refused_at = models.DateTimeField(null=True)
    refused_why = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(previous_until_at=None, previous_secret="")
                | (Q(previous_until_at__isnull=False) & ~Q(previous_secret="")),
                name="line_previous_ends",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """How the journal and arrivals name it."""
        return f"line:{self.pk}"


class CallBack(models.Model):
    """Somebody to call back: one open at a time for each number, however often it was missed.

    `since_at` is the first missed call, `due_at` ten working minutes after it. `level` is how far
    it has been told: 0 the executor, 1 the cover too, 2 the administrators too; `next_at` is when
    the next level is told. `attempts` are calls to the number that nobody took. `how` it ended:
    they were reached, a person wrote what was done instead, or nothing had been missed.
    """

    class How(models.TextChoices):
        REACHED = "reached"
        NOTED = "noted"
        NOT_MISSED = "not_missed"

    line = models.ForeignKey(Line, on_delete=models.PROTECT)
    phone = models.CharField(max_length=PHONE_MAX)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True)
    since_at = models.DateTimeField()
    due_at = models.DateTimeField()
    level = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True)
    how = models.CharField(max_length=10, choices=How, blank=True)
    note = models.CharField(max_length=NOTE_MAX, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["phone"], condition=Q(done_at=None), name="callback_open_once"
            ),
            models.CheckConstraint(
                condition=Q(done_at=None, how="")
                | (Q(done_at__isnull=False, next_at=None) & ~Q(how="")),
                name="callback_done_says_how",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"], condition=Q(next_at__isnull=False), name="callback_next"
            ),
            models.Index(fields=["due_at"], condition=Q(done_at=None), name="callback_open"),
        ]

    def __str__(self) -> str:
        return f"call back {self.pk}"


class Call(models.Model):
    """A call: what its events say together (fold.py), whose it is, and what was made of it.

    `heard_at` is the first word of it. `person` is who called, where one person alone has the
    number; `partner` and `project` likewise. `duty` sees it live; without one the administrators
    do. `decision` is the specialist's: critical or not; `ticket` is what was opened for the call.
    `recording` is sealed, kept until `recording_until_at`, with the consent that held then.
    """

    class Decision(models.TextChoices):
        CRITICAL = "critical"
        NOT_CRITICAL = "not_critical"

    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="calls")
    call_id = models.CharField(max_length=ID_MAX)
    state = models.CharField(max_length=8, choices=[(s.value, s.value) for s in CallState])
    phone = models.CharField(max_length=PHONE_MAX, blank=True)
    outgoing = models.BooleanField(default=False)
    number_called = models.CharField(max_length=PHONE_MAX, blank=True)
    internal = models.CharField(max_length=ID_MAX, blank=True)
    heard_at = models.DateTimeField()
    started_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    duration_seconds = models.PositiveIntegerField(null=True)
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="hotline_calls"
    )
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True)
    duty = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    callback = models.ForeignKey(
        CallBack, on_delete=models.PROTECT, null=True, related_name="calls"
    )
    decision = models.CharField(max_length=12, choices=Decision, blank=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=NOTE_MAX, blank=True)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, null=True)
    recording = models.TextField(blank=True)
    recording_consent = models.CharField(max_length=CONSENT_MAX, blank=True)
    recording_until_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "call_id"], name="call_once"),
            models.CheckConstraint(
                condition=Q(recording="", recording_until_at=None)
                | (~Q(recording="") & Q(recording_until_at__isnull=False)),
                name="call_recording_ends",
            ),
            models.CheckConstraint(
                condition=Q(decision="", ticket=None) | ~Q(decision=""),
                name="call_ticket_was_decided",
            ),
        ]
        indexes = [
            models.Index(
                fields=["duty"], condition=Q(state__in=[str(s) for s in LIVE]), name="call_live"
            ),
            models.Index(fields=["-started_at"], name="call_latest"),
            models.Index(fields=["phone", "-started_at"], name="call_number"),
            models.Index(
                fields=["recording_until_at"],
                condition=Q(recording_until_at__isnull=False),
                name="call_recording",
            ),
        ]

    def __str__(self) -> str:
        return f"call {self.pk}"

    @property
    def key(self) -> str:
        """How the journal names it."""
        return f"call:{self.pk}"

    @property
    def is_live(self) -> bool:
        """It rings, or somebody talks."""
        return self.state in LIVE


class Word(models.Model):
    """One event as it was told: what a call is folded from. `arrival` holds its bytes; None for
    an end that nobody told us of."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="words")
    arrival = models.OneToOneField(Arrival, on_delete=models.PROTECT, null=True)
    kind = models.CharField(max_length=9, choices=[(kind.value, kind.value) for kind in Kind])
    at = models.DateTimeField()
    facts = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["call", "id"], name="word_call")]

    def __str__(self) -> str:
        return f"{self.kind} of call {self.call_id}"
