"""Links that let somebody in, made at the moment of sending and kept nowhere."""

from __future__ import annotations

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str

from desk.channels import addresses
from desk.partners.models import Person


def reset_path(person: Person) -> str:
    """The page where this person chooses a new password, with a fresh key."""
    key = default_token_generator.make_token(person)
    return addresses.new_password(f"{user_pk_to_url_str(person)}-{key}")
