"""Triggers: the promises about rulings and complaints that the database keeps itself."""

from __future__ import annotations

import pgtrigger

_OWN = """
    IF {wrong} (
        SELECT 1 FROM oversight_violation
        WHERE id = NEW.violation_id AND person_id = NEW.by_id
    ) THEN
        RAISE EXCEPTION '{said}', NEW.by_id
            USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
    END IF;
    RETURN NEW;
"""


def _by(name: str, said: str, wrong: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=_OWN.format(name=name, said=said, wrong=wrong),
    )


NOT_OWN_CASE = _by("not_own_case", "person % rules on an own case", "EXISTS")
OWN_WORDS = _by("own_words", "person % explains what is not theirs", "NOT EXISTS")

# A complaint is answered once, and what was complained of is never rewritten.
_ANSWERED = """
    IF OLD.answered_at IS NOT NULL
        OR (OLD.partner_id, OLD.ticket_id, OLD.about_id, OLD.raised_by_id, OLD.text, OLD.at,
            OLD.due_at)
        IS DISTINCT FROM
        (NEW.partner_id, NEW.ticket_id, NEW.about_id, NEW.raised_by_id, NEW.text, NEW.at,
            NEW.due_at)
    THEN
        RAISE EXCEPTION 'complaint % is on record', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'complaint_on_record';
    END IF;
    RETURN NEW;
"""
ON_RECORD = pgtrigger.Trigger(
    name="on_record", when=pgtrigger.Before, operation=pgtrigger.Update, func=_ANSWERED
)
KEPT = pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)
