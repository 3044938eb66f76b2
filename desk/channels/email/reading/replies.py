"""What a person wrote, without what they quoted and how they signed.

Nothing is lost by it: the whole text stays beside it, and a screen folds the rest. When a text is
interleaved with quotes, they stay, since the answers mean nothing without them.
"""

from __future__ import annotations

import re

from desk.channels.email.reading import quoting
from desk.channels.email.reading.limits import REPLY_LINE_MAX, REPLY_LINES_MAX

# Text behind a quote at the end of a mail that is as short as this is a signature.
_AFTER_QUOTE_MAX = 3
# A rule of dashes ends the text when no more than this follows; else it divides the text.
_AFTER_RULE_MAX = 8
# Name, position, firm, telephones, address, site.
_SIGNATURE_MAX = 14
_FENCE = re.compile(r"^\s*(?:```|~~~\w)")
_GAPS = re.compile(r"\n{4,}")


def reply(text: str) -> str:
    """The text without quotes and signature; the whole when nothing would be left."""
    lines = text.split("\n")
    if len(lines) > REPLY_LINES_MAX or not text.strip():
        return text
    kinds = _kinds(lines)
    kept = _without_signature(*_without_quotes(*_up_to_original(lines, kinds)))
    left = _GAPS.sub("\n\n\n", "\n".join(kept)).strip("\n").rstrip()
    return left if left.strip() else text


def _kinds(lines: list[str]) -> str:
    """A letter a line: empty, text, quote, b announces one, o what follows; mobile, dash, rule."""
    kinds: list[str] = []
    budget = quoting.Budget()
    fenced = False
    while len(kinds) < len(lines):
        at = len(kinds)
        line = lines[at]
        if _FENCE.match(line):
            fenced = not fenced
        if fenced or len(line) > REPLY_LINE_MAX:
            kinds.append("t")
            continue
        announced = quoting.attribution_at(lines, at, budget) if line.strip() else 0
        kinds += "b" * announced if announced else _kind(lines, at)
    return "".join(kinds)


def _kind(lines: list[str], at: int) -> str:
    line = lines[at]
    if not line.strip():
        return "e"
    if quoting.MARKER.match(line) or quoting.original(line):
        return "o"
    if quoting.QUOTED.match(line):
        return "q"
    if quoting.headers_at(lines, at):
        return "o"
    if quoting.MOBILE.match(line):
        return "s"
    if quoting.DASHES.match(line):
        return "d"
    return "r" if quoting.RULE.match(line) else "t"


def _up_to_original(lines: list[str], kinds: str) -> tuple[list[str], str]:
    """Cut at the original mail, and at what an announcement introduces without quoting it."""
    ends = [at for at, kind in enumerate(kinds) if kind == "o"]
    ends += [found.start() for found in re.finditer(r"(?<!b)b+(?=e*(?:[tsdor]|$))", kinds)]
    for end in sorted(ends):
        if "t" in kinds[:end]:
            return lines[:end], kinds[:end].rstrip("r")
    return lines, kinds


def _without_quotes(lines: list[str], kinds: str) -> tuple[list[str], str]:
    lines, kinds = _without_dashes(lines, kinds)
    ending = re.search(r"(?<=[te])(?:b+e*|e+)?q[qeb]*([tesr]*)$", kinds)
    if ending and _may_end(kinds[: ending.start()], ending.group(1).count("t")):
        lines, kinds = lines[: ending.start()], kinds[: ending.start()]
    leading = re.match(r"e*b+e*q[qe]*(?=t)", kinds)
    if leading:
        lines, kinds = lines[leading.end() :], kinds[leading.end() :]
    kept = [at for at, kind in enumerate(kinds) if kind not in "bso"]
    return [lines[at] for at in kept], "".join(kinds[at] for at in kept)


def _may_end(above: str, texts_below: int) -> bool:
    """Whether a quote and the lines below it are the end; between quotes those are an answer."""
    if "t" not in above or texts_below > _AFTER_QUOTE_MAX:
        return False
    return not texts_below or not re.search("q[^tq]*t", above)


def _without_dashes(lines: list[str], kinds: str) -> tuple[list[str], str]:
    """Cut at the dashes above a signature, and at a last rule with little below it."""
    for at, kind in enumerate(kinds):
        rest = kinds[at:]
        if kind == "d" and "t" in kinds[:at] and not re.search(r"q[^tq]*t", rest):
            return lines[:at], kinds[:at]
        if kind != "r" or "t" not in kinds[:at] or "q" in rest:
            continue
        if rest.count("t") <= _AFTER_RULE_MAX and not re.search("r[^r]*t[^r]*r", kinds):
            return lines[:at], kinds[:at]
    return lines, kinds


def _without_signature(lines: list[str], kinds: str) -> list[str]:
    """Cut at the words that close a letter, when only a signature follows."""
    texts = [at for at, kind in enumerate(kinds) if kind == "t"]
    for number, at in enumerate(texts):
        below = len(texts) - number - 1
        if not number or below > _SIGNATURE_MAX:
            continue
        if quoting.CLOSING.match(lines[at]):
            return lines[:at]
        if below >= 2 and quoting.CLOSING_ENGLISH.match(lines[at]):
            return lines[:at]
    return lines
