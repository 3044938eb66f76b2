"""Django application of the area."""

from django.apps import AppConfig


class CapacityConfig(AppConfig):
    """Caps, waiting projects, covers, hand-overs, absences."""

    name = "desk.staff.capacity"
    label = "capacity"
    default_auto_field = "django.db.models.BigAutoField"
