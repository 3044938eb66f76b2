"""A paper's content as the texts that its template prints: nothing is counted in a template."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from desk.deposits.printing.content import payment_purpose
from desk.lib.in_words import in_words
from desk.lib.pdf import printable
from desk.rules.billing import PaperKind

# A row of a longer text does not fit a page: it may be torn, others are kept whole.
TALL = 1_000
# Details of a party have room: an account or an address is copied from there, and stays whole.
DETAIL_MAX = 60
SPACE = "\u00a0"
MINUS = "\u2212"
MONTHS = (
    *("січня", "лютого", "березня", "квітня", "травня", "червня"),
    *("липня", "серпня", "вересня", "жовтня", "листопада", "грудня"),
)
MONTHS_NAMED = (
    *("січень", "лютий", "березень", "квітень", "травень", "червень"),
    *("липень", "серпень", "вересень", "жовтень", "листопад", "грудень"),
)
TITLES = {
    PaperKind.INVOICE: "Рахунок на оплату",
    PaperKind.ACT: "Акт наданих послуг",
    PaperKind.RECONCILIATION: "Акт звірки взаємних розрахунків",
    PaperKind.CORRECTION: "Коригування (сторно)",
}


def of(kind: PaperKind, content: Mapping[str, Any]) -> dict[str, Any]:
    """What the template of the kind is given."""
    common = {
        "title": title(kind, content),
        "number": content["number"],
        "seller": party(content["seller"]),
        "buyer": party(content["buyer"]),
        "contract": contract(content["contract"]),
    }
    makers = {
        PaperKind.INVOICE: _invoice,
        PaperKind.ACT: _act,
        PaperKind.RECONCILIATION: _reconciliation,
        PaperKind.CORRECTION: _correction,
    }
    printed = {**common, **makers[kind](content)}
    longest = max((len(text) for line in printed.get("lines", ()) for text in line), default=0)
    return {**printed, "tall": longest > TALL}


def title(kind: PaperKind, content: Mapping[str, Any]) -> str:
    """ "Рахунок на оплату № ПД-Р-2026-000123 від 23 листопада 2026 р." """
    return f"{TITLES[kind]} № {content['number']} від {in_full(content['issued_on'])}"


def in_full(iso: str) -> str:
    on = date.fromisoformat(iso)
    return f"{on.day}{SPACE}{MONTHS[on.month - 1]} {on.year}{SPACE}р."


def day(iso: str) -> str:
    return f"{date.fromisoformat(iso):%d.%m.%Y}"


def period(content: Mapping[str, Any]) -> str:
    """ "листопад 2026 р.", or two days where the period is no whole month."""
    first, last = (date.fromisoformat(content[name]) for name in ("from_on", "until_on"))
    if first.day == 1 and (last + timedelta(days=1)).day == 1 and first.month == last.month:
        return f"{MONTHS_NAMED[first.month - 1]} {first.year} р."
    return f"{first:%d.%m.%Y} – {last:%d.%m.%Y}"


def money(kopecks: int) -> str:
    """ "12 345,60" with spaces that do not break."""
    whole, part = divmod(abs(kopecks), 100)
    text = f"{whole:,}".replace(",", SPACE) + f",{part:02}"
    return f"{MINUS}{text}" if kopecks < 0 else text


def money_or_nothing(kopecks: int) -> str:
    return money(kopecks) if kopecks else ""


def number(value: int) -> str:
    text = f"{abs(value):,}".replace(",", SPACE)
    return f"{MINUS}{text}" if value < 0 else text


def party(details: Mapping[str, str]) -> dict[str, Any]:
    """A side's name, its details line by line, and who signs."""
    named = printable(details["legal_name"])
    code = details["code"]
    code_name = "РНОКПП" if len(code) == 10 else "код за ЄДРПОУ"
    codes = _joined(
        f"{code_name} {code}" if code else "",
        f"ІПН {details['tax_number']}" if details["tax_number"] else "",
    )
    account = _joined(f"п/р {details['iban']}" if details["iban"] else "", details["bank"])
    reach = _joined(
        f"тел. {details['phone']}" if details["phone"] else "",
        details["email"],
    )
    lines = [account, codes, details["address"], reach]
    return {
        "name": named,
        "lines": [printable(line, DETAIL_MAX) for line in lines if line],
        "iban": printable(details["iban"], DETAIL_MAX),
        "bank": printable(details["bank"], DETAIL_MAX),
        "code": printable(code, DETAIL_MAX),
        "code_label": code_name[0].upper() + code_name[1:],
        "signer": printable(details["signer"]),
        "signer_post": printable(details["signer_post"]),
    }


