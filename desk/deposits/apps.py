"""Django application of the area."""

from django.apps import AppConfig


class DepositsConfig(AppConfig):
    """The prepaid ledger: lots, holds, captures, releases."""

    name = "desk.deposits"
    label = "deposits"
    default_auto_field = "django.db.models.BigAutoField"
    append_only = ("deposits_transaction", "deposits_line", "deposits_holdend")
    never_deleted = (
        "deposits_deposit",
        "deposits_lot",
        "deposits_hold",
        "deposits_uncovered",
        "deposits_adjustment",
    )
