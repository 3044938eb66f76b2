"""Django application of the area."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """What happened: append-only facts, and the source of the outbox."""

    name = "desk.journal"
    label = "journal"
    default_auto_field = "django.db.models.BigAutoField"
