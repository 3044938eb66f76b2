"""Set-up of who sells and what, and the look at a plan's change before it is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from desk.deposits import queries as ledger
from desk.deposits.queries import catalogue
from desk.partners import queries as partners
from desk.partners.models import PlanVersion
from tests.language import Desk
from tests.scenarios.billing import COMPANY_CODE, OUR_IBAN, a_company, a_pack
from tests.scenarios.tickets import accepted, buys
from tests.screens.visits import Visit

pytestmark = pytest.mark.django_db

COMPANY = {
    "name": "Demo",
    "legal_name": "ТОВ «Демо»",
    "code": COMPANY_CODE,
    "iban": "UA67 3000 0000 0002 6001 0000 0000 1",
    "vat_percent": "20",
    "invoice_days": "7",
    "is_active": "on",
}
PACK = {
    "name_uk": "Тридцять",
    "name_ru": "Тридцать",
    "name_en": "Thirty",
    "quantity": "30",
    "unit_price_kopecks": "170,50",
    "bonus": "2",
}


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk.open()


@pytest.fixture
def owner(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Visit:
    return Visit.of(desk.house.vendor, desk, monkeypatch)


def test_a_company_is_entered_and_changed(owner: Visit) -> None:
    assert "No company yet" in owner.page("/setup/selling/")
    assert owner.post("/setup/companies/new/", **COMPANY).status_code == 302
    (made,) = catalogue.companies()
    assert (made.iban, made.is_default) == (OUR_IBAN, True)
    page = owner.page("/setup/selling/")
    assert OUR_IBAN in page
    assert "details are missing" in page
    url = f"/setup/companies/{made.id}/"
    assert owner.post(url, **COMPANY, is_default="on", signer="Demo").status_code == 302
    assert catalogue.company(made.id).signer == "Demo"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("code", "99999901", "check digit"),
        ("iban", "UA673000000000026001000000009", "IBAN"),
        ("is_vat_payer", "on", "A VAT payer has a VAT number"),
        ("tax_number", "12", "12 digits"),
    ],
)
def test_a_mistyped_code_is_named(owner: Visit, field: str, value: str, said: str) -> None:
    answer = owner.post("/setup/companies/new/", **{**COMPANY, field: value})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert catalogue.companies() == []


def test_one_company_stays_the_default(owner: Visit) -> None:
    made = a_company()
    answer = owner.post(f"/setup/companies/{made}/", **COMPANY)
    assert answer.status_code == 409
    assert "sell by default" in answer.content.decode()


def test_an_accountant_enters_a_partners_contract(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner = desk.company.partner.pk
    accountant = Visit.of(desk.house.accountant, desk, monkeypatch)
    url = f"/setup/partners/{partner}/contract/"
    assert "there is none yet" in accountant.page(url)
    company = a_company()
    assert desk.company.partner.name in accountant.page(url)
    form = {"company_id": str(company), "legal_name": "ТОВ", "signed_on": "2026-09-01"}
    assert accountant.post(url, **form, number="7/26").status_code == 302
    found = catalogue.parties(partner).contract
    assert found is not None
    assert (found.number, found.legal_name) == ("7/26", "ТОВ")


def test_a_pack_is_offered_and_ended(desk: Desk, owner: Visit) -> None:
    today = partners.today(desk.now)
    form = {**PACK, "since_on": today.isoformat()}
    assert owner.post("/setup/packs/new/", **form).status_code == 302
    (made,) = catalogue.packs_for(desk.company.partner.pk, today)
    assert (made.unit_price_kopecks, made.bonus, made.plan_id) == (170_50, 2, None)
    page = owner.page("/setup/selling/")
    assert "Thirty" in page and "End today" in page
    owner.post(f"/setup/packs/{made.id}/end")
    assert catalogue.pack(made.id).until_on == today
    owner.post(f"/setup/packs/{made.id}/end", now="1")
    assert catalogue.packs_for(desk.company.partner.pk, today) == []
    assert "Packs that are offered no more" in owner.page("/setup/selling/")


@pytest.mark.parametrize(
    ("field", "value"),
    [("unit_price_kopecks", "0"), ("since_on", "2020-01-01"), ("until_on", "2020-01-01")],
)
def test_a_pack_that_cannot_be_is_refused_by_its_field(
    desk: Desk, owner: Visit, field: str, value: str
) -> None:
    form = {**PACK, "since_on": partners.today(desk.now).isoformat(), field: value}
    answer: Any = owner.post("/setup/packs/new/", **form)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]


def _form(owner: Visit, plan: int) -> dict[str, str]:
    """What a browser would send of the plan's form as it is."""
    page: Any = owner.get(f"/setup/plans/{plan}/")
    form = page.context["form"]
    shown = {name: form[name].value() for name in form.fields}
    return {
        name: ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
        for name, value in shown.items()
        if value is not None and value is not False
    }


