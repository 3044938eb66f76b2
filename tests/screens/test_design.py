"""The design system keeps what it promises: contrast, weight, and nothing that is not there."""

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from django.test import Client

DESK = Path(__file__).resolve().parents[2] / "desk"
STATIC = DESK / "web" / "static" / "web"
TEMPLATES = sorted(DESK.glob("**/templates/**/*.html"))
PAGES = [path for path in TEMPLATES if path.parent.name != "letters"]

TEXTS = ["ink", "ink-2", "ink-3", "accent", "accent-strong"]
STATES = ["calm", "soon", "late", "standing", "money"]
GROUNDS = ["paper", "surface", "sunken", "raised", "accent-soft", *(f"{s}-soft" for s in STATES)]
AA_TEXT = 4.5
AA_EDGE = 3.0
FIRST_VISIT_BYTES_MAX = 60_000
FONT_BYTES_MAX = 70_000


def _tokens() -> dict[str, tuple[str, str]]:
    text = (STATIC / "css" / "tokens.css").read_text(encoding="utf-8")
    found = re.finditer(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", text)
    return {match[1]: (match[2], match[3]) for match in found}


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_text_colour_is_readable_on_every_ground(theme: int) -> None:
    tokens = _tokens()
    weak = {
        (text, ground): round(_contrast(tokens[text][theme], tokens[ground][theme]), 2)
        for text in TEXTS + STATES
        for ground in GROUNDS
        if _contrast(tokens[text][theme], tokens[ground][theme]) < AA_TEXT
    }
    assert weak == {}
    assert _contrast(tokens["on-accent"][theme], tokens["accent"][theme]) >= AA_TEXT


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_the_edges_of_controls_and_the_focus_can_be_seen(theme: int) -> None:
    tokens = _tokens()
    for edge in ("line-strong", "focus"):
        for ground in ("paper", "surface", "sunken"):
            assert _contrast(tokens[edge][theme], tokens[ground][theme]) >= AA_EDGE, (edge, ground)


def test_a_first_visit_is_light() -> None:
    files = [*STATIC.glob("css/*.css"), *STATIC.glob("js/*.js"), *STATIC.glob("vendor/*.js")]
    weight = sum(len(gzip.compress(path.read_bytes())) for path in [*files, STATIC / "icons.svg"])
    assert weight < FIRST_VISIT_BYTES_MAX
    assert sum(path.stat().st_size for path in STATIC.glob("fonts/*.woff2")) < FONT_BYTES_MAX


def test_vendored_files_are_those_on_record() -> None:
    record = (STATIC / "vendor" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\S+) \|.*`([0-9a-f]{64})` \|$", record, re.MULTILINE)
    assert len(rows) >= 6
    for name, digest in rows:
        content = (STATIC / "vendor" / name).resolve().read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest, name


def test_every_icon_that_is_drawn_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'id="([\w-]+)"', (STATIC / "icons.svg").read_text(encoding="utf-8")))
    drawn = {
        name
        for path in TEMPLATES
        for name in re.findall(r'icon[ =]"([\w-]+)"', path.read_text(encoding="utf-8"))
    }
    assert drawn - sprite == set()


def test_no_page_carries_scripts_or_styles_inside() -> None:
    guilty = [
        str(path.relative_to(DESK))
        for path in PAGES
        if "email" not in path.parts
        and re.search(
            r"<style|<script(?![^>]*\bsrc=)|<[^>{]*\sstyle=|\son[a-z]+=\"",
            path.read_text(encoding="utf-8"),
        )
    ]
    assert guilty == []


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_the_gallery_draws_every_component(client: Client, language: str) -> None:
    client.cookies["desk_language"] = language
    answer = client.get("/_design")
    assert answer.status_code == 200
    text = answer.content.decode()
    assert f'<html lang="{language}"' in text
    for state in ("calm", "soon", "late", "standing", "kept", "missed", "none"):
        assert f'class="deadline" role="group" data-state="{state}"' in text


@pytest.mark.django_db
def test_theme_and_language_are_kept_and_never_lead_away(client: Client) -> None:
    answer = client.post("/settings/theme", {"theme": "dark", "next": "https://evil.example/"})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.cookies["desk_theme"].value == "dark"
    client.post("/settings/theme", {"theme": "pink", "next": "/_design"})
    assert client.cookies["desk_theme"].value == "dark"
    client.post("/settings/language", {"language": "ru", "next": "/_design"})
    assert 'data-theme="dark"' in client.get("/_design").content.decode()
    assert '<html lang="ru"' in client.get("/_design").content.decode()


@pytest.mark.django_db
def test_an_expired_form_gives_back_what_was_typed() -> None:
    strict = Client(enforce_csrf_checks=True)
    data = {"text": "Рахунок не друкується", "password": "top secret words"}
    answer = strict.post("/settings/theme", data)
    assert answer.status_code == 403
    assert "Рахунок не друкується" in answer.content.decode()
    assert "top secret words" not in answer.content.decode()
