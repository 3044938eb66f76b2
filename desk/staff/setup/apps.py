"""Django application of the area."""

from django.apps import AppConfig


class SetupConfig(AppConfig):
    """The owner's pages: first-run wizard, plans, calendars, people, health."""

    name = "desk.staff.setup"
    label = "setup"
    default_auto_field = "django.db.models.BigAutoField"
