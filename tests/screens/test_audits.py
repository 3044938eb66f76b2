"""Audits over HTTP: taken and answered in the control room, read by whose work it was."""

from __future__ import annotations

import pytest

from desk.oversight.actions import audits, editions
from desk.oversight.models import Audit
from tests.language import Desk
from tests.scenarios import standard
from tests.scenarios.test_audits import WHOLE
from tests.scenarios.tickets import buys, in_work, resolved
from tests.screens.visits import Visit


@pytest.fixture
def desk(db: None) -> Desk:
    """A Monday on which the audits of one resolved ticket are drawn, twice."""
    found = Desk.open()
    standard.publishes(found.now, content=editions.first_content())
    buys(found, 1)
    resolved(found, in_work(found))
    found.at("mon 09:30")
    audits.draw_audits(found.now)
    return found


@pytest.fixture
def first(desk: Desk) -> Audit:
    return Audit.objects.get(first=None)


def visit(person: object, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Visit:
    return Visit.of(person, desk, monkeypatch)  # type: ignore[arg-type]  # a Person


def sent(**changes: str) -> dict[str, str]:
    """A whole form."""
    answers = {f"answer-{name}": given.answer for name, given in WHOLE.answers.items()}
    notes = {f"note-{name}": given.note for name, given in WHOLE.answers.items()}
    return {**answers, **notes, "remark": WHOLE.remark, **changes}


def test_an_administrator_takes_and_answers(
    desk: Desk, first: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = visit(desk.house.administrator, desk, monkeypatch)
    assert "The report is empty" in reader.page("/control/audits/")
    page = f"/control/audits/{first.pk}/"
    assert "Take this audit" in reader.page(page)
    assert reader.post(f"{page}take").status_code == 303
    assert "Is the solution right?" in reader.page(page)
    lacking = reader.post(f"{page}answer", **sent(**{"answer-charge": "", "note-shortest": ""}))
    text = lacking.content.decode()
    assert lacking.status_code == 422
    assert "Choose an answer." in text and "Say what was wrong" in text
    assert WHOLE.remark in text, "nothing typed is lost"
    assert reader.post(f"{page}answer", **sent()).status_code == 303
    done = reader.page(page)
    assert "A filter would have done." in done and "3 of 4" in done
    assert reader.post(f"{page}answer", **sent()).status_code == 409


def test_the_second_does_not_see_the_first(
    desk: Desk, first: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = visit(desk.house.administrator, desk, monkeypatch)
    other = visit(desk.house.second_administrator, desk, monkeypatch)
    second = Audit.objects.get(first=first)
    assert one.get(f"/control/audits/{second.pk}/").status_code == 404, "not before the first"
    one.post(f"/control/audits/{first.pk}/take")
    one.post(f"/control/audits/{first.pk}/answer", **sent())
    for who in (other, visit(desk.house.vendor, desk, monkeypatch)):
        page = who.page(f"/control/audits/{first.pk}/")
        assert "A filter would have done." not in page and WHOLE.remark not in page
    own = visit(desk.lead, desk, monkeypatch)
    assert WHOLE.remark not in own.page("/work/audits/")
    assert one.get(f"/control/audits/{second.pk}/").status_code == 404
    other.post(f"/control/audits/{second.pk}/take")
    assert "A filter would" not in other.page(f"/control/audits/{second.pk}/")
    other.post(f"/control/audits/{second.pk}/answer", **sent(**{"answer-message": "none"}))
    both = other.page(f"/control/audits/{first.pk}/")
    assert "Here the two say different things" in both and both.count(WHOLE.remark) == 2
    mine = own.page("/work/audits/")
    assert mine.count(WHOLE.remark) == 2
    assert "Adam Kontrol" in mine and "Ada Nahliad" not in mine


def test_what_a_quarter_came_to(desk: Desk, first: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    second = Audit.objects.get(first=first)
    pairs = ((first, desk.house.administrator), (second, desk.house.second_administrator))
    for row, person in pairs:
        cause = desk.cause(person, "control", desk.key())
        audits.take_audit(cause, row.pk)
        audits.answer_audit(desk.cause(person, "control", desk.key()), row.pk, WHOLE)
    reader = visit(desk.house.vendor, desk, monkeypatch)
    page = reader.page("/control/audits/results/")
    assert "Olha Persha" in page and "6 of 8" in page
    assert "Only 5 answers were given twice" in page
    assert "No audit was finished" in reader.page("/control/audits/results/?quarter=2026-Q1")


def test_who_sees_audits(desk: Desk, first: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    for person in (desk.lead, desk.house.accountant, desk.house.production, desk.owner):
        reader = visit(person, desk, monkeypatch)
        assert reader.get("/control/audits/").status_code == 403
        assert reader.get(f"/control/audits/{first.pk}/").status_code == 403
    vendor = visit(desk.house.vendor, desk, monkeypatch)
    assert "Take this audit" not in vendor.page(f"/control/audits/{first.pk}/")
    assert vendor.post(f"/control/audits/{first.pk}/take").status_code == 403


def test_a_list_costs_the_same_however_long(
    desk: Desk, first: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = visit(desk.house.administrator, desk, monkeypatch)
    few = reader.queries("/control/audits/")
    buys(desk, 6)
    for _ in range(6):
        resolved(desk, in_work(desk))
    desk.later(days=7)
    audits.draw_audits(desk.now)
    assert len(Audit.objects.all()) == 4
    assert reader.queries("/control/audits/") == few
