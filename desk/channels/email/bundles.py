"""Several things told in one mail: what happened on one ticket within a minute, or all that waited
for the end of quiet hours, of a pause, or for a digest.

A mail about one ticket is the letter of what matters most in it, with the rest under it: it is
answered and threaded as any other. A mail about several is no part of a conversation: each ticket
stands in it once, as it is now, with what happened to it, and an answer to it is not read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.channels import addresses, themes, words
from desk.channels.email import bounces, letters, outbound, pacing, queries
from desk.channels.email.letter import Happening, Letter, Part
from desk.channels.errors import Pointless
from desk.channels.models import Delivery
from desk.channels.routing import PROMPT
from desk.web.reader import zone

SUBJECT_NUMBERS_MAX = 4
HYPHEN = "\N{NON-BREAKING HYPHEN}"
# In a letter of several, a long text is cut sooner: the page has it whole.
QUOTE_MAX = 600


@dataclass(frozen=True, slots=True)
class Told:
    """A delivery with its letter, as it would be on its own."""

    delivery: Delivery
    letter: Letter


def send(deliveries: Sequence[Delivery], at: datetime) -> Mapping[int, str]:
    """Send several deliveries to one person as one mail; returns those left out of it, and why.
    Raises `Pointless`, `Busy`, `Unreachable`, `Refused`."""
    address = deliveries[0].address
    if bounces.is_suppressed(address) or queries.is_ours(address):
        raise Pointless("nothing is written to this address")
    message, sent, left_out = compose(deliveries, at)
    outbound.transmit(message, sent, at)
    return left_out


def compose(
    deliveries: Sequence[Delivery], at: datetime
) -> tuple[EmailMultiAlternatives, list[Delivery], dict[int, str]]:
    """The mail, what it tells of (the first one is the one it is known by), and what not."""
    with outbound.read_by(deliveries[0]):
        told, left_out = _letters(deliveries, at)
        lead = _lead(told)
        if len({one.letter.thread for one in told}) == 1 and lead.letter.thread:
            _take_turn(lead.delivery, at)
            letter, kind = _of_one(lead, told), "delivery"
        else:
            letter, kind = _of_several(told), "digest"
        rest = [one.delivery for one in told if one is not lead]
        sent = [lead.delivery, *rest]
        return outbound.written(sent, letter, kind), sent, left_out


def _letters(deliveries: Sequence[Delivery], at: datetime) -> tuple[list[Told], dict[int, str]]:
    told, left_out = [], {}
    for delivery in deliveries:
        try:
            told.append(Told(delivery, letters.of(delivery, at)))
        except Pointless as reason:
            left_out[delivery.pk] = str(reason)
    if not told:
        raise Pointless("there is nothing to tell any more")
    return told, left_out


def _lead(told: Sequence[Told]) -> Told:
    """What matters most: what asks for something, else the last thing that somebody wrote."""

    def weight(one: Told) -> tuple[bool, bool, int]:
        theme = themes.of_delivery(one.delivery.entry, one.delivery.why)
        return theme in PROMPT, bool(one.letter.quote), one.delivery.entry_id

    return max(told, key=weight)


def _take_turn(delivery: Delivery, at: datetime) -> None:
    if delivery.person is not None:
        pacing.take(delivery, zone(delivery.person.timezone), at)


def _of_one(lead: Told, told: Sequence[Told]) -> Letter:
    """The letter of what matters most, with the rest under it."""
    others = [one for one in told if one is not lead]
    if not others:
        return lead.letter
    known = set(lead.letter.facts)
    facts = [fact for one in others for fact in one.letter.facts if fact not in known]
    own = dict(lead.letter.facts)
    more = Part(
        title=_("Also on this ticket"),
        facts=tuple(fact for fact in dict.fromkeys(facts) if fact[0] not in own),
        happenings=_happenings(others),
    )
    return replace(lead.letter, parts=(more,))


def _of_several(told: Sequence[Told]) -> Letter:
    """Each ticket once, as it is now; what is about no ticket stands on its own."""
    by_thread: dict[str, list[Told]] = defaultdict(list)
    for one in told:
        by_thread[one.letter.thread or f"delivery:{one.delivery.pk}"].append(one)
    count = len(told)
    headline = ngettext(
        "%(count)s thing happened while you were not disturbed",
        "%(count)s things happened while you were not disturbed",
        count,
    ) % {"count": count}
    return Letter(
        subject=_subject(headline, list(by_thread.values())),
        headline=headline,
        link=(_("Open the notices"), addresses.whole(addresses.notices())),
        why=_("You have chosen to get such things together, or not at certain hours."),
        parts=tuple(_part(each) for each in by_thread.values()),
    )


def _subject(headline: str, groups: Sequence[Sequence[Told]]) -> str:
    """The numbers of tickets are for people: with a hyphen that no answer is matched by, for an
    answer to this mail would land on the first of them."""
    found = [each[0].letter.subject.partition("]") for each in groups]
    numbers = [head.removeprefix("[") for head, bracket, _rest in found if bracket]
    shown = ", ".join(numbers[:SUBJECT_NUMBERS_MAX]).replace("-", HYPHEN)
    more = "…" if len(numbers) > SUBJECT_NUMBERS_MAX else ""
    return f"{headline}: {shown}{more}" if shown else headline


def _part(told: Sequence[Told]) -> Part:
    latest = told[-1].letter
    is_ticket = latest.thread.startswith("ticket:")
    # The ticket's own name is the title; it is the first fact of its letters.
    name = next((value for _label, value in latest.facts), "") if is_ticket else ""
    facts = [fact for one in told for fact in one.letter.facts if fact[1] != name]
    present = {label for label, _value in latest.facts}
    kept = [fact for fact in facts if fact in latest.facts or fact[0] not in present]
    return Part(
        title=name or latest.headline,
        facts=tuple(dict.fromkeys(kept)),
        happenings=_happenings(told) if is_ticket else (),
        link=latest.link,
        act=latest.act,
        why=" ".join(dict.fromkeys(words.why(one.delivery.why) for one in told)),
    )


def _happenings(told: Sequence[Told]) -> tuple[Happening, ...]:
    """What happened, in its order; the same thing without words of its own is told once."""
    found = []
    for one in told:
        quote = one.letter.quote
        if len(quote) > QUOTE_MAX:
            quote = f"{quote[:QUOTE_MAX].rstrip()}…"
        found.append(
            Happening(
                headline=one.letter.headline,
                said="\n\n".join([*one.letter.paragraphs, *([quote] if quote else [])]),
                by=one.letter.quoted_from if quote else "",
            )
        )
    return tuple(dict.fromkeys(found))
