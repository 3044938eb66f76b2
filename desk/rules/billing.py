"""The words of billing: what a paper is, what an invoice is for, where a payment comes from."""

from enum import StrEnum


class PaperKind(StrEnum):
    """The papers of a month (spec 3); each kind has its own gapless numbers."""

    INVOICE = "invoice"
    ACT = "act"
    RECONCILIATION = "reconciliation"
    CORRECTION = "correction"


class Purpose(StrEnum):
    """What an invoice is for: consultations, or money for customisations."""

    CONSULTATIONS = "consultations"
    MONEY = "money"


class PaidBy(StrEnum):
    """How we learned of a payment."""

    HAND = "hand"
    STATEMENT = "statement"
    ONLINE = "online"
