"""Django application of the area."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """The bell: notices inside the desk."""

    name = "desk.channels.notices"
    label = "notices"
    default_auto_field = "django.db.models.BigAutoField"
