"""The body of an exchange's request as one nested mapping, form or JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from desk.channels.phone.events import Unreadable

FIELDS_MAX = 1000
DEPTH_MAX = 6
_KEY = re.compile(r"\[([^\[\]]*)\]")
Payload = Mapping[str, Any]


def read(body: bytes) -> Payload:
    """A JSON object, or a form whose keys may hold brackets: `a[b][0]=c` becomes a → b → 0.
    Raises `Unreadable`."""
    try:
        text = body.decode("utf-8")
        if text.lstrip().startswith("{"):
            found = json.loads(text)
            assert isinstance(found, dict), "it begins with a brace"
            return found
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_MAX)
    except (ValueError, RecursionError) as error:
        raise Unreadable("The body is neither a form nor JSON.") from error
    return _nested(pairs)


def part(payload: Payload, name: str) -> Payload:
    """A mapping inside a mapping, empty where there is none."""
    found = payload.get(name)
    return found if isinstance(found, Mapping) else {}


def _nested(pairs: list[tuple[str, str]]) -> Payload:
    found: dict[str, Any] = {}
    for key, value in pairs:
        steps = [key.partition("[")[0], *_KEY.findall(key)]
        if len(steps) > DEPTH_MAX:
            raise Unreadable("The form's fields are nested too deeply.")
        here = found
        for step in steps[:-1]:
            inner = here.setdefault(step, {})
            if not isinstance(inner, dict):
                raise Unreadable("A field of the form is a value and a group at once.")
            here = inner
        here[steps[-1]] = value
    return found
