"""Django application of the area."""

from django.apps import AppConfig


class AccountingConfig(AppConfig):
    """The accountant's pages: deposits, payments and the ledger check."""

    name = "desk.staff.accounting"
    label = "accounting"
    default_auto_field = "django.db.models.BigAutoField"
