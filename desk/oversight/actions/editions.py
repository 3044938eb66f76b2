"""Editions of the Standard: drafted, reviewed by another person, published from a date."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import Max

from desk.journal import actions as journal
from desk.journal import cause as causes
from desk.journal.cause import Cause
from desk.journal.models import Entry
from desk.oversight.models import Acknowledgement, Edition, EditionState
from desk.oversight.queries import editions as queries
from desk.partners.models import Organisation
from desk.rules.standard import drafting, first_edition
from desk.rules.standard.edition import Edition as Rules
from desk.rules.standard.edition import compare

TITLE_MAX = 120
FIRST = Path(__file__).resolve().parent.parent / "first_edition.json"
SET_ASIDE = (EditionState.PUBLISHED, EditionState.DISCARDED)


class NotNow(Exception):
    """The edition is in no state for this: `why` is "published", "own", "draft", "untranslated",
    "past", "stale" or "begun" (the first edition of a desk that has one)."""

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
    title = title.strip()[:TITLE_MAX]
    asked = {"verb": "draft_edition", "title": title, "based_on": based_on}
    _one_at_a_time()
    done = journal.repeated(cause, asked)
    if done is not None:
        return _subject(done)
    content = first_content()
    if based_on is not None:
        content = copy.deepcopy(Edition.objects.get(pk=based_on).content)
    latest = Edition.objects.aggregate(latest=Max("number"))["latest"] or 0
    row = Edition.objects.create(
        number=latest + 1,
        title=title,
        content=content,
        drafted_by_id=cause.person_id,
        drafted_at=cause.at,
    )
    return _noted(cause, row, asked, based_on=based_on)


@transaction.atomic
def change(cause: Cause, edition_id: int, title: str, content: dict[str, object]) -> Edition:
    """Write a draft anew; what was reviewed has to be reviewed again. Raises `EditionError`,
    `NotNow` when it was published or changed by somebody else meanwhile (`cause.seen`)."""
    row = Edition.objects.select_for_update().get(pk=edition_id)
    title = title.strip()[:TITLE_MAX]
    asked = {"verb": "change_edition", "title": title, "content": content}
    if journal.earlier(cause, _key(row), asked) is not None:
        return row
    _still_open(row)
    if cause.seen is not None and cause.seen != row.version:
        raise NotNow("stale")
    changed = _changed(row.content, content)
    row.title, row.content = title, content
    row.state, row.reviewed_by, row.reviewed_at = EditionState.DRAFT, None, None
    row.version += 1
    row.save()
    return _noted(cause, row, asked, version=row.version, clauses=changed)


@transaction.atomic
def ask_review(cause: Cause, edition_id: int) -> Edition:
    """Say that a draft is ready to be read by another person: they are told. Raises `NotNow`,
    `EditionError`."""
    row = Edition.objects.select_for_update().get(pk=edition_id)
    asked = {"verb": "ask_review", "edition": edition_id}
    if journal.earlier(cause, _key(row), asked) is not None:
        return row
    _still_open(row)
    if drafting.faults(row.content):
        raise NotNow("untranslated")
    return _noted(cause, row, asked, version=row.version)


@transaction.atomic
def review(cause: Cause, edition_id: int) -> Edition:
    """A person who wrote nothing of it has read it, in the version that was shown (`cause.seen`).
    Raises `NotNow`, `EditionError`."""
    row = Edition.objects.select_for_update().get(pk=edition_id)
    asked = {"verb": "review_edition", "edition": edition_id}
    if journal.earlier(cause, _key(row), asked) is not None:
        return row
    _still_open(row)
    if cause.seen is not None and cause.seen != row.version:
        raise NotNow("stale")
    if cause.person_id in queries.authors(row):
        raise NotNow("own")
    if drafting.faults(row.content):
        raise NotNow("untranslated")
    row.state = EditionState.REVIEWED
    row.reviewed_by_id, row.reviewed_at = cause.person_id, cause.at
    row.save()
    return _noted(cause, row, asked, version=row.version)


@transaction.atomic
def publish(cause: Cause, edition_id: int, effective_at: datetime) -> Edition:
    """Let a reviewed edition come into force from a moment on, never in the past, never before
    one that is published already. Raises `NotNow`."""
    _one_at_a_time()
    row = Edition.objects.select_for_update().get(pk=edition_id)
    asked = {"verb": "publish_edition", "edition": edition_id, "at": effective_at.isoformat()}
    if journal.earlier(cause, _key(row), asked) is not None:
        return row
    _still_open(row)
    if row.state != EditionState.REVIEWED:
        raise NotNow("draft")
    if cause.seen is not None and cause.seen != row.version:
        raise NotNow("stale")
    published = Edition.objects.filter(state=EditionState.PUBLISHED)
    latest = published.aggregate(latest=Max("effective_at"))["latest"]
    if latest is not None and effective_at <= latest:
        raise NotNow("past")
    return _published(cause, row, effective_at, asked)


@transaction.atomic
def publish_first(cause: Cause, title: str, effective_at: datetime) -> Edition:
    """Publish what is shipped, for a desk that has no edition yet: its makers drafted it, and
    whoever publishes it is the other person who has read it. Raises `NotNow`."""
    _one_at_a_time()
    asked = {"verb": "publish_edition", "first": True, "at": effective_at.isoformat()}
    done = journal.repeated(cause, asked)
    if done is not None:
        return _subject(done)
    if Edition.objects.exists():
        raise NotNow("begun")
    quiet = replace(cause, key=None, seen=None)
    row = draft(causes.system(cause.at), title)
    row = review(quiet, row.pk)
    return _published(cause, row, effective_at, asked)


@transaction.atomic
def discard(cause: Cause, edition_id: int) -> Edition:
    """Put a draft aside; it stays readable. Raises `NotNow`."""
    row = Edition.objects.select_for_update().get(pk=edition_id)
    asked = {"verb": "discard_edition", "edition": edition_id}
    if journal.earlier(cause, _key(row), asked) is not None:
        return row
    _still_open(row)
    row.state, row.reviewed_by, row.reviewed_at = EditionState.DISCARDED, None, None
    row.save()
    return _noted(cause, row, asked)


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
        facts = {"edition": edition.pk, "number": edition.number, "person": cause.person_id}
        journal.record(cause, "acknowledge", _key(edition), facts)
    return row


def _published(
    cause: Cause, row: Edition, effective_at: datetime, asked: Mapping[str, object]
) -> Edition:
    if effective_at < cause.at:
        raise NotNow("past")
    row.state = EditionState.PUBLISHED
    row.published_by_id, row.published_at = cause.person_id, cause.at
    row.effective_at = effective_at
    row.save()
    return _noted(cause, row, asked, effective_at=effective_at.isoformat())


def _still_open(row: Edition) -> None:
    if row.state in SET_ASIDE:
        raise NotNow("published")


def _one_at_a_time() -> None:
    """Numbers and dates of editions follow each other: two that are begun or published at once
    wait for each other."""
    Organisation.objects.select_for_update().first()


def _changed(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """Numbers of the clauses that differ; "questions" where these do. Raises `EditionError`."""
    changes = compare(Rules.parse(before), drafting.check(after))
    return drafting.touched(before, after, list(changes))


def _key(row: Edition) -> str:
    return f"edition:{row.pk}"


def _subject(entry: Entry) -> Edition:
    return Edition.objects.get(pk=entry.subject.partition(":")[2])


def _noted(cause: Cause, row: Edition, asked: Mapping[str, object], **more: object) -> Edition:
    facts = {"edition": row.pk, "number": row.number, **more}
    journal.record(cause, str(asked["verb"]), _key(row), facts, content=asked)
    return row
