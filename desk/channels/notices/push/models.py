"""The desk's key for push services, and the browsers that people allowed to show notices."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from desk.partners.models import Person

URL_MAX = 2000
LABEL_MAX = 80


class Why(models.TextChoices):
    """Why a browser gets nothing more: removed by its person; signed out there; the sign-in there
    has ended by itself; the push service says that it is gone; the desk has another key; another
    person allows notices there."""

    REMOVED = "removed"
    SIGNED_OUT = "signed_out"
    EXPIRED = "expired"
    GONE = "gone"
    NEW_KEY = "new_key"
    TAKEN = "taken"


class Key(models.Model):
    """The desk's key pair (VAPID): one, made at first need. `private` is sealed."""

    public = models.CharField(max_length=90)
    private = models.CharField(max_length=300)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="push_key_is_one")]

    def __str__(self) -> str:
        return "key of web push"


class Browser(models.Model):
    """One browser of a person that shows notices.

    `endpoint` is the address at its push service, `p256dh` and `auth` its keys; whoever knows all
    three could send it something, so they are shown to nobody. `key` is the public key of ours
    that it was made for. `session` is the sign-in under which notices were allowed: with it they
    end. An ended browser keeps nothing but its label and dates.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="browsers")
    endpoint = models.CharField(max_length=URL_MAX)
    p256dh = models.CharField(max_length=90)
    auth = models.CharField(max_length=30)
    key = models.CharField(max_length=90)
    session = models.CharField(max_length=40)
    label = models.CharField(max_length=LABEL_MAX)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=10, choices=Why, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint"], condition=Q(ended_at=None), name="browser_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_why="")
                | (Q(ended_at__isnull=False, endpoint="", session="") & ~Q(ended_why="")),
                name="browser_ended_forgets",
            ),
        ]
        indexes = [
            models.Index(fields=["person"], condition=Q(ended_at=None), name="browser_of"),
            models.Index(fields=["session"], condition=Q(ended_at=None), name="browser_session"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def address(self) -> str:
        """The address of its deliveries: "browser:3"."""
        return f"browser:{self.pk}"
