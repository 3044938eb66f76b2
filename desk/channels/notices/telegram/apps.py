"""Django application of the area."""

from django.apps import AppConfig


class TelegramConfig(AppConfig):
    """Notices by Telegram."""

    name = "desk.channels.notices.telegram"
    label = "telegram"
    default_auto_field = "django.db.models.BigAutoField"
