"""What a mail says on a ticket: text and files within the desk's limits, and a word on the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import gettext as _

from desk.channels.email.reading import Mail
from desk.channels.errors import Unreachable
from desk.lib import files
from desk.lib.files import FILE_BYTES_MAX, FILES_PER_MESSAGE_MAX, FileRefused, StoredFile
from desk.tickets.actions.submission import SUBJECT_MAX

# Below the 20 000 characters of a message, so that the desk's own words still fit.
TEXT_MAX = 18_000
NAMES_TOLD_MAX = 20
_FORWARDED = re.compile(r"\s*(?:\[[^\]]*\]\s*)?(?:fwd?|wg|пересл|пер)\s*:", re.IGNORECASE)
_REPLIED = re.compile(r"^(?:\s*(?:re|aw|fwd?|відп|отв|ответ)(?:\[\d+\])?\s*:)+\s*", re.IGNORECASE)
_OURS = re.compile(r"^\s*\[[A-Z][A-Z0-9]{1,5}-\d{1,9}\]\s*")
# What a whole answer says that takes a result (specification 2, T10): these words and no other.
CONFIRMS = frozenset({"confirm", "confirmed", "підтверджую", "подтверждаю"})


@dataclass(slots=True)
class Said:
    """A text and files to write on a ticket. `whole` is all that was readable, "" when `text`
    shows it all."""

    text: str
    files: tuple[StoredFile, ...] = ()
    whole: str = ""
    remarks: list[str] = field(default_factory=list)

    @property
    def written(self) -> str:
        """The text with the desk's own remarks under it."""
        return "\n\n".join([self.text, *(f"— {remark}" for remark in self.remarks)])


def of(mail: Mail) -> Said:
    """The words and files of a mail, in the active language. Stores the files."""
    whole = mail.text.strip()
    shown = whole if _FORWARDED.match(mail.subject) else (mail.reply_text.strip() or whole)
    said = Said(shown or _("(The mail has no text.)"))
    if shown != whole:
        said.whole = whole
    parts = [(one.name, one.content) for one in sorted(mail.attachments, key=lambda a: a.inline)]
    if len(shown) > TEXT_MAX:
        said.text = f"{shown[:TEXT_MAX].rstrip()}…"
        said.remarks.append(_("The text is longer; all of it is in the attached file."))
        parts.insert(0, (_("whole-text.txt"), whole.encode()))
    said.files = _stored(parts, said.remarks)
    return said


def subject(mail: Mail) -> str:
    """The subject of a new ticket: without "Re:" and another ticket's number, never empty."""
    found = _OURS.sub("", _REPLIED.sub("", mail.subject)).strip()
    if not found:
        lines = (mail.reply_text or mail.text).strip().splitlines()
        found = lines[0].strip() if lines else ""
    return " ".join(found.split())[:SUBJECT_MAX] or _("(The mail has no subject.)")


def confirms(mail: Mail) -> bool:
    """Whether the whole answer is a word that takes the result."""
    words = mail.reply_text.strip().strip(".!,;:\"'«»“” \n").casefold()
    return words in CONFIRMS and not mail.attachments


def _stored(parts: list[tuple[str, bytes]], remarks: list[str]) -> tuple[StoredFile, ...]:
    """Store what the limits let in; what is not taken is told by name."""
    taken: list[StoredFile] = []
    for name, content in parts[:FILES_PER_MESSAGE_MAX]:
        try:
            taken.append(files.store(settings.FILES_DIR, name, [content]))
        except FileRefused as refused:
            remarks.append(_refusal(refused))
        except OSError as error:
            raise Unreachable(f"The data folder takes no files: {error}") from error
    left = [files.clean_name(name) for name, _content in parts[FILES_PER_MESSAGE_MAX:]]
    if left:
        told = ", ".join(left[:NAMES_TOLD_MAX]) + ("…" if len(left) > NAMES_TOLD_MAX else "")
        limit = {"count": FILES_PER_MESSAGE_MAX, "names": told}
        remarks.append(_("Only %(count)s files of a mail are taken. Not taken: %(names)s") % limit)
    return tuple(taken)


def _refusal(refused: FileRefused) -> str:
    if refused.why == "empty":
        return _("The file %(name)s is empty and was not taken.") % {"name": refused.name}
    size = {"name": refused.name, "size": FILE_BYTES_MAX // 1024**2}
    return _("The file %(name)s is larger than %(size)s MB and was not taken.") % size
