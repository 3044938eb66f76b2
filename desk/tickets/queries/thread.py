"""All that hangs on one ticket, in one round trip.

A page, the API and a mail need messages, parts, clocks, people and history at once. One statement
fetches them as JSON, so that the number of queries does not grow with what a ticket has (spec 8).
What is internal stays in the database unless it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from desk.tickets.models import Ticket

MESSAGES_MAX = 300
ENTRIES_MAX = 500

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Thread:
    """The rows of one ticket by kind, instants parsed. Lists are in the order of time; messages
    are one more than MESSAGES_MAX when older ones were left out."""

    parts: tuple[Row, ...]
    clocks: tuple[Row, ...]
    pauses: tuple[Row, ...]
    promises: tuple[Row, ...]
    messages: tuple[Row, ...]
    files: tuple[Row, ...]
    followers: tuple[Row, ...]
    consultations: tuple[Row, ...]
    estimates: tuple[Row, ...]
    hours: tuple[Row, ...]
    re_promises: tuple[Row, ...]
    disputes: tuple[Row, ...]
    alarms: tuple[Row, ...]
    merged: tuple[Row, ...]
    entries: tuple[Row, ...]
    worked: tuple[Row, ...]
    assigned: tuple[Row, ...]
    reader_works: tuple[Row, ...]
    people: tuple[Row, ...]


def load(ticket: Ticket, reader_id: int | None, at: datetime, *, internal: bool) -> Thread:
    """Fetch the thread in one query; without `internal` no notes and nothing attached to them."""
    key = ticket.key
    parameters: dict[str, Any] = {
        "ticket": ticket.pk,
        "key": key,
        "parts": f"{key}/%",
        "project": ticket.project_id,
        "merged_into": ticket.merged_into_id,
        "reader": reader_id,
        "at": at,
        "internal": internal,
        "concerned": [ticket.author_id, ticket.filed_by_id, ticket.executor_id],
        "messages_max": MESSAGES_MAX + 1,
        "entries_max": ENTRIES_MAX,
    }
    with connection.cursor() as cursor:
        cursor.execute(_THREAD, parameters)
        found = cursor.fetchone()
        columns = [column.name for column in cursor.description or ()]
    assert found is not None, "the statement always gives one row"
    return Thread(**{name: _rows(rows) for name, rows in zip(columns, found, strict=True)})


def people(person_ids: Iterable[int], at: datetime) -> tuple[Row, ...]:
    """The people with all that a card needs, as a thread has them: one query."""
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE_OF, {"people": list(person_ids), "at": at})
        (found,) = cursor.fetchone() or ([],)
    return _rows(found)


def _rows(rows: Iterable[dict[str, Any]]) -> tuple[Row, ...]:
    return tuple(_parsed(row) for row in rows)


def _parsed(row: dict[str, Any]) -> Row:
    for name, value in row.items():
        if isinstance(value, str):
            if name.endswith("_at") or name == "at":
                row[name] = datetime.fromisoformat(value)
            elif name.endswith("_on"):
                row[name] = date.fromisoformat(value)
    return row


_PEOPLE = """
    SELECT person.id, person.name, person.photo, person.position, person.email, person.phone,
        person.seen_at,
        EXISTS (SELECT 1 FROM partners_staffmembership s WHERE s.person_id = person.id)
            AS is_staff,
        EXISTS (SELECT 1 FROM workdays_interval i WHERE i.person_id = person.id
            AND i.until_at IS NULL AND i.struck_at IS NULL) AS works,
        (SELECT a.until_at FROM workdays_absence a WHERE a.person_id = person.id
            AND a.withdrawn_at IS NULL AND a.since_at <= %(at)s AND a.until_at > %(at)s)
            AS absent_until_at,
        (SELECT h.content FROM workdays_schedule h WHERE h.person_id = person.id
            AND h.effective_on <= %(at)s::date ORDER BY h.effective_on DESC LIMIT 1) AS schedule
    FROM partners_person person
