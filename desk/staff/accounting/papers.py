"""Papers: find one, download it, have it signed, take it back; issue one for a partner."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from desk.deposits.actions import papering
from desk.deposits.queries import duties, figures
from desk.deposits.queries import papers as queries
from desk.deposits.queries.papers import PaperRow
from desk.partners import queries as partners
from desk.partners.models import Partner, StaffRole
from desk.rules.billing import PaperKind
from desk.staff.accounting.home import SEES
from desk.tickets import queries as tickets
from desk.web import access, edge, inputs, labels_of_money
from desk.web.access import staff_page
from desk.web.attempts import attempt, attempt_button
from desk.web.forms import DeskForm, Guards

CHANNEL = "accounting"
PAGE_MAX = 50
LATEST_MAX = 5
TYPES: Final = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
SIGNABLE = (PaperKind.ACT, PaperKind.RECONCILIATION, PaperKind.CORRECTION)
NUMBER_MAX = 40
YEAR_MIN, YEAR_MAX = 2000, 2200


class SignForm(DeskForm):
    """The day on which a paper came back signed."""

    signed_on = forms.DateField(
        label=gettext_lazy("Signed on"),
        widget=forms.DateInput(attrs={"type": "date", "class": "input-medium"}, format="%Y-%m-%d"),
    )


class CancelForm(DeskForm):
    """Why a paper is taken back."""

    reason = forms.CharField(
        label=gettext_lazy("Why it is wrong"),
        help_text=gettext_lazy("It stands on the paper that takes this one back."),
        max_length=papering.REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


@require_GET
@staff_page(*SEES)
def papers(request: HttpRequest) -> HttpResponse:
    """Every paper, the latest first: by number, kind, partner and month."""
    asked = request.GET
    kind = asked.get("kind", "")
    kinds = [PaperKind(kind)] if kind in set(PaperKind) else []
    unsigned = asked.get("state") == "unsigned"
    if unsigned:
        rows = duties.unsigned_acts()
    else:
        rows = queries.papers(
            kinds=kinds,
            number=asked.get("number", "").strip()[:NUMBER_MAX],
            partner_id=inputs.number(asked.get("partner", "")),
            issued=_month(asked.get("month", "")),
            before=inputs.number(asked.get("before", "")),
            most=PAGE_MAX,
        )
    older = asked.copy()
    older["before"] = str(rows[-1].id) if rows else ""
    context = {
        "papers": shown(rows),
        "kinds": [(one.value, labels_of_money.paper_label(one)) for one in PaperKind],
        "asked": asked,
        "unsigned": unsigned,
        "older": f"?{older.urlencode()}" if len(rows) == PAGE_MAX and not unsigned else "",
    }
    return render(request, "accounting/papers.html", context)


@require_GET
@staff_page(*SEES)
def paper(request: HttpRequest, paper_id: int) -> HttpResponse:
    """One paper: its files, whether it came back signed, and what takes it back."""
    return _page(request, _found(paper_id))


def _page(
    request: HttpRequest, row: PaperRow, status: int | None = None, **bound: DeskForm
) -> HttpResponse:
    (drawn,) = shown([row])
    today = _today(edge.now())
    in_force = not row.cancelled_by
    context = {
        "paper": drawn,
        "row": row,
        "cancels": queries.found(row.cancels_id) if row.cancels_id else None,
        "may_sign": in_force and row.kind in SIGNABLE and row.signed_on is None,
        "may_cancel": in_force and row.kind is not PaperKind.CORRECTION,
        "may_book": StaffRole.ACCOUNTANT in access.of(request).staff,
        "sign_form": SignForm(prefix="sign", initial={"signed_on": today}),
        "cancel_form": CancelForm(prefix="cancel"),
        "guard": Guards(),
        **bound,
    }
    return render(request, "accounting/paper.html", context, status=status)


@require_GET
@staff_page(*SEES)
def content(_request: HttpRequest, paper_id: int, form: str) -> HttpResponse:
    """The bytes as they were issued."""
    row = _found(paper_id)
    if form not in TYPES:
        raise Http404
    issued = queries.content_of(row.id, "pdf" if form == "pdf" else "xlsx")
    answer = HttpResponse(issued, content_type=TYPES[form])
    answer.headers["Content-Disposition"] = _disposition(row.number, form)
    return answer


@require_POST
@staff_page(StaffRole.ACCOUNTANT)
def sign(request: HttpRequest, paper_id: int) -> HttpResponse:
    """The paper came back signed."""
    row = _found(paper_id)
    form = SignForm(request.POST, prefix="sign")
    cause = edge.cause(request, CHANNEL)
    status = attempt(form, lambda: papering.sign(cause, row.id, form.cleaned_data["signed_on"]))
    if status is not None:
        return _page(request, row, status, sign_form=form)
    messages.success(request, _("Noted: %(number)s came back signed.") % {"number": row.number})
    return redirect("accounting:paper", row.id)


@require_POST
@staff_page(StaffRole.ACCOUNTANT)
def cancel(request: HttpRequest, paper_id: int) -> HttpResponse:
    """Take a wrong paper back by another that names it."""
    row = _found(paper_id)
    form, made = CancelForm(request.POST, prefix="cancel"), list[PaperRow]()
    cause = edge.cause(request, CHANNEL)

    def deed() -> None:
        made.append(papering.cancel_paper(cause, row.id, form.cleaned_data["reason"]))

    status = attempt(form, deed)
    if status is not None:
        return _page(request, row, status, cancel_form=form)
    said = _("%(wrong)s is taken back by %(number)s.")
    messages.success(request, said % {"wrong": row.number, "number": made[0].number})
    return redirect("accounting:paper", made[0].id)


@require_POST
@staff_page(StaffRole.ACCOUNTANT)
def issue_act(request: HttpRequest, partner_id: int) -> HttpResponse:
    """The act of one partner for a month: what nothing contests and no act carries yet."""
    partner = get_object_or_404(Partner, pk=partner_id)
    month = _month(request.POST.get("month", ""))
    if month is None:
        messages.error(request, _("Choose a month."))
        return redirect("accounting:partner", partner.pk)
    cause = edge.cause(request, CHANNEL)
    if month[0] > _today(cause.at):
        messages.error(request, _ahead())
        return redirect("accounting:partner", partner.pk)
    roots = {one.root for one in queries.charges_due(partner.pk, month[0])}
    minutes = tickets.minutes_of(roots)
    out = tickets.contested_roots(partner.pk)
    attempt_button(
        request,
        lambda: papering.issue_act(cause, partner.pk, month[0], out, minutes),
        _("The act is issued; who pays at the partner is told."),
    )
    return redirect(f"{reverse('accounting:papers')}?partner={partner.pk}")


@require_POST
@staff_page(StaffRole.ACCOUNTANT)
def issue_reconciliation(request: HttpRequest, partner_id: int) -> HttpResponse:
    """The reconciliation of a period with one partner."""
    partner = get_object_or_404(Partner, pk=partner_id)
    from_on, until_on = (_day(request.POST.get(name, "")) for name in ("from_on", "until_on"))
    if from_on is None or until_on is None or from_on > until_on:
        messages.error(request, _("Choose two days, the earlier one first."))
        return redirect("accounting:partner", partner.pk)
    cause = edge.cause(request, CHANNEL)
    if until_on > _today(cause.at):
        messages.error(request, _ahead())
        return redirect("accounting:partner", partner.pk)
    attempt_button(
        request,
        lambda: papering.issue_reconciliation(cause, partner.pk, from_on, until_on),
        _("The reconciliation is issued."),
    )
    return redirect(f"{reverse('accounting:papers')}?partner={partner.pk}")


def issuing(partner_id: int, at: datetime) -> dict[str, Any]:
    """What the forms on a partner's page offer: months whose act is due, the last month's days,
    the latest papers."""
    today = _today(at)
    first_on = figures.month_before(today)
    out = tickets.contested_roots(partner_id)
    due = [one for one in queries.charges_due(partner_id, first_on) if one.root not in out]
    return {
        "month": first_on,
        "charges": len(due),
        "kopecks": sum(one.kopecks for one in due),
        "from_on": first_on,
        "until_on": queries.month_end(first_on),
        "papers": shown(queries.papers(partner_id=partner_id, most=LATEST_MAX)),
    }


def shown(rows: list[PaperRow]) -> list[dict[str, Any]]:
    """Papers with names, states and addresses."""
    names = {row.pk: row.name for row in partners.partners_among({one.partner_id for one in rows})}
    return [
        {
            "id": row.id,
            "number": row.number,
            "kind": labels_of_money.paper_label(row.kind),
            "partner": names.get(row.partner_id, ""),
            "partner_url": reverse("accounting:partner", args=[row.partner_id]),
            "issued_on": row.issued_on,
            "from_on": row.from_on,
            "until_on": row.until_on,
            "kopecks": row.total_kopecks,
            "signed_on": row.signed_on,
            "cancelled_by": row.cancelled_by,
            "waits": row.kind is PaperKind.ACT and not row.signed_on and not row.cancelled_by,
            "url": reverse("accounting:paper", args=[row.id]),
            "pdf": reverse("accounting:paper_content", args=[row.id, "pdf"]),
            "xlsx": reverse("accounting:paper_content", args=[row.id, "xlsx"]),
        }
        for row in rows
    ]


def _found(paper_id: int) -> PaperRow:
    try:
        return queries.paper(paper_id)
    except ObjectDoesNotExist as error:
        raise Http404 from error


def _month(text: str) -> tuple[date, date] | None:
    """The first and the last day of "2026-11"; None for what is no month."""
    first_on = _day(f"{text}-01")
    if first_on is None:
        return None
    return first_on, figures.next_month(first_on) - timedelta(days=1)


def _day(text: str) -> date | None:
    """A day that a paper can be of; nobody was billed before, and years end."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if YEAR_MIN <= found.year <= YEAR_MAX else None


def _today(at: datetime) -> date:
    return timezone.localdate(at, timezone.get_default_timezone())


def _ahead() -> str:
    """Nothing can be billed of days that have not been."""
    return _("The period reaches into the future: end it today at the latest.")


def _disposition(number: str, form: str) -> str:
    """The number as a file's name, readable also where only ASCII is."""
    return f"inline; filename*=UTF-8''{quote(number)}.{form}"
