"""How allauth is joined to the desk: nobody signs up, and mail takes the desk's own way out."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from desk.channels.notices.push import actions as push
from desk.journal import actions as journal
from desk.journal import cause
from desk.lib import clock
from desk.partners.models import Person

log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Named in the settings as ACCOUNT_ADAPTER."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  allauth's
        """People come by invitation only."""
        return False

    def logout(self, request: HttpRequest) -> None:
        """Nobody's notices come up any more in a browser where that person has signed out."""
        push.signed_out(request.session.session_key or "", clock.now())
        super().logout(request)

    def send_password_reset_mail(
        self,
        user: Person,
        email: str,  # noqa: ARG002  the outbox takes the person's own
        context: dict[str, Any],  # noqa: ARG002  the outbox makes its own
    ) -> None:
        """Leave the mail to the outbox, which makes the link when it sends it: the request waits
        for no mail server, the link is kept nowhere, and a server that is down loses nothing."""
        journal.record(cause.system(clock.now()), "reset_password", f"person:{user.pk}", {})

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Notices about the account; a mail server that is down does not undo what was done."""
        try:
            super().send_mail(template_prefix, email, context)
        except (SMTPException, OSError) as error:
            log.warning("The mail %s could not be sent: %s", template_prefix, error)
