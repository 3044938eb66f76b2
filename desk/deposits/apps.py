"""Django application of the area."""

from django.apps import AppConfig


class DepositsConfig(AppConfig):
    """The prepaid ledger: lots, holds, captures, releases."""

    name = "desk.deposits"
    label = "deposits"
    default_auto_field = "django.db.models.BigAutoField"
