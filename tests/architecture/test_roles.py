"""The application role may not take back what is on record; the database says so itself."""

import pytest
from django.db import ProgrammingError, connection, transaction

from desk.config import roles


def refused(statement: str) -> bool:
    """Tell whether the database forbids a statement for lack of rights."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except ProgrammingError as error:
        return "permission denied" in str(error)
    return False


def test_the_ledger_and_the_journal_are_named() -> None:
    assert {"journal_entry", "deposits_line", "deposits_transaction"} <= roles.withheld().keys()


@pytest.mark.django_db
@pytest.mark.parametrize("table", sorted(roles.withheld()))
def test_what_is_on_record_is_not_deleted(table: str) -> None:
    assert refused(f'DELETE FROM "{table}"')  # noqa: S608 — from our own list
    assert refused(f'TRUNCATE "{table}"')


@pytest.mark.django_db
@pytest.mark.parametrize("table", sorted(t for t, r in roles.withheld().items() if "UPDATE" in r))
def test_what_is_on_record_is_not_changed(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(current_user, %s, 'UPDATE')", [table])
        assert cursor.fetchone() == (False,)


@pytest.mark.django_db
def test_nobody_empties_a_table() -> None:
    assert refused("TRUNCATE tickets_ticket")


@pytest.mark.django_db
def test_the_application_is_no_superuser() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (False,)
