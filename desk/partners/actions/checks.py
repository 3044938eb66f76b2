"""What every action asks of the words it is given."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email

EMAIL_MAX = 254
ADDRESS_MAX = 300


class Incomplete(Exception):
    """A field is missing, too long, or not what it must be; `field` names it."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def text(field: str, value: str, most: int) -> str:
    """The value without outer blanks: 1 to `most` characters."""
    found = optional(field, value, most)
    if not found:
        raise Incomplete(field)
    return found


def optional(field: str, value: str, most: int) -> str:
    """The value without outer blanks: at most `most` characters, perhaps none."""
    found = value.strip()
    if len(found) > most or "\0" in found:
        raise Incomplete(field)
    return found


def email(value: str) -> str:
    """An e-mail address as it was written; its case is ignored only when compared."""
    found = text("email", value, EMAIL_MAX)
    try:
        validate_email(found)
    except ValidationError as error:
        raise Incomplete("email") from error
    return found


def address(value: str) -> str:
    """A web address, or nothing."""
    found = optional("address", value, ADDRESS_MAX)
    if found:
        try:
            URLValidator(schemes=["http", "https"])(found)
        except ValidationError as error:
            raise Incomplete("address") from error
    return found


def language(value: str) -> str:
    """One of the languages of the desk."""
    if value not in dict(settings.LANGUAGES):
        raise Incomplete("language")
    return value


def timezone(value: str) -> str:
    """The name of a time zone that exists."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Incomplete("timezone") from error
    return value
