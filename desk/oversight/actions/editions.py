"""Editions of the Standard: drafted, reviewed by another person, published from a date."""

from __future__ import annotations

import copy
import json
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import Max

from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.oversight.models import Acknowledgement, Edition, EditionState
from desk.rules.standard import first_edition
from desk.rules.standard.edition import Edition as Rules

TITLE_MAX = 120
FIRST = Path(__file__).resolve().parent.parent / "first_edition.json"


class NotNow(Exception):
    """The edition is in no state for this: `why` is "published", "own", "draft", "untranslated",
    "past" or "stale"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def first_content() -> dict[str, object]:
    """The content that an installation starts from: the clauses of the service with their texts
    in three languages, their rules, and the questions of audits."""
    shipped = json.loads(FIRST.read_text(encoding="utf-8"))
    clauses = first_edition.clauses(shipped["texts"]).to_dict()
    return {**clauses, "questions": shipped["questions"]}


@transaction.atomic
def draft(cause: Cause, title: str, based_on: int | None = None) -> Edition:
    """Begin an edition: a copy of another one, or of what is shipped."""
    content = first_content()
    if based_on is not None:
        content = copy.deepcopy(Edition.objects.get(pk=based_on).content)
    latest = Edition.objects.aggregate(latest=Max("number"))["latest"] or 0
    row = Edition.objects.create(
        number=latest + 1,
        title=title.strip()[:TITLE_MAX],
        content=content,
        drafted_by_id=cause.person_id,
        drafted_at=cause.at,
    )
    return _noted(cause, row, "draft_edition")


@transaction.atomic
def change(cause: Cause, edition_id: int, title: str, content: dict[str, object]) -> Edition:
    """Write a draft anew; what was reviewed has to be reviewed again. Raises `EditionError`,
    `NotNow` when it was published or changed by somebody else meanwhile (`cause.seen`)."""
    row = _open(edition_id)
    if cause.seen is not None and cause.seen != row.version:
        raise NotNow("stale")
    Rules.parse(content)
    row.title, row.content = title.strip()[:TITLE_MAX], content
    row.state, row.reviewed_by, row.reviewed_at = EditionState.DRAFT, None, None
    row.version += 1
    row.save()
    return _noted(cause, row, "change_edition")


@transaction.atomic
def review(cause: Cause, edition_id: int) -> Edition:
    """A second person has read it. Raises `NotNow`, `EditionError`."""
    row = _open(edition_id)
    if row.drafted_by_id == cause.person_id:
        raise NotNow("own")
    if Rules.parse(row.content).untranslated():
        raise NotNow("untranslated")
    row.state, row.reviewed_by_id, row.reviewed_at = (
        EditionState.REVIEWED,
        cause.person_id,
        cause.at,
    )
    row.save()
    return _noted(cause, row, "review_edition")


@transaction.atomic
def publish(cause: Cause, edition_id: int, effective_at: datetime) -> Edition:
    """Let a reviewed edition come into force from a moment on, never in the past, never before
    one that is published already. Raises `NotNow`."""
    row = _open(edition_id)
    if row.state != EditionState.REVIEWED:
        raise NotNow("draft")
    published = Edition.objects.filter(state=EditionState.PUBLISHED)
    latest = published.aggregate(latest=Max("effective_at"))["latest"]
    if effective_at < cause.at or (latest is not None and effective_at <= latest):
        raise NotNow("past")
    row.state, row.published_by_id, row.published_at = (
        EditionState.PUBLISHED,
        cause.person_id,
        cause.at,
    )
    row.effective_at = effective_at
    row.save()
    return _noted(cause, row, "publish_edition")


@transaction.atomic
def discard(cause: Cause, edition_id: int) -> Edition:
    """Put a draft aside; it stays readable. Raises `NotNow`."""
    row = _open(edition_id)
    row.state, row.reviewed_by, row.reviewed_at = EditionState.DISCARDED, None, None
    row.save()
    return _noted(cause, row, "discard_edition")


@transaction.atomic
def acknowledge(cause: Cause, edition_id: int) -> Acknowledgement:
    """A specialist has read a published edition; said again it changes nothing."""
    edition = Edition.objects.get(pk=edition_id)
    if edition.state != EditionState.PUBLISHED:
        raise NotNow("draft")
    assert cause.person_id is not None, "only a person reads"
    row, fresh = Acknowledgement.objects.get_or_create(
        edition=edition, person_id=cause.person_id, defaults={"at": cause.at}
    )
    if fresh:
        facts = {"edition": edition.pk, "person": cause.person_id}
        journal.record(cause, "acknowledge", f"edition:{edition.pk}", facts)
    return row


def _open(edition_id: int) -> Edition:
    row = Edition.objects.select_for_update().get(pk=edition_id)
    if row.state in (EditionState.PUBLISHED, EditionState.DISCARDED):
        raise NotNow("published")
    return row


def _noted(cause: Cause, row: Edition, verb: str) -> Edition:
    journal.record(cause, verb, f"edition:{row.pk}", {"edition": row.pk, "number": row.number})
    return row
