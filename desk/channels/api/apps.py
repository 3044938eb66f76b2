"""Django application of the area."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """REST API v1, for partners' integrations and our people's tools."""

    name = "desk.channels.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"
