"""The OpenAPI 3.1 document: what the framework knows of the endpoints, completed by what holds for
all of them: the token and its scopes, keys, rate limits, problems."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.conf import settings

from desk.channels.api.admission import Needs
from desk.channels.api.interface import api
from desk.channels.api.problems import KINDS, MEDIA_TYPE
from desk.channels.api.routers import AREAS

Json = dict[str, Any]
PREFIX = "api/v1/"
SECURITY = "token"
# What any call may be answered; the others depend on the method.
ALWAYS = (400, 401, 403, 404, 429, 500, 503)
WITH_BODY = (408, 409, 413, 415, 422)
WITH_PARAMETERS = (422,)
# Answers that are bytes, not JSON.
DOWNLOADS = frozenset({"download_file"})
BYTES: Json = {
    "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
}
CHANGES = frozenset({"post", "put", "patch", "delete"})
TEXT: Json = {"type": "string"}
RATE_HEADERS: Json = {
    "RateLimit": {"description": "Calls left, and seconds until there are more.", "schema": TEXT},
    "RateLimit-Policy": {"description": "Calls in each window.", "schema": TEXT},
}
IDEMPOTENCY_KEY: Json = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "description": "Makes the call safe to repeat: one key, one deed, one answer.",
}
IF_MATCH: Json = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "schema": {"type": "string", "pattern": '^(W/)?"?[0-9]{1,9}"?$'},
    "description": "The ETag of the ticket that was read: refused when it has changed since.",
}
PROBLEM: Json = {
    "title": "Problem",
    "description": "Problem details (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "The kind, as an address."},
        "title": {"type": "string", "description": "The kind, in words."},
        "status": {"type": "integer"},
        "code": {"type": "string", "enum": list(KINDS), "description": "The kind, for programs."},
        "detail": {"type": "string", "description": "What is wrong, in a sentence."},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldError"}},
    },
}
FIELD_ERROR: Json = {
    "title": "FieldError",
    "type": "object",
    "required": ["field", "code", "detail"],
    "properties": {
        "field": {"type": "string", "description": "Its name; dots lead inwards: parts.0."},
        "code": {"type": "string", "description": "What is wrong, of a closed list."},
        "detail": {"type": "string"},
    },
}


@cache
def document() -> Json:
    """The document, made once."""
    found: Json = json.loads(json.dumps(api.get_openapi_schema(path_prefix=PREFIX)))
    found["servers"] = [{"url": settings.BASE_URL}]
    found["tags"] = [{"name": area.tag, "description": area.about} for area in AREAS]
    components = found["components"]
    components["schemas"] |= {"Problem": PROBLEM, "FieldError": FIELD_ERROR}
    components["securitySchemes"] = {SECURITY: dict(Needs.openapi_security_schema)}
    components["responses"] = {str(status): _problem(status) for status in _statuses()}
    for path in found["paths"].values():
        for method, operation in path.items():
            _complete(method, operation)
    return found


def _complete(method: str, operation: Json) -> None:
    scope = operation.get("x-scope")
    operation["security"] = [{SECURITY: [scope] if scope else []}]
    parameters = operation.setdefault("parameters", [])
    possible = set(ALWAYS)
    if parameters:
        possible |= set(WITH_PARAMETERS)
    if method in CHANGES:
        possible |= set(WITH_BODY)
        parameters.append(IF_MATCH)
    if method == "post":
        parameters.append(IDEMPOTENCY_KEY)
    for response in operation["responses"].values():
        response["headers"] = RATE_HEADERS
    if operation["operationId"] in DOWNLOADS:
        operation["responses"]["200"]["content"] = BYTES
    for status in sorted(possible):
        name = str(status)
        operation["responses"].setdefault(name, {"$ref": f"#/components/responses/{name}"})


def _statuses() -> list[int]:
    return sorted({int(kind.status) for kind in KINDS.values()})


def _problem(status: int) -> Json:
    names = [name for name, kind in KINDS.items() if kind.status == status]
    return {
        "description": "Problem: " + ", ".join(names) + ".",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
