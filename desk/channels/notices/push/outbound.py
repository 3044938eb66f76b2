"""Sending one notice to one browser by its push service (RFC 8030)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from http import HTTPStatus

from django.db import transaction
from django.templatetags.static import static
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from desk.channels import addresses
from desk.channels.errors import Pointless, Refused, Unreachable
from desk.channels.models import Channel, Delivery
from desk.channels.notices import brief, fallback
from desk.channels.notices.brief import Brief
from desk.channels.notices.push import actions, encryption, queries, sessions, vapid
from desk.channels.notices.push.models import Browser, Why
from desk.lib import outside, sealed
from desk.lib.outside import Answer
from desk.partners.models import Person
from desk.web.reader import zone

# A push service that is down for longer is not waited for: the mail goes then.
BACK_OFF_SECONDS = (10, 60, 300, 900)
SECONDS = 10.0
# How long a push service keeps it for a browser that is off.
KEPT = fallback.KEPT
KEPT_URGENT = timedelta(hours=4)
RETRY_AFTER_MAX = 3600
TOPIC_LETTERS = 32
TEXT_MAX = 300
ICON = "web/mark-192.png"
GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
NEVER = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE})
TOLD = frozenset({Why.EXPIRED, Why.GONE, Why.NEW_KEY})


def send(delivery: Delivery, at: datetime) -> None:
    """Try one delivery. Raises `Pointless`, `Refused`, `Unreachable`."""
    browser = queries.by_address(delivery.address, delivery.person_id)
    if browser is None:
        fallback.by_mail(delivery, at)
        raise Pointless("the browser is no more")
    with _read_by(browser.person):
        found = brief.of(delivery)
        message = topic(found.thread), payload(found, browser.person.language)
    if fallback.late(delivery, at):
        fallback.by_mail(delivery, at)
        raise Pointless("too late")
    _deliver(browser, message, delivery, at)


def send_together(deliveries: Sequence[Delivery], at: datetime) -> Mapping[int, str]:
    """Try several deliveries to one browser as one; returns those left out of it, and why.
    Raises `Pointless` (each is then tried on its own), `Refused`, `Unreachable`."""
    browser = queries.by_address(deliveries[0].address, deliveries[0].person_id)
    if browser is None:
        raise Pointless("the browser is no more")
    with _read_by(browser.person):
        told, left_out = brief.several(deliveries)
        found = told[0] if len(told) == 1 else _of_several(told)
        message = topic(found.thread), payload(found, browser.person.language)
    kept = [row for row in deliveries if row.pk not in left_out]
    _deliver(browser, message, next(filter(fallback.urgent, kept), kept[0]), at)
    return left_out


def given_up(delivery: Delivery, at: datetime) -> None:
    """It did not get through: by mail, then."""
    fallback.by_mail(delivery, at)


def payload(found: Brief, language: str) -> bytes:
    """What the worker of the page reads (worker.js)."""
    title = " · ".join(filter(None, [found.number, found.headline]))
    parts = {
        "title": title[:TEXT_MAX],
        "body": found.why[:TEXT_MAX],
        "url": found.path,
        "page": found.page,
        "icon": static(ICON),
        "tag": topic(found.thread),
        "lang": language,
        "choose": _("Choose what comes"),
        "choose_url": addresses.preferences(),
    }
    return json.dumps(parts, ensure_ascii=False).encode()


def topic(thread: str) -> str:
    """What the newer message on the same ticket has in common with the older that it replaces:
    the same for us alone, so that a push service learns no numbers."""
    digest = salted_hmac("push.topic", thread, algorithm="sha256").digest()
    return encryption.encoded(digest)[:TOPIC_LETTERS]


def _of_several(told: Sequence[Brief]) -> Brief:
    """What waited, in few words: how much, on which tickets."""
    count = len(told)
    headline = ngettext(
        "%(count)s notice has waited for you",
        "%(count)s notices have waited for you",
        count,
    )
    numbers = dict.fromkeys(one.number for one in told if one.number)
    return Brief(
        number="",
        headline=headline % {"count": count},
        why=", ".join(numbers),
        path=addresses.notices(),
        page=addresses.notices(),
        thread="several",
    )


def _deliver(
    browser: Browser, message: tuple[str, bytes], delivery: Delivery, at: datetime
) -> None:
    """Hand a message, topic and plain text, to the push service of a browser."""
    key = actions.key(at)
    ended = Why.NEW_KEY if browser.key != key.public else sessions.ended(browser, at)
    if ended is not None:
        _lost(browser, delivery, ended, at)
    answer = _post(browser, key.private, message, at, urgent=fallback.urgent(delivery))
    _judged(answer, browser, delivery, at)
    actions.used(browser, at)


@contextmanager
def _read_by(person: Person) -> Iterator[None]:
    """In the language and the zone of whoever reads it."""
    with translation.override(person.language), timezone.override(zone(person.timezone)):
        yield


def trial(browser: Browser, at: datetime) -> str:
    """Send a message that says that it works; returns what went wrong, "" for nothing."""
    found = Brief(
        number="",
        headline=_("Notices reach this browser."),
        why=_("You asked for a trial."),
        path=addresses.browsers(),
        page=addresses.browsers(),
        thread=f"trial:{browser.pk}",
    )
    message = topic(found.thread), payload(found, get_language() or "")
    try:
        answer = _post(browser, actions.key(at).private, message, at, urgent=True)
    except (Refused, Unreachable) as error:
        return str(error)
    if answer.status in GONE:
        actions.lost(browser, Why.GONE, at)
    return "" if _taken(answer) else _said(answer)


def _post(
    browser: Browser, private: str, message: tuple[str, bytes], at: datetime, *, urgent: bool
) -> Answer:
    try:
        headers = {
            "authorization": vapid.authorization(sealed.unseal(private), browser.endpoint, at),
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(int((KEPT_URGENT if urgent else KEPT).total_seconds())),
            "urgency": "high" if urgent else "normal",
            "topic": message[0],
        }
        body = encryption.encrypt(message[1], browser.p256dh, browser.auth)
        return outside.request(
            "POST", browser.endpoint, headers=headers, body=body, seconds=SECONDS, whole=False
        )
    except sealed.Unreadable as error:
        raise Refused("the key of web push cannot be read: make a new one in set-up") from error
    except outside.Forbidden as error:
        raise Refused(f"push service: {error.code}") from error
    except outside.Away as error:
        raise Unreachable(f"push service: {error}") from error


def _taken(answer: Answer) -> bool:
    return HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES


def _said(answer: Answer) -> str:
    return f"push service: HTTP {answer.status} {answer.body.decode('utf-8', 'replace')[:200]}"


def _judged(answer: Answer, browser: Browser, delivery: Delivery, at: datetime) -> None:
    """What follows from the answer of a push service; nothing does from 2xx."""
    if _taken(answer):
        return
    if answer.status in GONE:
        _lost(browser, delivery, Why.GONE, at)
    if answer.status in NEVER:
        raise Refused(_said(answer))
    raise Unreachable(_said(answer), answer.wait_seconds(at, RETRY_AFTER_MAX))


def _lost(browser: Browser, delivery: Delivery, why: Why, at: datetime) -> None:
    """The browser shows nothing any more: say so once, and let the notice go by mail. Raises
    `Pointless`."""
    with transaction.atomic():
        if actions.lost(browser, why, at) and why in TOLD:
            fallback.lose(browser.person, Channel.PUSH, browser.label, at)
        fallback.by_mail(delivery, at)
    raise Pointless(f"the browser is no more ({why})")
