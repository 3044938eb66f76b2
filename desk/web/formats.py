"""How moments, durations, money and text are written for a reader.

Language and zone are the reader's, as activated for the request (or around the rendering of a
mail). Everything takes plain values and returns text.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext

MINUTE = 60
HOUR = 3600
CURRENCY = "UAH"

# "Mon 30 Nov"; a number never parts from its word at the end of a line.
NBSP = "\N{NO-BREAK SPACE}"
_DAY = f"EEE d{NBSP}MMM"
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]»]")


def language() -> str:
    """The reader's language as Babel names it: "uk", "ru" or "en"."""
    return (get_language() or "en").split("-")[0]


def local(at: datetime) -> datetime:
    """`at` in the reader's zone."""
    return timezone.localtime(at)


def moment(at: datetime, now: datetime | None = None) -> str:
    """Day with weekday and time: "Mon 30 Nov, 16:00"; with the year when it is not this one's."""
    here = local(at)
    pattern = _DAY
    if now is not None and local(now).year != here.year:
        pattern += " y"
    return format_datetime(here, f"{pattern}, HH:mm", locale=language())


def when(at: datetime, now: datetime) -> str:
    """Like `moment`, but "today 16:00", "yesterday 16:00", "tomorrow 16:00" where that is so."""
    here = local(at)
    days = (here.date() - local(now).date()).days
    near = {0: gettext("today"), 1: gettext("tomorrow"), -1: gettext("yesterday")}
    if days in near:
        return f"{near[days]} {here:%H:%M}"
    return moment(at, now)


def since(at: datetime, now: datetime) -> str:
    """Like `when`, to follow "since": of today only the time, "16:00"."""
    return clock_time(at) if local(at).date() == local(now).date() else when(at, now)


def day(on: date | datetime, now: datetime | None = None) -> str:
    """A day with its weekday: "Mon 30 Nov"."""
    there = local(on).date() if isinstance(on, datetime) else on
    pattern = _DAY
    if now is not None and local(now).year != there.year:
        pattern += " y"
    return format_date(there, pattern, locale=language())


def long_day(at: datetime) -> tuple[str, str]:
    """Weekday and date in full, for the deadline: "Monday" and "30 November"."""
    here = local(at)
    weekday = format_datetime(here, "EEEE", locale=language())
    return weekday, format_datetime(here, f"d{NBSP}MMMM", locale=language())


def weekday(on: date) -> str:
    """The full name of a day of the week: "Monday"."""
    return format_date(on, "EEEE", locale=language())


def capital(text: str) -> str:
    """The text with a capital first letter: weekdays are small in Ukrainian and Russian."""
    return text[:1].upper() + text[1:]


def month(on: date) -> str:
    """A month by name: "November 2026"."""
    return format_date(on, "LLLL y", locale=language())


def clock_time(at: datetime) -> str:
    """The time of day alone: "16:00"."""
    return f"{local(at):%H:%M}"


def zone_note(at: datetime, desk_zone: str) -> str:
    """The same moment in the desk's zone when the reader's differs, else nothing."""
    there = at.astimezone(ZoneInfo(desk_zone))
    if there.utcoffset() == local(at).utcoffset():
        return ""
    return gettext("%(time)s by the desk's time") % {"time": f"{there:%H:%M}"}


def duration(seconds: float) -> str:
    """Working time in short: "3 h 20 min", "45 min", "under a minute"; the sign is dropped."""
    whole = abs(int(seconds))
    count = {"hours": whole // HOUR, "minutes": whole % HOUR // MINUTE}
    if count["hours"] and count["minutes"]:
        text = gettext("%(hours)d h %(minutes)d min") % count
    elif count["hours"]:
        text = gettext("%(hours)d h") % count
    elif count["minutes"] or not whole:
        text = gettext("%(minutes)d min") % count
    else:
        return gettext("under a minute")
    return text.replace(" ", NBSP)


def long_duration(seconds: float) -> str:
    """Working time in full words: "3 hours 20 minutes"."""
    whole = abs(int(seconds))
    hours, minutes = whole // HOUR, whole % HOUR // MINUTE
    words = []
    if hours:
        words.append(ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours})
    if minutes or not hours:
        text = ngettext("%(count)d minute", "%(count)d minutes", minutes)
        words.append(text % {"count": minutes})
    return " ".join(words)


def money(kopecks: int) -> str:
    """An amount in the locale's way: 118000 is "1 180,00 ₴"; with a real minus sign."""
    text = format_currency(Decimal(kopecks) / 100, CURRENCY, locale=language())
    # English has only the code of this currency; the sign is what stands on its banknotes.
    return text.replace("-", "\u2212").replace(CURRENCY, "₴")


def units(count: int) -> str:
    """Consultations, the unit bought in advance: "3 consultations"."""
    text = ngettext("%(count)s consultation", "%(count)s consultations", count)
    return text % {"count": number(count)}


def number(value: Decimal | float) -> str:
    """A number with the locale's separators."""
    return format_decimal(value, locale=language())


def percent(share: float) -> str:
    """A share of one as whole per cent: 0.642 is "64 %"."""
    return gettext("%(value)d %%") % {"value": round(share * 100)}


def file_size(count: int) -> str:
    """Bytes in the largest fitting unit: "240 KB", "1.4 MB"."""
    if count < 1000:
        return gettext("%(value)s B") % {"value": number(count)}
    if count < 1000_000:
        return gettext("%(value)s KB") % {"value": number(round(count / 1000))}
    return gettext("%(value)s MB") % {"value": number(round(count / 1000_000, 1))}


# Looked for in this order: each browser also names those it descends from.
BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "Windows": "Windows",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


def browser(user_agent: str) -> str:
    """A browser by name and system, "Firefox, Windows"; the text itself when it is unknown."""
    names = (
        next((name for sign, name in known.items() if sign in user_agent), "")
        for known in (BROWSERS, SYSTEMS)
    )
    return ", ".join(filter(None, names)) or user_agent[:80]


def initials(name: str) -> str:
    """At most two letters for a person without a photo."""
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "?"


def tone(name: str) -> int:
    """A colour 0–4 that stays with the name."""
    return sum(map(ord, name)) % 5


def prose(text: str) -> SafeString:
    """A person's plain text as paragraphs, line breaks and links; everything else is escaped."""
    paragraphs = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    lines = (_linked(paragraph).replace("\n", "<br>\n") for paragraph in paragraphs if paragraph)
    return mark_safe("\n".join(f"<p>{line}</p>" for line in lines))  # noqa: S308  every piece is escaped by _linked


def _linked(text: str) -> str:
    pieces: list[str] = []
    end = 0
    for match in _LINK.finditer(text):
        url = escape(match[0])
        pieces.append(escape(text[end : match.start()]))
        pieces.append(f'<a href="{url}" rel="nofollow noopener ugc" target="_blank">{url}</a>')
        end = match.end()
    pieces.append(escape(text[end:]))
    return "".join(pieces)


def language_names() -> list[tuple[str, str]]:
    """Code and own name of each language of the interface."""
    codes = ("uk", "ru", "en")
    return [(code, str(Locale.parse(code).display_name).capitalize()) for code in codes]
