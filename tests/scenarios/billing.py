"""Words for the scenarios of billing: a company that sells, a partner's contract, a pack."""

from __future__ import annotations

from datetime import date
from typing import Any

from desk.deposits.actions import catalogue
from desk.deposits.queries.catalogue import CompanyDetails, ContractDetails, default_company
from desk.partners import queries as partners
from tests.scenarios.deposits import MONDAY, PRICE, keyed

# Valid by their check digits, and nobody's: no code of the register begins with 999.
COMPANY_CODE = "99999902"
OTHER_COMPANY_CODE = "99999919"
PERSON_CODE = "9999999996"
OUR_IBAN = "UA673000000000026001000000001"
OTHER_IBAN = "UA403000000000026001000000002"
PARTNER_IBAN = "UA133000000000026001000000003"


def company_details(**changes: Any) -> CompanyDetails:
    """A company of the vendor that pays no VAT."""
    details: dict[str, Any] = {
        "name": "Demo vendor",
        "legal_name": "ТОВ «Демо-виробник»",
        "code": COMPANY_CODE,
        "iban": OUR_IBAN,
        "bank": "АТ «Демо-банк»",
        "address": "01001, м. Київ, вул. Демонстраційна, 1",
        "email": "billing@desk.example",
        "phone": "+380 44 000 00 00",
        "signer": "Віра Демо-Власниця",
        "signer_post": "Директорка",
        "prefix": "ДВ",
    }
    return CompanyDetails(**{**details, **changes})


def contract_details(company_id: int, **changes: Any) -> ContractDetails:
    """A partner's details and its contract with a company."""
    details: dict[str, Any] = {
        "company_id": company_id,
        "legal_name": "ТОВ «Демо-партнер»",
        "code": OTHER_COMPANY_CODE,
        "iban": PARTNER_IBAN,
        "bank": "АТ «Демо-банк»",
        "address": "79000, м. Львів, вул. Прикладна, 2",
        "email": "accounting@partner.example",
        "signer": "Оксана Демо-Партнерка",
        "signer_post": "Директорка",
        "number": "42/2026",
        "signed_on": date(2026, 9, 1),
    }
    return ContractDetails(**{**details, **changes})


def a_company(**changes: Any) -> int:
    """A company that issues papers; the first one is the default."""
    return catalogue.set_company(keyed(), company_details(**changes))


def a_contract(partner_id: int, company_id: int | None = None, **changes: Any) -> None:
    """The partner's contract, with the default company unless another is named."""
    if company_id is None:
        default = default_company()
        company_id = default.id if default else a_company()
    catalogue.set_contract(keyed(), partner_id, contract_details(company_id, **changes))


def a_pack(quantity: int = 10, **changes: Any) -> int:
    """A pack at the list price, offered since the Monday of the deposit's scenarios."""
    terms: dict[str, Any] = {
        "names": {
            "uk": f"{quantity} консультацій",
            "ru": f"{quantity} консультаций",
            "en": f"{quantity} consultations",
        },
        "quantity": quantity,
        "unit_price_kopecks": PRICE,
        "since_on": partners.today(MONDAY),
    }
    return catalogue.offer_pack(keyed(), catalogue.PackTerms(**{**terms, **changes}))
