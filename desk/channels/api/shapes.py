"""What the API shows of people, clocks and conversations. The fields are chosen here one by one:
a new field of a view is not published by accident. Moments are UTC, `_seconds` working time."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

ID_MAX = 2**53 - 1


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("The character NUL is not text.")
    return text


def _or_none(value: object) -> object:
    return value or None


def _written(value: object) -> object:
    """A number is no moment and no day, though the framework would take it for seconds."""
    if isinstance(value, str) and not WRITTEN.match(value):
        raise ValueError("Write it as 2026-11-27 or 2026-11-27T10:00:00Z.")
    if isinstance(value, int | float):
        raise ValueError("Write it as 2026-11-27 or 2026-11-27T10:00:00Z.")
    return value


WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ]|\Z)")
Id = Annotated[int, Field(ge=1, le=ID_MAX)]
Moment = Annotated[AwareDatetime, BeforeValidator(_written)]
Day = Annotated[date, BeforeValidator(_written)]
# In a body, where a number is a number: "5", 5.0 and true are none, nor is 1 a yes.
Whole = Annotated[int, Field(strict=True)]
GivenId = Annotated[int, Field(strict=True, ge=1, le=ID_MAX)]
Yes = Annotated[bool, Field(strict=True)]
# A word or a text that there may be none of: the desk's "" is the API's null.
Maybe = Annotated[str | None, BeforeValidator(_or_none)]
Words = Annotated[
    str, AfterValidator(_without_nul), Field(json_schema_extra={"pattern": "^[^\\u0000]*$"})
]


class Shown(BaseModel):
    """Base of what is shown: taken from the attributes of the desk's views."""

    model_config = ConfigDict(from_attributes=True)


class Given(BaseModel):
    """Base of what is given: a field that is not known is refused, not ignored."""

    model_config = ConfigDict(extra="forbid")


class PersonName(Shown):
    """Somebody who is named."""

    id: int
    name: str
    side: str = Field(description="`staff` or `partner`.")


class Window(Shown):
    """A span of working time."""

    since_at: datetime
    until_at: datetime


def _windows(found: Any) -> Any:
    return [
        {"since_at": one[0], "until_at": one[1]} if isinstance(one, tuple) else one for one in found
    ]


Windows = Annotated[list[Window], BeforeValidator(_windows)]


class Colleague(Shown):
    """One of the desk's people, with how to reach them."""

    id: int
    name: str
    position: Maybe
    presence: str = Field(description="`online`, `away` or `absent`.")
    absent_until_at: datetime | None
    hours: Windows = Field(description="Today's working hours.")
    email: Maybe
    phone: Maybe


class Deadline(Shown):
    """A clock at this moment. `due_at` is null while there is no promise yet, and while the clock
    stands: then `since_at` and `waits_for` (a state) say why, and the date would move."""

    phase: str = Field(
        description="`none`, `calm`, `soon`, `late`, `standing`, `kept`, `missed` or `void`."
    )
    started_at: datetime
    due_at: datetime | None
    target_seconds: int
    elapsed_seconds: int
    remaining_seconds: int = Field(description="Below zero when late.")
    since_at: datetime | None
    waits_for: Maybe
    is_open: bool = Field(description="Whether it is working time at this moment.")
    opens_at: datetime | None
    ended_at: datetime | None
    breached_at: datetime | None
    by_ruling: bool
    excused_at: datetime | None


class File(Shown):
    """An attached file; `url` is fetched with the same token."""

    name: str
    size: int
    at: datetime
    internal: bool
    url: str


class Message(Shown):
    """One message."""

    id: int
    at: datetime
    kind: str = Field(description="`partner`, `staff`, `question`, `handover`; `note` for staff.")
    author: PersonName | None
    mine: bool
    channel: str
    text: str
    files: list[File]
    moved_from: Maybe = Field(description="The number of the ticket that was merged into this one.")


class Messages(BaseModel):
    """The conversation, the oldest first."""

    items: list[Message]
    is_cut: bool = Field(description="True when older messages are left out.")


class Event(Shown):
    """One entry of the history."""

    id: int
    at: datetime
    by: PersonName | None = Field(description="Null: the desk itself.")
    verb: str
    channel: str
    state_from: Maybe
    state_to: Maybe
    cycle: int
    about: PersonName | None
    facts: dict[str, Any]


class History(BaseModel):
    """What happened, the oldest first."""

    items: list[Event]


class Files(BaseModel):
    """The files of a ticket."""

    items: list[File]


class Move(Shown):
    """Something that moved the deadline, or could have."""

    kind: str = Field(description="`promise`, `pause`, `retarget` or `re_promise`.")
    cycle: int
    at: datetime
    until_at: datetime | None
    by: PersonName | None
    verb: str
    state: Maybe
    reason: Maybe
    due_before_at: datetime | None
    due_after_at: datetime | None
    moved_seconds: int
    struck: bool
    agreed: bool | None
    pause_id: int | None = Field(description="What a contest of this pause names.")


class Span(Shown):
    """A stretch of a clock's history."""

    what: str = Field(description="`running`, `paused` or `closed`.")
    from_at: datetime
    until_at: datetime
    working_seconds: int
    sum_seconds: int
    pause_id: int | None
    state: Maybe
    verb: Maybe
    by: PersonName | None
    reason: Maybe


class Account(Shown):
    """One clock of one cycle, accounted for: the running spans add up to `elapsed_seconds`."""

    kind: str
    cycle: int
    deadline: Deadline
    target_seconds: int | None
    elapsed_seconds: int
    paused_seconds: int
    spans: list[Span]


class ClockAccounts(BaseModel):
    """How the deadlines of a ticket came about."""

    number: str
    at: datetime
    clocks: list[Account]
    moves: list[Move]
