"""The money rules for a partner: docs/money.uk.md and its sisters, in the reader's language."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from desk.channels.cabinet import shown
from desk.channels.cabinet.navigation import PAYS
from desk.web import access, formats
from desk.web.access import partner_page

Context = dict[str, Any]
_STRONG = re.compile(r"\*\*(.+?)\*\*")


@require_safe
@partner_page()
def money(request: HttpRequest) -> HttpResponse:
    """How charging works, for everybody of the partner."""
    pays = access.partner_role(request) in PAYS
    context = {
        **text(formats.language()),
        "tabs": shown.deposit_tabs("money_rules") if pays else [],
    }
    return render(request, "cabinet/money_rules.html", context)


@cache
def text(language: str) -> Context:
    """The page as its template draws it: a title, an opening, and sections of lines, each line
    cut into pieces that are strong or not."""
    written = Path(settings.BASE_DIR) / "docs" / f"money.{language}.md"
    head, *sections = written.read_text(encoding="utf-8").split("\n## ")
    title, _blank, opening = head.removeprefix("# ").partition("\n")
    return {
        "title": title.strip(),
        "opening": pieces(opening.strip()),
        "sections": [_section(one) for one in sections],
    }


def pieces(line: str) -> list[tuple[bool, str]]:
    """A line as pieces: every other one stood between double stars."""
    cut = _STRONG.split(line)
    return [(place % 2 == 1, piece) for place, piece in enumerate(cut) if piece]


def _section(text: str) -> Context:
    title, *lines = text.strip().splitlines()
    items = [line.removeprefix("- ") for line in lines if line.startswith("- ")]
    return {"title": title, "lines": [pieces(item) for item in items]}
