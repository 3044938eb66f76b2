"""The desk's worker, which comes back to a box that failed after a second instead of minutes."""

from __future__ import annotations

ATTEMPTS = 1000


def main() -> None:
    """Shorten the waiting, then be the worker."""
    import django

    django.setup()
    from desk.channels import actions, outbox
    from desk.channels.models import Channel
    from desk.config import worker

    assert outbox.SENDERS, "the outbox sets the usual waiting when it is loaded"
    actions.BACK_OFFS[Channel.ONEBOX] = (1,) * ATTEMPTS
    worker.STALLED_SECONDS, worker.STALLED_CHECK_SECONDS = 5, 2
    worker.main()


if __name__ == "__main__":
    main()
