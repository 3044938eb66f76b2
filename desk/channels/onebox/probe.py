"""Trying a connection step by step, so that a person sees at which one it fails, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from desk.channels.errors import Busy
from desk.channels.onebox import actions, client, link, shown, wanted
from desk.channels.onebox.client import Complaint, Denied, Session, Unavailable
from desk.channels.onebox.models import Connection
from desk.lib import sealed
from desk.rules.lifecycle import State

OK, FAILS, OPEN = "ok", "fails", "open"
# Which of the first steps fails, by what a request ended with; anything else is "no box".
ADDRESS = frozenset({"address", "host", "scheme", "user", "port"})
ANSWER_MAX = 200
NAMES_MAX = 10
PATIENCE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the trial: OK, FAILS with what to do (`mend`) and what the other side said
    (`answer`), or OPEN for what nobody has tried yet."""

    label: str
    state: str = OK
    mend: str = ""
    answer: str = ""


def probe(connection: Connection, at: datetime, *, writes: bool) -> list[Step]:
    """Try a connection; the list ends with the first step that fails. Only with `writes` something
    is written: one marked process in the workflow."""
    actions.tried(connection.pk, at)
    try:
        with link.opened(connection, PATIENCE_SECONDS) as session:
            return list(_steps(connection, session, at, writes=writes))
    except Busy:
        mend = _("The desk talks with this box at the moment. Try it again in some seconds.")
        return [Step(_("The box is free"), FAILS, mend)]
    except sealed.Unreadable:
        mend = _("The key of this desk has changed. Enter the password anew.")
        return [Step(_("The password can be read"), FAILS, mend)]


def _steps(
    connection: Connection, session: Session, at: datetime, *, writes: bool
) -> Iterator[Step]:
    session.token = ""
    for step in (
        *_reached(session, at),
        *_arranged(connection, session, at),
        *(_written(connection, session, at) if writes else ()),
    ):
        yield step
        if step.state == FAILS:
            return
    if not writes:
        mend = _("Tick “make a test process” to try it, when the partner agrees.")
        yield Step(_("Processes can be written"), OPEN, mend)
    yield _heard(connection)


def _reached(session: Session, at: datetime) -> Iterator[Step]:
    """From the address to the sign-in, of one request: it ends at one of these steps."""
    failed, answer = "", ""
    try:
        client.log_in(session, at)
    except Unavailable as error:
        failed, answer = error.code, str(error)
    except Denied as error:
        failed, answer = "denied", str(error)
    secure = session.base_url.startswith("https:")
    certificate = _("The certificate is good") if secure else _("The connection is not encrypted")
    places = (
        (_("The address may be called"), failed in ADDRESS),
        (_("The name of the host is found"), failed == "name"),
        (_("The server answers"), failed in ("connection", "time")),
        (certificate, failed == "certificate"),
        (_("A OneBox answers there"), failed not in ("", "denied")),
        (_("Login and REST password are right"), failed == "denied"),
    )
    for label, fails in places:
        if fails:
            code = failed if failed == "denied" else f"away:{failed}"
            yield Step(label, FAILS, shown.trouble(code), answer[:ANSWER_MAX])
            return
        yield Step(label)


def _arranged(connection: Connection, session: Session, at: datetime) -> Iterator[Step]:
    """The workflow, the map of statuses, and reading. Lazy: each is asked after the one before."""
    yield _workflow(connection, session, at)
    yield _mapped(connection)
    label = _("Processes can be read")
    try:
        rows, cut = client.orders(
            session, connection.workflow, wanted.asked_whole(connection), client.ROWS_MAX, at
        )
    except (Unavailable, Denied, Complaint) as error:
        yield Step(label, FAILS, shown.trouble(link.trouble(error)), str(error)[:ANSWER_MAX])
        return
    yield _counted(f"{label}: {len(rows)}", len(rows), cut=cut)
    told = [row for row in rows if "comments" in row]
    if connection.comments and rows and not told:
        mend = _("No process gave comments back. If theirs have some, switch comments off.")
        yield Step(_("Comments can be read"), OPEN, mend)


def _counted(label: str, count: int, *, cut: bool) -> Step:
    """What the number of processes that were read says of the box."""
    if cut:
        return Step(label, FAILS, shown.trouble("cut"))
    if count:
        return Step(label)
    mend = _(
        "None is there. If the workflow holds some, the employee may not see them, or the box does "
        "not say of which workflow a process is."
    )
    return Step(label, OPEN, mend)


def _workflow(connection: Connection, session: Session, at: datetime) -> Step:
    label = _("The workflow %(id)s is there") % {"id": connection.workflow or "?"}
    try:
        known = client.workflows(session, at)
    except (Unavailable, Denied, Complaint) as error:
        return Step(label, FAILS, shown.trouble(link.trouble(error)), str(error)[:ANSWER_MAX])
    if connection.workflow in known:
        return Step(f"{label}: {known[connection.workflow]}")
    names = ", ".join(f"{one} {name}" for one, name in list(known.items())[:NAMES_MAX])
    mend = _("Enter one of these: %(names)s") % {"names": names or "–"}
    return Step(label, FAILS, mend)


def _mapped(connection: Connection) -> Step:
    """Each of our states needs a status there, or the box would go on showing the last one."""
    label = _("Every state has its status")
    missing = [state for state in State if not connection.statuses.get(state)]
    if missing:
        names = ", ".join(shown.state(state) for state in missing)
        return Step(label, FAILS, _("Enter the status for: %(names)s") % {"names": names})
    return Step(label)


def _written(connection: Connection, session: Session, at: datetime) -> Iterator[Step]:
    """Make a process that says what it is, and read it back."""
    label = _("Processes can be written")
    name = _("Test of the support desk, may be deleted")
    body = {
        "workflowid": connection.workflow,
        "statusid": connection.statuses[State.SUBMITTED],
        "name": name,
        "content": name,
    }
    try:
        made = client.write(session, body, at)
        actions.trial(connection, made, at)
        found = client.order(session, made, ["name"], at)
    except (Unavailable, Denied, Complaint) as error:
        yield Step(label, FAILS, shown.trouble(link.trouble(error)), str(error)[:ANSWER_MAX])
        return
    if found is None:
        mend = _("Process %(id)s was made, but cannot be read back.") % {"id": made}
        yield Step(label, FAILS, mend)
        return
    note = _("Process %(id)s was made there for it; delete it when you like.") % {"id": made}
    yield Step(label, OK, note)


def _heard(connection: Connection) -> Step:
    label = _("Events come in")
    if connection.heard_at is not None:
        return Step(label)
    mend = _(
        "None has come yet. Let OneBox send one to the address on this page; until then the box is "
        "only looked at, every %(seconds)s s."
    )
    return Step(label, OPEN, mend % {"seconds": connection.polling_seconds})
