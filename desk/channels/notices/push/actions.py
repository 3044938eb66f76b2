"""Browsers come, are used, and go; the desk's own key is made once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from desk.channels.notices.push import encryption, vapid
from desk.channels.notices.push.models import LABEL_MAX, URL_MAX, Browser, Key, Why
from desk.journal import actions as journal
from desk.journal.cause import Cause
from desk.lib import outside, sealed

BROWSERS_MAX = 20


class Unusable(Exception):
    """What the browser gave is no subscription that anything may be sent to."""


class TooMany(Exception):
    """The person has `BROWSERS_MAX` browsers already."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a browser says of itself: where its push service is, its two keys, the key of ours
    that it was made for, the sign-in, and how it is called in the list."""

    endpoint: str
    p256dh: str
    auth: str
    key: str
    session: str
    label: str


def key(at: datetime) -> Key:
    """The desk's key pair, made when it is first asked for."""
    found = Key.objects.filter(pk=1).first()
    if found is not None:
        return found
    private = vapid.new_private()
    fresh = Key(pk=1, public=vapid.public(private), private=sealed.seal(private), created_at=at)
    Key.objects.bulk_create([fresh], ignore_conflicts=True)
    return Key.objects.get(pk=1)


def renew_key(cause: Cause) -> Key:
    """Make another key pair: every browser has to be allowed anew."""
    with transaction.atomic():
        if journal.earlier(cause, "push", {"verb": "renew_push_key"}):
            return Key.objects.get(pk=1)
        private = vapid.new_private()
        known = {"public": vapid.public(private), "private": sealed.seal(private)}
        made, _ = Key.objects.update_or_create(pk=1, defaults=known | {"created_at": cause.at})
        _end(Browser.objects.filter(ended_at=None), Why.NEW_KEY, cause.at)
        journal.record(cause, "renew_push_key", "push", {})
        return made


def allow(cause: Cause, person_id: int, given: Subscription) -> Browser:
    """The person lets this browser show notices. The same browser again only changes what it says
    of itself; of another person it is taken away, since one screen shows one person's.

    Raises `Unusable`, `TooMany`.
    """
    _check(given)
    with transaction.atomic():
        present = Browser.objects.select_for_update().filter(ended_at=None)
        known = present.filter(endpoint=given.endpoint).first()
        if known is not None and known.person_id == person_id:
            return _told(known, given)
        if known is not None:
            _end(Browser.objects.filter(pk=known.pk), Why.TAKEN, cause.at)
        if present.filter(person=person_id).count() >= BROWSERS_MAX:
            raise TooMany
        made = Browser(person_id=person_id, created_at=cause.at)
        _told(made, given)
        journal.record(cause, "add_browser", f"person:{person_id}", {"browser": made.pk})
        return made


def renewed(person_id: int, given: Subscription) -> bool:
    """A page of the person stands open in this browser: note under which sign-in. False when the
    browser is not, or no more, one of this person's: it then has to forget its subscription."""
    known = Browser.objects.filter(ended_at=None, person=person_id, endpoint=given.endpoint)
    return bool(known.filter(key=given.key).update(session=given.session))


def remove(cause: Cause, person_id: int, browser_id: int) -> None:
    """The person wants no more notices there. Nothing happens when it is gone already."""
    with transaction.atomic():
        own = Browser.objects.filter(pk=browser_id, person=person_id, ended_at=None)
        if _end(own, Why.REMOVED, cause.at):
            facts = {"browser": browser_id}
            journal.record(cause, "remove_browser", f"person:{person_id}", facts)


def signed_out(session: str, at: datetime) -> None:
    """Somebody signs out: what was allowed under this sign-in ends with it."""
    known = Browser.objects.filter(session=session, ended_at=None)
    if session and known.exists():
        _end(known, Why.SIGNED_OUT, at)


def lost(browser: Browser, why: Why, at: datetime) -> bool:
    """The browser can no longer be reached; False when that was known already."""
    return bool(_end(Browser.objects.filter(pk=browser.pk, ended_at=None), why, at))


def used(browser: Browser, at: datetime) -> None:
    """Its push service took a message."""
    Browser.objects.filter(pk=browser.pk).update(used_at=at)


def _check(given: Subscription) -> None:
    if len(given.endpoint) > URL_MAX or not given.endpoint.startswith("https://"):
        raise Unusable
    if not given.endpoint.isascii() or not given.session:
        raise Unusable
    try:
        encryption.public_key(given.p256dh)
        encryption.auth_secret(given.auth)
        outside.check(given.endpoint)
    except (encryption.Malformed, outside.Forbidden) as error:
        raise Unusable from error


def _told(browser: Browser, given: Subscription) -> Browser:
    browser.endpoint, browser.p256dh, browser.auth = given.endpoint, given.p256dh, given.auth
    browser.key, browser.session = given.key, given.session
    browser.label = " ".join(given.label.replace("\x00", "").split())[:LABEL_MAX]
    browser.save()
    return browser


def _end(browsers: QuerySet[Browser], why: Why, at: datetime) -> int:
    return browsers.update(ended_at=at, ended_why=why, endpoint="", p256dh="", auth="", session="")
