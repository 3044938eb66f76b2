"""The style rules that a machine can hold (STYLE.md, rules 5, 8, 9, 10, 20 and 22)."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FUNCTION_LINES_MAX = 40
FILE_LINES_MAX = 400
TEMPLATE_LINES_MAX = 150
PARAMETERS_MAX = 6
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "services", "managers", "common", "misc"}
WRITES = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
CHAIN_WRITES = {"update", "delete"}
QUERYSET = {"objects", "filter", "exclude", "all", "select_for_update"}
CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("timezone", "now"),
    ("timezone", "localtime"),
    ("timezone", "localdate"),
    ("time", "time"),
}
# Who may write besides actions, and why.
WRITERS = {
    "desk/config/relay.py": "the relay takes Pending rows away, which is all that they are for",
}


def product(folder: str = "desk") -> list[Path]:
    return [p for p in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in p.parts]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in nodes(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def is_actions(path: Path) -> bool:
    return path.name == "actions.py" or "actions" in path.parts


def found(paths: list[Path], look: Callable[[Path], Iterator[tuple[int, str]]]) -> list[str]:
    return [f"{name(path)}:{line} {what}" for path in paths for line, what in look(path)]


EVERYTHING = [*product(), *product("simulation"), *product("tests")]


def test_functions_are_short() -> None:
    def look(path: Path) -> Iterator[tuple[int, str]]:
        for node in functions(path):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                yield node.lineno, f"{node.name} has {lines} lines"

    assert found(EVERYTHING, look) == []


def test_functions_take_few_parameters() -> None:
    def look(path: Path) -> Iterator[tuple[int, str]]:
        for node in functions(path):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            names = [argument.arg for argument in arguments]
            count = len([n for n in names if n not in {"self", "cls"}])
            if count > PARAMETERS_MAX:
                yield node.lineno, f"{node.name} takes {count} parameters"

    assert found(EVERYTHING, look) == []


def test_files_are_short() -> None:
    lengths = {name(path): len(path.read_text().splitlines()) for path in EVERYTHING}
    assert {path: n for path, n in lengths.items() if n > FILE_LINES_MAX} == {}


def test_templates_are_short() -> None:
    templates = sorted((ROOT / "desk").rglob("templates/**/*.*"))
    lengths = {name(p): len(p.read_text().splitlines()) for p in templates if p.is_file()}
    assert {path: n for path, n in lengths.items() if n > TEMPLATE_LINES_MAX} == {}


def test_a_state_is_assigned_on_one_line() -> None:
    def look(path: Path) -> Iterator[tuple[int, str]]:
        for node in nodes(path):
            targets = node.targets if isinstance(node, ast.Assign) else []
            for target in targets:
                if ast.unparse(target) == "ticket.state":
                    yield target.lineno, "assigns a state"
            if isinstance(node, ast.Call) and _updates_state(node):
                yield node.lineno, "assigns a state"

    tickets = [path for path in product() if path.is_relative_to(ROOT / "desk" / "tickets")]
    assert len(found(tickets, look)) <= 1, found(tickets, look)


def test_only_actions_write() -> None:
    def look(path: Path) -> Iterator[tuple[int, str]]:
        for node in nodes(path):
            if _is_write(node, WRITES | CHAIN_WRITES):
                assert isinstance(node, ast.Call)
                assert isinstance(node.func, ast.Attribute)
                yield node.lineno, f".{node.func.attr}() outside of actions"

    others = [p for p in product() if not is_actions(p) and name(p) not in WRITERS]
    assert found(others, look) == []


def _is_write(node: ast.AST, verbs: set[str]) -> bool:
    """A call that writes rows: a verb that only models know, or any on a chain of a queryset."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    attributes = {n.attr for n in ast.walk(node.func.value) if isinstance(n, ast.Attribute)}
    if node.func.attr not in verbs:
        return False
    return bool(attributes & QUERYSET) or (node.func.attr == "save" and not node.args)


def _updates_state(node: ast.Call) -> bool:
    on_tickets = _is_write(node, {"update"}) and "Ticket." in ast.unparse(node.func)
    return on_tickets and any(keyword.arg == "state" for keyword in node.keywords)


def test_there_are_no_signals_and_no_hidden_saves() -> None:
    def look(path: Path) -> Iterator[tuple[int, str]]:
        for node in nodes(path):
            if isinstance(node, ast.ImportFrom) and node.module in {
                "django.db.models.signals",
                "django.dispatch",
            }:
                yield node.lineno, "imports signals"
            if isinstance(node, ast.ClassDef):
                yield from _hidden(node)
            if isinstance(node, ast.Attribute) and ast.unparse(node) == "threading.local":
                yield node.lineno, "keeps something per thread"

    assert found(product(), look) == []


def _hidden(model: ast.ClassDef) -> Iterator[tuple[int, str]]:
    bases = {ast.unparse(base) for base in model.bases}
    if not bases & {"models.Model", "AbstractBaseUser"}:
        return
    for node in model.body:
        if isinstance(node, ast.FunctionDef) and node.name in {"save", "delete"}:
            yield node.lineno, f"{model.name} overrides {node.name}"


def test_modules_have_telling_names() -> None:
    vague = [name(path) for path in EVERYTHING if VAGUE_NAMES & {path.stem, *path.parts}]
    assert vague == []


def test_verbs_are_imported_with_their_module() -> None:
    """`tickets.accept(…)` reads like the specification; a bare `accept(…)` hides whose it is."""

    def look(path: Path) -> Iterator[tuple[int, str]]:
        own = ".".join(path.relative_to(ROOT).parts[:2])
        for node in nodes(path):
            if not isinstance(node, ast.ImportFrom) or not node.module:
                continue
            area, _, kind = node.module.rpartition(".")
            if kind != "actions" or area == own or area.startswith(f"{own}."):
                continue
            for alias in node.names:
                if alias.name[0].islower() and not _is_module(node.module, alias.name):
                    yield node.lineno, f"imports the verb {alias.name}"

    assert found(EVERYTHING, look) == []


def _is_module(package: str, inner: str) -> bool:
    folder = ROOT / Path(*package.split("."))
    return (folder / f"{inner}.py").exists() or (folder / inner).is_dir()


def test_only_edges_read_the_clock() -> None:
    inner = {"actions", "queries", "models", "rules", "planner"}

    def look(path: Path) -> Iterator[tuple[int, str]]:
        for node in nodes(path):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            owner = ast.unparse(node.func.value).rpartition(".")[2]
            converts = owner == "timezone" and node.args
            if (owner, node.func.attr) in CLOCKS and not converts:
                yield node.lineno, f"reads {owner}.{node.func.attr}()"
            if (owner, node.func.attr) == ("clock", "now") and inner & {path.stem, *path.parts}:
                yield node.lineno, "reads the clock, which is an edge's matter"

    clock = ROOT / "desk" / "lib" / "clock.py"
    assert found([path for path in product() if path != clock], look) == []


@pytest.mark.parametrize("word", ["sparticuz/chromium/-/", "://registry.", "://pypi.", "/simple/"])
def test_lock_files_name_no_registry(word: str) -> None:
    for path in (ROOT / "requirements.lock", ROOT / "requirements-dev.lock"):
        assert word not in path.read_text()
        assert "://" not in path.read_text()
