"""From a provider's word to the ledger: keys are opened, orders settled, silence asked about."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime

from desk.channels.payments import providers
from desk.channels.payments.providers import Keys, Provider, Unread
from desk.deposits.actions import online as actions
from desk.deposits.queries import online
from desk.deposits.queries.online import AccountRow, CheckoutRow, Result, Told
from desk.journal import cause as causes
from desk.lib import sealed
from desk.lib.outside import Away, Forbidden

log = logging.getLogger("desk.payments")


class Unknown(Exception):
    """No such account, or its keys cannot be read any more."""


def opened(company_id: int, name: str) -> tuple[Provider, AccountRow, Keys]:
    """An account with its provider and readable keys. Raises Unknown."""
    provider, known = providers.every().get(name), online.account(company_id, name)
    if provider is None or known is None:
        raise Unknown(name)
    try:
        stored = json.loads(sealed.unseal(known.keys))
    except sealed.Unreadable as error:
        raise Unknown(name) from error
    return provider, known, Keys(stored["public"], stored["private"])


def take(company_id: int, name: str, form: Mapping[str, str], at: datetime) -> CheckoutRow:
    """A provider's message. Raises Unknown, Forged, Unread, WrongOrder."""
    provider, known, keys = opened(company_id, name)
    said = provider.read(keys, form, sandbox=known.is_sandbox)
    return _settle(company_id, name, said, at)


def ask_about(order: CheckoutRow, at: datetime) -> bool:
    """Ask the provider what became of an order of which nothing was heard; whether it knew."""
    try:
        provider, known, keys = opened(order.company_id, order.provider)
        said = provider.ask(keys, order.order, sandbox=known.is_sandbox)
    except (Unknown, Away, Forbidden, Unread) as error:
        log.warning("Nothing is known of order %s: %s.", order.order, type(error).__name__)
        return False
    if said is None or said.order != order.order or said.result is Result.PENDING:
        return False
    _settle(order.company_id, order.provider, said, at)
    return True


def _settle(company_id: int, name: str, told: Told, at: datetime) -> CheckoutRow:
    found = online.checkout(name, told.order)
    if found is None or found.company_id != company_id:
        raise actions.WrongOrder(told.order)
    key = f"online:{name}:{told.order}:{told.result}"
    return actions.settle_checkout(causes.system(at, key), name, told)
