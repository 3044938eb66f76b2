"""The OpenAPI document as people read it: chapters, calls, shapes and problems, ready to draw."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from desk.channels.api.actions import ANSWERS_KEPT, RATE_MAX, RATE_WINDOW_SECONDS
from desk.channels.api.document import document
from desk.channels.api.paging import LIMIT_MAX
from desk.channels.api.problems import KINDS

Json = dict[str, Any]
METHOD_TONES = {"get": "calm", "post": "", "put": "soon", "patch": "soon", "delete": "late"}
JSON, FORM = "application/json", "multipart/form-data"
FORMATS = {"date-time": "moment", "date": "day", "binary": "file", "uri": "address"}


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of a type's name; `link` where it is a shape of its own."""

    text: str
    link: str = ""


Prose = tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter or a field."""

    name: str
    kind: tuple[Word, ...]
    required: bool
    about: Prose


@dataclass(frozen=True, slots=True)
class Operation:
    """One call."""

    key: str
    method: str
    tone: str
    path: str
    summary: str
    about: Prose
    scope: str
    parameters: tuple[Row, ...]
    body: tuple[Row, ...]
    answers: tuple[tuple[str, tuple[Word, ...]], ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """The calls of one area."""

    name: str
    about: Prose
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """What is sent or answered."""

    name: str
    about: Prose
    rows: tuple[Row, ...]


@cache
def chapters() -> tuple[Chapter, ...]:
    """The chapters in their order."""
    found = document()
    calls: dict[str, list[Operation]] = {tag["name"]: [] for tag in found["tags"]}
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            calls[operation["tags"][0]].append(_operation(path, method, operation))
    return tuple(
        Chapter(tag["name"], prose(tag["description"]), tuple(calls[tag["name"]]))
        for tag in found["tags"]
    )


@cache
def shapes() -> tuple[Shape, ...]:
    """Every shape by its name."""
    known = document()["components"]["schemas"]
    return tuple(
        Shape(name, prose(schema.get("description", "")), _rows(schema))
        for name, schema in sorted(known.items())
        if "properties" in schema
    )


def prose(text: str) -> Prose:
    """A text in pieces, and which of them are code: what stands between backquotes."""
    pieces = enumerate(text.split("`"))
    return tuple((piece, place % 2 == 1) for place, piece in pieces if piece)


def problems() -> list[dict[str, object]]:
    """Every kind of problem, in the language of the reader."""
    return [
        {"name": name, "status": int(kind.status), "title": kind.title, "cure": kind.cure}
        for name, kind in KINDS.items()
    ]


def limits() -> dict[str, int]:
    """The numbers that the introduction names."""
    return {
        "rate": RATE_MAX,
        "window": RATE_WINDOW_SECONDS,
        "page": LIMIT_MAX,
        "kept_days": ANSWERS_KEPT.days,
    }


def _operation(path: str, method: str, operation: Json) -> Operation:
    content = operation.get("requestBody", {}).get("content", {})
    schema = (content.get(JSON) or content.get(FORM) or {}).get("schema", {})
    return Operation(
        key=operation["operationId"],
        method=method.upper(),
        tone=METHOD_TONES[method],
        path=path,
        summary=operation["summary"],
        about=prose(operation.get("description", "")),
        scope=operation.get("x-scope", ""),
        parameters=tuple(_parameter(each) for each in operation["parameters"]),
        body=_rows(_resolved(schema)),
        answers=tuple(
            (status, _kind(_answer(response)))
            for status, response in sorted(operation["responses"].items())
            if "$ref" not in response
        ),
    )


def _answer(response: Json) -> Json:
    found: Json = response.get("content", {}).get(JSON, {}).get("schema", {})
    return found


def _parameter(each: Json) -> Row:
    schema = each.get("schema", {})
    about = each.get("description") or schema.get("description", "")
    return Row(each["name"], _kind(schema), each.get("required", False), prose(about))


def _rows(schema: Json) -> tuple[Row, ...]:
    required = set(schema.get("required", ()))
    return tuple(
        Row(name, _kind(one), name in required, prose(one.get("description", "")))
        for name, one in schema.get("properties", {}).items()
    )


def _resolved(schema: Json) -> Json:
    """The schema itself, or the one it is a name, or one of two names, for."""
    for one in (schema, *schema.get("anyOf", ()), *schema.get("allOf", ())):
        if "$ref" in one:
            name = one["$ref"].rpartition("/")[2]
            known: Json = document()["components"]["schemas"][name]
            return known
    return schema


def _kind(schema: Json) -> tuple[Word, ...]:
    if "$ref" in schema:
        return _named(schema["$ref"])
    choices = schema.get("anyOf") or schema.get("allOf") or ()
    if choices:
        words: list[Word] = []
        for one in choices:
            words += ([Word(" or ")] if words else []) + list(_kind(one))
        return tuple(words)
    if "enum" in schema:
        return (Word(" | ".join(map(str, schema["enum"]))),)
    if schema.get("type") == "array":
        return (Word("list of "), *_kind(schema.get("items", {})))
    name = FORMATS.get(schema.get("format", ""), str(schema.get("type", "any")))
    return (Word(name + _bounds(schema)),) if schema else ()


def _named(reference: str) -> tuple[Word, ...]:
    name = reference.rpartition("/")[2]
    schema = document()["components"]["schemas"][name]
    if "enum" in schema:
        return _kind(schema)
    return (Word(name, f"#shape-{name}"),)


def _bounds(schema: Json) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None and high < 1_000_000:
        return f" {low}–{high}"
    longest = schema.get("maxLength")
    return f", at most {longest} characters" if longest else ""
