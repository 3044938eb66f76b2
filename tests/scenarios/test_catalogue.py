"""Companies, contracts and packs: who sells what to whom, and since when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from desk.deposits.actions import catalogue
from desk.deposits.models import Pack
from desk.deposits.queries import catalogue as queries
from desk.journal import queries as journal
from desk.journal.actions import KeyReused
from desk.partners import actions as partners
from desk.partners.actions import Incomplete
from desk.partners.models import Calendar, Partner, Plan
from tests.language import Desk
from tests.scenarios.billing import (
    PERSON_CODE,
    a_company,
    a_contract,
    a_pack,
    company_details,
    contract_details,
)
from tests.scenarios.deposits import MONDAY, a_partner, day, keyed, on

pytestmark = pytest.mark.django_db


def test_the_first_company_is_the_default() -> None:
    assert queries.default_company() is None
    first, second = a_company(), a_company(name="Second")
    found = queries.default_company()
    assert found is not None and found.id == first
    assert [one.id for one in queries.companies()] == [first, second]


def test_another_default_takes_the_place() -> None:
    first, second = a_company(), a_company(name="Second")
    catalogue.set_company(keyed(), company_details(name="Second", is_default=True), second)
    assert [one.is_default for one in queries.companies()] == [True, False]
    assert queries.companies()[0].id == second
    catalogue.set_company(keyed(), company_details(is_active=False), first)
    assert not queries.company(first).is_active


@pytest.mark.parametrize("changes", [{"is_default": False}, {"is_active": False}])
def test_there_is_always_a_default(changes: dict[str, Any]) -> None:
    only = a_company()
    with pytest.raises(catalogue.DefaultNeeded):
        catalogue.set_company(keyed(), company_details(**{"is_default": True, **changes}), only)
    assert queries.company(only).is_default


def test_codes_are_checked_and_written_without_blanks() -> None:
    made = a_company(iban="ua67 3000 0000 0002 6001 0000 0000 1", code=PERSON_CODE)
    found = queries.company(made)
    assert (found.iban, found.code) == ("UA673000000000026001000000001", PERSON_CODE)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", "99999901"),
        ("iban", "UA673000000000026001000000002"),
        ("tax_number", "123"),
        ("legal_name", " "),
        ("name", ""),
        ("email", "nobody"),
        ("prefix", "TOO-LONG"),
        ("vat_percent", 101),
        ("invoice_days", 0),
    ],
)
def test_a_company_that_cannot_be_is_refused_by_its_field(field: str, value: object) -> None:
    with pytest.raises(Incomplete) as refused:
        a_company(**{field: value})
    assert refused.value.field == field
    assert queries.companies() == []


def test_a_vat_payer_has_a_number() -> None:
    with pytest.raises(Incomplete) as refused:
        a_company(is_vat_payer=True)
    assert refused.value.field == "tax_number"
    made = a_company(is_vat_payer=True, tax_number="999999026501")
    assert queries.company(made).is_vat_payer


def test_names_of_companies_are_given_once() -> None:
    a_company()
    with pytest.raises(catalogue.CompanyNameTaken):
        a_company()


def test_a_repeated_form_makes_one_company() -> None:
    """L3: the key returns the first outcome; with another content it is refused."""
    cause = keyed("form:company")
    first = catalogue.set_company(cause, company_details())
    assert catalogue.set_company(cause, company_details()) == first
    with pytest.raises(KeyReused):
        catalogue.set_company(cause, company_details(name="Another"))
    assert len(queries.companies()) == 1


def test_a_changed_account_stands_in_the_journal() -> None:
    """Money goes where the IBAN says: who changed it, and to what, is kept. Names are not."""
    made = a_company()
    iban = "UA403000000000026001000000002"
    changed = company_details(iban=iban, is_default=True, signer="Інша Демо")
    catalogue.set_company(keyed(), changed, made)
    last = journal.of(f"company:{made}").filter(verb="set_company").order_by("-id")[0]
    assert last.facts == {"changed": ["iban", "signer"], "iban": iban}


def test_papers_need_a_company() -> None:
    partner = a_partner()
    with pytest.raises(queries.CompanyMissing):
        queries.parties(partner)


def test_the_contract_says_who_sells() -> None:
    default, other = a_company(), a_company(name="Second")
    partner = a_partner()
    bare = queries.parties(partner)
    assert (bare.company.id, bare.contract, bare.partner_name) == (default, None, "Partner OLH")
    a_contract(partner, other)
    found = queries.parties(partner)
    assert found.contract is not None
    assert (found.company.id, found.contract.number) == (other, "42/2026")
    catalogue.set_company(keyed(), company_details(name="Second", is_active=False), other)
    assert queries.parties(partner).company.id == default


def test_a_contract_is_changed_and_kept_in_the_journal() -> None:
    partner = a_partner()
    a_contract(partner)
    default = queries.parties(partner).company.id
    catalogue.set_contract(keyed(at=day(1)), partner, contract_details(default, number="43/2026"))
    found = queries.contract_of(partner)
    assert found is not None
    assert (found.number, found.changed_at) == ("43/2026", day(1))
    told = journal.of(f"partner:{partner}").filter(verb="set_contract").order_by("id")
    assert [entry.facts["changed"] for entry in told][1] == ["number"]
    assert queries.contracts([partner]) == {partner: found}


def test_a_contract_is_with_a_company_that_issues_papers() -> None:
    partner = a_partner()
    a_company()
    closed = a_company(name="Closed", is_active=False)
    with pytest.raises(Incomplete) as refused:
        a_contract(partner, closed)
    assert refused.value.field == "company"


def test_a_partner_sees_the_packs_of_the_day_and_of_its_plan() -> None:
    partner = a_partner()
    own = Partner.objects.get(pk=partner).plan_id
    other = Plan.objects.create(name="Classic").pk
    for_all = a_pack(30)
    of_plan = a_pack(10, plan_id=own)
    a_pack(20, plan_id=other)
    later = a_pack(50, bonus=5, since_on=on(2))
    ended = a_pack(5, until_on=on(1))

    def offered(days: int) -> list[int]:
        return [one.id for one in queries.packs_for(partner, on(days))]

    assert offered(0) == [ended, of_plan, for_all]
    assert offered(1) == [ended, of_plan, for_all]
    assert offered(2) == [of_plan, for_all, later]


def test_a_pack_says_its_price_and_its_name() -> None:
    found = queries.pack(a_pack(50, bonus=5, unit_price_kopecks=170_00))
    assert (found.total_kopecks, found.bonus) == (8_500_00, 5)
    assert found.name("uk") == "50 консультацій"
    assert found.name("en") == "50 consultations"


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("quantity", {"quantity": 0}),
        ("bonus", {"bonus": -1}),
        ("unit_price_kopecks", {"unit_price_kopecks": 0}),
        ("validity_days", {"validity_days": 0}),
        ("since_on", {"since_on": on(-1)}),
        ("until_on", {"until_on": on(-1)}),
        ("plan", {"plan_id": 999}),
        ("name_ru", {"names": {"uk": "Десять", "en": "Ten"}}),
    ],
)
def test_a_pack_that_cannot_be_is_refused_by_its_field(field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(Incomplete) as refused:
        a_pack(**changes)
    assert refused.value.field == field
    assert queries.packs() == []


def test_what_a_pack_says_never_changes() -> None:
    """L6: the database itself refuses another price."""
    made = a_pack()
    with pytest.raises(DatabaseError), transaction.atomic():
        Pack.objects.filter(pk=made).update(unit_price_kopecks=1)


def test_an_ended_pack_is_offered_no_more() -> None:
    partner = a_partner()
    made = a_pack()
    cause = keyed("form:end")
    catalogue.end_pack(cause, made, on(0))
    catalogue.end_pack(cause, made, on(0))
    assert [one.id for one in queries.packs_for(partner, on(0))] == [made]
    assert queries.packs_for(partner, on(1)) == []
    with pytest.raises(catalogue.PackEnded):
        catalogue.end_pack(keyed(at=day(2)), made, on(5))
    assert journal.of(f"pack:{made}").filter(verb="end_pack").count() == 1


def test_a_pack_ends_at_once_but_not_in_the_past() -> None:
    partner = a_partner()
    made = a_pack()
    with pytest.raises(Incomplete):
        catalogue.end_pack(keyed(), made, on(-2))
    catalogue.end_pack(keyed(), made, on(-1))
    assert queries.packs_for(partner, on(0)) == []


def test_a_lot_lives_as_the_pack_says_else_the_plan(desk: Desk) -> None:
    partner, plan = desk.company.partner.pk, desk.house.plan.pk
    short = queries.pack(a_pack(validity_days=30, since_on=desk.now.date()))
    plain = queries.pack(a_pack(since_on=desk.now.date()))
    assert queries.validity_days(partner, desk.now, plain) is None
    calendar = Calendar.objects.get().pk
    cause = desk.cause(desk.house.vendor)
    partners.add_plan_version(cause, plan, desk.now.date(), calendar, {"lot_validity_days": 365})
    assert queries.validity_days(partner, desk.now) == 365
    assert queries.validity_days(partner, desk.now, plain) == 365
    assert queries.validity_days(partner, desk.now, short) == 30
    assert queries.validity_days(partner, desk.now - timedelta(days=1)) is None
    assert desk.now > MONDAY
