"""Filters and tags for templates: `{% load desk %}`. What they write is in desk.web.formats."""

from datetime import date, datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from desk.web import formats, labels

register = template.Library()


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of static/web/icons.svg; decoration unless `label` names it."""
    href = f"{static('web/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, href
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', href)


@register.filter
def moment(at: datetime | None, now: datetime | None = None) -> str:
    """`{{ at|moment }}`: "Mon 30 Nov, 16:00"; with `:now` the year appears when it differs."""
    return formats.moment(at, now) if at else ""


@register.filter
def when(at: datetime | None, now: datetime) -> str:
    """`{{ at|when:now }}`: "today 16:00", "yesterday 09:12", else as moment."""
    return formats.when(at, now) if at else ""


@register.filter
def day(on: date | datetime | None, now: datetime | None = None) -> str:
    """`{{ on|day }}`: "Mon 30 Nov"."""
    return formats.day(on, now) if on else ""


@register.filter
def long_day(at: datetime | None) -> str:
    """`{{ at|long_day }}`: "Monday, 30 November"."""
    return ", ".join(formats.long_day(at)) if at else ""


@register.filter
def month(on: date | None) -> str:
    """`{{ on|month }}`: "November 2026"."""
    return formats.month(on) if on else ""


@register.filter
def clock_time(at: datetime | None) -> str:
    """`{{ at|clock_time }}`: "16:00"."""
    return formats.clock_time(at) if at else ""


@register.filter
def iso(at: date | datetime | None) -> str:
    """For `datetime=` of <time>."""
    return at.isoformat() if at else ""


@register.filter
def duration(seconds: float | None) -> str:
    """`{{ seconds|duration }}`: "3 h 20 min"."""
    return "" if seconds is None else formats.duration(seconds)


@register.filter
def long_duration(seconds: float | None) -> str:
    """`{{ seconds|long_duration }}`: "3 hours 20 minutes"."""
    return "" if seconds is None else formats.long_duration(seconds)


@register.filter
def money(kopecks: int | None) -> str:
    """`{{ kopecks|money }}`: "1 180,00 ₴"."""
    return "" if kopecks is None else formats.money(kopecks)


@register.filter
def units(count: int | None) -> str:
    """`{{ count|units }}`: "3 consultations"."""
    return "" if count is None else formats.units(count)


@register.filter
def number(value: float | None) -> str:
    """`{{ value|number }}`: with the locale's separators."""
    return "" if value is None else formats.number(value)


@register.filter
def percent(share: float | None) -> str:
    """`{{ 0.64|percent }}`: "64 %"."""
    return "" if share is None else formats.percent(share)


@register.filter
def raw(value: object) -> str:
    """A value for an attribute or address, never with the locale's separators."""
    return str(value)


register.filter("file_size", formats.file_size)
register.filter("browser", formats.browser)
register.filter("initials", formats.initials)
register.filter("tone", formats.tone)
register.filter("prose", formats.prose)
register.filter("state_label", labels.state_label)
register.filter("partner_state", labels.partner_state)
register.filter("turn_label", labels.turn_label)
register.filter("type_label", labels.type_label)
register.filter("step_label", labels.step_label)
register.filter("role_label", labels.role_label)
register.filter("verb_label", labels.verb_label)
register.filter("happened_label", labels.happened_label)
register.filter("reason_label", labels.reason_label)
register.filter("channel_label", labels.channel_label)
register.filter("state_tone", labels.state_tone)
register.filter("event_icon", labels.event_icon)


@register.filter
def staff_state_label(state: str) -> str:
    """A state in the words of our own people."""
    return labels.state_label(state, "staff")


@register.simple_tag
def turn_for(turn: str, mine: str = "") -> str:
    """`{% turn_for turn mine %}`: "Your turn" when it is that of the reader's side."""
    return labels.turn_label(turn, mine)


@register.filter
def get(mapping: dict[Any, Any], key: object) -> object:
    """`{{ mapping|get:key }}`: the value under a key that is itself a variable."""
    return mapping.get(key)
