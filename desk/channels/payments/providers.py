"""What every provider of online payments can do; which ones there are is a setting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from desk.deposits.queries.online import Told


class Forged(Exception):
    """A message that its provider did not sign with our key."""


class Unread(Exception):
    """A signed message that does not say what it must: order, sum in UAH, status."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Our account: the public key names it, the private one signs. Never printed."""

    public: str
    private: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the payer is asked for. `kopecks` > 0; `language` "uk", "ru" or "en"; `result_url`
    is where the payer comes back to, `server_url` where the provider tells us."""

    order: str
    kopecks: int
    description: str
    language: str
    result_url: str
    server_url: str


class Provider(Protocol):
    """A provider of online payments. `name` is kept with each order; `label` is its brand."""

    name: str
    label: str

    def address(self, keys: Keys, asked: Asked, *, sandbox: bool) -> str:
        """Where the payer goes: an https address at the provider's."""

    def read(self, keys: Keys, form: Mapping[str, str], *, sandbox: bool) -> Told:
        """The provider's message. Raises Forged, Unread."""

    def ask(self, keys: Keys, order: str, *, sandbox: bool) -> Told | None:
        """What became of an order; None for one that the provider does not know.

        Raises desk.lib.outside.Away, Forbidden, Unread.
        """


@cache
def every() -> dict[str, Provider]:
    """The providers by name, in the order of the setting PAYMENT_PROVIDERS."""
    made: list[Provider] = [import_string(path)() for path in settings.PAYMENT_PROVIDERS]
    return {provider.name: provider for provider in made}


def label(name: str) -> str:
    """The brand of a provider, also of one that is no longer there."""
    found = every().get(name)
    return found.label if found else name
