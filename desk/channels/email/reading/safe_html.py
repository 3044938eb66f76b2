"""HTML of strangers, reduced to what may be shown: nothing in it runs, loads or submits.

Only what is on the list stays. Remote images lose their address, since loading one tells the
sender that it was read; images of the mail itself keep `cid:` for whoever serves its attachments.
"""

from __future__ import annotations

import re

import nh3

from desk.channels.email.reading import charsets, markup
from desk.channels.email.reading.limits import HTML_MAX, Problems

_TAGS = {
    "a", "abbr", "b", "big", "blockquote", "br", "caption", "center", "cite", "code", "col",
    "colgroup", "dd", "del", "div", "dl", "dt", "em", "figcaption", "figure", "font", "h1", "h2",
    "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q",
    "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var", "wbr",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {"dir", "lang", "title", "style"},
    "a": {"href"},
    "blockquote": {"type"},
    "col": {"span"},
    "colgroup": {"span"},
    "font": {"color"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start", "type"},
    "td": {"colspan", "rowspan", "align", "valign"},
    "th": {"colspan", "rowspan", "align", "valign"},
}
_STYLES = {"color", "font-style", "font-weight", "text-align", "text-decoration"}
# The sanitiser takes time squared beyond; mails of mail programs stay below a hundred.
_DEPTH_MAX = 250
_SCHEMES = {"http", "https", "mailto", "cid", "data"}
_LINK = re.compile(r"\s*(?:https?://|mailto:)", re.IGNORECASE)
_IMAGE = re.compile(r"cid:\S+\Z|data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+\Z")
_NUMBER = re.compile(r"\d{1,4}%?\Z")
_NUMBERS = {"width", "height", "colspan", "rowspan", "span", "start"}


def safe(page: str | None, problems: Problems) -> str | None:
    """Reduce a page; None when there is none, or when it is too big to be looked through."""
    if page is None or not page.strip():
        return None
    regular = markup.regular(page[: HTML_MAX + 1], _TAGS)
    if max(len(page), len(regular)) > HTML_MAX:
        problems.note(f"The HTML is longer than {HTML_MAX} characters; only the text is shown.")
        return None
    if markup.depth(regular) > _DEPTH_MAX:
        problems.note(f"The HTML is nested deeper than {_DEPTH_MAX}; only the text is shown.")
        return None
    cleaned = nh3.clean(
        regular,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
        filter_style_properties=_STYLES,
        strip_comments=True,
    )
    return charsets.clean(cleaned).strip() or None


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "href":
        return value if _LINK.match(value) else None
    if name == "src":
        return value if tag == "img" and _IMAGE.match(value) else None
    if name in _NUMBERS:
        return value if _NUMBER.match(value) else None
    if name == "style" and "(" in value:
        # No property on the list needs a function, and one of them loads.
        return None
    return value
