"""Reading the bot and chats."""

from __future__ import annotations

from collections.abc import Collection

from desk.channels.notices.telegram.models import Bot, Chat


def bot() -> Bot | None:
    """The bot of this desk, None where there is none."""
    return Bot.objects.filter(pk=1).first()


def offered() -> bool:
    """Whether this installation has a bot."""
    return Bot.objects.filter(pk=1).exists()


def chat_of(person_id: int) -> Chat | None:
    """The chat that a person linked."""
    return Chat.objects.filter(person=person_id, ended_at=None).first()


def chat(number: int) -> Chat | None:
    """The linked chat of this number at Telegram."""
    rows = Chat.objects.filter(number=number, ended_at=None)
    return rows.select_related("person").first()


def reach(people: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Where deliveries of channel TELEGRAM to people go: "chat:3"."""
    rows = Chat.objects.filter(person__in=people, ended_at=None)
    return {row.person_id: (row.address,) for row in rows}


def by_address(address: str, person_id: int | None) -> Chat | None:
    """The chat of a delivery to a person, None when it takes nothing of theirs any more."""
    rows = Chat.objects.filter(pk=address.partition(":")[2], person=person_id, ended_at=None)
    return rows.select_related("person").first()
