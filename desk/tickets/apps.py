"""Django application of the area."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    """A ticket from submission to resolution: parts, messages, files, promises, work."""

    name = "desk.tickets"
    label = "tickets"
    default_auto_field = "django.db.models.BigAutoField"
    append_only = ("tickets_promise",)
