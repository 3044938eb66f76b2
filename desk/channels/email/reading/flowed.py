"""format=flowed (RFC 3676): paragraphs that were broken into lines for the way."""

from __future__ import annotations


def unfold(text: str, delete_space: bool) -> str:
    """Join the lines of each paragraph; `delete_space` is the parameter delsp=yes."""
    done: list[str] = []
    pending: tuple[int, list[str]] | None = None
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        rest = line[depth:]
        rest = rest.removeprefix(" ")
        signature = rest == "-- "
        if pending and (pending[0] != depth or signature):
            done.append(_quoted(*pending))
            pending = None
        soft = rest.endswith(" ") and not signature
        pieces = pending[1] if pending else []
        pieces.append(rest[:-1] if soft and delete_space else rest)
        if soft:
            pending = (depth, pieces)
            continue
        done.append(_quoted(depth, pieces))
        pending = None
    if pending:
        done.append(_quoted(*pending))
    return "\n".join(done)


def _quoted(depth: int, pieces: list[str]) -> str:
    return (">" * depth + " " if depth else "") + "".join(pieces)
