"""How moments, durations, money, states and deadlines read in three languages."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import pytest
from django.utils import timezone, translation

from desk.rules import lifecycle
from desk.web import charts, deadlines, formats, labels

NOW = datetime(2026, 11, 27, 13, 40, tzinfo=UTC)
NBSP = "\N{NO-BREAK SPACE}"


def plain(text: str) -> str:
    return text.replace(NBSP, " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("language", "moment", "duration", "consultations", "money"),
    [
        ("uk", "пн 30 лист., 16:00", "3 год 20 хв", "5 консультацій", "1 180,00 ₴"),
        ("ru", "пн 30 нояб., 16:00", "3 ч 20 мин", "5 консультаций", "1 180,00 ₴"),
        ("en", "Mon 30 Nov, 16:00", "3 h 20 min", "5 consultations", "₴1,180.00"),
    ],
)
def test_formats_follow_the_reader(
    language: str, moment: str, duration: str, consultations: str, money: str
) -> None:
    at = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
    with translation.override(language), timezone.override("Europe/Kyiv"):
        assert plain(formats.moment(at)) == moment
        assert plain(formats.duration(12_000)) == duration
        assert plain(formats.units(5)) == consultations
        assert plain(formats.money(118_000)) == money


@pytest.mark.parametrize(
    ("count", "uk", "ru"),
    [
        (1, "1 консультація", "1 консультация"),
        (2, "2 консультації", "2 консультации"),
        (5, "5 консультацій", "5 консультаций"),
        (11, "11 консультацій", "11 консультаций"),
        (21, "21 консультація", "21 консультация"),
        (112, "112 консультацій", "112 консультаций"),
    ],
)
def test_plurals_are_right(count: int, uk: str, ru: str) -> None:
    with translation.override("uk"):
        assert formats.units(count) == uk
    with translation.override("ru"):
        assert formats.units(count) == ru


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 min"), (59, "under a minute"), (60, "1 min"), (3600, "1 h"), (-2700, "45 min")],
)
def test_a_duration_is_short(seconds: int, text: str) -> None:
    with translation.override("en"):
        assert plain(formats.duration(seconds)) == text


def test_what_a_person_wrote_is_escaped_and_linked() -> None:
    text = "<b>Hi</b>\nsee https://a.example/?x=1&y=2.\n\njavascript:alert(1) <a href=x>"
    assert formats.prose(text) == (
        "<p>&lt;b&gt;Hi&lt;/b&gt;<br>\nsee "
        '<a href="https://a.example/?x=1&amp;y=2" rel="nofollow noopener ugc" target="_blank">'
        "https://a.example/?x=1&amp;y=2</a>.</p>\n"
        "<p>javascript:alert(1) &lt;a href=x&gt;</p>"
    )


def test_near_days_have_names() -> None:
    with translation.override("en"), timezone.override("Europe/Kyiv"):
        assert formats.when(NOW, NOW) == "today 15:40"
        assert formats.when(NOW - timedelta(days=1), NOW) == "yesterday 15:40"
        assert plain(formats.when(NOW - timedelta(days=400), NOW)) == "Thu 23 Oct 2025, 16:40"


@pytest.mark.parametrize(
    ("enum", "label"),
    [
        (lifecycle.State, labels.state_label),
        (lifecycle.Verb, labels.verb_label),
        (lifecycle.Verb, labels.happened_label),
        (lifecycle.Type, labels.type_label),
        (lifecycle.Step, labels.step_label),
        (lifecycle.Turn, labels.turn_label),
        (lifecycle.Actor, labels.role_label),
        (lifecycle.Reason, labels.reason_label),
    ],
)
@pytest.mark.parametrize("language", ["uk", "en"])
def test_every_value_of_the_rules_has_its_word(
    enum: type[StrEnum], label: Callable[[str], str], language: str
) -> None:
    with translation.override(language):
        assert [each for each in enum if label(each) == each.value] == []


def test_a_refusal_names_state_move_and_what_is_allowed() -> None:
    """T1."""
    with translation.override("en"):
        text = labels.refusal_sentence("delivered", "cancel", ("confirm", "return"), by_state=True)
    assert text == (
        "“Cancel the ticket” is not possible while the ticket is “Done, please check”. "
        "What you can do: “Confirm”, “Return”."
    )


def test_a_running_deadline_is_calm_then_soon_then_late() -> None:
    due = NOW + timedelta(hours=1)
    states = [
        deadlines.running("Deadline", at, due, deadlines.Span(left, 28_800)).state
        for at, left in [(NOW, 20_000), (NOW, 3600), (due, 0)]
    ]
    assert states == ["calm", "soon", "late"]


def test_a_standing_deadline_shows_no_date() -> None:
    """R10."""
    span = deadlines.Span(12_000, 28_800)
    with translation.override("en"), timezone.override("Europe/Kyiv"):
        shown = deadlines.standing("Deadline", NOW, NOW, span, "waiting for you")
        assert not shown.shows_date
        assert plain(shown.headline) == "Stands since Fri 27 Nov, 15:40"
        assert plain(shown.left) == "waiting for you, 3 h 20 min left"


def test_charts_write_numbers_that_no_locale_touches() -> None:
    with translation.override("uk"):
        drawn = charts.sparkline([1, 2.5, 2], "x") + charts.clock_bar(
            [charts.Stretch("ran", 1), charts.Stretch("paused", 2)], "y"
        )
    assert 'points="0.0,43.0 118.0,5.0 236.0,17.7"' in drawn
    assert 'x="33.33"' in drawn
