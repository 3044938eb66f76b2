"""Django application of the area."""

from django.apps import AppConfig


class CabinetConfig(AppConfig):
    """The partner's own pages."""

    name = "desk.channels.cabinet"
    label = "cabinet"
    default_auto_field = "django.db.models.BigAutoField"
