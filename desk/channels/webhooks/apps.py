"""Django application of the area."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Events that leave the desk as signed requests to partners' systems."""

    name = "desk.channels.webhooks"
    label = "webhooks"
    default_auto_field = "django.db.models.BigAutoField"
