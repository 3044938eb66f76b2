"""The ledger's tables. Facts are only added; cached columns are kept by the database's triggers.

A transaction is one operation; its lines move units of lots between accounts. A hold is units
set aside for one subject ("ticket:42/part:3", "ticket:42/hours"), the only thing that the ledger
knows of a ticket; the ticket's number and subject are kept as text for the statement.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Func, Q, Value

from desk.deposits import guards
from desk.journal.models import Entry
from desk.partners.models import Partner
from desk.rules.ledger import Account, Commodity, Source

SUBJECT_LENGTH = 80
MEMO_LENGTH = 300


def _choices(enum: type[Account | Commodity | Source]) -> list[tuple[str, str]]:
    return [(member.value, member.value) for member in enum]


def _one_of(field: str, values: list[str], name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__in": values}), name=name)


def _root() -> models.GeneratedField:
    """What a subject belongs to: "ticket:42" of "ticket:42/part:3"."""
    text = models.CharField(max_length=SUBJECT_LENGTH)
    first = Func(F("subject"), Value("/"), Value(1), function="split_part", output_field=text)
    return models.GeneratedField(expression=first, output_field=text, db_persist=True)


class Deposit(models.Model):
    """A partner's balances, one row that every operation locks first. Written by triggers only,
    but `credit_max`: the limit under which credit was last given (L2). `last_at`: the ledger's
    time never runs backwards, so that a closed period's statement stays as it is (L9)."""

    partner = models.OneToOneField(
        Partner, on_delete=models.PROTECT, primary_key=True, related_name="deposit"
    )
    consultations_available = models.BigIntegerField(default=0)
    consultations_held = models.BigIntegerField(default=0)
    money_available_kopecks = models.BigIntegerField(default=0)
    money_held_kopecks = models.BigIntegerField(default=0)
    last_at = models.DateTimeField(null=True)
    credit_max = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(consultations_available__gte=-F("credit_max")),
                name="deposit_consultations_available",
            ),
            models.CheckConstraint(
                condition=Q(money_available_kopecks__gte=0), name="deposit_money_available"
            ),
            models.CheckConstraint(
                condition=Q(consultations_held__gte=0, money_held_kopecks__gte=0),
                name="deposit_held",
            ),
        ]
        triggers = [
            guards.kept_for_ever(),
            guards.facts("partner_id"),
            guards.cached(
                "consultations_available",
                "consultations_held",
                "money_available_kopecks",
                "money_held_kopecks",
                "last_at",
            ),
            guards.starts_at(
                consultations_available="0",
                consultations_held="0",
                money_available_kopecks="0",
                money_held_kopecks="0",
            ),
        ]

    def __str__(self) -> str:
        return f"deposit of {self.partner_id}"


