"""Django application of the area."""

from django.apps import AppConfig


class EmailConfig(AppConfig):
    """Mail out, and later mail in."""

    name = "desk.channels.email"
    label = "email"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the conversation of a ticket find the mails that its messages were."""
        from desk.channels.email import found
        from desk.web import originals

        originals.found_by("email", found.originals)
