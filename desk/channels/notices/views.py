"""The list of notices, the bell, and reading."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from desk.channels import addresses, money_told, standing, words
from desk.channels.notices import actions, queries
from desk.channels.notices.models import Notice
from desk.channels.troubles import words as troubles
from desk.partners.models import Person
from desk.tickets import queries as tickets
from desk.tickets.queries import Access
from desk.web import edge, formats, labels


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """The person's notices, the newest first; `?before=` pages on."""
    person = _person(request)
    page = queries.page(person, _number(request.GET.get("before")))
    context = {
        "notices": [_shown(row) for row in page.rows],
        "before": page.before,
        "unread": queries.unread_count(person),
        "latest": page.rows[0].id if page.rows else 0,
        "topic": topic(person),
    }
    return render(request, "notices/index.html", context)


@require_safe
@login_required
def bell(request: HttpRequest) -> HttpResponse:
    """The bell alone, for a page that heard an event."""
    return render(request, "web/bell.html", {"bell": shown_bell(_person(request))})


@require_safe
@login_required
def open_notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Read a notice and go to what it is about."""
    person = _person(request)
    if not queries.of(person).filter(pk=notice_id).exists():
        raise Http404
    notice = actions.read(person.pk, notice_id, edge.now())
    return redirect(_target(person, notice))


@require_POST
@login_required
def read(request: HttpRequest) -> HttpResponse:
    """Mark everything on the list as read; what came meanwhile stays unread."""
    up_to = _number(request.POST.get("up_to")) or 0
    actions.read_all(_person(request).pk, up_to, edge.now())
    return redirect("notices:index")


def shown_bell(person: Person, known: Access | None = None) -> dict[str, object]:
    """What web/bell.html needs: addresses, the live topic, and the count, in one query."""
    return {
        "url": reverse("notices:index"),
        "fragment_url": reverse("notices:bell"),
        "topic": topic(person),
        "count": queries.unread_count(person, known),
    }


def topic(person: Person) -> str:
    """The live topic on which a person hears of new notices."""
    return f"person:{person.pk}"


def _shown(row: queries.Row) -> dict[str, object]:
    """A row of components/notices.html."""
    about = f"{row.number} · {row.subject}" if row.number else ""
    note = " · ".join(filter(None, [about, row.by, row.why]))
    text = row.headline
    if row.due_at is not None:
        text = f"{text}: {formats.moment(row.due_at)}"
    return {
        "text": text,
        "url": reverse("notices:open", args=[row.id]),
        "at": row.at,
        "icon": labels.event_icon(row.verb),
        "tone": "" if row.read else "accent",
        "unread": not row.read,
        "note": note,
    }


def _target(person: Person, notice: Notice) -> str:
    staff = tickets.access(person).is_staff
    if notice.verb in words.STANDARD and (notice.ticket is None or notice.verb == "violation"):
        own = notice.entry.subject == f"person:{person.pk}"
        return addresses.standard(notice.verb, own=own)
    if notice.ticket is not None:
        return addresses.ticket(notice.ticket, staff=staff)
    if notice.verb in standing.VERBS:
        return standing.path(notice.entry, person)
    if notice.verb in money_told.VERBS and not staff:
        return money_told.path(notice.entry)
    if notice.verb == "disable_webhook":
        return addresses.webhooks(staff=staff)
    if notice.verb == "lose_way":
        return addresses.way(str(notice.entry.facts.get("way")))
    if notice.verb in addresses.OF_CONTROL:
        return addresses.of_control(notice.verb)
    if notice.verb in troubles.VERBS:
        return addresses.trouble(notice.entry.subject)
    return _of_subject(notice.entry.subject, staff=staff)


def _of_subject(subject: str, *, staff: bool) -> str:
    if subject.startswith("complaint:"):
        return addresses.complaints(staff=staff)
    if subject.startswith("call:"):
        return addresses.calls()
    return reverse("notices:index") if staff else addresses.deposit()


def _person(request: HttpRequest) -> Person:
    return edge.person(request)


def _number(text: str | None) -> int | None:
    if not text or not text.isascii() or not text.isdigit() or len(text) > 18:
        return None
    return int(text)
