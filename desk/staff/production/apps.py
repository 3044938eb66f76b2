"""Django application of the area."""

from django.apps import AppConfig


class ProductionConfig(AppConfig):
    """Production's pages: consultations and estimates."""

    name = "desk.staff.production"
    label = "production"
    default_auto_field = "django.db.models.BigAutoField"
