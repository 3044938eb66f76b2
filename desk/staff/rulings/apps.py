"""Django application of the area."""

from django.apps import AppConfig


class RulingsConfig(AppConfig):
    """Violations, what is said to them, rulings, complaints."""

    name = "desk.staff.rulings"
    label = "rulings"
    default_auto_field = "django.db.models.BigAutoField"
