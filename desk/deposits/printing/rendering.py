"""Bytes of a paper: PDF by typst, XLSX with the same data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from desk.deposits.printing import sheets, shown
from desk.lib import pdf
from desk.rules.billing import PaperKind

_HERE = Path(__file__).parent
TEMPLATES = _HERE / "templates"
FONTS = _HERE / "fonts"


def render(kind: PaperKind, content: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """The PDF and the XLSX of a paper; equal content gives equal bytes."""
    made_at = datetime.combine(date.fromisoformat(content["issued_on"]), time(12), UTC)
    printed = pdf.document(_template(kind), shown.of(kind, content), made_at, FONTS)
    return printed, sheets.workbook_of(kind, content, made_at)


def pictures(kind: PaperKind, content: Mapping[str, Any]) -> list[bytes]:
    """The pages of the PDF as PNG."""
    return pdf.pictures(_template(kind), shown.of(kind, content), FONTS)


def _template(kind: PaperKind) -> Path:
    return TEMPLATES / f"{kind.value}.typ"
