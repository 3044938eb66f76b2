"""Django's own commands; the desk's are in bin/."""

import os
import sys

from desk.config import database

OWNER_COMMANDS = {"createcachetable", "makemigrations", "migrate", "sqlmigrate", "showmigrations"}


def main() -> None:
    """Run a command with the database that is configured, or with the embedded one."""
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk.config.settings")
    role = "owner" if OWNER_COMMANDS.intersection(sys.argv[1:2]) else "app"
    with database.running():
        database.act_as(role)
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