class Transaction(models.Model):
    """One operation on a deposit. `key` happens once, over all time (L3); `reverses` links the
    mirror of a charge to it. `facts` is what the key stands for; `digest` its fingerprint."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, db_index=False)
    verb = models.CharField(max_length=20)
    key = models.CharField(max_length=300, unique=True)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.CharField(max_length=60)
    channel = models.CharField(max_length=20)
    subject = models.CharField(max_length=SUBJECT_LENGTH, blank=True)
    memo = models.CharField(max_length=MEMO_LENGTH, blank=True)
    facts = models.JSONField(default=dict)
    reverses = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="reversed_by", db_index=False
    )
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["partner", "at", "id"], name="transaction_statement")]
        triggers = [guards.append_only()]

    def __str__(self) -> str:
        return f"{self.verb} of {self.partner_id}"


class BalanceAfter(models.Model):
    """The deposit's balance once a transaction had moved its lines: the database writes it with
    them, and nobody else. A page of a statement begins with the balance before its first line;
    without these rows it would have to add up everything that ever happened (L9). A transaction
    without lines has none. `partner` and `at` are the transaction's: copied by the database, they
    need no further constraint, which every operation would pay for."""

    transaction = models.OneToOneField(
        Transaction,
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="balance_after",
        db_constraint=False,
    )
    partner = models.ForeignKey(
        Partner, on_delete=models.PROTECT, db_index=False, db_constraint=False
    )
    at = models.DateTimeField()
    consultations_available = models.BigIntegerField()
    consultations_held = models.BigIntegerField()
    money_available_kopecks = models.BigIntegerField()
    money_held_kopecks = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["partner", "at", "transaction"], name="balance_after_page")]
        triggers = [guards.kept_for_ever(), guards.written_by_triggers()]

    def __str__(self) -> str:
        return f"after {self.transaction_id}"


class Lot(models.Model):
    """Units bought together, at one price that never changes (L6). `lent`: how many of them were
    given on credit, so far may `available` fall below zero until a purchase fills them."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, db_index=False)
    transaction = models.ForeignKey(
        Transaction, on_delete=models.PROTECT, related_name="lots", db_index=False
    )
    commodity = models.CharField(max_length=15, choices=_choices(Commodity))
    source = models.CharField(max_length=10, choices=_choices(Source))
    quantity = models.BigIntegerField()
    unit_price_kopecks = models.BigIntegerField()
    lent = models.BigIntegerField(default=0)
    bought_at = models.DateTimeField()
    expires_on = models.DateField(null=True)
    available = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["partner", "commodity"],
                condition=~Q(available=0),
                name="lot_usable",
            ),
            models.Index(fields=["partner", "-id"], name="lot_partner"),
            models.Index(
                fields=["expires_on", "partner"],
                condition=~Q(available=0) & Q(expires_on__isnull=False),
                name="lot_expiring",
            ),
        ]
        constraints = [
            _one_of("commodity", list(Commodity), "lot_commodity"),
            _one_of("source", list(Source), "lot_source"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, unit_price_kopecks__gte=0), name="lot_quantity"
            ),
            models.CheckConstraint(
                condition=Q(available__gte=-F("lent"), held__gte=0)
                & Q(quantity__gte=F("available") + F("held")),
                name="lot_never_over_used",
            ),
            models.CheckConstraint(
                condition=Q(source=Source.CREDIT, lent=F("quantity"))
                | (~Q(source=Source.CREDIT) & Q(lent=0)),
                name="lot_lent_on_credit_only",
            ),
            models.CheckConstraint(
                condition=~Q(source=Source.BONUS) | Q(unit_price_kopecks=0),
                name="lot_bonus_brings_no_revenue",
            ),
            models.CheckConstraint(
                condition=~Q(commodity=Commodity.MONEY) | Q(unit_price_kopecks=1),
                name="lot_kopeck_is_a_kopeck",
            ),
        ]
        triggers = [
            guards.kept_for_ever(),
            guards.facts(
                "partner_id",
                "transaction_id",
                "commodity",
                "source",
                "quantity",
                "unit_price_kopecks",
                "lent",
                "bought_at",
            ),
            guards.only_later("expires_on"),
            guards.cached("available", "held"),
            guards.starts_at(available="0", held="0"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} {self.commodity} ({self.source})"


class Hold(models.Model):
    """Units set aside for a subject until captured or released; one at a time per subject."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, db_index=False)
    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="holds")
    subject = models.CharField(max_length=SUBJECT_LENGTH)
    root = _root()
    commodity = models.CharField(max_length=15, choices=_choices(Commodity))
    quantity = models.BigIntegerField()
    at = models.DateTimeField()
    is_open = models.BooleanField(default=True)

    class Meta:
        indexes = [
            models.Index(fields=["root"], name="hold_root"),
            models.Index(fields=["subject", "-id"], name="hold_subject"),
            models.Index(fields=["at"], condition=Q(is_open=True), name="hold_age"),
            models.Index(fields=["partner", "at"], name="hold_partner"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject"], condition=Q(is_open=True), name="hold_one_per_subject"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="hold_quantity"),
            _one_of("commodity", list(Commodity), "hold_commodity"),
        ]
        triggers = [
            guards.kept_for_ever(),
            guards.facts("partner_id", "transaction_id", "subject", "commodity", "quantity", "at"),
            guards.cached("is_open"),
            guards.starts_at(is_open="TRUE"),
            *guards.holds_are_right(),
        ]

    def __str__(self) -> str:
        return f"hold for {self.subject}"


class HoldEnd(models.Model):
    """How a hold ended. Its key is the hold: a hold ends exactly once (L4)."""

    CAPTURED = "captured"
    RELEASED = "released"

    hold = models.OneToOneField(
        Hold, on_delete=models.PROTECT, primary_key=True, related_name="end"
    )
    transaction = models.ForeignKey(
        Transaction, on_delete=models.PROTECT, related_name="ends", db_index=False
    )
    outcome = models.CharField(max_length=10, choices=[(CAPTURED, CAPTURED), (RELEASED, RELEASED)])

    class Meta:
        constraints = [_one_of("outcome", ["captured", "released"], "hold_end_outcome")]
        triggers = [guards.append_only(), *guards.ends_are_right()]

    def __str__(self) -> str:
        return f"{self.outcome} {self.hold_id}"


class Line(models.Model):
    """A signed change of one account by units of one lot."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, db_index=False)
    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="lines")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, db_index=False)
    hold = models.ForeignKey(
        Hold, on_delete=models.PROTECT, null=True, related_name="lines", db_index=False
    )
    account = models.CharField(max_length=10, choices=_choices(Account))
    amount = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["hold"], condition=Q(hold__isnull=False), name="line_hold")]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="line_amount"),
            _one_of("account", list(Account), "line_account"),
        ]
        triggers = [guards.append_only(), *guards.lines_are_right()]

    def __str__(self) -> str:
        return f"{self.account} {self.amount:+}"


class Uncovered(models.Model):
    """A bug accepted beyond the credit limit: nothing is held; the next purchase settles it, at
    the price of its acceptance (L2). `resolved_at`: it was resolved before it was paid."""

    SETTLED = "settled"
    DROPPED = "dropped"

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, db_index=False)
    transaction = models.ForeignKey(
        Transaction, on_delete=models.PROTECT, related_name="uncovered", db_index=False
    )
    subject = models.CharField(max_length=SUBJECT_LENGTH)
    root = _root()
    quantity = models.BigIntegerField()
    unit_price_kopecks = models.BigIntegerField()
    memo = models.CharField(max_length=MEMO_LENGTH, blank=True)
    at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    outcome = models.CharField(
        max_length=10, null=True, choices=[(SETTLED, SETTLED), (DROPPED, DROPPED)]
    )
    ended_by = models.ForeignKey(
        Transaction, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        indexes = [
            models.Index(fields=["partner", "id"], name="uncovered_partner"),
            models.Index(fields=["root"], name="uncovered_root"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject"],
                condition=Q(outcome__isnull=True),
                name="uncovered_once_per_subject",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, unit_price_kopecks__gt=0), name="uncovered_quantity"
            ),
            models.CheckConstraint(
                condition=Q(outcome__isnull=True, ended_by__isnull=True)
                | Q(outcome__in=["settled", "dropped"], ended_by__isnull=False),
                name="uncovered_ended",
            ),
        ]
        triggers = [
            guards.kept_for_ever(),
            guards.facts(
                "partner_id",
                "transaction_id",
                "subject",
                "quantity",
                "unit_price_kopecks",
                "memo",
                "at",
            ),
            guards.decided_once("outcome"),
        ]

    def __str__(self) -> str:
        return f"uncovered {self.subject}"
