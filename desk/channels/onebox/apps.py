"""Django application of the area."""

from django.apps import AppConfig


class OneboxConfig(AppConfig):
    """The partner's own OneBox, in both directions."""

    name = "desk.channels.onebox"
    label = "onebox"
    default_auto_field = "django.db.models.BigAutoField"
