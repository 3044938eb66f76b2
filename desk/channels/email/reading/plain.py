"""Readable text of a body that has only HTML or enriched text."""

from __future__ import annotations

import html
import re

from desk.channels.email.reading import charsets, markup
from desk.channels.email.reading.limits import HTML_MAX, Problems

_SILENT = {"script", "style", "head", "title", "template", "noscript", "object", "svg", "math"}
_BLOCKS = {
    "address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "fieldset",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main",
    "nav", "ol", "p", "pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul",
}  # fmt: skip
_SPACED = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote"}
_SPACES = re.compile(r"[ \t\r\n\f\v]+")
_ENDS = re.compile(r"(?<![ \t])[ \t]+\n")
_GAPS = re.compile(r"\n{3,}")
_QUOTES_MAX = 20


class _Reader:
    """Writes down what a reader would see, a block a line, quotes marked with >."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.silent = 0
        self.quotes = 0
        self.raw = 0

    def read(self, page: str) -> str:
        """The whole page as text."""
        for piece in markup.pieces(page):
            if isinstance(piece, str):
                self._text(html.unescape(piece) if "&" in piece else piece)
            elif piece.closes:
                self._close(piece.name)
            else:
                self._open(piece)
        self._end_line(force=False)
        return "\n".join(self.lines)

    def _open(self, tag: markup.Tag) -> None:
        if tag.name in _SILENT:
            self.silent += 1
        elif tag.name == "body":
            self.silent = 0
        elif tag.name == "br":
            self._end_line(force=True)
        elif tag.name in _BLOCKS:
            self._open_block(tag.name)
        elif tag.name in {"td", "th"} and self.line:
            self.line.append("  ")
        elif tag.name == "img" and not self.silent:
            self.line.append(html.unescape(tag.attribute("alt")))

    def _open_block(self, name: str) -> None:
        self._end_line(force=False)
        if name in _SPACED:
            self._gap()
        if name == "li":
            self.line = ["* "]
        elif name == "blockquote":
            self.quotes += 1
        elif name == "pre":
            self.raw += 1

    def _close(self, name: str) -> None:
        if name in _SILENT:
            self.silent = max(0, self.silent - 1)
        elif name in _BLOCKS:
            self._end_line(force=False)
            if name == "blockquote":
                self.quotes = max(0, self.quotes - 1)
            elif name == "pre":
                self.raw = max(0, self.raw - 1)
            if name in _SPACED:
                self._gap()

    def _text(self, data: str) -> None:
        if self.silent:
            return
        if self.raw:
            first, *rest = data.split("\n")
            self.line.append(first)
            for line in rest:
                self._end_line(force=True)
                self.line.append(line)
            return
        text = _SPACES.sub(" ", data)
        if text.startswith(" ") and (not self.line or self.line[-1].endswith(" ")):
            text = text[1:]
        if text:
            self.line.append(text)

    def _end_line(self, *, force: bool) -> None:
        line = "".join(self.line).rstrip()
        if line or force:
            self.lines.append("> " * min(self.quotes, _QUOTES_MAX) + line)
        self.line = []

    def _gap(self) -> None:
        if self.lines and self.lines[-1].strip():
            self.lines.append("")


def of_html(page: str, problems: Problems) -> str:
    """What a reader would see of a page."""
    if len(page) > HTML_MAX:
        problems.note(f"The HTML is longer than {HTML_MAX} characters; its end is left out.")
    text = _Reader().read(page[:HTML_MAX])
    text = charsets.clean(text).replace("\xa0", " ")
    return _GAPS.sub("\n\n", _ENDS.sub("\n", text)).strip()


def of_enriched(text: str) -> str:
    """text/enriched (RFC 1896): marks taken off, << is a bracket."""
    text = re.sub(r"<param>.{0,200}?</param>", "", text, flags=re.IGNORECASE | re.DOTALL)
    return re.sub(r"</?[A-Za-z-]{1,60}>", "", text).replace("<<", "<")