def test_a_change_of_price_is_shown_before_it_is_kept(desk: Desk, owner: Visit) -> None:
    """R12: what it touches, and what it does not."""
    buys(desk, 5)
    accepted(desk)
    a_pack(since_on=partners.today(desk.now))
    plan = desk.house.plan.pk
    form = {**_form(owner, plan), "price_kopecks": "200"}
    shown: Any = owner.post(f"/setup/plans/{plan}/", **form)
    assert shown.status_code == 200
    text = shown.content.decode()
    for said in (
        "Price of a consultation, UAH",
        "₴180.00",
        "₴200.00",
        desk.company.partner.name,
        "1 open ticket: price, terms and promise stay",
        "1 purchase, with 5 consultations left",
        "0 invoices that wait for money",
    ):
        assert said in text, said
    assert PlanVersion.objects.count() == 1
    mark = shown.context["effect"].mark
    assert owner.post(f"/setup/plans/{plan}/", **form, seen=mark).status_code == 302
    later = partners.plan_version(plan, desk.now + timedelta(days=1)).value()
    assert later.price_kopecks == 200_00


def test_what_was_changed_after_the_look_is_looked_at_again(desk: Desk, owner: Visit) -> None:
    plan = desk.house.plan.pk
    form = {**_form(owner, plan), "price_kopecks": "200"}
    looked: Any = owner.post(f"/setup/plans/{plan}/", **form)
    mark = looked.context["effect"].mark
    other: Any = owner.post(f"/setup/plans/{plan}/", **{**form, "price_kopecks": "210"}, seen=mark)
    assert other.status_code == 200
    assert other.context["effect"].mark != mark
    assert PlanVersion.objects.count() == 1
    assert ledger.balance(desk.company.partner.pk).consultations_available == 0


def test_a_version_that_says_the_same_says_so(desk: Desk, owner: Visit) -> None:
    plan = desk.house.plan.pk
    shown: Any = owner.post(f"/setup/plans/{plan}/", **_form(owner, plan))
    assert shown.context["effect"].changed == []


def test_what_the_accountant_books_lives_as_long_as_the_plan_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Desk.open(lot_validity_days=30)
    partner, today = desk.company.partner.pk, partners.today(desk.now)
    accountant = Visit.of(desk.house.accountant, desk, monkeypatch)
    url = f"/accounting/partners/{partner}/"
    sent = {"buy-quantity": "2", "buy-price": "180", "buy-paid": "720"}
    assert accountant.post(f"{url}buy", **sent).status_code == 302
    assert accountant.post(f"{url}convert", **{"convert-quantity": "2"}).status_code == 302
    lots = [lot for lot in ledger.lots(partner) if lot.commodity == "consultations"]
    assert [(lot.quantity, lot.expires_on) for lot in lots] == [
        (2, today + timedelta(days=30)),
        (2, today + timedelta(days=30)),
    ]
