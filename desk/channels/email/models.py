"""Mailboxes that are read, addresses that are ours, what came of each mail, dead addresses."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from desk.channels.models import Arrival, Delivery
from desk.partners.models import Partner, Person
from desk.tickets.models import Message, Ticket


class Security(models.TextChoices):
    """How the connection is protected; the certificate is checked in both."""

    IMAPS = "imaps"
    STARTTLS = "starttls"
    NONE = "none"  # only on this machine


# Where a connection needs no encryption, because it does not leave this machine.
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


class Mailbox(models.Model):
    """A mailbox that the worker reads by IMAP.

    `password` is sealed. `uidvalidity` and `uid_last` tell how far it was read; both are NULL
    before the first look. Of what lay there when it was first read (up to `uid_before`) only the
    latest is taken. `reached_at` is when it was last read without a fault, `contact_at` when that
    was last tried. `authserv_id` is the name by which the receiving server signs its
    Authentication-Results, "" when it writes none. `plus` tells whether the server takes
    "name+anything@" for "name@". `error` is the last failure in plain words, "" when it is well.
    """

    name = models.CharField(max_length=120)
    address = models.EmailField(max_length=254)
    host = models.CharField(max_length=253)
    port = models.PositiveIntegerField()
    security = models.CharField(max_length=8, choices=Security, default=Security.IMAPS)
    login = models.CharField(max_length=254)
    password = models.TextField()
    folder = models.CharField(max_length=200, default="INBOX")
    authserv_id = models.CharField(max_length=253, blank=True)
    plus = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    uidvalidity = models.BigIntegerField(null=True)
    uid_last = models.BigIntegerField(null=True)
    uid_before = models.BigIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    failures = models.PositiveIntegerField(default=0)
    contact_at = models.DateTimeField(null=True)
    reached_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("address"), name="mailbox_address_once"),
            models.CheckConstraint(
                condition=Q(security__in=Security.values), name="mailbox_security"
            ),
            models.CheckConstraint(condition=Q(port__gte=1, port__lte=65535), name="mailbox_port"),
            models.CheckConstraint(
                condition=Q(uidvalidity=None, uid_last=None)
                | Q(uidvalidity__isnull=False, uid_last__isnull=False),
                name="mailbox_read_so_far",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """The source of its arrivals: "mailbox:3"."""
        return f"mailbox:{self.pk}"


class OwnAddress(models.Model):
    """An address that the built-in receiver takes mail for, beside those of the mailboxes."""

    address = models.EmailField(max_length=254)
    authserv_id = models.CharField(max_length=253, blank=True)
    plus = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("address"), name="own_address_once")]

    def __str__(self) -> str:
        return self.address


class Received(models.Model):
    """A mail that was used: who sent it, and what it became.

    `fingerprint` stands for Message-ID and body together: the id alone is carried by different
    mails. It is NULL when the mail has too little to be told from others. `automatic` is "" for
    what a person wrote, `OWN` for a mail of ours that came back, `BLOCKED` for one of a sender who
    is not listened to. `text` is the whole readable body when the message shows less of it.
    `swift`: it answers a mail of ours faster than people do.
    """

    OWN = "own"
    BLOCKED = "blocked"

    arrival = models.OneToOneField(Arrival, on_delete=models.PROTECT, related_name="received")
    mail_id = models.CharField(max_length=250, blank=True)
    fingerprint = models.CharField(max_length=64, null=True, unique=True)
    sender = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    automatic = models.CharField(max_length=12, blank=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, null=True)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, null=True)
    text = models.TextField(blank=True)
    swift = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["mail_id"], condition=~Q(mail_id=""), name="received_mail_id"),
            models.Index(fields=["person", "-at"], name="received_person"),
            models.Index(fields=["-id"], condition=Q(ticket=None), name="received_without_ticket"),
        ]

    def __str__(self) -> str:
        return f"received {self.pk}"


class Suppression(models.Model):
    """An address that cannot be reached: nothing more is sent to it until somebody lifts it."""

    address = models.EmailField(max_length=254)
    why = models.CharField(max_length=500)
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, null=True)
    since_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("address"), condition=Q(lifted_at=None), name="suppression_once"
            )
        ]

    def __str__(self) -> str:
        return self.address


class Acknowledgement(models.Model):
    """When an address was last told that its mail has come: at most once an hour."""

    address = models.EmailField(max_length=254)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("address"), name="acknowledgement_once")]

    def __str__(self) -> str:
        return self.address


class TurnKind(models.TextChoices):
    """What became of a mail's turn: it went at once; it waits for the next morning, to tell then
    of all that was held; it is told of by the one that waits; it went as that one."""

    SENT = "sent"
    HELD = "held"
    FOLDED = "folded"
    SUMMARY = "summary"


class Turn(models.Model):
    """The turn of a mail among those of its ticket and address on one day of its reader.

    The database keeps the count, so that it holds across processes: rows are written under a lock
    of ticket and address, and at most one mail of a day waits for the morning.
    """

    delivery = models.OneToOneField(Delivery, on_delete=models.PROTECT, related_name="turn")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="+")
    address = models.CharField(max_length=254)
    held_on = models.DateField(null=True)
    on = models.DateField()
    kind = models.CharField(max_length=8, choices=TurnKind)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "address", "held_on"],
                condition=Q(kind__in=[TurnKind.HELD, TurnKind.SUMMARY]),
                name="turn_one_summary",
            ),
            models.CheckConstraint(
                condition=Q(kind=TurnKind.SENT, held_on=None)
                | (~Q(kind=TurnKind.SENT) & Q(held_on__isnull=False)),
                name="turn_held_on",
            ),
        ]
        indexes = [models.Index(fields=["ticket", "address", "on"], name="turn_of_day")]

    def __str__(self) -> str:
        return f"turn of delivery {self.delivery_id}"


class Alias(models.Model):
    """Another address that a person writes from. What is sent still goes to the person's own."""

    address = models.EmailField(max_length=254)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="mail_aliases")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("address"), name="alias_once")]

    def __str__(self) -> str:
        return self.address


class BlockedSender(models.Model):
    """An address that is not listened to: its mails are kept, and nothing is made of them."""

    address = models.EmailField(max_length=254)
    since_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("address"), name="blocked_sender_once")]

    def __str__(self) -> str:
        return self.address
