"""Control as a process of its own, for being killed: `python -m simulation.offences.controller`.

It says "ready", reads one instant of simulated time a line, looks at everybody, and answers "done".
"""

from __future__ import annotations

import os
import sys
from datetime import datetime


def main() -> None:
    """Look whenever an instant is read, until there are no more."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk.config.settings")
    import django

    django.setup()
    from desk.oversight.actions import control
    from desk.oversight.queries import control as queries

    print("ready", flush=True)
    for line in sys.stdin:
        control.look(queries.watched(), datetime.fromisoformat(line.strip()))
        print("done", flush=True)


if __name__ == "__main__":
    main()
