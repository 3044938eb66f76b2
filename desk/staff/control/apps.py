"""Django application of the area."""

from django.apps import AppConfig


class ControlConfig(AppConfig):
    """The administrator's pages."""

    name = "desk.staff.control"
    label = "control"
    default_auto_field = "django.db.models.BigAutoField"
