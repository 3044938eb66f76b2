"""What a person wrote, cut out of what their mail program put around it."""

from __future__ import annotations

import re

import pytest

from desk.channels.email import reading
from desk.channels.email.reading import quoting, replies
from tests.channels import mails
from tests.channels.mails import CORPORA, corpus

SAID = "Так, підтверджую.\nМожна закривати."
SMALL = "Дякую!"

# The announcement and the quote as each program writes them; nothing of it may be left.
PROGRAMS = {
    "Gmail uk": "ср, 5 лист. 2025 р. о 10:15 Іван Петренко <ivan@example.com> пише:\n\n> Коли?\n>",
    "Gmail uk, folded": (
        "ср, 5 лист. 2025 р. о 10:15 Підтримка партнерів компанії Приклад <\n"
        "support@example.com> пише:\n\n> Коли?"
    ),
    "Gmail ru": "ср, 5 нояб. 2025 г. в 10:15, Иван Петренко <ivan@example.com>:\n\n> Когда?",
    "Gmail ru, old": (
        "5 ноября 2025 г., 10:15 пользователь Иван <ivan@example.com> написал:\n\n> Когда?"
    ),
    "Gmail en": "On Wed, Nov 5, 2025 at 10:15 AM Ivan <ivan@example.com> wrote:\n\n> When?",
    "Gmail en, folded": (
        "On Wed, Nov 5, 2025 at 10:15 AM Partner Support of Example <support@example.com>\n"
        "wrote:\n\n> When?\n> > Then."
    ),
    "Outlook uk": (
        "________________________________\nВід: Іван Петренко <ivan@example.com>\n"
        "Надіслано: 5 листопада 2025 р. 10:15\nКому: support@example.com\nТема: RE: Звіт\n\nКоли?"
    ),
    "Outlook uk, bold": (
        "*Від:* Іван <ivan@example.com>\n*Відправлено:* середа, 5 листопада 2025 р. 10:15\n"
        "*Кому:* support@example.com\n*Тема:* Звіт\n\nКоли?"
    ),
    "Outlook ru": (
        "От: Иван Петренко <ivan@example.com>\nОтправлено: 5 ноября 2025 г. 10:15\n"
        "Кому: support@example.com\nКопия: it@example.com\nТема: RE: Отчёт\n\nКогда?"
    ),
    "Outlook ru, dashed": (
        "-----Исходное сообщение-----\nОт: Иван\nОтправлено: 05.11.2025\nКому: a@b.ua\n\nКогда?"
    ),
    "Outlook en": (
        "From: Ivan <ivan@example.com>\nSent: Wednesday, November 5, 2025 10:15 AM\n"
        "To: support@example.com\nSubject: RE: Report\n\nWhen?"
    ),
    "Outlook en, dashed": "-----Original Message-----\nFrom: Ivan\nSent: Wed\nTo: us\n\nWhen?",
    "Thunderbird uk": "05.11.2025 10:15, Іван Петренко пише:\n> Коли?",
    "Thunderbird ru": "05.11.2025 10:15, Иван Петренко пишет:\n> Когда?",
    "Thunderbird en": "On 05/11/2025 10:15, Ivan Petrenko wrote:\n> When?",
    "Apple uk": "> 5 лист. 2025 р. о 10:15 Іван <ivan@example.com> написав(ла):\n> \n> Коли?",
    "Apple ru": "5 нояб. 2025 г., в 10:15, Иван <ivan@example.com> написал(а):\n\n> Когда?",
    "Apple en": "On 5 Nov 2025, at 10:15, Ivan <ivan@example.com> wrote:\n\n> When?",
    "Yandex": '05.11.2025, 10:15, "Иван Петренко" <ivan@example.com>:\n\nКогда?\nИван',
    "Yandex, marked": '05.11.2025, 10:15, "Иван" <ivan@example.com>:\n> Когда?',
    "Mail.ru": (
        "Среда, 5 ноября 2025, 10:15 +03:00 от Иван Петренко <ivan@example.com>:\n \nКогда?"
    ),
    "Mail.ru, marked": ">Среда, 5 ноября 2025, 10:15 +03:00 от Иван <i@example.com>:\n>\n>Когда?",
    "ukr.net": '5 листопада 2025, 10:15:22, від "Іван Петренко" <ivan@example.com>:\n\nКоли?',
    "ukr.net, dashed": (
        '--- Оригінальне повідомлення ---\nВід кого: "Іван" <ivan@example.com>\n'
        "Дата: 5 листопада 2025, 10:15:22\n\nКоли?"
    ),
    "by name": "Іван Петренко пише:\n> Коли?",
    "Swedish": "Den 5 nov. 2025 kl. 10:15 skrev Ivan <ivan@example.com>:\n\n> När?",
    "Polish": "W dniu 2025-11-05 o 10:15, Ivan pisze:\n> Kiedy?",
    "Polish Gmail": "śr., 5 lis 2025 o 10:15 Ivan <ivan@example.com> napisał(a):\n\n> Kiedy?",
    "German": "Am Mi., 5. Nov. 2025 um 10:15 Uhr schrieb Ivan <ivan@example.com>:\n\n> Wann?",
    "Portuguese": "Em qua., 5 de nov. de 2025 às 10:15, Ivan <i@example.com> escreveu:\n\n> Q?",
    "Spanish": "El mié, 5 nov 2025 a las 10:15, Ivan (<i@example.com>) escribió:\n\n> Q?",
    "webmail": "Quoting Ivan Petrenko <ivan@example.com>:\n\n> When?",
    "The Bat": "Вы писали 5 ноября 2025 г., 10:15:22:\n\n> Когда?",
    "ours": "##- Пишіть відповідь вище цього рядка -##\n\nЗвернення OLH-42 прийнято.",
}
SIGNATURES = {
    "dashes": "-- \nІван Петренко\nПриклад, ТОВ\n+380 44 123 45 67",
    "dashes, bare": "--\nІван",
    "closing uk": "З повагою,\nІван Петренко\nТОВ «Приклад»\nтел. +380 44 123 45 67",
    "closing uk, one line": "З повагою, Іван Петренко",
    "closing ru": "С уважением,\nИван Петренко\nменеджер",
    "closing en": "Best regards,\nIvan Petrenko\nManager, Example LLC",
    "iPhone uk": "Надіслано з iPhone",
    "iPhone uk, newer": "Надіслано з мого iPhone",
    "iPhone ru": "Отправлено с iPhone",
    "iPhone en": "Sent from my iPhone",
    "Gmail on a telephone": "Відправлено з мобільного пристрою",
    "Mail.ru on a telephone": "Отправлено из мобильной Почты Mail.ru",
    "Yandex on a telephone": "Отправлено из мобильного приложения Яндекс Почты",
    "ukr.net on a telephone": "Відправлено з мобільного додатку ukr.net",
    "Outlook on a telephone": "Отримайте Outlook для iOS<https://aka.ms/o0ukef>",
    "Outlook on a telephone, ru": "Скачать Outlook для Android<https://aka.ms/AAb9ysg>",
    "Outlook on a telephone, en": "Get Outlook for iOS<https://aka.ms/o0ukef>",
}
# Looks like the above, and is what a person wrote.
KEPT = (
    "Зустріч.\nДата: 5 листопада\nЧас: 10:15\nТема: звіт\nЧекаємо.",
    "Іван пише:\nнічого не працює.",
    "Договір від 05.11.2025 надіслали на info@example.com\nЧекаємо на відповідь.",
    "На зустрічі Іван сказав:\nробити так не можна.",
    "At the meeting John said:\nthis is not how it works.",
    "Кроки:\n- відкрити\n- натиснути\n\nРезультат: нічого.",
    "Ось журнал:\n-----\nпомилка 1\n-----\nЩо робити?",
    "Від кого: невідомо.\nЯк так?",
    "Дата: 5 листопада\nЯ писав раніше.",
    "```\n-- \nselect 1; -- comment\n> x\n```\nЧому?",
    "З повагою ставимося до вашої праці, але звіт не працює.",
    "> Коли?\nЗавтра.\n> Хто?\nІван.",
    "Таблиця:\n| a | b |\n| 1 | 2 |\nДалі мій текст.\nІ ще.\nІ ще.\nІ ще.",
)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_quote_is_cut_as_every_program_announces_it(program: str) -> None:
    for said in (SAID, SMALL):
        assert replies.reply(f"{said}\n\n{PROGRAMS[program]}\n") == said


