"""Django application of the area."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """What all screens share: base page, components, labels, live events, sign-in."""

    name = "desk.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"
