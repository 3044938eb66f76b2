"""Reading what is known of a project."""

from __future__ import annotations

from desk.knowledge.models import Dossier


def dossier(project_id: int) -> Dossier | None:
    """What is known of the project, with who wrote it last; None when nothing was written yet."""
    return Dossier.objects.select_related("updated_by").filter(project_id=project_id).first()
