"""HTML of strangers: after cleaning nothing runs, loads or submits, and what reads well stays."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.channels.email import reading
from desk.channels.email.reading import markup, plain, safe_html
from desk.channels.email.reading.limits import HTML_MAX, Problems
from tests.channels import mails

TAGS = {
    "a", "abbr", "b", "big", "blockquote", "br", "caption", "center", "cite", "code", "col",
    "colgroup", "dd", "del", "div", "dl", "dt", "em", "figcaption", "figure", "font", "h1", "h2",
    "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q",
    "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var", "wbr",
}  # fmt: skip
INERT = {
    "align", "alt", "color", "colspan", "dir", "height", "lang", "rel", "rowspan", "span", "start",
    "title", "type", "valign", "width",
}  # fmt: skip
LINK = re.compile(r"\s*(https?://|mailto:)", re.IGNORECASE)
PICTURE = re.compile(r"cid:|data:image/(png|jpeg|gif|webp);base64,")
STYLE = re.compile(
    r"\s*((color|font-style|font-weight|text-align|text-decoration):[^:();\\]*;?\s*)*"
)


class Inspector(HTMLParser):
    """Looks at every tag with a parser that has nothing to do with the sanitiser's."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if not self._is_inert(tag, name, value or ""):
                self.found.append(f"{tag} {name}={value!r}")
        if tag == "a" and dict(attrs).get("href") and "noopener" not in (dict(attrs)["rel"] or ""):
            self.found.append("a link without rel")

    @staticmethod
    def _is_inert(tag: str, name: str, value: str) -> bool:
        if name == "href":
            return tag == "a" and bool(LINK.match(value))
        if name == "src":
            return tag == "img" and bool(PICTURE.match(value))
        if name == "style":
            return bool(STYLE.fullmatch(value))
        return name in INERT

    def handle_comment(self, data: str) -> None:
        self.found.append(f"a comment {data!r}")

    def handle_decl(self, decl: str) -> None:
        self.found.append(f"a declaration {decl!r}")

    def unknown_decl(self, data: str) -> None:
        self.found.append(f"a declaration {data!r}")

    def handle_pi(self, data: str) -> None:
        self.found.append(f"an instruction {data!r}")


def dangers(page: str) -> list[str]:
    inspector = Inspector()
    inspector.feed(page)
    inspector.close()
    return inspector.found


def clean(page: str) -> str:
    return safe_html.safe(page, Problems()) or ""


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=http://example.com/spy.gif>",
    "<img srcset='http://example.com/spy.gif 2x' lowsrc=http://example.com/a dynsrc=x>",
    "<div style='background:url(http://example.com/x)'>x</div>",
    "<div style='color: red; background-image: u\\72l(//example.com)'>x</div>",
    "<div style='color:expression(alert(1))'>x</div>",
    "<p style='position:fixed;top:0;left:0;width:100%;height:100%'>x</p>",
    "<style>@import url(http://example.com)</style>",
    "<link rel=stylesheet href=http://example.com><base href=http://example.com>",
    "<meta http-equiv=refresh content='0;url=http://example.com'>",
    "<form action=http://example.com><input name=p><button>go</button></form>",
    "<iframe src=http://example.com></iframe><object data=x></object><embed src=x>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='java&#10;script:alert(1)'>x</a>",
    "<a href=' \x01javascript:alert(1)'>x</a>",
    "<a href='//example.com'>x</a><a href='/account/delete'>y</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<img src='data:image/svg+xml;base64,PHN2Zz4='>",
    "<img src='cid:a' onload=alert(1)>",
    "<svg><script>alert(1)</script></svg><math><mi xlink:href='javascript:x'>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=x&gt;",
    "<video src=http://example.com poster=http://example.com></video><audio src=x></audio>",
    "<table background=http://example.com><td background=http://example.com>x</table>",
    "<body onload=alert(1) background=http://example.com>x</body>",
    "<input autofocus onfocus=alert(1)><details open ontoggle=alert(1)>",
    "<!--[if mso]><script>x</script><![endif]--><?php x ?>",
    "<a id=cookie name=body href=http://example.com target=_top ping=http://example.com>x</a>",
    "<img src=x:x onerror\x00=alert(1)><scr\x00ipt>alert(1)</scr\x00ipt>",
)


