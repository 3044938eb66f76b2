"""Tokens, and the answers that were given under an idempotency key."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from desk.partners.models import Partner, Person

NAME_MAX = 80
PREFIX_MAX = 12
KEY_MAX = 255


class Token(models.Model):
    """Who may call the API as whom. Only the SHA-256 of the secret is kept; `prefix` are its first
    characters, by which people tell tokens apart.

    It belongs to a person, or (with a `partner`) to that partner's integration: then `person` is
    the integration itself, which has a membership like anybody else and nobody's password.
    `window_at` and `window_count` count the calls of the present minute.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="tokens")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True)
    name = models.CharField(max_length=NAME_MAX)
    sha256 = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=PREFIX_MAX)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    window_at = models.DateTimeField(null=True)
    window_count = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["person", "-id"], name="token_of_person"),
            models.Index(
                fields=["partner", "-id"],
                condition=Q(partner__isnull=False),
                name="token_of_partner",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class StoredAnswer(models.Model):
    """What a POST under an idempotency key was answered: whoever sends it again gets this.

    `request_sha256` tells whether it is the same request.
    """

    token = models.ForeignKey(Token, on_delete=models.PROTECT)
    key = models.CharField(max_length=KEY_MAX)
    request_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="answer_once")]
        indexes = [models.Index(fields=["at"], name="answer_age")]

    def __str__(self) -> str:
        return f"answer {self.status} of {self.at}"
