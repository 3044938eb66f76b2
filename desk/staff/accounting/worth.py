"""What the deposits are worth: liability, revenue by month, how old debts are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from desk.deposits.queries import ageing, catalogue
from desk.deposits.queries import figures as queries
from desk.deposits.queries.ageing import Aged
from desk.deposits.queries.catalogue import CompanyRow
from desk.partners import queries as partners
from desk.staff.accounting.home import SEES
from desk.web import edge
from desk.web.access import staff_page

Context = dict[str, Any]
MONTHS = 12
PARTNERS_MAX = 200
YEAR_MIN = 2000


@require_GET
@staff_page(*SEES)
def figures(request: HttpRequest) -> HttpResponse:
    """A company's deposits on a day, the months behind it, and who owes since when."""
    today = timezone.localdate(edge.now(), timezone.get_default_timezone())
    company = asked_company(request)
    if company is None:
        return render(request, "accounting/figures.html", {"company": None})
    on = asked_day(request.GET.get("on", ""), today)
    partner_ids = queries.partners_of(company.id)
    first_on = months_before(on, MONTHS - 1)
    found = queries.figures(partner_ids, *queries.bounds(on.replace(day=1), on))
    context = {
        "company": company,
        "companies": companies(request, company),
        "on": on,
        "today": today,
        "total": queries.total(found.values()),
        "owed": _owed(found),
        "revenue": queries.revenue(partner_ids, *queries.bounds(first_on, on))[::-1],
        "unpaid": _aged(ageing.unpaid(company.id, today)),
        "credit": _aged(ageing.credit(partner_ids, today)),
        "liability_url": _export("liability", company, on),
        "revenue_url": _export("revenue", company, on),
    }
    return render(request, "accounting/figures.html", context)


def asked_company(request: HttpRequest) -> CompanyRow | None:
    """The company that an address names, else the first one; None before there is any."""
    every = catalogue.companies()
    wanted = request.GET.get("company", "")
    named = [one for one in every if str(one.id) == wanted]
    return next(iter(named or every), None)


def asked_day(text: str, today: date) -> date:
    """The day of an address; today for what is none, or lies ahead."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return today
    return found if found.year >= YEAR_MIN and found <= today else today


def months_before(on: date, count: int) -> date:
    """The first day of the month so many months before that of the day."""
    first_on = on.replace(day=1)
    for _month in range(count):
        first_on = queries.month_before(first_on)
    return first_on


def companies(request: HttpRequest, company: CompanyRow) -> list[Context]:
    """The same page of every company; nothing to choose where there is one."""
    every = catalogue.companies()
    on = request.GET.get("on", "")
    return [
        {"label": one.name, "url": f"?company={one.id}&on={on}", "current": one.id == company.id}
        for one in every
        if len(every) > 1
    ]


def _owed(found: dict[int, queries.Figures]) -> list[Context]:
    """Partners by what is owed to them, the most first."""
    rows = [
        (partner_id, one)
        for partner_id, one in found.items()
        if one.closing_liability_kopecks or one.closing_receivable_kopecks
    ]
    rows.sort(key=lambda row: (-row[1].closing_kopecks, row[0]))
    names = _names({partner_id for partner_id, _one in rows[:PARTNERS_MAX]})
    return [
        {
            "name": names[partner_id],
            "url": reverse("accounting:partner", args=[partner_id]),
            "figures": one,
        }
        for partner_id, one in rows[:PARTNERS_MAX]
    ]


def _aged(rows: list[Aged]) -> Context:
    """Debts with names, and their sums by age."""
    names = _names({row.partner_id for row in rows[:PARTNERS_MAX]})
    heads = (_("not due"), "1–30", "31–60", "61–90", _("over 90"))

    def cells(kopecks: Iterable[int]) -> list[Context]:
        return [{"head": head, "kopecks": one} for head, one in zip(heads, kopecks, strict=True)]

    return {
        "heads": heads,
        "rows": [
            {
                "name": names[row.partner_id],
                "url": reverse("accounting:partner", args=[row.partner_id]),
                "cells": cells(row.kopecks),
                "total": row.total_kopecks,
            }
            for row in rows[:PARTNERS_MAX]
        ],
        "sums": cells(map(sum, zip(*(row.kopecks for row in rows), strict=True))) if rows else [],
        "total": sum(row.total_kopecks for row in rows),
    }


def _names(ids: set[int]) -> dict[int, str]:
    return {row.pk: row.name for row in partners.partners_among(ids)}


def _export(name: str, company: CompanyRow, on: date) -> dict[str, str]:
    asked = f"?company={company.id}&on={on.isoformat()}"
    return {
        form: reverse("accounting:export", args=[name, form]) + asked for form in ("xlsx", "csv")
    }


def day_end(on: date) -> datetime:
    """The moment just after a day."""
    return queries.midnight(on + timedelta(days=1))
