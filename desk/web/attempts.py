"""Doing what a form asks for: a refusal of the domain becomes a sentence on the form."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from desk.web import refusals


def attempt(form: forms.Form, deed: Callable[[], object]) -> HTTPStatus | None:
    """Check the form and do the deed; None when it is done, else the status of the refusal.

    The sentence stands beside the field that the error names, else above the form. What is no
    refusal goes on as an error. The form is then drawn again with what was typed.
    """
    if not form.is_valid():
        return HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        deed()
    except ValidationError as error:
        form.add_error("password" if "password" in form.fields else None, error.messages)
        return HTTPStatus.UNPROCESSABLE_ENTITY
    except Exception as error:
        found = refusals.sentence(error)
        if found is None:
            raise
        status, said = found
        field = getattr(error, "field", "")
        form.add_error(field if field in form.fields else None, said)
        return status
    return None


def attempt_button(request: HttpRequest, deed: Callable[[], object], done: str) -> bool:
    """Do what a button without a form asks for; the page after it says `done` or the refusal."""
    try:
        deed()
    except Exception as error:
        found = refusals.sentence(error)
        if found is None:
            raise
        messages.error(request, found[1])
        return False
    messages.success(request, done)
    return True
