"""Rights of the application role, granted by the owner after each migration.

An area names its append-only tables in its AppConfig:

    append_only = ("journal_entry",)      # no UPDATE, DELETE, TRUNCATE
    never_deleted = ("deposits_lot",)     # no DELETE, TRUNCATE
"""

from collections.abc import Iterable

from django.apps import apps
from django.db import connection
from psycopg import sql

Rights = dict[str, str]


def grant(role: str) -> None:
    """Give `role` what the running desk needs. Called by the owner, who may be the same role.

    Where owner and application are one role, it takes the rights from itself: an owner can, and the
    database then refuses a careless DELETE all the same. UPDATE it keeps, since foreign keys are
    checked with the owner's rights and lock the row they find; the triggers refuse changes.
    """
    name = sql.Identifier(role)
    alone = _is_owner(role)
    statements = [
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name),
        sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}").format(
            name
        ),
        sql.SQL("GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {}").format(name),
    ]
    for table, rights in withheld().items():
        taken = rights.replace("UPDATE, ", "") if alone else rights
        statements.append(
            sql.SQL("REVOKE {} ON TABLE {} FROM {}").format(
                sql.SQL(taken), sql.Identifier(table), name
            )
        )
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.as_string(cursor.connection))


def _is_owner(role: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user = %s", [role])
        row = cursor.fetchone()
    return bool(row and row[0])


def withheld() -> Rights:
    """Return the rights that the application does not have, by table."""
    rights: Rights = {}
    for config in apps.get_app_configs():
        append_only: Iterable[str] = getattr(config, "append_only", ())
        never_deleted: Iterable[str] = getattr(config, "never_deleted", ())
        rights |= dict.fromkeys(append_only, "UPDATE, DELETE, TRUNCATE")
        rights |= dict.fromkeys(never_deleted, "DELETE, TRUNCATE")
    return rights
