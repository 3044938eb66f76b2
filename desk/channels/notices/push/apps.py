"""Django application of the area."""

from django.apps import AppConfig


class PushConfig(AppConfig):
    """Notices that a browser shows."""

    name = "desk.channels.notices.push"
    label = "push"
    default_auto_field = "django.db.models.BigAutoField"
