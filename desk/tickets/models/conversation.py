"""What is said on a ticket, and the files that come with it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from desk.partners.models import Person
from desk.tickets.models.ticket import Ticket


class MessageKind(models.TextChoices):
    PARTNER = "partner"
    STAFF = "staff"
    NOTE = "note"
    QUESTION = "question"
    HANDOVER = "handover"


class Message(models.Model):
    """One message. A NOTE is internal: `queries.partner_view` and nothing else feeds partners,
    and leaves notes out. `moved_from` tells where a merged ticket's message came from."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=10, choices=MessageKind)
    author = models.ForeignKey(Person, on_delete=models.PROTECT, null=True)
    text = models.TextField()
    at = models.DateTimeField()
    channel = models.CharField(max_length=20)
    entry_id = models.BigIntegerField(null=True)
    moved_from = models.ForeignKey(
        Ticket, on_delete=models.PROTECT, null=True, related_name="messages_moved"
    )

    class Meta:
        indexes = [models.Index(fields=["ticket", "at", "id"], name="message_ticket")]

    def __str__(self) -> str:
        return f"{self.kind} on {self.ticket_id}"


class Attachment(models.Model):
    """A file by content: `sha256` names the bytes in the data folder, written before the row."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="attachments")
    message = models.ForeignKey(
        Message, on_delete=models.PROTECT, null=True, related_name="attachments"
    )
    token = models.CharField(max_length=43, unique=True)
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    internal = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(size__gt=0), name="attachment_not_empty")]

    def __str__(self) -> str:
        return self.name


class Follower(models.Model):
    """A person who is told of what happens on a ticket."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="followers")
    person = models.ForeignKey(Person, on_delete=models.PROTECT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "person"], name="follower_once")]

    def __str__(self) -> str:
        return f"{self.person_id} follows {self.ticket_id}"
