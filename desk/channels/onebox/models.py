"""Partners' boxes, their processes that are our tickets, and what was said there."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from desk.partners.models import Partner, Person, Project
from desk.tickets.models import Message, Ticket

URL_MAX = 300
ERROR_MAX = 400


class Connection(models.Model):
    """A workflow of a partner's OneBox that is kept level with our tickets.

    `person` stands for whoever writes there and is not recognised. `password` and `token` are
    sealed, of `secret` only its SHA-256 is kept. `statuses` are their status ids by our states,
    `moves` the status ids by which the partner moves a ticket ("confirm", "return", "cancel"),
    `fields` the keys of their custom fields by what is written there, `mapping` the names in
    events by what is read from them. `native_deadline` is the name of the box's own field of the
    deadline and `comments` tells that comments can be written and read: of both nothing is
    publicly known, so that they are off until somebody has seen them work.

    `baseline` is the newest process at the first look: older ones are no tickets. `error` is a
    code of what fails ("away:time", "denied", …), "" when it is well.
    """

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT)
    project = models.ForeignKey(Project, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    base_url = models.CharField(max_length=URL_MAX)
    login = models.CharField(max_length=254)
    password = models.TextField()
    workflow = models.CharField(max_length=20, blank=True)
    statuses = models.JSONField(default=dict)
    moves = models.JSONField(default=dict)
    fields = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    native_deadline = models.CharField(max_length=60, blank=True)
    comments = models.BooleanField(default=False)
    timezone = models.CharField(max_length=60, default="Europe/Kyiv")
    root = models.CharField(max_length=6, default="array")
    polling_seconds = models.PositiveIntegerField(default=60)
    secret_sha256 = models.CharField(max_length=64)
    is_active = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    token = models.TextField(blank=True)
    token_at = models.DateTimeField(null=True)
    baseline = models.BigIntegerField(null=True)
    poll_next_at = models.DateTimeField(null=True)
    polled_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=ERROR_MAX, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["base_url", "workflow"],
                condition=Q(removed_at=None) & ~Q(workflow=""),
                name="onebox_workflow_once",
            ),
            models.CheckConstraint(
                condition=Q(removed_at=None) | Q(is_active=False, password="", token=""),
                name="onebox_removed_is_off",
            ),
        ]

    def __str__(self) -> str:
        return f"connection {self.pk}"

    @property
    def address(self) -> str:
        """How arrivals, deliveries and the journal name it."""
        return f"connection:{self.pk}"


class Process(models.Model):
    """A process of the box that we know: a ticket, one that becomes a ticket as soon as its
    arrival is used, or a test of ours (`is_trial`).

    `digest` and `changes` are of what was last seen there, so that one change arrives once.
    `status_seen` is the status that we have taken note of, `status_written` the one we wrote,
    `status_pending` one that is being written. `written` is the last whole state we wrote.
    """

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="processes")
    process = models.CharField(max_length=20)
    ticket = models.OneToOneField(
        Ticket, on_delete=models.PROTECT, null=True, related_name="onebox_process"
    )
    is_trial = models.BooleanField(default=False)
    digest = models.CharField(max_length=64, blank=True)
    changes = models.PositiveIntegerField(default=0)
    status_seen = models.CharField(max_length=20, blank=True)
    status_written = models.CharField(max_length=20, blank=True)
    status_pending = models.CharField(max_length=20, blank=True)
    written = models.JSONField(default=dict)
    written_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "process"], name="onebox_process_once")
        ]

    def __str__(self) -> str:
        return f"process {self.process} of {self.connection_id}"


class Said(models.Model):
    """A comment in the box, theirs or ours, told apart from others by its id there, by the event
    that told of it, and by the digest of its words.

    Of ours `text` is what is written there, and `written_at` None until it stands there; it comes
    from a `message` of the ticket, or is a plain answer to what could not be done.
    """

    process = models.ForeignKey(Process, on_delete=models.PROTECT, related_name="said")
    ours = models.BooleanField()
    digest = models.CharField(max_length=64)
    comment_id = models.CharField(max_length=40, blank=True)
    event_key = models.CharField(max_length=128, blank=True)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, null=True)
    text = models.TextField(blank=True)
    written_at = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["process", "comment_id"],
                condition=~Q(comment_id=""),
                name="onebox_comment_once",
            ),
            models.UniqueConstraint(
                fields=["process", "message"],
                condition=Q(message__isnull=False),
                name="onebox_message_once",
            ),
        ]
        indexes = [models.Index(fields=["process", "digest"], name="onebox_said_digest")]

    def __str__(self) -> str:
        return f"comment of process {self.process_id}"