@pytest.mark.parametrize("page", HOSTILE)
def test_nothing_runs_loads_or_submits(page: str) -> None:
    assert dangers(clean(page)) == []


def test_hostile_pages_of_the_corpus_are_harmless() -> None:
    vectors = json.loads((mails.corpus("html-xss/dompurify") / "vectors.json").read_bytes())
    found = {v["payload"]: dangers(clean(v["payload"])) for v in vectors}
    assert len(vectors) > 50
    assert {page: what for page, what in found.items() if what} == {}


PIECES = st.sampled_from(
    [
        "<", ">", "<a href=", "<img src=", "javascript:", "'", '"', "<svg>", "</", "<style>", "x",
        "<!--", "-->", "<math>", "onerror=x", " ", "/", "=", "<table>", "<p>", "<script>", "]]>",
        "<![CDATA[", "&lt;", "<title>", "<noscript>", "<template>", "`", "\x00", "style=", "url(",
        "http://example.com",
    ]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_no_mixture_of_pieces_is_dangerous(page: str) -> None:
    assert dangers(clean(page)) == []
    plain.of_html(page, Problems())


def test_what_reads_well_stays() -> None:
    page = (
        '<p dir="ltr">Ціна: <b>5</b> &lt; 6 &amp; <span style="color:red">7</span></p>'
        '<table><tbody><tr><td colspan="2">a</td></tr></tbody></table>'
        '<a href="https://example.com/?a=1&amp;b=2" title="t">link</a>'
        '<img src="cid:part1@example.com" alt="A" width="10">'
    )
    assert clean(page) == page.replace(
        'title="t">', 'title="t" rel="noopener noreferrer nofollow">'
    )
    assert clean("<IMG SRC=http://example.com/x.png ALT=Logo>") == '<img alt="Logo">'
    assert clean("<o:p>Слово</o:p>") == "Слово"
    assert clean("a < b && c > d") == "a &lt; b &amp;&amp; c &gt; d"


def test_a_mail_has_its_page_cleaned() -> None:
    page = "<p>x</p><img src=http://example.com/spy><script>y</script>"
    mail = reading.read(mails.raw(page, "From: a@b.ua", "Content-Type: text/html"))
    assert mail.html == "<p>x</p><img>"
    assert mail.text == "x"


BOMBS = {
    "nested": "<div>" * 150_000,
    "formatting": "<a><b><i><font>" * 40_000,
    "unclosed paragraphs in formatting": "<b><p>" * 50_000,
    "comments": "<!--" * 200_000,
    "brackets": "<" * 400_000,
    "ends": "</" * 300_000,
    "sections": "<![CDATA[" * 100_000,
    "instructions": "<?" * 300_000,
    "attributes": "<a " + 'x="' * 200_000,
    "unfinished": '<a href="' * 100_000,
    "ampersands": "&" * HTML_MAX,
    "entities": "&#x" * 300_000,
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_page_made_to_take_long_is_looked_at_once(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cost is counted in what is handed out by the one pass that everything goes through."""
    handed = 0
    pieces = markup.pieces

    def counted(page: str):  # type: ignore[no-untyped-def]
        nonlocal handed
        for piece in pieces(page):
            handed += 1
            yield piece

    monkeypatch.setattr(markup, "pieces", counted)
    problems = Problems()
    cleaned = safe_html.safe(BOMBS[kind], problems)
    plain.of_html(BOMBS[kind], problems)
    assert handed <= 4 * len(BOMBS[kind])
    assert cleaned is None or markup.depth(cleaned) <= 300


def test_a_page_that_is_too_big_is_shown_as_text() -> None:
    problems = Problems()
    assert safe_html.safe("<p>x</p>" * HTML_MAX, problems) is None
    assert problems.all()
