"""Django application of the area."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    """How partners reach us and hear back: intake and outbox of every channel."""

    name = "desk.channels"
    label = "channels"
    default_auto_field = "django.db.models.BigAutoField"
