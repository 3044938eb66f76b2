"""Editions of the Standard, and who has read which."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q

from desk.partners.models import Person


class EditionState(models.TextChoices):
    """A DRAFT is written, a REVIEWED one was read by another person and may be published."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    PUBLISHED = "published"
    DISCARDED = "discarded"


# What was published is never edited; it is superseded by the next one from its date on.
_PUBLISHED = """
    IF OLD.state = 'published' THEN
        RAISE EXCEPTION 'edition % is published', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'edition_published';
    END IF;
    RETURN NEW;
"""


class Edition(models.Model):
    """A document of numbered clauses. `content` is {"clauses": [...], "questions": [...]}: clauses
    as `rules.standard.edition.Clause` has them, questions of audits with their texts.

    In force from `effective_at` until that of the next published one.
    """

    number = models.PositiveIntegerField(unique=True)
    title = models.CharField(max_length=120)
    content = models.JSONField()
    state = models.CharField(max_length=9, choices=EditionState, default=EditionState.DRAFT)
    version = models.PositiveIntegerField(default=1)
    drafted_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    drafted_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    effective_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state=EditionState.PUBLISHED,
                    published_at__isnull=False,
                    effective_at__gte=F("published_at"),
                )
                | (~Q(state=EditionState.PUBLISHED) & Q(published_at=None, effective_at=None)),
                name="edition_published_has_date",
            ),
            models.UniqueConstraint(fields=["effective_at"], name="edition_one_at_a_time"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="published",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=_PUBLISHED,
            )
        ]

    def __str__(self) -> str:
        return f"edition {self.number}"


class Acknowledgement(models.Model):
    """A specialist has read an edition; asked for before the first shift under it."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="acknowledgements")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="acknowledgements")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "person"], name="acknowledged_once")
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.person_id} has read {self.edition_id}"