@pytest.mark.parametrize("signature", SIGNATURES)
def test_a_signature_is_cut_with_and_without_a_quote_below(signature: str) -> None:
    assert replies.reply(f"{SAID}\n\n{SIGNATURES[signature]}\n") == SAID
    for program in ("Gmail uk", "Outlook ru", "Yandex"):
        whole = f"{SAID}\n\n{SIGNATURES[signature]}\n\n{PROGRAMS[program]}\n"
        assert replies.reply(whole) == SAID


@pytest.mark.parametrize("text", KEPT)
def test_what_a_person_wrote_stays(text: str) -> None:
    assert replies.reply(text) == text


def test_answers_below_a_quote_and_between_quotes_stay() -> None:
    below = "On 05/11/2025 10:15, Ivan wrote:\n> When?\n\nTomorrow.\nAt ten.\n"
    assert replies.reply(below) == "Tomorrow.\nAt ten."
    between = f"{PROGRAMS['Thunderbird uk']}\n\nЗавтра.\n\n> Хто?\n\nІван."
    assert "Завтра." in replies.reply(between)
    assert replies.reply(between).endswith("Іван.")


@pytest.mark.parametrize("program", PROGRAMS)
def test_when_nothing_is_left_it_is_the_whole_text(program: str) -> None:
    left = replies.reply(PROGRAMS[program])
    assert left.strip()
    assert replies.reply("") == ""
    assert replies.reply("> лише цитата\n> і все") == "> лише цитата\n> і все"


