"""Addresses of pages that notices and mails lead to. Mails need them whole.

They are written out here, so that the worker that sends mails does not load every page of the
desk, and a page that is broken stops no mail. A test holds them against the real addresses.
"""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings

from desk.tickets import queries as tickets
from desk.tickets.models import Ticket


def ticket(found: Ticket, *, staff: bool) -> str:
    """The page of a ticket: the cabinet's for partners, the workplace's for our people."""
    area = "work" if staff else "cabinet"
    return f"/{area}/tickets/{tickets.number(found)}/"


def tickets_of(*, staff: bool) -> str:
    """The list of tickets that the reader sees."""
    return f"/{'work' if staff else 'cabinet'}/tickets/"


def deposit() -> str:
    """The partner's own deposit."""
    return "/cabinet/deposit/"


def invoice(number: str) -> str:
    """An invoice of the partner, with what its payment needs."""
    return f"/cabinet/deposit/invoices/{number}/"


def papers() -> str:
    """The partner's own papers."""
    return "/cabinet/deposit/papers/"


def low_deposit(episode: str) -> str:
    """The ready invoice of a low deposit."""
    return f"/cabinet/deposit/low/{episode}/"


def webhooks(*, staff: bool) -> str:
    """Endpoints of webhooks: set-up's page for our people, the cabinet's for partners."""
    return "/setup/webhooks/" if staff else "/cabinet/webhooks/"


def channels() -> str:
    """Set-up's page of what comes in and goes out."""
    return "/setup/channels/"


def trouble(subject: str) -> str:
    """Where a trouble is mended: mails that wait have their own page, which is administrators'
    too."""
    return "/setup/mail/arrivals/" if subject == "inbox:email" else channels()


def standard(verb: str, *, own: bool) -> str:
    """Where one reads on about what machine control and the Standard say."""
    if verb in ("violation", "rule_violation"):
        return "/work/violations/" if own else "/control/violations/"
    if verb in ("ask_review", "review_edition"):
        return "/setup/standard/"
    if verb == "publish_edition":
        return "/work/standard/"
    if verb == "note_outage":
        return "/control/outages/"
    return "/work/" if own else "/control/"


def complaints(*, staff: bool) -> str:
    """Complaints: administrators' for our people, the partner's own in the cabinet."""
    return "/control/complaints/" if staff else "/cabinet/complaints/"


def notices() -> str:
    """The reader's notices."""
    return "/notices/"


def notice(notice_id: int) -> str:
    """One notice: opening it reads it and leads on to what it is about."""
    return f"/notices/{notice_id}/"


def preferences() -> str:
    """Where a person chooses what they are told of, and how."""
    return "/notices/preferences/"


def unsubscribe(token: str) -> str:
    """Where mails of some themes are switched off without signing in."""
    return f"/notices/unsubscribe/{quote(token)}/"


def browsers() -> str:
    """Where a person lets browsers show notices."""
    return "/notices/push/"


def telegram() -> str:
    """Where a person connects Telegram."""
    return "/notices/telegram/"


def way(name: str) -> str:
    """Where a person connects a way of notices, by the name of its channel."""
    return telegram() if name == "telegram" else browsers()


def calls() -> str:
    """Where calls of the hotline are taken and called back."""
    return "/work/calls/"


# Pages of control that notices lead to, by the verb of their entry.
OF_CONTROL = {
    "draw_audits": "/control/audits/",
    "answer_audit": "/work/audits/",
    "digest_control": "/control/morning/",
    "summary_control": "/control/week/",
}


def of_control(verb: str) -> str:
    """Where what control has found or asks for is looked at."""
    return OF_CONTROL.get(verb, "/control/")


def answer(token: str) -> str:
    """The page behind a link of a mail: confirm, return or answer without signing in."""
    return f"/answer/{quote(token)}/"


def invitation(token: str) -> str:
    """Where an invitation is accepted."""
    return f"/account/invitation/{quote(token)}/"


def new_password(key: str) -> str:
    """Where a new password is chosen; `key` names the person and proves the request."""
    return f"/account/password/reset/key/{quote(key)}/"


def whole(path: str) -> str:
    """A path as an address that works from a mail."""
    return f"{settings.BASE_URL}{path}"
