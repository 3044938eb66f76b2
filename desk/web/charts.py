"""Charts as SVG made on the server: sparkline, bars, the bar of a clock.

Numbers are written by Python, never by a template, so that no locale puts a comma into a path.
Colours come from classes (css/blocks.css, css/ticket.css).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH = 240
LINE_HEIGHT = 48
ROW_HEIGHT = 26


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, its value, the value as text, and a tone (calm, soon, late …)."""

    label: str
    value: float
    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a clock on the bar: ran, paused, over or closed; `weight` is its length."""

    kind: str
    weight: float
    title: str = ""


def sparkline(values: Sequence[float], label: str, tone: str = "") -> SafeString:
    """A line of few values with its last point; `label` says in words what it shows."""
    if not values:
        return SafeString("")
    points = _points(values)
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    return format_html(
        '<svg class="chart spark {}-text" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<polygon class="area" points="0,{} {} {},{}"/><polyline class="line" points="{}"/>'
        '<circle class="bar" cx="{}" cy="{}" r="3.5"/></svg>',
        tone,
        WIDTH,
        LINE_HEIGHT,
        label,
        LINE_HEIGHT,
        line,
        WIDTH - 4,
        LINE_HEIGHT,
        line,
        f"{x:.1f}",
        f"{y:.1f}",
    )


def _points(values: Sequence[float]) -> list[tuple[float, float]]:
    low, high = min(values), max(values)
    span = (high - low) or 1
    step = (WIDTH - 4) / max(1, len(values) - 1)
    room = LINE_HEIGHT - 10
    return [
        (index * step, LINE_HEIGHT - 5 - (value - low) / span * room)
        for index, value in enumerate(values)
    ]


def bars(rows: Sequence[Bar], label: str) -> SafeString:
    """Horizontal bars from nought, one a row, each with its label and its value in text."""
    most = max((row.value for row in rows), default=0) or 1
    drawn = format_html_join(
        "",
        '<text x="0" y="{}">{}</text><text x="{}" y="{}" text-anchor="end">{}</text>'
        '<rect class="track" x="0" y="{}" width="{}" height="5" rx="2.5"/>'
        '<rect class="bar {}" x="0" y="{}" width="{}" height="5" rx="2.5"/>',
        (
            (
                index * ROW_HEIGHT + 11,
                row.label,
                WIDTH,
                index * ROW_HEIGHT + 11,
                row.text,
                index * ROW_HEIGHT + 16,
                WIDTH,
                row.tone,
                index * ROW_HEIGHT + 16,
                f"{max(0.0, row.value) / most * WIDTH:.1f}",
            )
            for index, row in enumerate(rows)
        ),
    )
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        WIDTH,
        max(1, len(rows)) * ROW_HEIGHT,
        label,
        drawn,
    )


def clock_bar(stretches: Sequence[Stretch], label: str) -> SafeString:
    """The life of a clock from left to right; a paused stretch is hatched, not only coloured."""
    total = sum(each.weight for each in stretches) or 1
    pieces, left = [], 0.0
    for each in stretches:
        width = each.weight / total * 100
        pieces.append(_stretch(each, left, width))
        left += width
    return format_html(
        '<svg class="clock-bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img"'
        ' aria-label="{}">{}</svg>',
        label,
        format_html_join("", "{}", ((piece,) for piece in pieces)),
    )


def _stretch(each: Stretch, left: float, width: float) -> SafeString:
    hatch = SafeString("")
    if each.kind == "paused":
        count = int(width // 2)
        hatch = format_html_join(
            "",
            '<path class="paused-line" d="M{} 10L{} 0"/>',
            ((f"{left + 2 * i:.2f}", f"{left + 2 * i + 2:.2f}") for i in range(count)),
        )
    return format_html(
        '<g><title>{}</title><rect class="{}" x="{}" y="0" width="{}" height="10"/>{}</g>',
        each.title,
        each.kind,
        f"{left:.2f}",
        f"{max(0.3, width):.2f}",
        hatch,
    )
