"""What each move of a ticket is given. The names are those of the actions."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from desk.channels.api.files import References
from desk.channels.api.shapes import Day, Given, GivenId, Moment, Whole, Words, Yes
from desk.rules.lifecycle import Reason, Step, Type
from desk.tickets.actions import Level
from desk.tickets.models import DisputeAbout

TEXT_MAX, TITLE_MAX, NOTE_MAX, PARTS_MAX = 20_000, 200, 300, 200
NUMBER_MAX = 10_000
KOPECKS_MAX = 100_000_000_00

Text = Annotated[Words, Field(min_length=1, max_length=TEXT_MAX)]
MaybeText = Annotated[Words, Field(max_length=TEXT_MAX)]
Title = Annotated[Words, Field(min_length=1, max_length=TITLE_MAX)]
Titles = Annotated[list[Title], Field(max_length=PARTS_MAX)]
PartNumber = Annotated[int, Field(strict=True, ge=1, le=NUMBER_MAX)]
NumberText = Annotated[Words, Field(min_length=1, max_length=20)]


class Nothing(Given):
    """The move needs nothing."""


class Said(Given):
    """A text, perhaps with files."""

    text: Text
    files: References = Field(default_factory=list)


class WithText(Given):
    """A text that the other side, or a colleague, reads."""

    text: Text


class MaybeWhy(Given):
    """A text, if you like."""

    text: MaybeText = ""


class Confirming(Given):
    """How the partner rates the work."""

    rating: Whole | None = Field(None, ge=1, le=5)
    comment: MaybeText = ""


class Contesting(Given):
    """What is contested, and why; `pause_id` where it is a pause."""

    about: DisputeAbout
    text: Text
    pause_id: GivenId | None = None


class Ordering(Given):
    """One place up or down in the partner's own queue."""

    up: Yes


class AcceptingTicket(Given):
    """What the specialist states at acceptance; `parts` of a complex ticket, at least two;
    `reason` when a critical claim is found to be none."""

    type: Type
    message: Text
    parts: Titles = Field(default_factory=list)
    reason: MaybeText = ""


class Previewing(Given):
    """What would be stated at acceptance."""

    type: Type
    parts: int = Field(1, ge=1, le=PARTS_MAX)


class Declining(Given):
    """Why a ticket is declined; `impossible` is production's."""

    reason: Reason
    text: Text


class Stepping(Given):
    """The step inside the work."""

    step: Step


class Asking(Given):
    """A question, about one part or the ticket as a whole."""

    text: Text
    part: PartNumber | None = None


class Escalating(Given):
    """To whom a critical error is escalated, and what is known of it."""

    level: Level
    text: Text


class OfPart(Given):
    """One part, or the ticket as a whole."""

    part: PartNumber | None = None


class FinishingPart(Given):
    """The result of one part."""

    part: PartNumber
    result: Text


class Splitting(Given):
    """One more part; it is free until the partner approves it."""

    title: Title


class Delivering(Given):
    """The result: what it was, what was changed ("nothing" is legal), how to check it; and what
    the desk's own people learnt of the project by it, or that there is nothing new."""

    solution: Text
    changes: Text
    checking: Text
    dossier: MaybeText = Field(
        "", description="Added to the project's dossier, with the day and the ticket's number."
    )
    nothing_new: bool = Field(
        default=False,
        description="There is nothing new for the dossier; not together with `dossier`.",
    )


class RePromising(Given):
    """Another date, which counts once the partner agrees."""

    due_at: Moment
    reason: Text


class ReclassifyingTicket(Given):
    """Another type, with the reason that the partner reads."""

    type: Type
    reason: Text
    parts: Titles = Field(default_factory=list)


class HandingOver(Given):
    """Who takes over, and what they must know."""

    executor_id: GivenId
    text: MaybeText = ""


class Merging(Given):
    """The ticket that it is merged into, by its number."""

    into: NumberText


class Replying(Given):
    """Production's answer; `released` is what the partner may read."""

    text: Text
    released: MaybeText = ""


class Offering(Given):
    """Production's offer; without `hour_kopecks` the plan's rate."""

    hours_max: Whole = Field(ge=1, le=NUMBER_MAX)
    working_seconds: Whole = Field(ge=1, le=NUMBER_MAX * 3600)
    includes: Text
    valid_until: Moment
    hour_kopecks: Whole | None = Field(None, ge=0, le=10**9)


class Logging(Given):
    """Programmers' work on a customisation."""

    minutes: Whole = Field(ge=1, le=24 * 60)
    worked_on: Day
    note: Annotated[Words, Field(max_length=NOTE_MAX)] = ""


class RulingOn(Given):
    """What an administrator decides of a dispute of this ticket. `give_back`: of a contested
    charge, in consultations, or kopecks of a customisation; null is all that is left of it."""

    dispute_id: GivenId
    upheld: Yes
    text: Text
    clause: Annotated[Words, Field(max_length=20)] = ""
    give_back: Whole | None = Field(None, ge=0, le=KOPECKS_MAX)


class Excusing(Given):
    """The broken clock of this ticket (`internal.breaches`), and why it is excused."""

    clock_id: GivenId
    text: Text
