"""Links that let somebody in, made at the moment of sending and kept nowhere."""

from __future__ import annotations

from urllib.parse import quote

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse

from desk.partners.models import Person


def reset_path(person: Person) -> str:
    """The page where this person chooses a new password, with a fresh key."""
    key = default_token_generator.make_token(person)
    names = {"uidb36": "UID", "key": "KEY"}
    path = reverse("account_reset_password_from_key", kwargs=names)
    return path.replace("UID-KEY", quote(f"{user_pk_to_url_str(person)}-{key}"))
