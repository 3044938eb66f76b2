"""Django application of the area."""

from django.apps import AppConfig


class EmailConfig(AppConfig):
    """Mail out, and later mail in."""

    name = "desk.channels.email"
    label = "email"
    default_auto_field = "django.db.models.BigAutoField"
