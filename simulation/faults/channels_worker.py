"""The desk's worker with a handler whose effect can be counted: one journal entry an arrival."""

from __future__ import annotations

from datetime import datetime


def main() -> None:
    """Register the handler, then be the worker."""
    import django

    django.setup()
    from desk.channels import inbox
    from desk.channels.models import Arrival, Intake
    from desk.config import worker
    from desk.journal import actions as journal
    from desk.journal import cause
    from simulation.faults.channels import POISONED, VERB

    def handle(arrival: Arrival, at: datetime) -> str:
        if bytes(arrival.raw) == POISONED:
            raise ValueError("cannot be read")
        facts = {"key": arrival.key}
        entry = journal.record(cause.system(at), VERB, f"arrival:{arrival.pk}", facts)
        return f"entry:{entry.pk}"

    inbox.HANDLERS[Intake.ONEBOX] = handle
    worker.main()


if __name__ == "__main__":
    main()
