"""The OpenAPI 3.1 document of what is built: every route with its body, answers, errors and examples."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from holdfast_contracts.problems import PROBLEMS, ProblemCode, Refusal, problem_document
from holdfast_contracts.public.tenants import OperationDto
from holdfast_gateway.api.table import CONTROLLERS
from holdfast_gateway.pipeline.routes import (
    TEXT_PARAMETERS,
    Access,
    Controller,
    ListOf,
    Local,
    Planned,
    Read,
    Route,
    Scan,
    Sending,
    Shape,
    Write,
)

Json = dict[str, Any]
ModelKey = tuple[type[BaseModel], JsonSchemaMode]

_OPERATION: Final[ModelKey] = (OperationDto, "serialization")
_REF: Final = "#/components/schemas/{model}"
_PROBLEM_MEDIA: Final = "application/problem+json"
_ALWAYS: Final = (ProblemCode.RATE_LIMITED, ProblemCode.DEPENDENCY_DOWN)
_WITH_TOKEN: Final = (
    ProblemCode.UNAUTHENTICATED,
    ProblemCode.TOKEN_EXPIRED,
    ProblemCode.FORBIDDEN,
    ProblemCode.TENANT_MISMATCH,
    ProblemCode.NOT_FOUND,
)
_SENDING: Final = (
    ProblemCode.MALFORMED_REQUEST,
    ProblemCode.BODY_TOO_LARGE,
    ProblemCode.UNSUPPORTED_MEDIA_TYPE,
    ProblemCode.VALIDATION_FAILED,
    ProblemCode.IDEMPOTENCY_KEY_REUSED,
)
_ON_THE_BUS: Final = (ProblemCode.OVERLOADED, ProblemCode.NOT_ACCEPTED, ProblemCode.COMMAND_FAILED)


def errors_of(route: Route) -> tuple[ProblemCode, ...]:
    """Return every code that a route may answer with."""
    codes: list[ProblemCode] = list(_ALWAYS)
    if route.access is Access.TOKEN:
        codes += _WITH_TOKEN
    elif route.access is Access.PLATFORM:
        codes += [ProblemCode.UNAUTHENTICATED]
    if isinstance(route, Sending) and route.method != "GET":
        codes += _SENDING
    else:
        codes += [ProblemCode.VALIDATION_FAILED]
    if isinstance(route, Write | Scan):
        codes += _ON_THE_BUS
    return tuple(dict.fromkeys([*codes, *route.errors]))


@lru_cache(maxsize=1)
def openapi_document() -> Json:
    """Return the whole document."""
    names, definitions = _schemas()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Holdfast",
            "version": "1.0.0",
            "description": "A multi-tenant booking and ticketing engine. What is held, holds.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": controller.title} for controller in CONTROLLERS if _built(controller)],
        "paths": _paths(names),
        "components": {
            "schemas": {**definitions, "Problem": _problem_schema()},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "platform": {"type": "http", "scheme": "bearer", "description": "The platform token."},
            },
            "examples": {str(code): {"value": _problem_example(code)} for code in ProblemCode},
        },
    }


def openapi_text() -> str:
    """Return the document as it is committed in `docs/api/openapi.json`."""
    return json.dumps(openapi_document(), indent=2, ensure_ascii=False, sort_keys=False) + "\n"


def _built(controller: Controller) -> list[Route]:
    return [route for route in controller.routes if not isinstance(route, Planned)]


# -- schemas --------------------------------------------------------------------------------------------------


def _models_of(route: Route) -> Iterable[ModelKey]:
    if isinstance(route, Sending) and route.body is not None:
        yield route.body, "validation"
    shape = getattr(route, "shape", None)
    model = _model_of(shape)
    if model is not None:
        yield model, "serialization"


def _model_of(shape: Shape | None) -> type[BaseModel] | None:
    if shape is None:
        return None
    if not isinstance(shape, ListOf):
        return shape
    return shape.item


@lru_cache(maxsize=1)
def _schemas() -> tuple[Mapping[ModelKey, Json], Json]:
    keys = {key: None for controller in CONTROLLERS for route in _built(controller) for key in _models_of(route)}
    keys[_OPERATION] = None
    mapping, document = models_json_schema(list(keys), by_alias=True, ref_template=_REF)
    definitions: Json = document["$defs"]
    for definition in definitions.values():
        _tidy(definition)
    return {key: mapping[key] for key in keys}, definitions


def _tidy(schema: object) -> None:
    """Drop what pydantic adds for machines of its own: titles of fields."""
    if isinstance(schema, dict):
        for name, inner in list(schema.items()):
            if name == "title" and isinstance(inner, str) and "type" in schema and "properties" not in schema:
                del schema[name]
            else:
                _tidy(inner)
    elif isinstance(schema, list):
        for inner in schema:
            _tidy(inner)


def _problem_schema() -> Json:
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


# -- paths ----------------------------------------------------------------------------------------------------


def _paths(names: Mapping[ModelKey, Json]) -> Json:
    paths: Json = {}
    for controller in CONTROLLERS:
        for route in _built(controller):
            paths.setdefault(route.template, {})[route.method.lower()] = _operation(controller, route, names)
    return paths


def _operation(controller: Controller, route: Route, names: Mapping[ModelKey, Json]) -> Json:
    operation: Json = {
        "operationId": route.operation,
        "tags": [controller.title],
        "summary": route.summary,
        "description": _description(route),
        "parameters": [*_path_parameters(route), *_query_parameters(route), *_header_parameters(route)],
        "responses": _responses(route, names),
    }
    if route.access is Access.TOKEN:
        operation["security"] = [{"bearer": []}]
    elif route.access is Access.PLATFORM:
        operation["security"] = [{"platform": []}]
    else:
        operation["security"] = []
    if isinstance(route, Sending) and route.body is not None:
        operation["requestBody"] = _request_body(route, names)
    return operation


def _description(route: Route) -> str:
    scopes = " or ".join(f"`{scope}`" for scope in sorted(route.scopes))
    needs = f"Scope {scopes}." if scopes and len(route.scopes) < 6 else ""
    return " ".join(part for part in (route.notes, needs, f"Owner: {route.owner}.") if part)


def _path_parameters(route: Route) -> list[Json]:
    def schema(name: str) -> Json:
        if name in TEXT_PARAMETERS:
            return {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}
        return {"type": "string", "format": "uuid"}

    return [{"name": name, "in": "path", "required": True, "schema": schema(name)} for name in route.parameters]


def _query_parameters(route: Route) -> list[Json]:
    model = getattr(route, "query", None)
    if model is None:
        return []
    schema = model.model_json_schema(by_alias=True)
    definitions = schema.get("$defs", {})
    required = set(schema.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _plain(one, definitions)}
        for name, one in schema["properties"].items()
    ]


def _plain(schema: Json, definitions: Json) -> Json:
    """Return a parameter's schema without references and without `null`, which a query cannot say."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rsplit("/", 1)[1]]
    options = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    if options:
        merged = {name: value for name, value in schema.items() if name not in {"anyOf", "default"}}
        return {**merged, **_plain(options[0], definitions)}
    kept = {name: value for name, value in schema.items() if name not in {"title", "description"}}
    if "items" in kept:
        kept["items"] = _plain(kept["items"], definitions)
    if kept.get("default", "") is None:
        del kept["default"]
    return kept


