"""The OpenAPI document of the API, and the reference that is printed from it."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from desk.channels.api.document import document
from desk.channels.api.problems import KINDS
from desk.channels.api.routers import AREAS


def test_the_document_is_there_for_everybody(db: None) -> None:
    response = Client().get("/api/v1/openapi.json")
    found = json.loads(response.content)
    assert found["openapi"] == "3.1.0"
    assert found["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    operation = found["paths"]["/api/v1/tickets"]["post"]
    assert operation["security"] == [{"token": ["tickets:write"]}]
    assert any(each["name"] == "Idempotency-Key" for each in operation["parameters"])
    assert {"201", "200", "401", "409", "422", "429"} <= set(operation["responses"])


def test_the_document_has_one_shape_for_each_name() -> None:
    """The framework would silently let one of two shapes of the same name win."""
    known: dict[str, object] = {}
    for area in AREAS:
        for view in area.router.path_operations.values():
            for operation in view.operations:
                for model in (*operation.models, *operation.response_models.values()):
                    if not hasattr(model, "model_json_schema"):
                        continue
                    for name, shape in model.model_json_schema().get("$defs", {}).items():
                        assert known.setdefault(name, shape) == shape, name


def test_every_reference_of_the_document_leads_somewhere() -> None:
    found = document()

    def walk(node: object) -> None:
        if isinstance(node, dict):
            target = node.get("$ref")
            if isinstance(target, str):
                here: Any = found
                for step in target.removeprefix("#/").split("/"):
                    assert step in here, target
                    here = here[step]
            for each in node.values():
                walk(each)
        elif isinstance(node, list):
            for each in node:
                walk(each)

    walk(found["paths"])
    walk(found["components"])


def test_the_reference_names_every_call_and_every_problem(db: None) -> None:
    page = Client(headers={"accept-language": "en"}).get("/api/v1/docs").content.decode()
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            assert f'id="{operation["operationId"]}"' in page, (method, path)
    for name in KINDS:
        assert f'id="problem-{name}"' in page
