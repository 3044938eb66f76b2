"""Jobs of accounting. Found by procrastinate."""

from __future__ import annotations

from datetime import date

from procrastinate.contrib.django import app

from desk.staff.accounting import acting, proof


@app.task(name="issue_acts", queue="accounting")
def issue_acts(company_id: int, month: str, person_id: int, key: str) -> None:
    """The acts of a month for all partners of a company."""
    acting.issue_all(company_id, date.fromisoformat(month), person_id, key)


@app.task(name="prove_ledger", queue="accounting")
def prove_ledger() -> None:
    """The ledger check that somebody asked for."""
    proof.prove()
