"""Django application of the area."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """Online payment of invoices."""

    name = "desk.channels.payments"
    label = "payments"
    default_auto_field = "django.db.models.BigAutoField"