def _header_parameters(route: Route) -> list[Json]:
    found: list[Json] = []
    text: Json = {"type": "string"}
    if route.access is Access.OPEN:
        found.append(
            {
                "name": "X-Tenant-Slug",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "pattern": "^[a-z0-9-]{1,63}$"},
            }
        )
    if isinstance(route, Write | Scan | Local) and route.method != "GET":
        key = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"}
        found.append({"name": "Idempotency-Key", "in": "header", "required": False, "schema": key})
    if isinstance(route, Write | Local) and route.versioned:
        tag = {"type": "string", "pattern": '^(W/)?"[1-9][0-9]{0,8}"$'}
        found.append({"name": "If-Match", "in": "header", "required": False, "schema": tag})
    if isinstance(route, Write):
        found.append({"name": "Prefer", "in": "header", "required": False, "schema": text, "example": "wait=10"})
    if isinstance(route, Read) and route.media_type == "application/json":
        found.append({"name": "If-None-Match", "in": "header", "required": False, "schema": text})
    return found


def _request_body(route: Sending, names: Mapping[ModelKey, Json]) -> Json:
    assert route.body is not None  # noqa: S101 - asked before
    media: Json = {"schema": names[route.body, "validation"]}
    if route.example is not None:
        media["example"] = route.example
    return {"required": route.body_required, "content": {"application/json": media}}


