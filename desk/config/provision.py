"""Brings a database to the state the code expects: migrations, shared cache, rights."""

import os
from hashlib import sha256
from pathlib import Path

from desk.config import database

STAMP = "desk "
ROOT = Path(__file__).resolve().parents[2]


def fingerprint() -> str:
    """Return a hash of all that shapes the schema: migrations, rights, pinned libraries."""
    digest = sha256()
    sources = [*ROOT.glob("desk/**/migrations/*.py"), *ROOT.glob("desk/**/apps.py")]
    sources += [ROOT / "requirements.lock", ROOT / "desk/config/roles.py"]
    sources += [ROOT / "desk/config/settings.py", Path(__file__)]
    for path in sorted(sources):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:32]


def is_current() -> bool:
    """Tell whether the database was provisioned by exactly this code, with one query."""
    import psycopg

    with psycopg.connect(database.owner_url()) as connection:
        query = "SELECT obj_description('public'::regnamespace, 'pg_namespace')"
        row = connection.execute(query).fetchone()
    return row is not None and row[0] == STAMP + fingerprint()


def provision(role: str) -> None:
    """Migrate as the owner and grant `role` its rights ("": the owner's own). Django is set up."""
    from django.core.management import call_command
    from django.db import connection

    from desk.config import roles

    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        roles.grant(role or cursor.fetchone()[0])
        cursor.execute(f"COMMENT ON SCHEMA public IS '{STAMP}{fingerprint()}'")


def main() -> None:
    """Run as a process of its own: `python -m desk.config.provision`."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk.config.settings")
    with database.running():
        if is_current():
            return
        role = database.from_url()["USER"]
        database.act_as("owner")
        django.setup()
        provision(role)


if __name__ == "__main__":
    main()
