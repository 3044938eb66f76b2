"""Django application of the area."""

from django.apps import AppConfig


class DepositsConfig(AppConfig):
    """The prepaid ledger, packs, invoices, payments and papers."""

    name = "desk.deposits"
    label = "deposits"
    default_auto_field = "django.db.models.BigAutoField"
    append_only = (
        "deposits_transaction",
        "deposits_line",
        "deposits_holdend",
        "deposits_paper",
        "deposits_signing",
        "deposits_period",
        "deposits_import",
        "deposits_allocation",
        "deposits_payout",
        "deposits_expirynotice",
    )
    never_deleted = (
        "deposits_deposit",
        "deposits_balanceafter",
        "deposits_lot",
        "deposits_hold",
        "deposits_uncovered",
        "deposits_adjustment",
        "deposits_company",
        "deposits_contract",
        "deposits_pack",
        "deposits_series",
        "deposits_actline",
        "deposits_invoice",
        "deposits_payment",
        "deposits_checkout",
        "deposits_refund",
        "deposits_lowbalance",
    )
