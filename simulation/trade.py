"""Who sells in the simulated world, and what: every code and account is plainly nobody's. No code
of the Ukrainian register begins with 999, and no bank has the number 300000."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from desk.deposits.actions import catalogue
from desk.deposits.actions.catalogue import CompanyDetails, ContractDetails, PackTerms
from desk.journal import cause as causes
from desk.partners import queries as partners

BANK = "АТ «Демо-банк»"
COMPANY = CompanyDetails(
    name="Демо-виробник",
    legal_name="ТОВ «Демо-виробник»",
    code="99999902",
    iban="UA673000000000026001000000001",
    bank=BANK,
    address="01001, м. Київ, вул. Демонстраційна, 1",
    email="billing@desk.example",
    phone="+380 44 000 00 00",
    signer="Віра Демо-Власниця",
    signer_post="Директорка",
    prefix="ДВ",
)
# A second seller, which pays VAT, for partners whose contract says so.
VAT_COMPANY = CompanyDetails(
    name="Демо-виробник з ПДВ",
    legal_name="ТОВ «Демо-виробник Плюс»",
    code="99999925",
    tax_number="999999026500",
    is_vat_payer=True,
    iban="UA403000000000026001000000002",
    bank=BANK,
    address="01001, м. Київ, вул. Демонстраційна, 1",
    email="billing-plus@desk.example",
    signer="Віра Демо-Власниця",
    signer_post="Директорка",
    prefix="ДП",
)
CODES = ("99999919", "99999931", "99999948", "99999954", "9999999996")
PACKS = (
    # Consultations, bonus, price of one in kopiykas, names.
    (10, 0, 180_00, ("10 консультацій", "10 консультаций", "10 consultations")),
    (
        30,
        0,
        171_00,
        ("30 зі знижкою 5 %", "30 со скидкой 5 %", "30 at 5 % off"),
    ),
    (
        50,
        5,
        180_00,
        ("50 і ще 5 бонусом", "50 и ещё 5 бонусом", "50 and 5 as a bonus"),
    ),
)


def open_shop(at: datetime) -> tuple[int, int]:
    """The vendor's companies and the packs of the first day: ids of the default company and of
    the one that pays VAT."""
    system = causes.system(at)
    companies = (
        catalogue.set_company(system, COMPANY),
        catalogue.set_company(system, VAT_COMPANY),
    )
    today = partners.today(at)
    for quantity, bonus, price, names in PACKS:
        terms = PackTerms(
            names=dict(zip(("uk", "ru", "en"), names, strict=True)),
            quantity=quantity,
            bonus=bonus,
            unit_price_kopecks=price,
            since_on=today,
        )
        catalogue.offer_pack(system, terms)
    return companies


def sign(at: datetime, sellers: tuple[int, int], partner_id: int, name: str, number: int) -> None:
    """A partner's contract with the default company; the last one's is with the payer of VAT."""
    company, vat_company = sellers
    is_person = len(CODES[number]) > 8  # ten digits are a person's
    bare = name.partition("«")[2].rstrip("»") or name
    details = ContractDetails(
        company_id=vat_company if is_person else company,
        number=f"{number + 1}/{at.year}",
        signed_on=_month_before(partners.today(at)),
        legal_name=f"ФОП Демо-{bare}" if is_person else f"ТОВ «Демо-{bare}»",
        code=CODES[number],
        iban="UA133000000000026001000000003",
        bank=BANK,
        address=f"79000, м. Львів, вул. Прикладна, {number + 1}",
        email=f"accounting-{number + 1}@partner.example",
        signer=f"Оксана Демо-{bare}",
        signer_post="" if is_person else "Директорка",
    )
    catalogue.set_contract(causes.system(at), partner_id, details)


def _month_before(day: date) -> date:
    return day - timedelta(days=30)
