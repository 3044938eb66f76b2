"""Django application of the area."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """What happened: append-only facts, and the source of the outbox."""

    name = "desk.journal"
    label = "journal"
    append_only = ("journal_entry",)
    default_auto_field = "django.db.models.BigAutoField"
