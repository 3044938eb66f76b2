"""Django application of the area."""

from django.apps import AppConfig


class AuditsConfig(AppConfig):
    """Audits of resolved tickets by administrators."""

    name = "desk.staff.audits"
    label = "audits"
    default_auto_field = "django.db.models.BigAutoField"
