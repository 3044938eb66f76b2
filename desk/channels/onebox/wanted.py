"""What a process in the box has to say of its ticket: the whole state, and what was said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from desk.channels.onebox import client, reading
from desk.channels.onebox.case import CHANNEL
from desk.channels.onebox.models import Connection, Process, Said
from desk.tickets.models import MessageKind
from desk.tickets.queries import PartnerView
from desk.tickets.queries.persons import Side
from desk.tickets.queries.values import MessageView
from desk.web import formats

# What can be written into custom fields, by what a connection calls their keys.
DEADLINE, NUMBER, EXECUTOR, COST = "deadline", "number", "executor", "cost"
PARTS, ANSWER = "parts", "answer"
FIELDS = (NUMBER, DEADLINE, EXECUTOR, COST, PARTS, ANSWER)
PREFIX = "customorder_"
ANSWER_MAX = 2000
DATE = "%Y-%m-%d %H:%M:%S"


def asked(connection: Connection) -> list[str]:
    """What a row is asked for when the box is looked at."""
    return [*reading.ROW_FIELDS, reading.COMMENTS] if connection.comments else [*reading.ROW_FIELDS]


def asked_whole(connection: Connection) -> list[str]:
    """What a row is asked for before it is written: also what we write there."""
    own = [field_name(key) for key in connection.fields.values() if key]
    native = [connection.native_deadline] if connection.native_deadline else []
    return [*asked(connection), *own, *native]


def state(connection: Connection, view: PartnerView, answer: str = "") -> dict[str, str]:
    """The fields of the process as they have to be; `answer` is a plain answer of the desk, newer
    than any message. Call it in the partner's language."""
    values = {
        NUMBER: view.head.number,
        DEADLINE: _deadline(connection, view),
        EXECUTOR: view.people.executor.name if view.people.executor else "",
        COST: _cost(view),
        PARTS: f"{view.parts_finished}/{len(view.parts)}" if view.parts else "",
        ANSWER: (answer or _answer(view))[:ANSWER_MAX],
    }
    fields = {field_name(key): values[what] for what, key in connection.fields.items() if key}
    if connection.native_deadline:
        fields[connection.native_deadline] = values[DEADLINE]
    status = connection.statuses.get(view.head.state, "")
    return {"statusid": status, **fields} if status else fields


def field_name(key: str) -> str:
    """The name of a custom field in requests, by its key with or without the prefix."""
    return key if key.startswith(PREFIX) else f"{PREFIX}{key}"


def differs(fields: Mapping[str, str], row: Mapping[str, object], process: Process) -> bool:
    """Whether the process says anything else. A field that the box does not give back is taken
    for what we wrote last."""
    for name, value in fields.items():
        if name == "statusid":
            known = client.number(row.get(name)) == value
        elif name in row:
            known = reading.same(row[name], value)
        else:
            known = process.written.get(name) == value
        if not known:
            return True
    return False


def comments(process: Process, view: PartnerView, at: datetime) -> list[Said]:
    """Every message as it is written there, but for those that came from there."""
    told = [message for message in view.messages if message.channel != CHANNEL]
    return [_said(process, view, message, at) for message in told]


def _said(process: Process, view: PartnerView, message: MessageView, at: datetime) -> Said:
    author = message.author.name if message.author else _("The desk")
    text = f"{author} ({view.head.number}): {_whole(view, message)}"
    return Said(
        process=process,
        ours=True,
        digest=reading.digest(text),
        message_id=message.id,
        text=text,
        at=at,
    )


def _whole(view: PartnerView, message: MessageView) -> str:
    """The text; a handover with what was changed and how to check it."""
    if message.kind != MessageKind.HANDOVER or view.handover is None:
        return message.text
    done = view.handover
    if done.solution != message.text:
        return message.text
    changes = _("What was changed: %(text)s") % {"text": done.changes}
    checking = _("How to check it: %(text)s") % {"text": done.checking}
    return f"{message.text}\n\n{changes}\n\n{checking}"


def _answer(view: PartnerView) -> str:
    ours = [message for message in view.messages if message.side == Side.STAFF]
    return ours[-1].text if ours else ""


def _deadline(connection: Connection, view: PartnerView) -> str:
    due_at = view.deadline.due_at
    return due_at.astimezone(ZoneInfo(connection.timezone)).strftime(DATE) if due_at else ""


def _cost(view: PartnerView) -> str:
    """What is charged, or held for it: "2 consultations · ₴1,180.00"."""
    cost = view.money.cost
    units = cost.units_charged or cost.units_held
    kopecks = cost.kopecks_charged or cost.kopecks_held
    said = [formats.units(units)] if units else []
    return " · ".join([*said, formats.money(kopecks)] if kopecks else said)
