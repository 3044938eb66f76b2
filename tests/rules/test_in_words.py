"""Sums in words against a table written by hand: gender, case and figures of kopiykas."""

import pytest

from desk.lib.in_words import in_words

# Sum in kopiykas; Ukrainian; Russian; English.
TABLE = [
    (0, "Нуль гривень 00 копійок", "Ноль гривен 00 копеек", "Zero hryvnias 00 kopiykas"),
    (1_00, "Одна гривня 00 копійок", "Одна гривна 00 копеек", "One hryvnia 00 kopiykas"),
    (2_00, "Дві гривні 00 копійок", "Две гривны 00 копеек", "Two hryvnias 00 kopiykas"),
    (5_00, "П’ять гривень 00 копійок", "Пять гривен 00 копеек", "Five hryvnias 00 kopiykas"),
]
# The whole part only, with its noun.
WHOLES = [
    (11, "Одинадцять гривень", "Одиннадцать гривен", "Eleven hryvnias"),
    (12, "Дванадцять гривень", "Двенадцать гривен", "Twelve hryvnias"),
    (14, "Чотирнадцять гривень", "Четырнадцать гривен", "Fourteen hryvnias"),
    (21, "Двадцять одна гривня", "Двадцать одна гривна", "Twenty-one hryvnias"),
    (22, "Двадцять дві гривні", "Двадцать две гривны", "Twenty-two hryvnias"),
    (25, "Двадцять п’ять гривень", "Двадцать пять гривен", "Twenty-five hryvnias"),
    (100, "Сто гривень", "Сто гривен", "One hundred hryvnias"),
    (101, "Сто одна гривня", "Сто одна гривна", "One hundred one hryvnias"),
    (111, "Сто одинадцять гривень", "Сто одиннадцать гривен", "One hundred eleven hryvnias"),
    (1_000, "Одна тисяча гривень", "Одна тысяча гривен", "One thousand hryvnias"),
    (1_001, "Одна тисяча одна гривня", "Одна тысяча одна гривна", "One thousand one hryvnias"),
    (2_000, "Дві тисячі гривень", "Две тысячи гривен", "Two thousand hryvnias"),
    (5_000, "П’ять тисяч гривень", "Пять тысяч гривен", "Five thousand hryvnias"),
    (11_000, "Одинадцять тисяч гривень", "Одиннадцать тысяч гривен", "Eleven thousand hryvnias"),
    (
        21_000,
        "Двадцять одна тисяча гривень",
        "Двадцать одна тысяча гривен",
        "Twenty-one thousand hryvnias",
    ),
    (1_000_000, "Один мільйон гривень", "Один миллион гривен", "One million hryvnias"),
    (2_000_000, "Два мільйони гривень", "Два миллиона гривен", "Two million hryvnias"),
    (
        2_000_001,
        "Два мільйони одна гривня",
        "Два миллиона одна гривна",
        "Two million one hryvnias",
    ),
    (
        21_000_000,
        "Двадцять один мільйон гривень",
        "Двадцать один миллион гривен",
        "Twenty-one million hryvnias",
    ),
    (
        1_000_002_000,
        "Один мільярд дві тисячі гривень",
        "Один миллиард две тысячи гривен",
        "One billion two thousand hryvnias",
    ),
]
KOPIYKAS = [
    (1, "01 копійка", "01 копейка", "01 kopiyka"),
    (2, "02 копійки", "02 копейки", "02 kopiykas"),
    (5, "05 копійок", "05 копеек", "05 kopiykas"),
    (11, "11 копійок", "11 копеек", "11 kopiykas"),
    (21, "21 копійка", "21 копейка", "21 kopiykas"),
]
LANGUAGES = ("uk", "ru", "en")


@pytest.mark.parametrize("row", TABLE, ids=lambda row: str(row[0]))
def test_a_sum_in_three_languages(row: tuple[int, str, str, str]) -> None:
    assert [in_words(row[0], language) for language in LANGUAGES] == list(row[1:])


@pytest.mark.parametrize("row", WHOLES, ids=lambda row: str(row[0]))
def test_hryvnias_agree_with_their_number(row: tuple[int, str, str, str]) -> None:
    ends = (" 00 копійок", " 00 копеек", " 00 kopiykas")
    wanted = [words + end for words, end in zip(row[1:], ends, strict=True)]
    assert [in_words(row[0] * 100, language) for language in LANGUAGES] == wanted


@pytest.mark.parametrize("row", KOPIYKAS, ids=lambda row: str(row[0]))
@pytest.mark.parametrize("whole", [0, 3, 7_000_000])
def test_kopiykas_stand_in_figures(whole: int, row: tuple[int, str, str, str]) -> None:
    said = [in_words(whole * 100 + row[0], language) for language in LANGUAGES]
    assert [words.endswith(f" {end}") for words, end in zip(said, row[1:], strict=True)] == [
        True,
        True,
        True,
    ]


def test_long_sums() -> None:
    assert in_words(2_001_021_01, "uk") == (
        "Два мільйони одна тисяча двадцять одна гривня 01 копійка"
    )
    assert in_words(2_001_021_01, "ru") == (
        "Два миллиона одна тысяча двадцать одна гривна 01 копейка"
    )
    assert in_words(2_001_021_01, "en") == (
        "Two million one thousand twenty-one hryvnias 01 kopiyka"
    )
    assert in_words(1_234_567_89, "uk") == (
        "Один мільйон двісті тридцять чотири тисячі п’ятсот шістдесят сім гривень 89 копійок"
    )
    assert in_words(1_234_567_89, "ru") == (
        "Один миллион двести тридцать четыре тысячи пятьсот шестьдесят семь гривен 89 копеек"
    )
    assert in_words(1_234_567_89, "en") == (
        "One million two hundred thirty-four thousand five hundred sixty-seven hryvnias 89 kopiykas"
    )


def test_what_is_given_back_opens_with_minus() -> None:
    assert in_words(-180_00, "uk") == "Мінус сто вісімдесят гривень 00 копійок"
    assert in_words(-180_00, "ru") == "Минус сто восемьдесят гривен 00 копеек"
    assert in_words(-180_00, "en") == "Minus one hundred eighty hryvnias 00 kopiykas"
