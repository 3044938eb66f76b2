"""Django application of the area."""

from django.apps import AppConfig


class PhoneConfig(AppConfig):
    """The hotline for critical errors."""

    name = "desk.channels.phone"
    label = "phone"
    default_auto_field = "django.db.models.BigAutoField"
