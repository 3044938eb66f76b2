"""`desk mail`: look at mails in files without the desk, or take them in.

`inspect` needs no database and no settings, and prints a line of JSON for each file, whatever is
in it.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desk.channels.email.reading import Mail, Party

NAME = "mail"
HELP = "look at mails in files, or take them in"

FILE_BYTES_MAX = 200_000_000
# JSON leaves them as they are, and some readers take them for line ends.
_LINE_ENDS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}

_INSPECT = (
    "Print what is read from each mail as one line of JSON, without storing anything. A file that "
    "cannot be read is a line too; its problems say why."
)

_INGEST = (
    "Do with each mail what the desk does with one that comes in, and print what became of it. A "
    "mail that was taken before does nothing; what is unclear waits in quarantine."
)

_READ = (
    "Let the worker read a mailbox from now on. The password is asked for, or read from the input; "
    "it is kept sealed. The unread mails of the last seven days are taken first."
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommands; each sets `action`, which `run` calls."""
    actions = parser.add_subparsers(dest="mail_action", required=True, metavar="ACTION")
    inspecting = actions.add_parser("inspect", help="print what is read", description=_INSPECT)
    inspecting.set_defaults(action=inspect)
    _configure_reading(actions.add_parser("read", help="read a mailbox by IMAP", description=_READ))
    ingesting = actions.add_parser("ingest", help="take mails in, each once", description=_INGEST)
    ingesting.set_defaults(action=ingest, needs_database=True)
    ingesting.add_argument("files", nargs="+", metavar="FILE", help="a raw mail; - is the input")
    inspecting.add_argument("files", nargs="+", metavar="FILE", help="a raw mail; - is the input")


def _configure_reading(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(action=read, needs_database=True)
    parser.add_argument("address", help="the address whose mail lies there")
    parser.add_argument("host", help="name of the IMAP server")
    parser.add_argument("login")
    parser.add_argument("--port", type=int, default=993)
    parser.add_argument("--security", choices=("imaps", "starttls", "none"), default="imaps")
    parser.add_argument("--folder", default="INBOX")
    parser.add_argument("--authserv-id", default="", help="name in its Authentication-Results")


def run(options: argparse.Namespace) -> int:
    """Do what was asked; return the exit status of the action."""
    try:
        status = options.action(options)
    except BrokenPipeError:
        # Who read the answers has gone; nothing more can reach them, the last flush neither.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    assert isinstance(status, int)
    return status


def inspect(options: argparse.Namespace) -> int:
    """`desk mail inspect`: a line of JSON for each file; always 0."""
    out = sys.stdout.buffer
    for name in options.files:
        line = json.dumps(_inspected(name), ensure_ascii=False).translate(_LINE_ENDS)
        # Bytes of a file name that are no UTF-8 become \udc80 and so on, which is valid in JSON.
        out.write(line.encode("utf-8", "backslashreplace") + b"\n")
        out.flush()
    return 0


def ingest(options: argparse.Namespace) -> int:
    """`desk mail ingest`: a line for each file; 1 when one could not be read from the disk."""
    from desk.channels import inbox
    from desk.channels.email import files
    from desk.lib import clock

    status = 0
    for name in options.files:
        raw, problem = _content(name)
        if problem:
            print(f"{name}: {problem}", file=sys.stderr)
            status = 1
            continue
        number = files.keep(name, raw, clock.now())
        inbox.process(number, clock.now())
        print(f"{name}: {files.became(number)}", flush=True)
    return status


def read(options: argparse.Namespace) -> int:
    """`desk mail read`: one more mailbox; 1 when it cannot be."""
    import getpass

    from desk.channels.email import actions
    from desk.journal import cause
    from desk.lib import clock

    asks = sys.stdin.isatty()
    password = getpass.getpass() if asks else sys.stdin.readline().rstrip("\n")
    card = actions.MailboxCard(
        name=options.address,
        address=options.address,
        host=options.host,
        port=options.port,
        security=options.security,
        login=options.login,
        password=password,
        folder=options.folder,
        authserv_id=options.authserv_id,
    )
    try:
        actions.add_mailbox(cause.system(clock.now()), card)
    except actions.Unprotected:
        print("A password goes to another machine only encrypted.", file=sys.stderr)
        return 1
    except (actions.AddressTaken, actions.TooMany):
        print(f"{options.address} is read already, or there are too many.", file=sys.stderr)
        return 1
    print(f"The worker reads {options.address} now.")
    return 0


def _inspected(name: str) -> dict[str, object]:
    from desk.channels.email import reading

    raw, problem = _content(name)
    mail = reading.read(raw)
    problems = [problem] if problem else list(mail.problems)
    return {"file": name, **_told(mail), "problems": problems}


def _content(name: str) -> tuple[bytes, str]:
    """The bytes of a file, or a sentence why there are none."""
    try:
        if name == "-":
            return sys.stdin.buffer.read(FILE_BYTES_MAX), ""
        path = Path(name)
        if not path.is_file():
            return b"", "There is no such file." if not path.exists() else "This is no file."
        if path.stat().st_size > FILE_BYTES_MAX:
            return b"", f"The file is bigger than {FILE_BYTES_MAX} bytes."
        return path.read_bytes(), ""
    except (OSError, ValueError) as refusal:
        return b"", f"The file cannot be read: {getattr(refusal, 'strerror', '') or refusal}."


def _told(mail: "Mail") -> dict[str, object]:
    bounce = mail.bounce
    return {
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to or None,
        "references": list(mail.references),
        "from": _party(mail.sender),
        "to": _parties(mail.to),
        "cc": _parties(mail.cc),
        "subject": mail.subject,
        "date": mail.date.isoformat() if mail.date else None,
        "automatic": mail.automatic,
        "bounce": bounce
        and {
            "recipient": bounce.recipient,
            "status": bounce.status or None,
            "permanent": bounce.permanent,
        },
        "text": mail.text,
        "reply_text": mail.reply_text,
        "html": mail.html,
        # A part to which the mail gives no name is kept, but it is not told here as an attachment.
        "attachments": [
            {
                "name": attachment.name,
                "type": attachment.type,
                "size": attachment.size,
                "sha256": attachment.sha256,
                "inline": attachment.inline,
            }
            for attachment in mail.attachments
            if not attachment.unnamed
        ],
        "raw_sha256": mail.raw_sha256,
    }


def _party(party: "Party") -> dict[str, str]:
    return {"name": party.name, "address": party.address}


def _parties(parties: "Iterable[Party]") -> list[dict[str, str]]:
    return [_party(party) for party in parties]
