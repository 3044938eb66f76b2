"""Django application of the area."""

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    """Partners, projects, people and roles, who leads whom, caps, cover."""

    name = "desk.partners"
    label = "partners"
    default_auto_field = "django.db.models.BigAutoField"
