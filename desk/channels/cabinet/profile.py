"""The reader's own account, for partners' people and our own alike: name, language, zone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.channels.cabinet import redirects
from desk.partners import actions
from desk.partners.models import Person
from desk.web import edge, formats, refusals
from desk.web.context import THEME_COOKIE
from desk.web.forms import Guard
from desk.web.views import keep

REGIONS = ("Europe", "Asia", "America", "Africa", "Australia", "Atlantic", "Pacific")
THEMES = (
    ("auto", gettext_lazy("as the device says")),
    ("light", gettext_lazy("light")),
    ("dark", gettext_lazy("dark")),
)


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Show and change what a person says of themselves; links to password and protection."""
    person = edge.person(request)
    if request.method != "POST":
        return _page(request, _card(person))
    sent = {name: request.POST.get(name, "") for name in _card(person)}
    cause = edge.cause(request, "cabinet")
    try:
        card = actions.Card(**sent, position=person.position)
        changed = actions.change_person(cause, person.pk, card)
    except actions.Incomplete as error:
        return _page(request, sent, error)
    response = redirects.to("profile")
    keep(response, settings.LANGUAGE_COOKIE_NAME, changed.language)
    keep(response, THEME_COOKIE, changed.theme)
    with translation.override(changed.language):
        messages.success(request, _("Saved."))
    return response


def _card(person: Person) -> dict[str, str]:
    return {
        "name": person.name,
        "language": person.language,
        "timezone": person.timezone,
        "theme": person.theme,
        "phone": person.phone,
    }


def _page(
    request: HttpRequest, card: dict[str, str], error: Exception | None = None
) -> HttpResponse:
    status, said = (refusals.sentence(error) if error else None) or (200, "")
    context: dict[str, Any] = {
        "card": card,
        "email": edge.person(request).email,
        "languages_offered": formats.language_names(),
        "themes": THEMES,
        "zones": list(_zones(card["timezone"])),
        "error": said,
        "error_field": getattr(error, "field", ""),
        "guard": Guard(),
    }
    return render(request, "cabinet/profile.html", context, status=int(status))


def _zones(own: str) -> Iterator[tuple[str, list[str]]]:
    """Time zones by region, those of Europe first; one's own is always among them."""
    known = available_timezones() | {own}
    for region in REGIONS:
        yield region, sorted(zone for zone in known if zone.startswith(f"{region}/"))
    rest = [own] if own.partition("/")[0] not in REGIONS else []
    yield "UTC", sorted({"UTC", *rest})
