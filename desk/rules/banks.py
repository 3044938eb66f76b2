"""The mappings that come with the desk: how banks wrote their exports when this was made.

Sources are public programs that read these files; banks change them without notice, and then a
person mends the mapping on its page.
"""

from desk.rules.bank_mapping import BankMapping, Field

# Windows-1251, ";" also after the last cell, quotes in names not escaped, and Latin "i" inside
# Ukrainian words; sums as "-70 000.00".
PRIVATBANK = BankMapping(
    columns={
        Field.OWN_ACCOUNT: "Рахунок",
        Field.CURRENCY: "Валюта",
        Field.DOCUMENT: "Номер документу",
        Field.DATE: "Дата операції",
        Field.PAYER_IBAN: "Рахунок кореспондента",
        Field.PAYER_CODE: "ЄДРПОУ кореспондента",
        Field.PAYER_NAME: "Кореспондент",
        Field.AMOUNT: "Сума",
        Field.PURPOSE: "Призначення платежу",
    },
    encoding="cp1251",
    quotes=False,
)
# UTF-8 with commas; the payer is not told, so that only the number and the sum match.
MONOBANK = BankMapping(
    columns={
        Field.DATE: "Дата i час операції",
        Field.PURPOSE: "Деталі операції",
        Field.AMOUNT: "Сума в валюті картки (UAH)",
    },
    delimiter=",",
)
RAIFFEISEN = BankMapping(
    columns={
        Field.OWN_ACCOUNT: "Рахунок",
        Field.CURRENCY: "Валюта",
        Field.DATE: "Дата операції",
        Field.PAYER_IBAN: "Рахунок кореспондента",
        Field.PAYER_CODE: "ЄДРПОУ кореспондента",
        Field.PAYER_NAME: "Кореспондент",
        Field.DOCUMENT: "Документ",
        Field.DEBIT: "Дебет",
        Field.CREDIT: "Кредит",
        Field.PURPOSE: "Призначення платежу",
    },
    encoding="cp1251",
)
PUMB = BankMapping(
    columns={
        Field.OWN_ACCOUNT: "ACC_NUMB",
        Field.DATE: "DOC_DATE",
        Field.DEBIT: "DB",
        Field.CREDIT: "CR",
        Field.PURPOSE: "DESCRIPT",
        Field.PAYER_CODE: "KOR_OKPO",
        Field.PAYER_NAME: "KOR_NAME",
    },
    encoding="cp1251",
    date_formats=("%d.%m.%Y", "%Y.%m.%d", "%Y-%m-%d"),
)
# The client's program of many banks; columns by their place, since their headings differ.
IBANK2 = BankMapping(
    columns={
        Field.OWN_ACCOUNT: "#3",
        Field.CURRENCY: "#4",
        Field.DATE: "#5",
        Field.PAYER_IBAN: "#9",
        Field.PAYER_CODE: "#10",
        Field.PAYER_NAME: "#11",
        Field.DOCUMENT: "#12",
        Field.DEBIT: "#14",
        Field.CREDIT: "#15",
        Field.PURPOSE: "#16",
    },
    encoding="cp1251",
)

SHIPPED: dict[str, BankMapping] = {
    "ПриватБанк (Приват24 для бізнесу)": PRIVATBANK,
    "monobank": MONOBANK,
    "Райффайзен Банк": RAIFFEISEN,
    "ПУМБ": PUMB,
    "iBank 2 UA": IBANK2,
}
