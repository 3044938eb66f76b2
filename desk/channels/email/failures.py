"""Why a mailbox cannot be read, in plain words of the house's language."""

from __future__ import annotations

import imaplib
import socket
import ssl

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from imap_tools.errors import MailboxFolderSelectError, MailboxLoginError

from desk.channels.email import actions
from desk.channels.email.models import Mailbox
from desk.lib import sealed
from desk.partners import queries as partners

ANSWER_MAX = 200
UIDS_SHOWN_MAX = 10


def said(error: Exception, box: Mailbox) -> str:
    """A sentence without secrets for what went wrong."""
    with translation.override(_language()):
        place = {"host": box.host, "port": box.port, "folder": box.folder}
        answer = str(error)[:ANSWER_MAX] or type(error).__name__
        return _sentence(error) % {**place, "answer": answer}


def refused(uids: list[int]) -> str:
    """A sentence for mails that the server lists and does not give, "" when there are none."""
    if not uids:
        return ""
    with translation.override(_language()):
        text = _("The server lists these mails and does not give them (UID): %(uids)s.")
        return text % {"uids": ", ".join(map(str, uids[:UIDS_SHOWN_MAX]))}


def _sentence(error: Exception) -> str:
    match error:
        case sealed.Unreadable():
            return _("The password cannot be read any more: enter it anew.")
        case actions.Unprotected():
            return _("A password goes to another machine only encrypted.")
        case MailboxLoginError():
            return _("The server refuses login or password.")
        case MailboxFolderSelectError():
            return _("The folder %(folder)s cannot be opened: %(answer)s")
        case ssl.SSLCertVerificationError():
            return _("The certificate of %(host)s is not believed: %(answer)s")
        case socket.gaierror():
            return _("The name %(host)s is not found.")
        case ConnectionRefusedError():
            return _("%(host)s takes no connection at port %(port)s.")
        case TimeoutError():
            return _("%(host)s does not answer.")
        case imaplib.IMAP4.abort() | ConnectionError():
            return _("%(host)s has cut the connection: %(answer)s")
    return _("Reading fails: %(answer)s")


def _language() -> str:
    organisation = partners.organisation()
    return organisation.language if organisation else settings.LANGUAGE_CODE
