"""Django application of the area."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Composition root: settings, urls, asgi, worker, embedded database, command line."""

    name = "desk.config"
    label = "config"
    default_auto_field = "django.db.models.BigAutoField"
