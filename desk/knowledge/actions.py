"""Writing down what is known of a project."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.knowledge.models import Dossier
from desk.partners.models import Project

TEXT_MAX = 20_000
FIELDS = ("summary", "setup", "agreements")


class Stale(Exception):
    """Somebody wrote since this text was read; `current_version` is theirs."""

    def __init__(self, current_version: int) -> None:
        super().__init__(f"version is {current_version}")
        self.current_version = current_version


class TextTooLong(Exception):
    """A field of the dossier is longer than TEXT_MAX characters; `field` names it."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True, slots=True)
class Known:
    """What a dossier says: what the project is, how it is set up, what was agreed."""

    summary: str = ""
    setup: str = ""
    agreements: str = ""


def write_dossier(cause: Cause, project_id: int, known: Known, version: int) -> Dossier:
    """Write the dossier of a project; `version` is the one that was read, 0 for none.

    An unchanged text makes no new version. Raises `Stale`, `TextTooLong`. Only a person writes.
    """
    assert cause.person_id is not None, "a dossier is written by somebody"
    texts = _checked(known)
    with transaction.atomic():
        # The project's row is the lock: there is no dossier to lock before the first one.
        project = Project.objects.select_for_update(no_key=True).get(pk=project_id)
        row = Dossier.objects.filter(project=project).first() or Dossier(project=project, version=0)
        changed = [field for field in FIELDS if getattr(row, field) != texts[field]]
        if row.pk and not changed:
            return row
        if version != row.version:
            raise Stale(row.version)
        for field in changed:
            setattr(row, field, texts[field])
        row.version += 1
        row.updated_at, row.updated_by_id = cause.at, cause.person_id
        row.save()
        facts = {"project": project.pk, "version": row.version, "changed": changed}
        subject = f"project:{project.pk}"
        journal.record(cause, "write_dossier", subject, facts, project.partner_id)
        return row


def _checked(known: Known) -> dict[str, str]:
    texts = {field: str(getattr(known, field)).replace("\r\n", "\n").strip() for field in FIELDS}
    for field, text in texts.items():
        if len(text) > TEXT_MAX or "\0" in text:
            raise TextTooLong(field)
    return texts
