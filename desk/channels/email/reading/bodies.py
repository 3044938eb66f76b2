"""Which parts are the body and which are attachments."""

from __future__ import annotations

import hashlib
import html
import mimetypes
import re
from dataclasses import dataclass, field

from desk.channels.email.reading import charsets, flowed, parameters, plain, tnef, transfer, words
from desk.channels.email.reading.limits import TEXT_MAX, Problems
from desk.channels.email.reading.parts import Part
from desk.channels.email.reading.shapes import Attachment

_BODY_TYPES = {"text/plain", "text/html", "text/enriched", "text/richtext"}
_ENRICHED = {"text/enriched", "text/richtext"}
_TNEF_TYPES = {"application/ms-tnef", "application/vnd.ms-tnef"}
_MESSAGES = {"message/rfc822", "message/global"}
_CHARSET_IN_HTML = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w-]{1,40})", re.IGNORECASE)
_CONTENT_ID_MAX = 255
_CONTENT_ID = re.compile(r"[<>\s]")


@dataclass(frozen=True, slots=True)
class Found:
    """A file before it is measured."""

    name: str
    type: str
    content: bytes
    inline: bool = False
    content_id: str = ""
    title: str = ""


@dataclass(slots=True)
class Segment:
    """A stretch of the body: as text, as HTML, or as both; with neither, a file stood there."""

    text: str | None = None
    html: str | None = None
    source: Found | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to read in it."""
        return not (self.text or "").strip() and not (self.html or "").strip()


@dataclass(slots=True)
class Content:
    """What a mail holds. `html` is as it came: hostile."""

    text: str = ""
    html: str | None = None
    attachments: list[Attachment] = field(default_factory=list)


class Collector:
    """Goes through the parts of one mail once."""

    def __init__(self, problems: Problems, hint: str | None) -> None:
        self.problems = problems
        self.hint = hint
        self.found: list[Found] = []
        self.named_texts: list[Segment] = []
        self.inner_texts: list[Segment] = []

    def segments(self, part: Part) -> list[Segment]:
        """The body's stretches below a part; attachments are put aside on the way."""
        if part.type in _MESSAGES and part.children:
            self._attach(part, part.content(self.problems))
            self.inner_texts += self.segments(part.children[0])
            return []
        if part.children:
            found = [segment for child in part.children for segment in self.segments(child)]
            if part.type == "multipart/report":
                # A text behind the fields of a report is our own mail that came back.
                found = [segment for segment in found if segment.text or segment.html]
            return _alternatives(found) if part.type == "multipart/alternative" else found
        if part.type.startswith("multipart/"):
            return []
        return self._leaf(part)

    def _leaf(self, part: Part) -> list[Segment]:
        content = part.content(self.problems)
        name = self._name(part)
        if part.type in _BODY_TYPES and part.disposition != "attachment":
            segment = self._segment(part, content)
            segment.source = Found("", part.type, content)
            if not name and part.type not in _ENRICHED:
                return [segment]
            self.named_texts.append(segment)
        self._attach(part, content)
        return [Segment()]

    def body(self, segments: list[Segment]) -> list[Segment]:
        """The stretches that one reads as the body.

        A text right behind a text is what a list or a gateway hung on, so it is kept as a file; a
        text behind a picture goes on with what stands before the picture. HTML right behind a
        text shows the same once more.
        """
        found: list[Segment] = []
        after_file = True
        for segment in segments:
            if segment.text is None and segment.html is None:
                after_file = True
                continue
            if segment.empty:
                continue
            if found and not after_file and segment.html is None and segment.source:
                self._keep(segment.source)
                continue
            if found and not after_file and segment.text is None:
                found[-1].html = "\n".join(filter(None, (_page(found[-1]), segment.html)))
            else:
                found.append(segment)
            after_file = False
        return found

    def _segment(self, part: Part, content: bytes) -> Segment:
        charset = part.charset
        if part.type == "text/html":
            if not charset and (found := _CHARSET_IN_HTML.search(content[:4_000])):
                charset = found.group(1).decode("ascii")
            return Segment(html=charsets.decode(content, charset, self.problems, self.hint))
        for name, data in transfer.uuencoded(content):
            file = parameters.file_name(words.line(name, self.problems, self.hint))
            self._keep(Found(file, "application/octet-stream", data))
        text = charsets.decode(content, charset, self.problems, self.hint)
        if part.parameters.get("format", b"").lower() == b"flowed":
            text = flowed.unfold(text, part.parameters.get("delsp", b"").lower() == b"yes")
        if part.type in _ENRICHED:
            text = plain.of_enriched(text)
        return Segment(text=text)

    def _name(self, part: Part) -> str:
        hint = part.charset or self.hint
        name = parameters.text_of(part.disposition_parameters, "filename", self.problems, hint)
        if not name:
            name = parameters.text_of(part.parameters, "name", self.problems, hint)
        return parameters.file_name(name)

    def _attach(self, part: Part, content: bytes) -> None:
        identity = part.headers.first("content-id")
        found = Found(
            self._name(part),
            part.type,
            content,
            title=self._title(part),
            inline=part.disposition == "inline",
            content_id=_CONTENT_ID.sub("", words.line(identity, self.problems)),
        )
        if part.type in _TNEF_TYPES or found.name.lower() == "winmail.dat":
            self._unpack(content)
        self._keep(found)

    def _unpack(self, content: bytes) -> None:
        opened = tnef.read(content, self.problems)
        for name, data in opened.files:
            self._keep(Found(parameters.file_name(name), _type_of(name), data))
        if opened.text or opened.html:
            self.named_texts.append(Segment(opened.text, opened.html))

    def _title(self, part: Part) -> str:
        """What a mail that hangs on another without a name can be called."""
        if part.type not in _MESSAGES or not part.children:
            return ""
        subject = part.children[0].headers.first("subject")
        return words.line(subject, self.problems, part.children[0].charset)

    def _keep(self, found: Found) -> None:
        self.found.append(found)


