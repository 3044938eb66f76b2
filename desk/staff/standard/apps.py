"""Django application of the area."""

from django.apps import AppConfig


class StandardConfig(AppConfig):
    """Editions of the Standard: written, compared, published, read."""

    name = "desk.staff.standard"
    label = "standard"
    default_auto_field = "django.db.models.BigAutoField"
