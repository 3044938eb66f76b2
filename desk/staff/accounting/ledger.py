"""The ledger check: run it, read what it found, and what a person can do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from desk.staff.accounting import proof
from desk.staff.accounting.home import SEES
from desk.web.access import staff_page
from desk.web.forms import Guards, guard_of


@require_GET
@staff_page(*SEES)
def ledger(request: HttpRequest) -> HttpResponse:
    """The last check, by hand or of the night, in words."""
    last = proof.last()
    context = {
        "last": last,
        "findings": [_finding(one) for one in last["findings"]] if last else [],
        "runs": proof.runs(),
        "guard": Guards(),
    }
    return render(request, "accounting/ledger.html", context)


@require_POST
@staff_page(*SEES)
def check(request: HttpRequest) -> HttpResponse:
    """Prove the ledger now, by a job: the page shows the outcome when it is there."""
    guard_of(request)
    if proof.start():
        messages.success(request, _("The check has begun. Its outcome appears here."))
    else:
        messages.info(request, _("A check is running already."))
    return redirect("accounting:ledger")


def _finding(one: Mapping[str, str]) -> dict[str, Any]:
    kind, _colon, number = one["subject"].partition(":")
    is_deposit = kind == "deposit" and number.isdigit()
    return {
        **one,
        "kind": _kind(one["code"]),
        "advice": _advice(one["code"]),
        "url": reverse("accounting:partner", args=[number]) if is_deposit else "",
    }


def _kind(code: str) -> str:
    """What is wrong, in the reader's language."""
    kind = code.partition("_")[0]
    known = {
        "payment": _("A payment does not add up"),
        "invoice": _("An invoice does not add up"),
        "paper": _("The numbers of papers do not add up"),
        "act": _("An act does not add up"),
        "refund": _("A refund does not add up"),
        "expiry": _("Something expired that should not have"),
    }
    return known.get(kind) or _("A deposit does not add up")


def _advice(code: str) -> str:
    """What a person can do; nothing is ever mended by changing what was booked."""
    kind = code.partition("_")[0]
    if kind in ("payment", "invoice"):
        return _(
            "Compare the payment with the bank statement. Book what is missing, or send back what"
            " is too much; then run the check again."
        )
    if kind == "act":
        return _("Take the paper back with a reason and issue it anew; then run the check again.")
    if kind in ("refund", "expiry"):
        return _(
            "Compare it with the partner's statement. A correction approved by a second person sets"
            " the balance right."
        )
    return _(
        "Book nothing for this partner for now, and give this line to whoever runs the desk: what"
        " was booked is kept, and a person mends it."
    )
