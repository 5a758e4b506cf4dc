"""Operations of the OpenAPI document: parameters, bodies and answers of each route."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from holdfast_contracts.problems import PROBLEMS, ProblemCode
from holdfast_gateway.api import examples
from holdfast_gateway.documents.schemas import DATE_PATTERN, OPERATION, Json, Names, shape_schema
from holdfast_gateway.pipeline.routes import (
    TEXT_PARAMETERS,
    Access,
    Controller,
    Local,
    Read,
    Route,
    Scan,
    Sending,
    Shape,
    Write,
)

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
)
_ETAG: Final[Json] = {"ETag": {"required": True, "schema": {"type": "string"}, "example": '"1"'}}
_ON_THE_BUS: Final = (ProblemCode.OVERLOADED, ProblemCode.NOT_ACCEPTED, ProblemCode.COMMAND_FAILED)


def errors_of(route: Route) -> tuple[ProblemCode, ...]:
    """Return every code that a route may answer with."""
    codes: list[ProblemCode] = list(_ALWAYS)
    if route.access is Access.TOKEN:
        codes += _WITH_TOKEN
    elif route.access is Access.PLATFORM:
        codes += [ProblemCode.UNAUTHENTICATED, ProblemCode.FORBIDDEN]
    if isinstance(route, Sending) and route.method != "GET":
        codes += _SENDING
    else:
        codes += [ProblemCode.VALIDATION_FAILED]
    if _keeps_keys(route):
        codes += [ProblemCode.IDEMPOTENCY_KEY_REUSED]
    if isinstance(route, Write | Scan):
        codes += _ON_THE_BUS
    return tuple(dict.fromkeys([*codes, *route.errors]))


def _keeps_keys(route: Route) -> bool:
    """Tell whether a key stands for one request: where nothing changes, nothing of it is kept."""
    return isinstance(route, Write | Scan) or (isinstance(route, Local) and route.writes)


def has_etag(route: Route) -> bool:
    """Tell whether a success has an `ETag`: what has a version, and documents, whose bytes are tagged [spec/09]."""
    shape: Shape | None = getattr(route, "shape", None)
    if isinstance(shape, type):
        return "version" in shape.model_fields
    return isinstance(route, Read) and route.is_document


def operation_of(controller: Controller, route: Route, names: Names) -> Json:
    """Return the operation of a route."""
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
    if kept.get("format") == "date":
        kept["pattern"] = DATE_PATTERN
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
        example = "5b2f7c1e-buy-2-tickets"
        found.append({"name": "Idempotency-Key", "in": "header", "required": False, "schema": key, "example": example})
    if isinstance(route, Write | Local) and route.versioned:
        tag = {"type": "string", "pattern": '^([*]|"[1-9][0-9]{0,8}")$'}
        found.append({"name": "If-Match", "in": "header", "required": False, "schema": tag, "example": "*"})
    if isinstance(route, Write):
        found.append({"name": "Prefer", "in": "header", "required": False, "schema": text, "example": "wait=10"})
    if isinstance(route, Read) and has_etag(route):
        found.append({"name": "If-None-Match", "in": "header", "required": False, "schema": text})
    return found


def _request_body(route: Sending, names: Names) -> Json:
    assert route.body is not None  # noqa: S101 - asked before
    media: Json = {"schema": names[route.body, "validation"]}
    if route.example is not None:
        media["example"] = route.example
    return {"required": route.body_required, "content": {"application/json": media}}


def _responses(route: Route, names: Names) -> Json:
    responses: Json = {}
    status = route.status if isinstance(route, Sending) else 200
    responses[str(status)] = _success(route, status, names)
    if isinstance(route, Write):
        responses["202"] = _accepted(names)
    if isinstance(route, Read) and has_etag(route):
        responses["304"] = {"description": "Not modified.", "headers": _ETAG}
    by_status: dict[int, list[ProblemCode]] = {}
    for code in errors_of(route):
        by_status.setdefault(PROBLEMS[code].status, []).append(code)
    for number in sorted(by_status):
        responses[str(number)] = _problems(number, by_status[number])
    return responses


def _success(route: Route, status: int, names: Names) -> Json:
    answer: Json = {"description": HTTPStatus(status).phrase}
    if has_etag(route):
        answer["headers"] = _ETAG
    media_type = route.media_type if isinstance(route, Read) else "application/json"
    shape: Shape | None = getattr(route, "shape", None)
    if shape is not None:
        media: Json = {"schema": shape_schema(shape, names)}
        example = getattr(route, "answer_example", None)
        if example is not None:
            media["example"] = example
        answer["content"] = {media_type: media}
    elif status != 204:
        binary: Json = {} if media_type == "text/calendar" else {"contentMediaType": media_type}
        answer["content"] = {media_type: {"schema": {"type": "string", **binary}}}
    return answer


def _accepted(names: Names) -> Json:
    return {
        "description": "Accepted: it will be carried out once; ask at `Location`.",
        "headers": {
            "Location": {"schema": {"type": "string"}},
            "Retry-After": {"schema": {"type": "integer"}},
        },
        "content": {"application/json": {"schema": names[OPERATION], "example": examples.PENDING_OPERATION}},
    }


def _problems(status: int, codes: list[ProblemCode]) -> Json:
    examples = {str(code): {"$ref": f"#/components/examples/{code}"} for code in codes}
    return {
        "description": ", ".join(f"`{code}`" for code in codes),
        "content": {_PROBLEM_MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}},
    }