PAGES = {
    "Gmail": (
        '<div dir="ltr">{said}</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">'
        'ср, 5 лист. 2025 р. о 10:15 Іван &lt;<a href="mailto:i@b.ua">i@b.ua</a>&gt; пише:<br>'
        "</div>"
        '<blockquote class="gmail_quote"><div>Коли?</div></blockquote></div>'
    ),
    "Outlook": (
        '<div class="WordSection1"><p class="MsoNormal">{said}<o:p></o:p></p><div><div style='
        '"border-top:solid"><p class="MsoNormal"><b>Від:</b> Іван &lt;i@b.ua&gt; <br>'
        "<b>Надіслано:</b> 5 листопада 2025 р. 10:15<br><b>Кому:</b> a@b.ua<br>"
        "<b>Тема:</b> Звіт</p>"
        "</div></div><p>Коли?</p></div>"
    ),
    "Apple": (
        '<html><body>{said}<br><div><blockquote type="cite"><div>5 лист. 2025 р. о 10:15 Іван '
        "&lt;i@b.ua&gt; написав(ла):</div><br><div>Коли?</div></blockquote></div></body></html>"
    ),
    "Yandex": (
        '<div>{said}</div><div> </div><div>05.11.2025, 10:15, "Іван" &lt;i@b.ua&gt;:</div>'
        "<blockquote><p>Коли?</p></blockquote>"
    ),
}


@pytest.mark.parametrize("program", PAGES)
def test_quotes_are_cut_from_pages_too(program: str) -> None:
    page = PAGES[program].format(said="Так, підтверджую.")
    mail = reading.read(mails.raw(page, "From: a@b.ua", "Content-Type: text/html; charset=utf-8"))
    assert mail.reply_text == "Так, підтверджую."
    assert "Коли?" in mail.text


def test_real_answers_are_cut_as_their_collectors_say() -> None:
    folder = corpus("mail/email_reply_trimmer")
    wrong = []
    mails = sorted((folder / "emails").glob("*.txt"))
    for mail in mails:
        expected = (folder / "trimmed" / mail.name).read_text(encoding="utf-8")
        if replies.reply(mail.read_text(encoding="utf-8")).split() != expected.split():
            wrong.append(mail.name)
    assert len(wrong) <= 0.05 * len(mails), f"{len(mails) - len(wrong)} of {len(mails)}: {wrong}"


HOSTILE = (
    "On " + "a " * 50_000,
    ">" * 100_000,
    "From: " * 20_000,
    "\n".join(["On 1.1.2025 10:15 a@b <"] * 5_000),
    "\n".join(['05.11.2025, 10:15, "a" <'] * 5_000),
    "-" * 100_000,
    "\n".join(["-"] * 5_000 + ["--"] * 5_000),
    "\n".join([">", "a"] * 5_000),
    " " * 100_000 + "wrote:",
    "sent from " * 10_000,
    "\n" * 50_000,
    "\n".join(["1.1.2025 10:15 a@a " * 24 + ":"] * 2_000),
)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:12]))
def test_hostile_text_costs_no_more_than_its_length(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = 0
    attribution_at = quoting.attribution_at

    def counted(lines: list[str], at: int, budget: quoting.Budget) -> int:
        nonlocal tried
        tried += sum(len(line) for line in lines[at : at + quoting.ATTRIBUTION_LINES])
        return attribution_at(lines, at, budget)

    monkeypatch.setattr(quoting, "attribution_at", counted)
    assert replies.reply(text).strip() or not text.strip()
    assert tried <= quoting.ATTRIBUTION_LINES * (len(text) + 1)


def test_no_pattern_repeats_without_a_bound_inside_a_repetition() -> None:
    """A bounded number of characters looked at makes the cost of a line bounded."""
    patterns = [p.pattern for p in vars(quoting).values() if isinstance(p, re.Pattern)]
    patterns += [p.pattern for p in quoting.ATTRIBUTIONS]
    assert len(patterns) > 10
    for pattern in patterns:
        assert ".*" not in pattern
        assert ".+" not in pattern
        assert ")*" not in pattern
        assert ")+" not in pattern


def test_corpora_are_looked_for_beside_the_project() -> None:
    assert CORPORA.parts[-2:] == ("shared", "corpora")
