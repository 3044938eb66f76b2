"""The parts of a mail, before it is laid out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing of several in a mail: what happened, the words that came with it, and whose."""

    headline: str
    said: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What a mail of several things says of one ticket, or of what is about none. `why` is why its
    reader is told."""

    title: str
    facts: tuple[tuple[str, str], ...] = ()
    happenings: tuple[Happening, ...] = ()
    link: tuple[str, str] = ("", "")
    act: tuple[str, str] = ("", "")
    why: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """The parts of a mail. `facts` are label and value; `link` is label and whole address.
    `thread` names what mails of one conversation have in common. `answer` says what becomes of
    an answer by mail, "" when one does nothing; `unheard` says then why. `act` leads where the
    reader acts without signing in. `parts` are there in a mail of several things (bundles.py)."""

    subject: str
    headline: str
    link: tuple[str, str]
    why: str
    facts: tuple[tuple[str, str], ...] = ()
    paragraphs: tuple[str, ...] = ()
    quoted_from: str = ""
    quote: str = ""
    thread: str = ""
    answer: str = ""
    unheard: str = ""
    act: tuple[str, str] = ("", "")
    parts: tuple[Part, ...] = ()
