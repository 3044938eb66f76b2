"""HTML cut into tags and text in one pass, whose cost is the length of the page.

The standard library's parser and the sanitiser's both take time squared on pages made for that:
a hundred thousand nested or unfinished tags. Here each character is looked at a bounded number of
times, and what is handed on to the sanitiser is regular. It decides nothing about safety.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Possessive, so that a tag without an end is given up at once.
_TAG = re.compile(
    r"<(/?)([A-Za-z][^\s/>]*+)"
    r"((?>[^>\"'=]++|=\s*+\"[^\"]*+\"|=\s*+'[^']*+'|[\"'=])*+)>"
)
_RAW = {
    "script",
    "style",
    "textarea",
    "title",
    "xmp",
    "noembed",
    "noframes",
    "noscript",
    "template",
}
_STRAY_AMPERSAND = re.compile(r"&(?![A-Za-z]{2,31};|#\d{1,7};|#[xX][0-9A-Fa-f]{1,6};)")
_ATTRIBUTE = re.compile(r"([^\s=/\"'>]+)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++))")
# These close one like them before them, so that their number is no depth.
_SELF_CLOSING = {
    "area", "base", "br", "col", "colgroup", "dd", "dt", "embed", "frame", "hr", "img", "input",
    "li", "link", "meta", "option", "p", "param", "source", "tbody", "td", "tfoot", "th", "thead",
    "tr", "track", "wbr",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag with its name in lower case; `attributes` is the text between name and bracket."""

    name: str
    closes: bool
    attributes: str = ""

    def attribute(self, name: str) -> str:
        """The value of an attribute as it stands, "" when absent."""
        for found in _ATTRIBUTE.finditer(self.attributes):
            if found.group(1).lower() == name:
                return found.group(2) or found.group(3) or found.group(4) or ""
        return ""


def pieces(page: str) -> Iterator[Tag | str]:
    """Tags and the texts between them, entities as they stand; comments and scripts left out."""
    at = 0
    while at < len(page):
        start = page.find("<", at)
        if start < 0:
            yield page[at:]
            return
        if start > at:
            yield page[at:start]
        if page.startswith(("<!", "<?"), start):
            at = _behind_declaration(page, start)
            continue
        found = _TAG.match(page, start)
        if found is None:
            if page[start + 1 : start + 2].isalpha() or page.startswith("</", start):
                # An unfinished tag swallows the rest, as in browsers.
                return
            yield "<"
            at = start + 1
            continue
        tag = Tag(found.group(2).lower(), bool(found.group(1)), found.group(3))
        yield tag
        at = found.end()
        if tag.name in _RAW and not tag.closes:
            at = _behind_raw(page, at, tag.name)


def depth(page: str) -> int:
    """How deep elements lie in each other at most, by their tags."""
    now = deepest = 0
    for piece in pieces(page):
        if isinstance(piece, Tag) and piece.name not in _SELF_CLOSING:
            now = max(0, now - 1) if piece.closes else now + 1
            deepest = max(deepest, now)
    return deepest


def regular(page: str, names: set[str]) -> str:
    """The same page with these tags alone, every stray bracket and ampersand written out."""
    done = []
    for piece in pieces(page):
        if isinstance(piece, str):
            done.append(_STRAY_AMPERSAND.sub("&amp;", piece).replace("<", "&lt;"))
        elif piece.name in names:
            attributes = "" if piece.closes else piece.attributes
            done.append(f"<{'/' if piece.closes else ''}{piece.name}{attributes}>")
    return "".join(done)


def _behind_declaration(page: str, start: int) -> int:
    comment = page.startswith("<!--", start)
    # <!--> is a comment too.
    end = page.find("-->", start + 2) if comment else page.find(">", start)
    if end < 0:
        return len(page)
    return end + (3 if comment else 1)


def _behind_raw(page: str, start: int, name: str) -> int:
    found = re.compile(rf"</{name}[\s/>]", re.IGNORECASE).search(page, start)
    return found.start() if found else len(page)
