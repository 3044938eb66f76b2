"""The list of notices, the bell, and reading."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from desk.channels import addresses
from desk.channels.notices import actions, queries
from desk.channels.notices.models import Notice
from desk.lib import clock
from desk.partners import queries as partners
from desk.partners.models import Person


@require_GET
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """The person's notices, the newest first; `?before=` pages on."""
    person = _person(request)
    page = queries.page(person, _number(request.GET.get("before")))
    context = {
        "page": page,
        "unread": queries.unread_count(person),
        "latest": page.rows[0].id if page.rows else 0,
    }
    return render(request, "notices/index.html", context)


@require_GET
@login_required
def bell(request: HttpRequest) -> HttpResponse:
    """The bell alone, for a page that heard an event."""
    return render(request, "notices/bell.html", {"bell": shown_bell(_person(request))})


@require_GET
@login_required
def open_notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Read a notice and go to what it is about."""
    person = _person(request)
    if not queries.of(person).filter(pk=notice_id).exists():
        raise Http404
    notice = actions.read(person.pk, notice_id, clock.now())
    return redirect(_target(person, notice))


@require_POST
@login_required
def read(request: HttpRequest) -> HttpResponse:
    """Mark everything on the list as read; what came meanwhile stays unread."""
    up_to = _number(request.POST.get("up_to")) or 0
    actions.read_all(_person(request).pk, up_to, clock.now())
    return redirect("notices:index")


def shown_bell(person: Person) -> dict[str, object]:
    """What base.html needs for the bell: address and count."""
    return {"url": reverse("notices:index"), "count": queries.unread_count(person)}


def _target(person: Person, notice: Notice) -> str:
    staff = bool(partners.staff_roles(person.pk))
    if notice.ticket is not None:
        return addresses.ticket(notice.ticket, staff=staff)
    return reverse("notices:index") if staff else addresses.deposit()


def _person(request: HttpRequest) -> Person:
    return cast(Person, request.user)


def _number(text: str | None) -> int | None:
    if not text or not text.isascii() or not text.isdigit() or len(text) > 18:
        return None
    return int(text)