def collect(root: Part, problems: Problems, hint: str | None) -> Content:
    """Sort the parts of a mail. A text with a file name is the body only when nothing else is."""
    collector = Collector(problems, hint)
    segments = collector.segments(root)
    if all(segment.empty for segment in segments):
        segments = collector.named_texts or collector.inner_texts or segments
    body = collector.body(segments)
    page = _html(body)
    attachments = [
        _attachment(found, number, page or "") for number, found in enumerate(collector.found, 1)
    ]
    return Content(_text(body, problems), page, attachments)


def _alternatives(found: list[Segment]) -> list[Segment]:
    """One stretch of what says the same in several ways: the first text, and all of the HTML."""
    texts = [s.text for s in found if s.text is not None]
    pages = [s.html for s in found if s.html is not None and s.html.strip()]
    if not texts and not pages:
        return [Segment()] if found else []
    text = next((t for t in texts if t.strip()), texts[0] if texts else None)
    return [Segment(text, "\n".join(pages) or None)]


def _text(segments: list[Segment], problems: Problems) -> str:
    texts = []
    for segment in segments:
        text = segment.text
        if (text is None or not text.strip()) and segment.html:
            text = plain.of_html(segment.html, problems)
        if text and text.strip():
            texts.append(text.replace("\r\n", "\n").replace("\r", "\n").strip("\n"))
    whole = "\n\n".join(texts)
    if len(whole) > TEXT_MAX:
        problems.note(f"The text is longer than {TEXT_MAX} characters; its end is left out.")
    return whole[:TEXT_MAX]


def _html(segments: list[Segment]) -> str | None:
    if not any(segment.html for segment in segments):
        return None
    return "\n".join(_page(segment) for segment in segments)


def _page(segment: Segment) -> str:
    return segment.html or f"<pre>{html.escape(segment.text or '')}</pre>"


def _type_of(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _attachment(found: Found, number: int, page: str) -> Attachment:
    identity = found.content_id[:_CONTENT_ID_MAX]
    return Attachment(
        name=found.name or _made_name(found, number),
        type=found.type,
        size=len(found.content),
        sha256=hashlib.sha256(found.content).hexdigest(),
        inline=found.inline or bool(identity and f"cid:{identity}" in page),
        content=found.content,
        content_id=identity,
        unnamed=not found.name,
    )


def _made_name(found: Found, number: int) -> str:
    if found.type in _MESSAGES:
        return parameters.file_name(f"{re.sub(r'[/:]', '-', found.title) or number}.eml")
    return f"part-{number}{mimetypes.guess_extension(found.type) or '.bin'}"
