"""The command line `desk`: a module of desk/config/commands for each command.

A module has NAME, HELP, `configure(parser)` and `run(options) -> int` (the exit status), and it
imports nothing slow. One that needs the database says `parser.set_defaults(needs_database=True)`;
Django is then set up, and the embedded database runs, before `run`.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from desk.config import commands


def modules() -> list[ModuleType]:
    """Return the modules of all commands, by name."""
    names = sorted(info.name for info in iter_modules(commands.__path__) if info.name[0] != "_")
    found = [import_module(f"{commands.__name__}.{name}") for name in names]
    return [module for module in found if hasattr(module, "configure")]


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(prog="desk", description="Partner Desk on the command line.")
    actions = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in modules():
        sub = actions.add_parser(module.NAME, help=module.HELP, description=module.HELP)
        sub.set_defaults(run=module.run)
        module.configure(sub)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit status."""
    options = build_parser().parse_args(arguments)
    run = options.run
    if not getattr(options, "needs_database", False):
        return int(run(options))
    from desk.config import database

    try:
        with database.running():
            _set_up()
            return int(run(options))
    except database.DatabaseBroken as problem:
        print(problem, file=sys.stderr)
        return 1


def _set_up() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk.config.settings")
    django.setup()


if __name__ == "__main__":
    sys.exit(main())
