"""Django application of the area."""

from django.apps import AppConfig


class WorkplaceConfig(AppConfig):
    """The specialist's pages."""

    name = "desk.staff.workplace"
    label = "workplace"
    default_auto_field = "django.db.models.BigAutoField"
