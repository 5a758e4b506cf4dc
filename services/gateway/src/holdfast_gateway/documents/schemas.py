"""Schemas of bodies, answers and problems for the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from holdfast_contracts.problems import PROBLEMS, ProblemCode, Refusal, problem_document
from holdfast_contracts.public.tenants import OperationDto
from holdfast_gateway.api.booking_rules import BUILT_MODES
from holdfast_gateway.api.table import CONTROLLERS
from holdfast_gateway.pipeline.routes import Controller, ListOf, Planned, Route, Sending, Shape

Json = dict[str, Any]
ModelKey = tuple[type[BaseModel], JsonSchemaMode]
Names = Mapping[ModelKey, Json]
"""Where each model's schema is."""

OPERATION: Final[ModelKey] = (OperationDto, "serialization")
_YEARS: Final = "(197[1-9]|19[89][0-9]|20[0-9]{2}|21[0-9]{2})"
DATE_PATTERN: Final = f"^{_YEARS}-[0-9]{{2}}-[0-9]{{2}}$"
"""Dates lie between the years that `values` allows."""
_REF: Final = "#/components/schemas/{model}"


def built(controller: Controller) -> list[Route]:
    """Return the routes of a controller that are built."""
    return [route for route in controller.routes if not isinstance(route, Planned)]


def _models_of(route: Route) -> Iterable[ModelKey]:
    if isinstance(route, Sending) and route.body is not None:
        yield route.body, "validation"
    shape = getattr(route, "shape", None)
    model = model_of(shape)
    if model is not None:
        yield model, "serialization"


def model_of(shape: Shape | None) -> type[BaseModel] | None:
    """Return the model of an answer, or of its items."""
    if shape is None:
        return None
    if not isinstance(shape, ListOf):
        return shape
    return shape.item


@lru_cache(maxsize=1)
def schemas() -> tuple[Names, Json]:
    """Return where each model's schema is, and all definitions."""
    keys = {key: None for controller in CONTROLLERS for route in built(controller) for key in _models_of(route)}
    keys[OPERATION] = None
    mapping, document = models_json_schema(list(keys), by_alias=True, ref_template=_REF)
    definitions: Json = document["$defs"]
    for definition in definitions.values():
        _tidy(definition)
    modes = definitions["CreateBookingDto"]["properties"]["bookingMode"]
    modes.clear()
    modes.update({"type": "string", "enum": sorted(mode.value for mode in BUILT_MODES)})
    return {key: mapping[key] for key in keys}, definitions


def _tidy(schema: object) -> None:
    """Drop what pydantic adds for machines of its own: titles of fields; bound the years of dates."""
    if isinstance(schema, dict):
        if schema.get("format") == "date":
            schema["pattern"] = DATE_PATTERN
        for name, inner in list(schema.items()):
            if name == "title" and isinstance(inner, str) and "type" in schema and "properties" not in schema:
                del schema[name]
            else:
                _tidy(inner)
    elif isinstance(schema, list):
        for inner in schema:
            _tidy(inner)


def problem_schema() -> Json:
    """Return the schema of a problem document."""
    text = {"type": "string"}
    field_error = {
        "type": "object",
        "properties": {"path": text, "code": text, "message": text},
        "required": ["path", "code", "message"],
    }
    return {
        "type": "object",
        "description": "Problem details (RFC 9457); `statusCode`, `message` and `error` repeat them in an older style.",
        "properties": {
            "type": text,
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "instance": text,
            "code": {"type": "string", "enum": [str(code) for code in ProblemCode]},
            "statusCode": {"type": "integer"},
            "message": text,
            "error": text,
            "errors": {"type": "array", "items": field_error},
        },
        "required": ["type", "title", "status", "detail", "instance", "code", "statusCode", "message", "error"],
    }


def shape_schema(shape: Shape, names: Names) -> Json:
    """Return the schema of an answer."""
    model = model_of(shape)
    assert model is not None  # noqa: S101 - a shape has a model
    schema = names[model, "serialization"]
    return {"type": "array", "items": schema} if isinstance(shape, ListOf) else schema


def problem_example(code: ProblemCode) -> Json:
    """Return a problem of a code."""
    return problem_document(Refusal(code, PROBLEMS[code].meaning), "/…")
