"""The OpenAPI 3.1 document of what is built: every route with its body, answers, errors and examples."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from holdfast_contracts.problems import ProblemCode
from holdfast_gateway.api.table import CONTROLLERS
from holdfast_gateway.documents.operations import operation_of
from holdfast_gateway.documents.schemas import Json, Names, built, problem_example, problem_schema, schemas
from holdfast_gateway.pipeline.routes import ListOf, Sending, Shape


@lru_cache(maxsize=1)
def openapi_document() -> Json:
    """Return the whole document."""
    names, definitions = schemas()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Holdfast",
            "version": "1.0.0",
            "description": "A multi-tenant booking and ticketing engine. What is held, holds.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": controller.title} for controller in CONTROLLERS if built(controller)],
        "paths": _paths(names),
        "components": {
            "schemas": {**definitions, "Problem": problem_schema()},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "platform": {"type": "http", "scheme": "bearer", "description": "The platform token."},
            },
            "examples": {str(code): {"value": problem_example(code)} for code in ProblemCode},
        },
    }


def openapi_text() -> str:
    """Return the document as it is committed in `docs/api/openapi.json`."""
    return json.dumps(openapi_document(), indent=2, ensure_ascii=False, sort_keys=False) + "\n"


def _paths(names: Names) -> Json:
    paths: Json = {}
    for controller in CONTROLLERS:
        for route in built(controller):
            paths.setdefault(route.template, {})[route.method.lower()] = operation_of(controller, route, names)
    return paths


def check_examples() -> list[str]:
    """Return what is wrong with the examples of the table: of a body, and of an answer, which none may lack."""
    wrong: list[str] = []
    for controller in CONTROLLERS:
        for route in built(controller):
            if isinstance(route, Sending) and route.body is not None and route.example is not None:
                wrong += _invalid(route.operation, TypeAdapter(route.body), route.example)
            shape: Shape | None = getattr(route, "shape", None)
            if shape is not None:
                answers = TypeAdapter[Any](list[shape.item] if isinstance(shape, ListOf) else shape)  # type: ignore[name-defined]
                wrong += _invalid(f"{route.operation}, answer", answers, getattr(route, "answer_example", None))
    return wrong


def _invalid(name: str, adapter: TypeAdapter[Any], example: object) -> list[str]:
    try:
        adapter.validate_json(json.dumps(example), by_alias=True, by_name=False)
    except ValueError as error:
        return [f"{name}: {error}"]
    return []