def contract(known: Mapping[str, str | None]) -> str:
    """ "Договір № 12 від 01.02.2026"; empty where there is none."""
    if not known["number"]:
        return ""
    signed_on = known["signed_on"]
    text = f"Договір № {known['number']}" + (f" від {day(signed_on)}" if signed_on else "")
    return printable(text)


def _joined(*texts: str) -> str:
    return ", ".join(text for text in texts if text)


def totals(content: Mapping[str, Any]) -> dict[str, Any]:
    """Sum, tax and words of a paper that has a total."""
    percent = content["vat_percent"]
    vat = f"У тому числі ПДВ {percent} %:" if percent is not None else "Без ПДВ"
    return {
        "total": money(content["total_kopecks"]),
        "vat_label": vat,
        "vat": money(content["vat_kopecks"]) if percent is not None else "",
        "in_words": in_words(content["total_kopecks"], "uk"),
        "vat_in_words": in_words(content["vat_kopecks"], "uk").lower() if percent else "",
        "with_vat": percent is not None,
        "price_head": "Ціна з ПДВ, грн" if percent is not None else "Ціна, грн",
        "sum_head": "Сума з ПДВ, грн" if percent is not None else "Сума, грн",
    }


def _invoice(content: Mapping[str, Any]) -> dict[str, Any]:
    lines = [[printable(one["text"]), *_sums(one)] for one in content["lines"]]
    return {
        "lines": lines,
        **totals(content),
        "due": in_full(content["due_on"]),
        "purpose": payment_purpose(content),
    }


def _act(content: Mapping[str, Any]) -> dict[str, Any]:
    lines = [
        [printable(one["number"]), printable(service(one)), day(one["on"]), *_sums(one)]
        for one in content["lines"]
    ]
    return {"lines": lines, **totals(content), "period": period(content)}


def _sums(line: Mapping[str, Any]) -> list[str]:
    """Quantity, unit, price and sum of a line."""
    price, total = money(line["price_kopecks"]), money(line["kopecks"])
    return [number(line["quantity"]), line["unit"], price, total]


def service(line: Mapping[str, Any]) -> str:
    """What a line of an act is about: a reversal says so, a customisation says its hours."""
    text: str = line["subject"] or "Консультація"
    if line["minutes"]:
        hours, minutes = divmod(line["minutes"], 60)
        parts = (f"{hours} год" if hours else "", f"{minutes} хв" if minutes else "")
        spent = " ".join(part for part in parts if part)
        text = f"{text} (робота програміста: {spent})"
    return f"Сторно: {text}" if line["kopecks"] < 0 or line["quantity"] < 0 else text


def _reconciliation(content: Mapping[str, Any]) -> dict[str, Any]:
    lines = [
        [day(one["on"]), printable(one["text"]), *map(money_or_nothing, _sides(one))]
        for one in content["lines"]
    ]
    opening, closing = content["opening_kopecks"], content["closing_kopecks"]
    return {
        "lines": lines,
        "period": period(content),
        "from": day(content["from_on"]),
        "until": day(content["until_on"]),
        "opening": [money_or_nothing(max(0, opening)), money_or_nothing(max(0, -opening))],
        "turnover": [money(content["debit_kopecks"]), money(content["credit_kopecks"])],
        "closing": [money_or_nothing(max(0, closing)), money_or_nothing(max(0, -closing))],
        "conclusion": conclusion(content),
    }


def _sides(line: Mapping[str, Any]) -> tuple[int, int]:
    return line["debit_kopecks"], line["credit_kopecks"]


def conclusion(content: Mapping[str, Any]) -> str:
    """Who owes whom how much, in one sentence."""
    closing, until = content["closing_kopecks"], day(content["until_on"])
    if not closing:
        return f"Станом на {until} заборгованість відсутня."
    creditor, debtor = content["seller"], content["buyer"]
    if closing < 0:
        creditor, debtor = debtor, creditor
    owed = f"{money(abs(closing))} грн ({in_words(abs(closing), 'uk')})"
    return (
        f"Станом на {until} заборгованість на користь {printable(creditor['legal_name'])}"
        f" становить {owed}."
    )


def _correction(content: Mapping[str, Any]) -> dict[str, Any]:
    cancelled = content["cancels"]
    what = title(PaperKind(cancelled["kind"]), cancelled)
    of_period = period(cancelled) if cancelled["from_on"] else ""
    printed = {"what": what, "reason": printable(content["reason"]), "period": of_period}
    if content.get("total_kopecks") is None:
        return {**printed, "has_total": False}
    return {**printed, "has_total": True, **totals(content)}
