"""The link of a mail that switches such mails off without signing in (RFC 8058).

It proves that its holder reads that person's mail, names the themes of the mail, and can do no
more than switch mail of these off. Whoever wants them back signs in and ticks them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.core import signing

from desk.channels import addresses
from desk.channels.themes import NEEDED, Theme

SALT = "desk.channels.unsubscribing"


class BadLink(Exception):
    """The link is not one of ours."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants no mail of which themes any more."""

    person_id: int
    themes: tuple[Theme, ...]


def path(person_id: int, themes: Iterable[Theme]) -> str:
    """The page that switches mail of these themes off; "" where none of them can be."""
    found = sorted(set(themes) - NEEDED)
    if not found:
        return ""
    content = [person_id, [theme.value for theme in found]]
    return addresses.unsubscribe(signing.Signer(salt=SALT).sign_object(content, compress=True))


def opened(token: str) -> Wish:
    """What a link asks for; it holds for ever, as the mail does. Raises `BadLink`."""
    try:
        person_id, names = signing.Signer(salt=SALT).unsign_object(token)
    except signing.BadSignature as error:
        raise BadLink from error
    known = {theme.value: theme for theme in Theme}
    themes = tuple(known[name] for name in names if name in known)
    if not themes:
        raise BadLink
    return Wish(person_id, themes)
