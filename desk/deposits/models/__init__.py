"""The deposit's tables: the ledger, and what is billed, paid and printed around it."""

from desk.deposits.models.catalogue import Company, Contract, Pack
from desk.deposits.models.corrections import Adjustment
from desk.deposits.models.endings import ExpiryNotice, LowBalance, Payout, Refund
from desk.deposits.models.ledger import (
    MEMO_LENGTH,
    SUBJECT_LENGTH,
    BalanceAfter,
    Deposit,
    Hold,
    HoldEnd,
    Line,
    Lot,
    Transaction,
    Uncovered,
)
from desk.deposits.models.papers import ActLine, Paper, Period, Series, Signing
from desk.deposits.models.payments import (
    Allocation,
    BankMapping,
    Checkout,
    Import,
    Invoice,
    Payment,
    ProviderAccount,
)

__all__ = [
    "MEMO_LENGTH",
    "SUBJECT_LENGTH",
    "ActLine",
    "Adjustment",
    "Allocation",
    "BalanceAfter",
    "BankMapping",
    "Checkout",
    "Company",
    "Contract",
    "Deposit",
    "ExpiryNotice",
    "Hold",
    "HoldEnd",
    "Import",
    "Invoice",
    "Line",
    "Lot",
    "LowBalance",
    "Pack",
    "Paper",
    "Payment",
    "Payout",
    "Period",
    "ProviderAccount",
    "Refund",
    "Series",
    "Signing",
    "Transaction",
    "Uncovered",
]