"""
_PEOPLE_OF = f"""
    SELECT coalesce(json_agg(p), '[]') FROM ({_PEOPLE} WHERE person.id = ANY(%(people)s)) p
"""  # noqa: S608  # made of the text above
_THREAD = f"""
WITH
message AS MATERIALIZED (
    SELECT id, at, kind, author_id, channel, text, entry_id, moved_from_id
    FROM tickets_message
    WHERE ticket_id = %(ticket)s AND (%(internal)s OR kind <> 'note')
    ORDER BY at DESC, id DESC LIMIT %(messages_max)s
),
entry AS MATERIALIZED (
    SELECT id, at, by, verb, channel, facts,
        CASE WHEN by LIKE 'person:%%' THEN substr(by, 8)::bigint END AS person_id,
        coalesce(facts ->> 'executor', facts ->> 'heard_by')::bigint AS about_id
    FROM journal_entry WHERE subject = %(key)s
    ORDER BY id DESC LIMIT %(entries_max)s
),
part AS MATERIALIZED (
    SELECT number, title, state, approved, refused, result, due_at, finished_at, finished_by_id
    FROM tickets_part WHERE ticket_id = %(ticket)s ORDER BY number
),
clock AS MATERIALIZED (
    SELECT id, kind, cycle, subject, calendar_version_id, started_at, target_seconds, due_at,
        stopped_at, outcome, breached_at, breach_noticed_at, breach_by_ruling, excused_at,
        excused_by, excuse, warned_percent,
        CASE WHEN excused_by LIKE 'person:%%' THEN substr(excused_by, 8)::bigint END
            AS excuser_id
    FROM tickets_clock WHERE ticket_id = %(ticket)s ORDER BY id
),
promise AS MATERIALIZED (
    SELECT id, cycle, made_at, due_at, target_seconds, executor_id, type, units, kopecks, cause,
        entry_id
    FROM tickets_promise WHERE ticket_id = %(ticket)s ORDER BY id
),
follower AS MATERIALIZED (
    SELECT person_id FROM tickets_follower WHERE ticket_id = %(ticket)s ORDER BY id
),
consultation AS MATERIALIZED (
    SELECT c.id, c.kind, p.number AS part, c.question, c.asked_by_id, c.asked_at, c.answer,
        c.released, c.answered_by_id, c.answered_at, c.withdrawn_at, c.pauses
    FROM tickets_consultation c LEFT JOIN tickets_part p ON p.id = c.part_id
    WHERE c.ticket_id = %(ticket)s ORDER BY c.id
),
hours AS MATERIALIZED (
    SELECT worked_on, minutes, note, person_id
    FROM tickets_hourslog WHERE ticket_id = %(ticket)s ORDER BY worked_on, id
),
re_promise AS MATERIALIZED (
    SELECT id, due_at, reason, proposed_by_id, proposed_at, agreed, answered_by_id, answered_at
    FROM tickets_repromise WHERE ticket_id = %(ticket)s ORDER BY id
),
dispute AS MATERIALIZED (
    SELECT id, kind, about, pause_id, text, raised_by_id, raised_at, due_at, upheld, ruling,
        clause, ruled_by_id, ruled_at
    FROM tickets_dispute WHERE ticket_id = %(ticket)s ORDER BY id
),
assignment AS MATERIALIZED (
    SELECT a.role, s.person_id
    FROM partners_assignment a JOIN partners_specialist s ON s.id = a.specialist_id
    WHERE a.project_id = %(project)s AND a.since_at <= %(at)s
        AND (a.until_at IS NULL OR a.until_at > %(at)s)
),
named AS (
    SELECT unnest(%(concerned)s::bigint[]) AS id
    UNION SELECT author_id FROM message
    UNION SELECT person_id FROM entry
    UNION SELECT about_id FROM entry
    UNION SELECT finished_by_id FROM part
    UNION SELECT excuser_id FROM clock
    UNION SELECT executor_id FROM promise
    UNION SELECT person_id FROM follower
    UNION SELECT asked_by_id FROM consultation
    UNION SELECT answered_by_id FROM consultation
    UNION SELECT person_id FROM hours
    UNION SELECT proposed_by_id FROM re_promise
    UNION SELECT raised_by_id FROM dispute
    UNION SELECT ruled_by_id FROM dispute
    UNION SELECT person_id FROM assignment
)
SELECT
(SELECT coalesce(json_agg(part), '[]') FROM part) AS parts,
(SELECT coalesce(json_agg(clock), '[]') FROM clock) AS clocks,
(SELECT coalesce(json_agg(pause ORDER BY pause.id), '[]') FROM (
    SELECT id, clock_id, state, opened_at, closed_at, opened_entry_id, closed_entry_id, struck
    FROM tickets_pause WHERE clock_id IN (SELECT id FROM clock)
) pause) AS pauses,
(SELECT coalesce(json_agg(promise), '[]') FROM promise) AS promises,
(SELECT coalesce(json_agg(m ORDER BY m.at, m.id), '[]') FROM (
    SELECT message.*, partner.code || '-' || origin.number AS moved_from
    FROM message
    LEFT JOIN tickets_ticket origin ON origin.id = message.moved_from_id
    LEFT JOIN partners_partner partner ON partner.id = origin.partner_id
) m) AS messages,
(SELECT coalesce(json_agg(f ORDER BY f.id), '[]') FROM (
    SELECT id, message_id, token, name, size, internal, at
    FROM tickets_attachment
    WHERE ticket_id = %(ticket)s AND (%(internal)s OR NOT internal)
) f) AS files,
(SELECT coalesce(json_agg(follower), '[]') FROM follower) AS followers,
(SELECT coalesce(json_agg(consultation), '[]') FROM consultation) AS consultations,
(SELECT coalesce(json_agg(e ORDER BY e.id), '[]') FROM (
    SELECT id, kind, hours_max, hour_kopecks, working_seconds, includes, valid_until AS valid_at,
        made_at, approved_at, refused_at, expired_at
    FROM tickets_estimate WHERE ticket_id = %(ticket)s
) e) AS estimates,
(SELECT coalesce(json_agg(hours), '[]') FROM hours) AS hours,
(SELECT coalesce(json_agg(re_promise), '[]') FROM re_promise) AS re_promises,
(SELECT coalesce(json_agg(dispute), '[]') FROM dispute) AS disputes,
(SELECT coalesce(json_agg(a ORDER BY a.at), '[]') FROM (
    SELECT kind, at FROM tickets_alarm WHERE ticket_id = %(ticket)s
) a) AS alarms,
(SELECT coalesce(json_agg(t ORDER BY t.id), '[]') FROM (
    SELECT t.id, p.code || '-' || t.number AS number, t.merged_into_id
    FROM tickets_ticket t JOIN partners_partner p ON p.id = t.partner_id
    WHERE t.merged_into_id = %(ticket)s OR t.id = %(merged_into)s
) t) AS merged,
(SELECT coalesce(json_agg(entry ORDER BY entry.id), '[]') FROM entry) AS entries,
(SELECT coalesce(json_agg(w), '[]') FROM (
    SELECT subject, cycle,
        round(sum(extract(epoch FROM least(coalesce(until_at, %(at)s), %(at)s) - since_at)))
            ::bigint AS seconds
    FROM workdays_interval
    WHERE (subject = %(key)s OR subject LIKE %(parts)s)
        AND struck_at IS NULL AND since_at < %(at)s
    GROUP BY subject, cycle
) w) AS worked,
(SELECT coalesce(json_agg(assignment), '[]') FROM assignment) AS assigned,
(SELECT coalesce(json_agg(r), '[]') FROM (
    SELECT subject, since_at FROM workdays_interval
    WHERE person_id = %(reader)s AND until_at IS NULL AND struck_at IS NULL
        AND (subject = %(key)s OR subject LIKE %(parts)s)
) r) AS reader_works,
(SELECT coalesce(json_agg(p), '[]') FROM (
    {_PEOPLE} WHERE person.id IN (SELECT id FROM named)
) p) AS people
"""  # noqa: S608  # made of the text above
