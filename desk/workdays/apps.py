"""Django application of the area."""

from django.apps import AppConfig


class WorkdaysConfig(AppConfig):
    """Schedules, absences, the timeline of what a specialist does."""

    name = "desk.workdays"
    label = "workdays"
    default_auto_field = "django.db.models.BigAutoField"
