"""What is known of a project."""

from __future__ import annotations

from django.db import models

from desk.partners.models import Person, Project


class Dossier(models.Model):
    """How one project is set up, beside every ticket of it. Text grows by dated notes."""

    project = models.OneToOneField(Project, on_delete=models.PROTECT, related_name="dossier")
    summary = models.TextField(blank=True, max_length=20_000)
    setup = models.TextField(blank=True, max_length=20_000)
    agreements = models.TextField(blank=True, max_length=20_000)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(Person, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return f"dossier of {self.project_id}"
