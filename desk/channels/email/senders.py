"""Who sent a mail: From is a claim, which the receiving server's word can refute."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from desk.channels.email import replies
from desk.channels.email.models import Alias, BlockedSender, Mailbox
from desk.channels.email.reading import Mail
from desk.channels.models import Arrival
from desk.partners import queries as partners
from desk.partners.models import Person
from desk.tickets import queries as tickets
from desk.tickets.queries import Access

_COMMENT = re.compile(r"\([^()]*\)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_RESULT = re.compile(r"\s*(dmarc|spf|dkim)(?:\s*/\s*\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
_SIGNER = re.compile(r"\bheader\.(?:d\s*=\s*|i\s*=\s*[^@\s]*@)([a-z0-9.-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sender:
    """A known person, with the present roles."""

    person: Person
    access: Access

    @property
    def partner_ids(self) -> tuple[int, ...]:
        return tuple(role.partner_id for role in self.access.roles)


def known(mail: Mail) -> Sender | None:
    """Whose address From is, None for nobody who has a role at the desk or with a partner."""
    if not mail.sender.address:
        return None
    person = partners.by_email(mail.sender.address) or _by_alias(mail.sender.address)
    if person is None or not person.is_active:
        return None
    access = tickets.access(person)
    return Sender(person, access) if access.is_staff or access.roles else None


def _by_alias(address: str) -> Person | None:
    row = Alias.objects.filter(address__iexact=address).select_related("person").first()
    return row.person if row is not None else None


def is_blocked(mail: Mail) -> bool:
    """Whether somebody of ours said that this address is not listened to."""
    return BlockedSender.objects.filter(address__iexact=mail.sender.address).exists()


def refuted(mail: Mail, arrival: Arrival) -> str:
    """What the receiving server says against the sender ("dmarc=fail"), "" for nothing."""
    return _against(_results(mail, arrival))


def verdict(mail: Mail, arrival: Arrival) -> str:
    """All that the receiving server says of the sender: "dmarc=pass, spf=pass"; "" for nothing."""
    found = _results(mail, arrival)
    return ", ".join(f"{method}={found[method]}" for method in sorted(found))


def _results(mail: Mail, arrival: Arrival) -> dict[str, str]:
    """Results by method, as a server that we believe wrote them. The server writes on top of what
    it was sent: of several headers the first word counts."""
    if not mail.authentication_results:
        return {}
    trusted = _authserv_ids(arrival)
    domain = mail.sender.address.rpartition("@")[2].lower()
    found: dict[str, str] = {}
    for value in mail.authentication_results if trusted else ():
        server, *results = _plain(value).split(";")
        if server.split() and server.split()[0].lower() in trusted:
            found = _of_header(results, domain) | found
    return found


def _of_header(results: Iterable[str], domain: str) -> dict[str, str]:
    """What one header says. A signature counts for the sender only when it is of the sender's own
    domain; of several one that passes is enough."""
    found: dict[str, str] = {}
    for text in results:
        result = _RESULT.match(text)
        if result is None:
            continue
        method, said = result[1].lower(), result[2].lower()
        if method == "dkim" and not _is_aligned(text, domain):
            continue
        if found.get(method) != "pass":
            found[method] = said
    return found


def _is_aligned(text: str, domain: str) -> bool:
    """Whether the signature is of the domain of From, or of one above or below it; one whose
    domain is not told is believed to be."""
    signer = _SIGNER.search(text)
    if signer is None:
        return True
    named = signer[1].lower().strip(".")
    above, below = domain.endswith(f".{named}"), named.endswith(f".{domain}")
    return "." in named and (named == domain or above or below)


def _against(found: dict[str, str]) -> str:
    if found.get("dmarc") == "fail":
        return "dmarc=fail"
    if found.get("dmarc") == "pass" or found.get("dkim") == "pass":
        return ""
    return "spf=fail" if found.get("spf") == "fail" else ""


def _plain(value: str) -> str:
    """A header without its comments, which may be nested, and without quoted words: what a
    stranger wrote there is no result."""
    before, value = "", _QUOTED.sub(" ", value)
    while before != value:
        before, value = value, _COMMENT.sub(" ", value)
    return value


def _authserv_ids(arrival: Arrival) -> set[str]:
    """The names under which a server that we believe reports on this arrival."""
    kind, _, number = arrival.source.partition(":")
    if kind == "mailbox":
        ids: Iterable[str] = Mailbox.objects.filter(pk=number).values_list("authserv_id", flat=True)
    else:
        known_addresses = replies.own()
        found = [replies.is_own(to, known_addresses) for to in recipients(arrival)]
        ids = [one.authserv_id for one in found if one is not None]
    return {one.lower() for one in ids if one}


def recipients(arrival: Arrival) -> list[str]:
    """The addresses of the envelope, where the transport knew them."""
    found = arrival.facts.get("to")
    return [str(one) for one in found] if isinstance(found, list) else []
