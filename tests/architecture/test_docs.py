"""The documents are true: what they name exists, what they let people type works."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.rules.lifecycle import Verb

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
DECISIONS = sorted((ROOT / "docs" / "adr").glob("*.md"))
DECISION_LINES_MAX = 30
DECISION_PARTS = ("Context", "Decision", "Price", "What would change our mind")
# Who runs a command that is too long or too large for this file, and the words that show it there.
RUN_BY = {
    "bin/setup": ("bin/check", "bin/setup"),
    "bin/check": (".ci/run", "bin/check"),
    "bin/test": ("bin/check", "bin/test"),
    "bin/run": ("tests/screens/test_supervisor.py", "desk.config.supervisor"),
    "bin/desk backup": ("tests/screens/test_backup.py", "backup"),
    "bin/desk restore": ("tests/screens/test_backup.py", "restore"),
    "bin/desk check": ("tests/scenarios/test_check.py", "commands import check"),
    "bin/desk channels": ("tests/channels/test_channels_command.py", "commands import channels"),
    "bin/desk api-token": ("tests/channels/test_api_tokens.py", "commands import api_token"),
    "bin/desk told": ("tests/channels/test_notices_explained.py", "commands import told"),
    "bin/desk plan": ("tests/rules/test_plan_command.py", '"plan"'),
    "bin/desk clock explain": ("tests/scenarios/test_explain.py", '"clock", "explain"'),
}
# A path in backticks: it begins with a folder of the checkout and has no place to fill in.
_PATH = re.compile(r"`((?:desk|tests|simulation|bin|docs)/[\w./-]+)`")
_LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
_BLOCK = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)
_COMMAND = re.compile(r"^(?:[A-Z_]+=\S+ )*(bin/\S+)((?: \S+)*)$")


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def commands(page: Path) -> Iterator[str]:
    """What a page lets people type: the lines of its shell blocks, without the environment."""
    for language, block in _BLOCK.findall(page.read_text(encoding="utf-8")):
        for line in block.splitlines() if language == "sh" else ():
            found = _COMMAND.match(line)
            assert found, f"{name(page)}: {line!r} is no command of bin/"
            yield found[1] + found[2]


def dialogues(page: Path) -> Iterator[tuple[str, str]]:
    """Commands that are shown with their answer."""
    for language, block in _BLOCK.findall(page.read_text(encoding="utf-8")):
        if language == "console":
            prompt, _, answer = block.partition("\n")
            yield prompt.removeprefix("$ "), answer


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_and_paths_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = {page.parent / link for link in _LINK.findall(text) if "://" not in link}
    paths = {ROOT / path for path in _PATH.findall(text)}
    assert sorted(str(path) for path in links | paths if not path.exists()) == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_command_is_run_by_a_test_or_by_ci(page: Path) -> None:
    for command in commands(page):
        runner = [known for known in RUN_BY if f"{command} ".startswith(f"{known} ")]
        assert runner, f"nothing runs {command!r} of {name(page)}"
        where, words = RUN_BY[runner[0]]
        assert words in (ROOT / where).read_text(encoding="utf-8"), f"{where} runs no {command!r}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_command_with_an_answer_gives_this_answer(page: Path) -> None:
    for command, answer in dialogues(page):
        environment = os.environ | {"PATH": f"{ROOT}:{os.environ['PATH']}"}
        done = subprocess.run(
            command.split(), cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
        )
        assert (done.returncode, done.stdout) == (0, answer), done.stderr


def test_the_operators_know_every_variable() -> None:
    """Whatever the product reads from the environment stands in docs/operations.md."""
    read = re.compile(r"""["'$\{](DESK_[A-Z_]+|DATABASE_URL)\b""")
    inner = {"DESK_SOCKET", "DESK_DOORS"}
    used = {
        found
        for folder, pattern in (("desk/config", "*.py"), ("desk/lib", "*.py"), ("bin", "setup"))
        for path in (ROOT / folder).glob(pattern)
        for found in read.findall(path.read_text(encoding="utf-8"))
    }
    told = set(re.findall(r"`([A-Z_]+)`", (ROOT / "docs/operations.md").read_text("utf-8")))
    assert sorted(used - inner - told) == []


def test_the_specification_names_every_move() -> None:
    text = (ROOT / "docs" / "specification.md").read_text(encoding="utf-8")
    bold = {word for group in re.findall(r"\*\*([^*]+)\*\*", text) for word in group.split(", ")}
    names = {verb: {verb.replace("_", " "), verb.replace("_", "-")} for verb in Verb}
    assert [verb for verb, spelt in names.items() if not spelt & bold] == []


@pytest.mark.parametrize("page", DECISIONS, ids=name)
def test_a_decision_is_short_complete_and_listed(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= DECISION_LINES_MAX
    assert [part for part in DECISION_PARTS if f"**{part}.**" not in text] == []
    assert name(page) in (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def test_the_architecture_shows_the_layers_that_the_linter_holds() -> None:
    layers = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    shown = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    held = re.search(r"^layers = \[\n(.*?)\]", layers, re.DOTALL | re.MULTILINE)
    assert held is not None
    order = "\n".join(re.findall(r'"(.+)"', held[1]))
    assert f"```\n{order}\n```" in shown
