"""Briefs and digests as their templates draw them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.oversight.queries import briefs, returns
from desk.staff.capacity import shown
from desk.web import labels

Context = dict[str, Any]
QUOTE_MAX = 400


def brief(found: briefs.Brief) -> Context:
    """Each project with what is to be read first, and its open threads."""
    return {
        "projects": [_project(one) for one in found.projects],
        "count": found.tickets,
    }


def _project(one: briefs.OfProject) -> Context:
    return {
        "id": one.project.pk,
        "subject": f"project:{one.project.pk}",
        "name": one.project.name,
        "partner": one.project.partner.name,
        "cover": one.cover.name if one.cover else "",
        "dossier": one.dossier,
        "note": one.note,
        "tickets": [_ticket(each) for each in one.tickets],
    }


def _ticket(one: briefs.Open) -> Context:
    said = one.said
    return {
        **shown.row(one.line),
        "id": one.line.id,
        "key": f"ticket:{one.line.id}",
        "executor": one.line.executor.name if one.line.executor else "",
        "promised_at": one.promised_at,
        "promised_due_at": one.promised_due_at,
        "said_by": said.by if said else "",
        "said_at": said.at if said else None,
        "said": _quoted(said.text) if said else "",
        "is_question": bool(said and said.is_question),
        "next": next_step(one),
        "note": one.note,
    }


def _quoted(text: str) -> str:
    return f"{text[:QUOTE_MAX].rstrip()}…" if len(text) > QUOTE_MAX else text


def next_step(one: briefs.Open) -> str:
    """What whoever stands in does next, from the state alone."""
    if one.consulted:
        return _("Production is asked: take up its answer.")
    if one.parts > 1 and one.line.state in ("accepted", "in_work"):
        text = _("Go on: %(done)s of %(count)s parts are finished.")
        return text % {"done": one.parts_done, "count": one.parts}
    words = {
        "submitted": _("Accept it or decline it in time."),
        "awaiting_deposit": _("Nothing: it starts when the deposit is topped up."),
        "awaiting_estimate": _("Nothing: production estimates."),
        "awaiting_approval": _("Nothing: the partner approves or refuses."),
        "accepted": _("Start work."),
        "in_work": _("Go on and hand the result over."),
        "awaiting_partner": _("Wait for the answer to the question, then go on."),
        "awaiting_production": _("Wait for production, then go on."),
        "delivered": _("The partner checks: be there when it comes back."),
    }
    return words.get(one.line.state, "")


def digest(found: returns.Digest) -> Context:
    """What happened on each project, where nothing did, and what may be taken back."""
    each = [_happened(one) for one in found.projects]
    return {
        "projects": [one for one in each if not one["quiet"]],
        "quiet": [one for one in each if one["quiet"]],
        "back": [
            {
                **shown.row(one.line),
                "id": one.line.id,
                "executor": one.line.executor.name if one.line.executor else "",
                "at_hand": one.at_hand,
            }
            for one in found.back
        ],
    }


def _happened(one: returns.OfProject) -> Context:
    def linked(titles: tuple[tuple[str, str], ...]) -> list[Context]:
        return [
            {"number": number, "subject": subject, "url": shown.url(number)}
            for number, subject in titles
        ]

    decisions = [
        {
            "number": each.ticket,
            "url": shown.url(each.ticket),
            "text": labels.happened_label(each.verb),
            "at": each.at,
            "by": each.by,
        }
        for each in one.decisions
    ]
    promises = [
        {
            "number": each.ticket,
            "subject": each.subject,
            "url": shown.url(each.ticket),
            "due_at": each.due_at,
            "by": each.by,
        }
        for each in one.promises
    ]
    quiet = not (one.opened or one.resolved or decisions or promises or one.dossier_by)
    return {
        "name": one.project.name,
        "partner": one.project.partner.name,
        "opened": linked(one.opened),
        "resolved": linked(one.resolved),
        "decisions": decisions,
        "promises": promises,
        "dossier_by": one.dossier_by,
        "dossier_at": one.dossier_at,
        "summary": _summary(one),
        "quiet": quiet,
    }


def _summary(one: returns.OfProject) -> str:
    opened = ngettext("%(count)s opened", "%(count)s opened", len(one.opened))
    resolved = ngettext("%(count)s resolved", "%(count)s resolved", len(one.resolved))
    return ", ".join((opened % {"count": len(one.opened)}, resolved % {"count": len(one.resolved)}))
