"""Prints the documents that are made from the code: `bin/docs`."""

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from desk.rules import lifecycle

ROOT = Path(__file__).resolve().parents[2]
NOTE = "<!-- Printed from the code by bin/docs; change the code, not this page. -->"


def lifecycle_page() -> str:
    """Return the states and the moves of a ticket as Markdown."""
    lines = ["# The life of a ticket", "", NOTE, "", "## States", ""]
    lines += ["| state | whose turn | deadline's clock | open |", "| --- | --- | --- | --- |"]
    for state, row in lifecycle.STATES.items():
        clock = f"{row.clock}, production's runs" if row.production_clock else f"{row.clock}"
        lines.append(f"| {state} | {row.turn} | {clock} | {'yes' if row.open else 'no'} |")
    lines += ["", "## Moves", ""]
    lines += [
        "Rows of one verb are tried from the top: the first whose conditions all hold counts."
    ]
    lines += [
        "",
        "| move | from | to | who | when | money |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += [_move_row(move) for move in lifecycle.MOVES]
    return "\n".join([*lines, ""])


def _move_row(move: lifecycle.Move) -> str:
    target = "where it was before" if move.back else str(move.target or "stays")
    if move.promise:
        target += ", a promise is made"
    money = "" if move.money is lifecycle.Money.NONE else str(move.money)
    cells = [move.verb, _sources(move.sources), target, _list(move.who), _list(move.when), money]
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _sources(states: Iterable[lifecycle.State]) -> str:
    """Name a set of states in the order of the table, the large ones by a word."""
    found = frozenset(states)
    if not found:
        return "nowhere"
    for word, known in (("every state", lifecycle.EVERY), ("every open state", lifecycle.OPEN)):
        if found == known:
            return word
        if len(known) > len(found) >= len(known) - 2:
            left = ", ".join(state for state in lifecycle.State if state in known - found)
            return f"{word} but {left}"
    return ", ".join(state for state in lifecycle.State if state in found)


def _list(members: Iterable[lifecycle.Actor] | Iterable[lifecycle.Condition]) -> str:
    """Name members of an enum in its own order, so that the page does not change by itself."""
    found = list(members)
    if not found:
        return ""
    order = [str(member) for member in type(found[0])]
    return ", ".join(sorted(map(str, found), key=order.index))


PAGES: dict[str, Callable[[], str]] = {"docs/lifecycle.md": lifecycle_page}


def stale() -> list[str]:
    """Return the documents that are not what the code says now."""
    return [
        name
        for name, page in PAGES.items()
        if not (ROOT / name).exists() or (ROOT / name).read_text(encoding="utf-8") != page()
    ]


def main() -> int:
    """Command line: `bin/docs [--check]`."""
    parser = argparse.ArgumentParser(
        prog="bin/docs", description="Writes the documents that are made from the code."
    )
    parser.add_argument("--check", action="store_true", help="only tell which are out of date")
    options = parser.parse_args()
    old = stale()
    for name in old:
        if options.check:
            print(f"{name} is out of date: run bin/docs", file=sys.stderr)
            continue
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_text(PAGES[name](), encoding="utf-8")
        print(f"wrote {name}")
    return 1 if options.check and old else 0


if __name__ == "__main__":
    sys.exit(main())
