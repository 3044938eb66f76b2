"""`/_design`: every component in every state, for those who build screens. Demo and debug only."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from desk.web import charts, deadlines
from desk.web.forms import DeskForm, Guard

NOW = datetime(2026, 11, 27, 13, 40, tzinfo=UTC)
HOUR = timedelta(hours=1)


class SampleForm(DeskForm):
    """Each kind of control once."""

    subject = forms.CharField(label="Subject", help_text="One line that names the matter.")
    text = forms.CharField(label="What happens?", widget=forms.Textarea, required=False)
    project = forms.ChoiceField(label="Project", choices=[("1", "Nova Print"), ("2", "Agrolan")])
    kind = forms.ChoiceField(
        label="Type",
        widget=forms.RadioSelect,
        choices=[("simple", "Simple"), ("complex", "Complex"), ("bug", "Bug")],
    )
    critical = forms.BooleanField(
        label="The system is down", help_text="Nobody can work in OneBox now.", required=False
    )


def gallery(request: HttpRequest) -> HttpResponse:
    """Draw the page; `?form=errors` shows the form refused."""
    if not (settings.DEBUG or getattr(settings, "DEMO", False)):
        raise Http404
    messages.success(request, "Saved. This is a message of success.")
    return render(request, "web/gallery/page.html", _samples() | _frame())


def _frame() -> dict[str, Any]:
    links = [
        ("Сьогодні", "home", True, 0, "g h"),
        ("Звернення", "inbox", False, 12, "g t"),
        ("Депозит", "wallet", False, 0, "g d"),
        ("Звіти", "chart", False, 0, ""),
        ("Команда", "users", False, 0, ""),
        ("Налаштування", "settings", False, 0, ""),
    ]
    items = [
        {
            "label": label,
            "icon": icon,
            "url": f"#{icon}",
            "current": current,
            "count": count,
            "key": key,
            "primary": index < 3,
        }
        for index, (label, icon, current, count, key) in enumerate(links)
    ]
    return {
        "navigation": [
            {"label": "", "links": items[:4]},
            {"label": "Компанія", "links": items[4:]},
        ],
        "bell": {"url": "#bell", "count": 3},
        "search": {"url": "/_design"},
        "account": {
            "name": "Олена Кравчук",
            "note": "Nova Systems, власниця",
            "links": [{"label": "Профіль", "url": "#profile", "icon": "user"}],
            "sign_out_url": "#",
        },
        "desk_hours": {"text": "Пн–Пт 09:00–18:00, Київ. Зараз працюємо."},
    }


def _samples() -> dict[str, Any]:
    return {
        "now": NOW,
        "deadlines": _deadlines(),
        "states": [
            ("submitted", "specialist", "partner"),
            ("awaiting_deposit", "partner", "partner"),
            ("awaiting_estimate", "production", "partner"),
            ("awaiting_approval", "partner", "partner"),
            ("accepted", "specialist", "partner"),
            ("in_work", "specialist", "specialist"),
            ("awaiting_partner", "partner", "partner"),
            ("awaiting_production", "production", "partner"),
            ("delivered", "partner", "partner"),
            ("resolved", "nobody", "partner"),
            ("declined", "nobody", "partner"),
        ],
        "types": [("simple", 0), ("complex", 3), ("bug", 0), ("customisation", 0)],
        "form": SampleForm(),
        "refused": SampleForm({"text": "Не друкує рахунки", "project": "1"}),
        "guard": Guard(version=7),
        "segments": [
            {"label": "Мої", "url": "#mine", "current": True, "count": 4},
            {"label": "Усі", "url": "#all"},
        ],
        "tones": ["", "calm", "soon", "late", "standing", "money"],
        **_people(),
        **_ticket(),
        **_figures(),
    }


def _deadlines() -> list[deadlines.Deadline]:
    windows = ((NOW, NOW + 3 * HOUR), (NOW + 66 * HOUR, NOW + 75 * HOUR))
    day = 8 * 3600
    due_at = NOW + 67 * HOUR

    def span(seconds: int) -> deadlines.Span:
        return deadlines.Span(seconds, day, windows)

    return [
        deadlines.running("Термін", NOW, due_at, span(5 * 3600 + 1200), note="обіцяно 27 лист."),
        deadlines.running("Термін", NOW, NOW + 2 * HOUR, span(5400)),
        deadlines.running("Термін", NOW, NOW - HOUR, span(-2700)),
        deadlines.standing("Термін", NOW, NOW - HOUR, span(12_000), "чекаємо на вас"),
        deadlines.ended("Термін", NOW, due_at, NOW - HOUR),
        deadlines.ended("Термін", NOW, NOW - 2 * HOUR, NOW - HOUR),
        deadlines.none("Термін", NOW, "з'явиться, коли фахівець прийме звернення"),
    ]


def _people() -> dict[str, Any]:
    return {
        "olha": {
            "name": "Ольга Бондар",
            "role": "Ваш персональний фахівець",
            "presence": "here",
            "presence_text": "На зв'язку, працює над вашим зверненням",
            "hours": "Пн–Пт 09:00–18:00",
            "phone": "+380 44 123 45 67",
            "email": "olha@example.com",
        },
        "taras": {
            "name": "Тарас Мельник",
            "role": "Заміна",
            "presence": "away",
            "presence_text": "Буде в понеділок о 09:00",
        },
    }


def _ticket() -> dict[str, Any]:
    files = [
        {"name": "знімок-екрана-2026-11-27.png", "url": "#f1", "bytes": 245_120, "note": ""},
        {"name": "log.txt", "url": "#f2", "bytes": 1_800_000, "note": ""},
    ]
    return {
        "talk": _talk(files),
        "files": files,
        "parts": [
            {"position": 1, "title": "Друк рахунка", "state": "done", "worked_seconds": 2400},
            {"position": 2, "title": "Шаблон акта", "state": "now", "due_at": NOW + HOUR},
            {"position": 3, "title": "Права менеджера", "state": "next"},
        ],
        "events": [
            {"at": NOW - 5 * HOUR, "verb": "submit", "by": "Олена Кравчук", "channel": "onebox"},
            {"at": NOW - 4 * HOUR, "verb": "accept", "by": "Ольга Бондар", "tone": "calm"},
            {
                "at": NOW - 2 * HOUR,
                "verb": "ask",
                "by": "Ольга Бондар",
                "tone": "standing",
                "note": "Відлік став, залишалося 5 год 20 хв.",
            },
            {"at": NOW - HOUR, "verb": "breach", "tone": "late"},
        ],
        "steps": [
            {"label": "Зафіксовано", "state": "done", "at": NOW - 4 * HOUR},
            {"label": "Рішення", "state": "done", "at": NOW - HOUR},
            {"label": "Впровадження", "state": "now"},
            {"label": "Здача", "state": "next"},
        ],
        "explanation": _explanation(),
        "rows": _rows(),
    }


def _talk(files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    text = (
        "Добрий день! Рахунок не друкується: https://nova.example/orders/118.\n\nВчора друкувало."
    )
    return [
        {
            "id": 1,
            "kind": "partner",
            "author": "Олена Кравчук",
            "role": "Nova Systems",
            "at": NOW - 5 * HOUR,
            "channel": "onebox",
            "text": text,
            "files": files,
        },
        {"id": 2, "kind": "system", "text": "Прийнято: складна, 3 частини", "at": NOW - 4 * HOUR},
        {
            "id": 3,
            "kind": "specialist",
            "author": "Ольга Бондар",
            "role": "Фахівець",
            "at": NOW - 2 * HOUR,
            "channel": "cabinet",
            "text": "Який принтер обрано у браузері? Перевірте, будь ласка.",
        },
        {
            "id": 4,
            "kind": "note",
            "author": "Ольга Бондар",
            "at": NOW - HOUR,
            "text": "Схоже на OLH-31, там допомогло оновлення шаблону.",
        },
    ]


def _explanation() -> dict[str, Any]:
    spans = [
        ("ran", NOW - 28 * HOUR, NOW - 26 * HOUR, 7200, "", "від подання"),
        ("closed", NOW - 26 * HOUR, NOW - 12 * HOUR, 50400, "", "ніч"),
        ("paused", NOW - 12 * HOUR, NOW - 9 * HOUR, 10800, "Ольга Бондар", "запитання"),
        ("ran", NOW - 9 * HOUR, NOW - 3 * HOUR, 21600, "", "робота"),
        ("over", NOW - 3 * HOUR, None, 2700, "", "понад термін"),
    ]
    names = ("kind", "since_at", "until_at", "seconds", "by", "why")
    return {
        "chart": charts.clock_bar(
            [charts.Stretch(span[0], span[3], span[5]) for span in spans],
            "Відлік терміну: як його пройдено",
        ),
        "spans": [dict(zip(names, span, strict=True)) for span in spans],
        "sum_seconds": 31500,
        "target_seconds": 28800,
    }


def _rows() -> list[dict[str, Any]]:
    shown = _deadlines()
    row = {"partner": "Nova Systems", "project": "Друкарня «Нова»", "step": ""}
    return [
        row
        | {
            "number": f"NOVA-{42 + index}",
            "subject": subject,
            "url": f"#t{index}",
            "state": state,
            "turn": turn,
            "type": type_,
            "parts": parts,
            "deadline": shown[index],
            "unread": index == 0,
        }
        for index, (subject, state, turn, type_, parts) in enumerate(
            [
                ("Не друкується рахунок з угоди", "in_work", "specialist", "complex", 3),
                ("Права менеджера на склад", "accepted", "specialist", "simple", 0),
                ("Усе лежить: 502 на всіх сторінках", "in_work", "specialist", "bug", 0),
                ("Обмін з банком: який ключ?", "awaiting_partner", "partner", "simple", 0),
            ]
        )
    ]


def _figures() -> dict[str, Any]:
    month = [4, 6, 5, 9, 7, 3, 5, 8, 6, 4, 3, 2]
    return {
        "spark": charts.sparkline(month, "Звернення за тиждень: від 4 до 2"),
        "bars": charts.bars(
            [
                charts.Bar("Прийняття вчасно", 98, "98 %", "calm"),
                charts.Bar("Здача вчасно", 91, "91 %", "soon"),
                charts.Bar("Повернення", 4, "4 %", "late"),
            ],
            "Місяць за обіцянками",
        ),
        "notices": [
            {
                "text": "Результат NOVA-42 здано, перевірте",
                "url": "#n1",
                "at": NOW - HOUR,
                "icon": "package",
                "unread": True,
            },
            {
                "text": "Депозит вичерпується: 3 консультації",
                "url": "#n2",
                "at": NOW - 30 * HOUR,
                "icon": "wallet",
            },
        ],
    }
