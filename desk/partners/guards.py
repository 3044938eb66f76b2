"""Triggers: the promises about people and projects that the database keeps itself."""

from __future__ import annotations

import pgtrigger

# A dated row ends and a new one begins; it is never deleted, so that history can be read back.
KEPT = pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)


_ONE_SIDE = """
    PERFORM 1 FROM partners_person WHERE id = NEW.person_id FOR NO KEY UPDATE;
    IF NEW.until_at IS NULL AND EXISTS (
        SELECT 1 FROM {other} WHERE person_id = NEW.person_id AND until_at IS NULL
    ) THEN
        RAISE EXCEPTION 'person % is on the other side', NEW.person_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'one_side';
    END IF;
    RETURN NULL;
"""


def one_side(other: str) -> pgtrigger.Trigger:
    """A trigger that keeps the vendor's people and the partners' people apart.

    It locks the person, so that two roles given at the same moment see each other.
    """
    return pgtrigger.Trigger(
        name="one_side",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func=_ONE_SIDE.format(other=other),
    )


# The cap is kept by the database: the trigger locks the specialist's row, so two people who
# assign at the same moment are counted one after the other.
CAP = """
    PERFORM 1 FROM partners_specialist WHERE id = NEW.specialist_id FOR NO KEY UPDATE;
    IF NEW.until_at IS NULL AND (
        SELECT count(*) FROM partners_assignment
        WHERE specialist_id = NEW.specialist_id AND role = NEW.role AND until_at IS NULL
    ) > (
        SELECT CASE WHEN NEW.role = 'lead' THEN projects_max ELSE covers_max END
        FROM partners_specialist WHERE id = NEW.specialist_id
    ) THEN
        RAISE EXCEPTION 'cap of specialist % exceeded', NEW.specialist_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_cap';
    END IF;
    RETURN NULL;
"""

CAP_LOWERED = """
    IF (SELECT count(*) FROM partners_assignment
        WHERE specialist_id = NEW.id AND role = 'lead' AND until_at IS NULL) > NEW.projects_max
    OR (SELECT count(*) FROM partners_assignment
        WHERE specialist_id = NEW.id AND role = 'cover' AND until_at IS NULL) > NEW.covers_max
    THEN
        RAISE EXCEPTION 'cap of specialist % below what is led', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_cap';
    END IF;
    RETURN NULL;
"""


# A project that counts has a lead, and one that has a lead counts: no row can be made active
# past the cap. Checked at the end of the transaction, from the rows as they then are.
_LED = """
    IF EXISTS (
        SELECT 1 FROM partners_project AS project
        WHERE project.id = {project} AND (
            (project.state = 'active') <> EXISTS (
                SELECT 1 FROM partners_assignment
                WHERE project_id = project.id AND role = 'lead' AND until_at IS NULL
            )
            OR project.state = 'archived' AND EXISTS (
                SELECT 1 FROM partners_assignment
                WHERE project_id = project.id AND until_at IS NULL
            )
        )
    ) THEN
        RAISE EXCEPTION 'state of project % does not fit its lead', {project}
            USING ERRCODE = 'check_violation', CONSTRAINT = 'project_led';
    END IF;
    RETURN NULL;
"""


def led(project: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="led",
        when=pgtrigger.After,
        timing=pgtrigger.Deferred,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func=_LED.format(project=project),
    )
