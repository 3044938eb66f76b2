"""What was said, with the files that came with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from desk.tickets.models import MessageKind
from desk.tickets.queries.people import Names
from desk.tickets.queries.persons import Side
from desk.tickets.queries.thread import MESSAGES_MAX, Row, Thread
from desk.tickets.queries.values import FileView, MessageView


def messages(thread: Thread, names: Names, reader_id: int) -> tuple[MessageView, ...]:
    """The latest messages, the oldest of them first; of notes those that the thread holds."""
    attached: dict[int, list[Row]] = defaultdict(list)
    for row in thread.files:
        attached[row["message_id"]].append(row)
    return tuple(
        MessageView(
            id=row["id"],
            at=row["at"],
            kind=row["kind"],
            author=names.ref(row["author_id"]),
            side=Side.PARTNER if row["kind"] == MessageKind.PARTNER else Side.STAFF,
            mine=row["author_id"] == reader_id,
            channel=row["channel"],
            text=row["text"],
            files=files(attached[row["id"]]),
            moved_from=row["moved_from"] or "",
        )
        for row in thread.messages[-MESSAGES_MAX:]
    )


def files(rows: Iterable[Row]) -> tuple[FileView, ...]:
    """Attached files, in the order they came."""
    return tuple(
        FileView(row["token"], row["name"], row["size"], row["at"], row["internal"]) for row in rows
    )