# -- answers --------------------------------------------------------------------------------------------------


def _responses(route: Route, names: Mapping[ModelKey, Json]) -> Json:
    responses: Json = {}
    status = route.status if isinstance(route, Sending) else 200
    responses[str(status)] = _success(route, status, names)
    if isinstance(route, Write):
        responses["202"] = _accepted(names)
    if isinstance(route, Read) and route.media_type == "application/json":
        responses["304"] = {"description": "Not modified."}
    by_status: dict[int, list[ProblemCode]] = {}
    for code in errors_of(route):
        by_status.setdefault(PROBLEMS[code].status, []).append(code)
    for number in sorted(by_status):
        responses[str(number)] = _problems(number, by_status[number])
    return responses


def _success(route: Route, status: int, names: Mapping[ModelKey, Json]) -> Json:
    answer: Json = {"description": HTTPStatus(status).phrase}
    media_type = route.media_type if isinstance(route, Read) else "application/json"
    shape: Shape | None = getattr(route, "shape", None)
    if shape is not None:
        media: Json = {"schema": _shape_schema(shape, names)}
        example = getattr(route, "answer_example", None)
        if example is not None:
            media["example"] = example
        answer["content"] = {media_type: media}
    elif status != 204:
        binary: Json = {} if media_type == "text/calendar" else {"contentMediaType": media_type}
        answer["content"] = {media_type: {"schema": {"type": "string", **binary}}}
    return answer


def _shape_schema(shape: Shape, names: Mapping[ModelKey, Json]) -> Json:
    model = _model_of(shape)
    assert model is not None  # noqa: S101 - a shape has a model
    schema = names[model, "serialization"]
    return {"type": "array", "items": schema} if isinstance(shape, ListOf) else schema


def _accepted(names: Mapping[ModelKey, Json]) -> Json:
    return {
        "description": "Accepted: it will be carried out once; ask at `Location`.",
        "headers": {
            "Location": {"schema": {"type": "string"}},
            "Retry-After": {"schema": {"type": "integer"}},
        },
        "content": {"application/json": {"schema": names[_OPERATION]}},
    }


def _problem_example(code: ProblemCode) -> Json:
    return problem_document(Refusal(code, PROBLEMS[code].meaning), "/…")


def _problems(status: int, codes: list[ProblemCode]) -> Json:
    examples = {str(code): {"$ref": f"#/components/examples/{code}"} for code in codes}
    return {
        "description": ", ".join(f"`{code}`" for code in codes),
        "content": {_PROBLEM_MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}},
    }


def check_examples() -> list[str]:
    """Return what is wrong with the examples of the table: each must be a valid body of its route."""
    wrong: list[str] = []
    for controller in CONTROLLERS:
        for route in _built(controller):
            if isinstance(route, Sending) and route.body is not None and route.example is not None:
                wrong += _invalid(route.operation, TypeAdapter(route.body), route.example)
    return wrong


def _invalid(name: str, adapter: TypeAdapter[Any], example: object) -> list[str]:
    try:
        adapter.validate_json(json.dumps(example), by_alias=True, by_name=False)
    except ValueError as error:
        return [f"{name}: {error}"]
    return []
