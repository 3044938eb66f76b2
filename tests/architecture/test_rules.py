"""Every rule of the specification is named by a test: by its function, or in its first words."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What comes later, as docs/specification.md says: the incident, acts, the classic line.
LATER = {"T12", "L11", "L12"}
NUMBERED = {"R": 16, "T": 12, "L": 12}
RULES = {f"{kind}{n}" for kind, last in NUMBERED.items() for n in range(1, last + 1)}
_NUMBER = re.compile(r"\b([RTL][0-9]{1,2})\b")


def named_by(path: Path) -> Iterator[str]:
    """The rules that the tests of a file name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            words = node.name.upper().replace("_", " ")
            yield from _NUMBER.findall(f"{words} {ast.get_docstring(node) or ''}")


def test_every_rule_is_named_by_a_test() -> None:
    named = {rule for path in (ROOT / "tests").rglob("test_*.py") for rule in named_by(path)}
    assert sorted(RULES - LATER - named) == []
    assert named <= RULES, "a test names a rule that does not exist"


def test_every_rule_is_in_the_specification() -> None:
    text = (ROOT / "docs" / "specification.md").read_text(encoding="utf-8")
    assert [rule for rule in sorted(RULES) if f"**{rule}**" not in text] == []
