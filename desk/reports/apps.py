"""Django application of the area."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Figures for partner, specialist, administrator, accountant: queries only."""

    name = "desk.reports"
    label = "reports"
    default_auto_field = "django.db.models.BigAutoField"
