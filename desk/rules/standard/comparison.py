"""How two clauses differ: word by word in their texts, term by term in what the machine holds."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from desk.rules.standard.edition import Clause

WORDS_MAX = 2_000
"""Longer texts are compared as a whole: the time of a comparison grows with their square."""


class Piece(StrEnum):
    """What became of some words of a text."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Words:
    """Neighbouring words with one fate."""

    piece: Piece
    text: str


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that the machine holds, before and after; None where there was none.

    `name` is "severity", "grace_seconds", "remind_seconds", "excuses", "rule" (a rule switched on
    or off) or "parameter"; `rule` its kind and `parameter` its name for the last two.
    """

    name: str
    before: object
    after: object
    rule: str = ""
    parameter: str = ""


def words(before: str, after: str) -> list[Words]:
    """The two texts as one: what stayed, what went, what came."""
    old, new = before.split(), after.split()
    if max(len(old), len(new)) > WORDS_MAX:
        return [Words(Piece.GONE, before), Words(Piece.NEW, after)]
    found: list[Words] = []
    for what, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            found.append(Words(Piece.SAME, " ".join(old[i1:i2])))
            continue
        if i1 < i2:
            found.append(Words(Piece.GONE, " ".join(old[i1:i2])))
        if j1 < j2:
            found.append(Words(Piece.NEW, " ".join(new[j1:j2])))
    return found


def terms(before: Clause, after: Clause) -> list[Term]:
    """What the machine holds otherwise than before."""
    found = [
        Term(name, getattr(before, name), getattr(after, name))
        for name in ("severity", "grace_seconds", "remind_seconds", "excuses")
    ]
    changed = [term for term in found if term.before != term.after]
    old = {rule.kind: rule.parameters.to_dict() for rule in before.rules}
    new = {rule.kind: rule.parameters.to_dict() for rule in after.rules}
    for kind in dict.fromkeys([*old, *new]):
        if kind not in old or kind not in new:
            changed.append(Term("rule", kind in old or None, kind in new or None, kind))
            continue
        for name, value in new[kind].items():
            if old[kind][name] != value:
                changed.append(Term("parameter", old[kind][name], value, kind, name))
    return changed
