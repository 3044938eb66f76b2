"""Bank statements: a file is shown before it is imported; how a bank writes is mended here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from desk.deposits.actions.importing import (
    Imported,
    import_statement,
    keep_shipped,
    set_mapping,
)
from desk.deposits.queries import imports, invoices
from desk.deposits.queries.imports import MappingRow, Plan
from desk.lib import files
from desk.partners import queries as partners
from desk.partners.models import StaffRole
from desk.rules import bank
from desk.rules.bank import Row, Skip, Skipped
from desk.staff.accounting import payment_shown as shown
from desk.staff.accounting.import_forms import MappingForm, StatementForm, filled
from desk.tickets import queries as tickets
from desk.web import edge
from desk.web.access import staff_page
from desk.web.attempts import attempt
from desk.web.forms import DeskForm, Guards

CHANNEL = "accounting"
SALT = "bank-statement"
ROWS_SHOWN, SKIPPED_SHOWN, TRIED_SHOWN = 50, 30, 10
SKIPS: dict[Skip, str | Promise] = {
    Skip.OUTGOING: gettext_lazy("money that went out"),
    Skip.OTHER_ACCOUNT: gettext_lazy("another account"),
    Skip.OTHER_CURRENCY: gettext_lazy("another currency"),
    Skip.BAD_DATE: gettext_lazy("the day cannot be read"),
    Skip.BAD_AMOUNT: gettext_lazy("the sum cannot be read"),
    Skip.SHORT: gettext_lazy("cells are missing"),
    Skip.REPEATED: gettext_lazy("the same number of the bank twice"),
    Skip.CLOSED_MONTH: gettext_lazy("its month is closed"),
    Skip.BAD_DAY: gettext_lazy("the day lies ahead, or years back"),
}


@require_GET
@staff_page(StaffRole.ACCOUNTANT)
def index(request: HttpRequest) -> HttpResponse:
    """Choose a file; which files were read; how banks write them."""
    return _index(request, StatementForm())


@require_POST
@staff_page(StaffRole.ACCOUNTANT)
def preview(request: HttpRequest) -> HttpResponse:
    """What a file would bring, before anything is booked."""
    form = StatementForm(request.POST, request.FILES)
    found: dict[str, Any] = {}
    status = attempt(form, lambda: found.update(_planned(form)))
    if status is not None:
        return _index(request, form, status)
    return render(request, "accounting/import_preview.html", found)


@require_POST
@staff_page(StaffRole.ACCOUNTANT)
def take(request: HttpRequest) -> HttpResponse:
    """Import the file that was shown."""
    try:
        asked = signing.loads(request.POST.get("file", ""), salt=SALT)
    except signing.BadSignature as error:
        raise Http404 from error
    cause = edge.cause(request, CHANNEL)
    form, made = StatementForm(), list[Imported]()
    content = _content(asked["sha256"])
    unbound = DeskForm({})

    def deed() -> None:
        mapping_id = keep_shipped(cause, asked["mapping"])
        made.append(import_statement(cause, asked["company"], mapping_id, asked["name"], content))

    status = attempt(unbound, deed)
    if status is not None:
        return _index(
            request, form, status, refusal=[str(one) for one in unbound.non_field_errors()]
        )
    messages.success(request, _outcome(made[0]))
    return redirect("accounting:payments")


@require_http_methods(["GET", "POST"])
@staff_page(StaffRole.ACCOUNTANT)
def mapping(request: HttpRequest, mapping_id: int | None = None) -> HttpResponse:
    """How a bank writes its statement, with a trial on a file; kept when it is right."""
    known = _known(request, mapping_id)
    initial = filled(known.name, known.mapping) if known else {"header": True, "quotes": True}
    sent = request.method == "POST"
    form = MappingForm(request.POST if sent else None, request.FILES or None, initial=initial)
    trial: dict[str, Any] = {}
    status = None
    if sent and "keep" in request.POST:
        cause = edge.cause(request, CHANNEL)

        def deed() -> None:
            set_mapping(cause, form.cleaned_data["name"], form.mapping(), mapping_id)

        status = attempt(form, deed)
        if status is None:
            messages.success(request, _("The mapping is kept."))
            return redirect("accounting:imports")
    elif sent:
        status = attempt(form, lambda: trial.update(_tried(request, form)))
    context = {"form": form, "guard": Guards(), "known": known, **trial}
    return render(request, "accounting/mapping.html", context, status=status)


def _index(
    request: HttpRequest,
    form: StatementForm,
    status: int | None = None,
    refusal: Sequence[str] = (),
) -> HttpResponse:
    rows = imports.imports()
    names = tickets.names_of([row.by for row in rows])
    context = {
        "form": form,
        "guard": Guards(),
        "refusal": refusal,
        "imports": [{"row": row, "by": names.get(row.by, "")} for row in rows],
        "mappings": [
            {
                "name": one.name,
                "url": reverse("accounting:mapping", args=[one.id])
                if one.id
                else f"{reverse('accounting:mapping_new')}?of={one.name}",
            }
            for one in imports.mappings()
        ],
    }
    return render(request, "accounting/imports.html", context, status=status)


def _planned(form: StatementForm) -> dict[str, Any]:
    given = form.cleaned_data
    kept = _by_name(given["mapping"])
    company_id, upload = int(given["company"]), given["file"]
    stored = files.store(Path(settings.FILES_DIR), upload.name, upload.chunks())
    statement = bank.read(_content(stored.sha256), kept.mapping)
    plan = imports.plan(company_id, statement, partners.today(edge.now()))
    asked = {
        "sha256": stored.sha256,
        "name": stored.name,
        "mapping": kept.name,
        "company": company_id,
    }
    return {
        **_plan(plan),
        "name": stored.name,
        "file": signing.dumps(asked, salt=SALT),
        "guard": Guards(),
    }


def _plan(plan: Plan) -> dict[str, Any]:
    """The plan as the page shows it: what is certain first."""
    certain = [one for one in plan.new if one.verdict.invoice_id is not None]
    waits = [one for one in plan.new if one.verdict.invoice_id is None]
    page = [*certain, *waits][:ROWS_SHOWN]
    ids = [one.verdict.invoice_id for one in page if one.verdict.invoice_id is not None]
    numbers = invoices.numbers(ids)
    return {
        "rows": [
            {
                **_row(one.row),
                "invoice": numbers.get(one.verdict.invoice_id or 0, ""),
                "hint": shown.hint(one.verdict.hint) if one.verdict.hint else "",
            }
            for one in page
        ],
        "new": len(plan.new),
        "certain": len(certain),
        "known": len(plan.known),
        "more": max(0, len(plan.new) - len(page)),
        "total": sum(one.row.kopecks for one in plan.new),
        "skipped": _skipped(plan.skipped),
        "lines": _lines(plan.skipped),
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "line": row.line,
        "paid_on": row.paid_on,
        "amount": row.kopecks,
        "payer": row.payer_name,
        "payer_code": row.payer_code,
        "purpose": row.purpose,
    }


def _skipped(rows: Sequence[Skipped]) -> list[dict[str, Any]]:
    """How many lines are left out for each reason."""
    counted = Counter(one.why for one in rows)
    return [{"why": str(SKIPS[why]), "count": count} for why, count in counted.most_common()]


def _lines(rows: Sequence[Skipped]) -> list[dict[str, Any]]:
    """The lines themselves, those that a person may want to look at."""
    worth = [one for one in rows if one.why is not Skip.OUTGOING]
    return [
        {"line": one.line, "why": str(SKIPS[one.why]), "text": one.text}
        for one in worth[:SKIPPED_SHOWN]
    ]


def _tried(request: HttpRequest, form: MappingForm) -> dict[str, Any]:
    """The first rows of the sample, read as the form says; the sample is kept for another try."""
    chosen = form.mapping()
    upload = form.cleaned_data["sample"]
    if upload:
        stored = files.store(Path(settings.FILES_DIR), upload.name, upload.chunks())
        token = signing.dumps({"sha256": stored.sha256, "name": stored.name}, salt=SALT)
    else:
        token = request.POST.get("token", "")
    if not token:
        return {}
    try:
        asked = signing.loads(token, salt=SALT)
    except signing.BadSignature as error:
        raise Http404 from error
    content = _content(asked["sha256"])
    found: dict[str, Any] = {"token": token, "sample_name": asked["name"]}
    statement = bank.read(content, chosen)
    return {
        **found,
        "tried": True,
        "headings": bank.headings(content, chosen),
        "rows": [_row(row) for row in statement.rows[:TRIED_SHOWN]],
        "new": len(statement.rows),
        "skipped": _skipped(statement.skipped),
        "lines": _lines(statement.skipped),
    }


def _content(sha256: str) -> bytes:
    """The file as it was sent; gone when the night's sweep was quicker than the person."""
    path = files.path(Path(settings.FILES_DIR), sha256)
    if not path.exists():
        raise Http404
    return path.read_bytes()


def _by_name(name: str) -> MappingRow:
    return next(one for one in imports.mappings() if one.name == name)


def _known(request: HttpRequest, mapping_id: int | None) -> MappingRow | None:
    """The mapping to be mended, or one that came with the desk to begin with."""
    if mapping_id is not None:
        return imports.mapping(mapping_id)
    name = request.GET.get("of", "")
    return next((one for one in imports.mappings() if one.name == name), None)


def _outcome(made: Imported) -> str:
    """What came of an import, in two sentences."""
    new = ngettext(
        "%(count)s payment is imported.", "%(count)s payments are imported.", made.row.new
    ) % {"count": made.row.new}
    booked = ngettext(
        "%(count)s found its invoice by itself.",
        "%(count)s found their invoices by themselves.",
        made.matched,
    ) % {"count": made.matched}
    return f"{new} {booked}"
