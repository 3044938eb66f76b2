"""What every form that moves something carries: an idempotency key and the ticket's version."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import HttpRequest

KEY_MAX = 64
VERSION_DIGITS_MAX = 9


@dataclass(frozen=True, slots=True)
class Guard:
    """Hidden fields of components/guard.html. `version` is the ticket's as the page showed it."""

    version: int | None = None
    key: str = field(default_factory=lambda: secrets.token_urlsafe(18))


class Guards:
    """For a page with several forms: each `{{ guard.key }}` is another one, so that forms of a page
    that is shown again from the browser's memory do not take each other for a repetition."""

    version = None

    @property
    def key(self) -> str:
        return secrets.token_urlsafe(18)


class GuardMissing(ValueError):
    """A form came without its idempotency key, or with a version that is no number."""


def guard_of(request: HttpRequest) -> Guard:
    """The guard that a form sent; the action refuses a stale version and repeats by the key."""
    key = request.POST.get("key", "")
    version = request.POST.get("version", "")
    if not key or len(key) > KEY_MAX or not (key.isascii() and key.isprintable()):
        raise GuardMissing
    is_number = version.isascii() and version.isdigit() and len(version) <= VERSION_DIGITS_MAX
    if version and not is_number:
        raise GuardMissing
    return Guard(version=int(version) if version else None, key=key)


class DeskForm(forms.Form):
    """Base of forms drawn by components/form.html."""

    template_name = "web/components/form.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
