"""Writing down what is known of a project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db import transaction

from desk.journal import actions as journal
from desk.journal import queries as entries
from desk.journal.cause import Cause
from desk.knowledge.models import Dossier
from desk.partners.models import Project
from desk.rules.lifecycle import Verb
from desk.tickets import actions as tickets
from desk.tickets import queries
from desk.tickets.actions import Handover, Incomplete, Learnt
from desk.tickets.models import Ticket

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


@dataclass(frozen=True, slots=True)
class News:
    """What a work brought for the dossier: a text, or the word that there is nothing new."""

    text: str = ""
    nothing: bool = False


def write_dossier(cause: Cause, project_id: int, known: Known, version: int) -> Dossier:
    """Write the dossier of a project; `version` is the one that was read, 0 for none.

    An unchanged text makes no new version. Raises `Stale`, `TextTooLong`. Only a person writes.
    """
    texts = _checked(known)
    with transaction.atomic():
        row = _locked(project_id)
        changed = [field for field in FIELDS if getattr(row, field) != texts[field]]
        if row.pk and not changed:
            return row
        if version != row.version:
            raise Stale(row.version)
        for field in changed:
            setattr(row, field, texts[field])
        return _saved(cause, row, changed)


@transaction.atomic
def deliver(cause: Cause, ticket_id: int, handover: Handover, news: News) -> Ticket:
    """Hand a result over and keep what was learnt: both, or neither.

    The text is added to how the project is set up, with the day and the ticket's number; nobody
    else's text is touched, so there is no version to be stale. Without news the delivery says
    nothing of the dossier. Raises `Incomplete` ("dossier": one_of_two, full) besides what
    `tickets.deliver` raises.
    """
    text = news.text.replace("\0", "").replace("\r\n", "\n").strip()
    if text and news.nothing:
        raise Incomplete("dossier", "one_of_two")
    learnt = Learnt.WRITTEN if text else Learnt.NOTHING_NEW if news.nothing else Learnt.UNSAID
    ticket = tickets.deliver(cause, ticket_id, replace(handover, dossier=learnt))
    if text:
        _add_note(cause, ticket, text)
    return ticket


def _add_note(cause: Cause, ticket: Ticket, text: str) -> None:
    """A dated note of a ticket, once per key: a delivery that is repeated writes nothing more."""
    delivered = entries.of(ticket.key).filter(verb=Verb.DELIVER).last()
    assert delivered is not None, "the ticket was delivered just now, or by this key before"
    key = f"{cause.key}:dossier" if cause.key else None
    told = replace(cause.follows(delivered.pk), at=delivered.at, key=key)
    row, content = _locked(ticket.project_id), {"verb": "write_dossier", "note": text}
    if journal.earlier(told, f"project:{ticket.project_id}", content) is not None:
        return
    day = told.at.astimezone(ticket.calendar_version.value().zone)
    note = f"{day:%d.%m.%Y}, {queries.number(ticket)}: {text}"
    row.setup = f"{row.setup}\n\n{note}".strip()
    if len(row.setup) > TEXT_MAX:
        raise Incomplete("dossier", "full")
    _saved(told, row, ["setup"], content)


def _locked(project_id: int) -> Dossier:
    """The dossier of a project, or an unsaved one of version 0. The project's row is the lock:
    there is no dossier to lock before the first one."""
    project = Project.objects.select_for_update(no_key=True).get(pk=project_id)
    return Dossier.objects.filter(project=project).first() or Dossier(project=project, version=0)


def _saved(
    cause: Cause, row: Dossier, changed: list[str], content: Mapping[str, object] | None = None
) -> Dossier:
    """One more version, and its entry."""
    assert cause.person_id is not None, "a dossier is written by somebody"
    project = row.project
    row.version += 1
    row.updated_at, row.updated_by_id = cause.at, cause.person_id
    row.save()
    facts = {"project": project.pk, "version": row.version, "changed": changed}
    subject = f"project:{project.pk}"
    journal.record(cause, "write_dossier", subject, facts, project.partner_id, content)
    return row


def _checked(known: Known) -> dict[str, str]:
    texts = {field: str(getattr(known, field)).replace("\r\n", "\n").strip() for field in FIELDS}
    for field, text in texts.items():
        if len(text) > TEXT_MAX or "\0" in text:
            raise TextTooLong(field)
    return texts
