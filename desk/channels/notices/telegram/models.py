"""The desk's bot, the chats that people linked with it, and links that are on offer."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from desk.partners.models import Person

ERROR_MAX = 300
NAME_MAX = 80


class Bot(models.Model):
    """The bot of this desk: one. `token` is sealed. `next_update` is the first update of Telegram
    that was not used yet; `resting_until_at` lets a Telegram that is away rest, and
    `leased_until_at` keeps two workers from asking at once. `error` is the last failure as
    `api.Failed.code` names it, "" when all is well."""

    token = models.CharField(max_length=400)
    username = models.CharField(max_length=64)
    name = models.CharField(max_length=NAME_MAX)
    next_update = models.BigIntegerField(default=0)
    error = models.CharField(max_length=ERROR_MAX, blank=True)
    failures = models.PositiveIntegerField(default=0)
    contact_at = models.DateTimeField(null=True)
    resting_until_at = models.DateTimeField(null=True)
    leased_until_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="telegram_bot_is_one")]

    def __str__(self) -> str:
        return f"@{self.username}"


class Why(models.TextChoices):
    """Why a chat gets nothing more: its person said /stop there; unlinked on the desk; it blocked
    the bot or is gone; linked with somebody else; linked anew; the desk has another bot."""

    STOPPED = "stopped"
    UNLINKED = "unlinked"
    BLOCKED = "blocked"
    TAKEN = "taken"
    REPLACED = "replaced"
    NEW_BOT = "new_bot"


class Chat(models.Model):
    """A person's private chat with the bot. `name` is how Telegram calls who is there. Telegram
    takes one message a second for a chat: `next_at` is when the next may go. A chat that has ended
    keeps no number and no name."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="chats")
    number = models.BigIntegerField(null=True)
    name = models.CharField(max_length=NAME_MAX)
    linked_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=8, choices=Why, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(ended_at=None), name="chat_once_a_person"
            ),
            models.UniqueConstraint(
                fields=["number"], condition=Q(ended_at=None), name="chat_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_why="", number__isnull=False)
                | (Q(ended_at__isnull=False, number=None, name="") & ~Q(ended_why="")),
                name="chat_ended_forgets",
            ),
        ]

    def __str__(self) -> str:
        return f"chat {self.pk}"

    @property
    def address(self) -> str:
        """The address of its deliveries: "chat:3"."""
        return f"chat:{self.pk}"


class Offer(models.Model):
    """A link to the bot that links whoever opens it with the person. `digest` is the SHA-256 of
    the token in the link; it works once, until `until_at`."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, primary_key=True)
    digest = models.CharField(max_length=64, unique=True)
    until_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"offer to {self.person_id}"
