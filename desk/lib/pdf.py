"""PDF from a typst template and data. Templates are ours; what people wrote is data, never source.

Data reach the template as one JSON string (`sys.inputs.data`), so that no text of a person is ever
read as typst. The network is never touched: fonts come from our folder and from the typst wheel.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

# PDF/A for archives, every letter of it readable by programs.
ARCHIVE = "a-2u"
UNBROKEN_MAX = 30
SCREEN_PPI = 110.0
ZERO_WIDTH_SPACE = "\u200b"


def document(template: Path, data: Mapping[str, object], at: datetime, fonts: Path) -> bytes:
    """The PDF of `template` with `data`, as of `at`: equal input gives equal bytes.

    PDF/A wherever the fonts have every letter of the data, a plain PDF where they do not.
    """
    try:
        return _compiled(template, data, fonts, at=at, standards=[ARCHIVE])[0]
    except typst.TypstError:
        return _compiled(template, data, fonts, at=at, standards=[])[0]


def pictures(template: Path, data: Mapping[str, object], fonts: Path) -> list[bytes]:
    """The pages as PNG, for looking at them."""
    return _compiled(template, data, fonts, form="png")


def printable(text: str, unbroken_max: int = UNBROKEN_MAX) -> str:
    """A text of a person as a paper prints it: in one line, without control and direction-changing
    characters, with places to break after so many letters without a space."""
    joined = " ".join(unicodedata.normalize("NFC", text).split())
    kept = "".join(one for one in joined if unicodedata.category(one)[0] != "C")
    return re.sub(rf"(\S{{{unbroken_max}}})(?=\S)", r"\1" + ZERO_WIDTH_SPACE, kept)


def _compiled(
    template: Path,
    data: Mapping[str, object],
    fonts: Path,
    *,
    at: datetime | None = None,
    standards: list[str] | None = None,
    form: str = "pdf",
) -> list[bytes]:
    compiled: Any = typst.compile  # its types know no names of our own
    made = compiled(
        template,
        root=template.parent,
        font_paths=_fonts(fonts),
        format=form,
        ppi=SCREEN_PPI,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        pdf_standards=standards or [],
        timestamp=int(at.timestamp()) if at else None,
    )
    return made if isinstance(made, list) else [made]


@cache
def _fonts(folder: Path) -> typst.Fonts:
    """Fonts are read once; those of the machine would make papers differ from one to the next."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(folder)]
    )
