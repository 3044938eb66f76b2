"""Readable text of a body that has only HTML or enriched text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from desk.channels.email.reading import charsets
from desk.channels.email.reading.limits import HTML_MAX, Problems

_SILENT = {"script", "style", "head", "title", "template", "noscript", "object", "svg", "math"}
_BLOCKS = {
    "address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "fieldset",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main",
    "nav", "ol", "p", "pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul",
}  # fmt: skip
_SPACED = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote"}
_SPACES = re.compile(r"[ \t\r\n\f\v]+")
_ENDS = re.compile(r"[ \t]+\n")
_GAPS = re.compile(r"\n{3,}")
_TAG = re.compile(r"<[^<>]{0,500}>")


class _Reader(HTMLParser):
    """Writes down what a reader would see, a block a line, quotes marked with >."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.line = ""
        self.silent = 0
        self.quotes = 0
        self.raw = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent += 1
        elif tag == "body":
            self.silent = 0
        elif tag == "br":
            self.end_line(force=True)
        elif tag in _BLOCKS:
            self.open_block(tag)
        elif tag in {"td", "th"} and self.line.strip():
            self.line += "  "
        elif tag == "img":
            alt = next((value for name, value in attrs if name == "alt" and value), "")
            self.line += alt or ""

    def open_block(self, tag: str) -> None:
        self.end_line(force=False)
        if tag in _SPACED:
            self.gap()
        if tag == "li":
            self.line = "* "
        elif tag == "blockquote":
            self.quotes = min(self.quotes + 1, 20)
        elif tag == "pre":
            self.raw += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag in _BLOCKS:
            self.end_line(force=False)
            if tag == "blockquote":
                self.quotes = max(0, self.quotes - 1)
            elif tag == "pre":
                self.raw = max(0, self.raw - 1)
            if tag in _SPACED:
                self.gap()

    def handle_data(self, data: str) -> None:
        if self.silent:
            return
        if self.raw:
            first, *rest = data.split("\n")
            self.line += first
            for line in rest:
                self.end_line(force=True)
                self.line += line
            return
        text = _SPACES.sub(" ", data)
        self.line += text.lstrip(" ") if not self.line or self.line.endswith(" ") else text

    def end_line(self, *, force: bool) -> None:
        line = self.line.rstrip()
        if line or force:
            self.lines.append("> " * self.quotes + line)
        self.line = ""

    def gap(self) -> None:
        if self.lines and self.lines[-1].strip():
            self.lines.append("")


def of_html(page: str, problems: Problems) -> str:
    """What a reader would see of a page; the tags taken off when it cannot be parsed."""
    if len(page) > HTML_MAX:
        problems.note(f"The HTML is longer than {HTML_MAX} characters; its end is left out.")
        page = page[:HTML_MAX]
    reader = _Reader()
    try:
        reader.feed(page)
        reader.close()
    except (AssertionError, ValueError, RecursionError):
        # The standard parser asserts on some declarations that no browser minds.
        problems.note("The HTML cannot be parsed; its tags are taken off.")
        return charsets.clean(_TAG.sub(" ", page)).strip()
    reader.end_line(force=False)
    text = charsets.clean("\n".join(reader.lines)).replace("\xa0", " ")
    return _GAPS.sub("\n\n", _ENDS.sub("\n", text)).strip()


def of_enriched(text: str) -> str:
    """text/enriched (RFC 1896): marks taken off, << is a bracket."""
    text = re.sub(r"<param>.{0,200}?</param>", "", text, flags=re.IGNORECASE | re.DOTALL)
    return re.sub(r"</?[A-Za-z-]{1,60}>", "", text).replace("<<", "<")
