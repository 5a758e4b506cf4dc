"""Reading a request's body: bounded, JSON, valid; each fault with its own status [spec/10, order of checks]."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson
from pydantic import ValidationError

from holdfast_contracts.problems import FieldError, ProblemCode, Refusal
from holdfast_contracts.public.base import Body
from holdfast_gateway.pipeline.field_errors import field_errors

_NO_NUMBER: Final = re.compile(rb"NaN|Infinity")


class NoBody(Body):
    """The body of a route that takes none: nothing, or `{}`."""


def parse_body(model: type[Body], raw: bytes) -> tuple[Body | None, list[FieldError]]:
    """Return the valid body, or what is wrong with it. Raises Refusal (400) for what is no JSON."""
    try:
        body = model.__pydantic_validator__.validate_json(raw, by_name=False, by_alias=True)
    except ValidationError as error:
        _refuse_malformed(error, raw)
        return None, field_errors(error)
    return body, []


def _refuse_malformed(error: ValidationError, raw: bytes) -> None:
    """Raise Refusal (400) for what is no JSON; `NaN` and `Infinity` are none, though pydantic reads them (RFC 8259)."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    if first["type"] in {"json_invalid", "recursion_loop"} or (_NO_NUMBER.search(raw) and not _is_json(raw)):
        raise malformed("The body is not valid JSON.")


def _is_json(raw: bytes) -> bool:
    try:
        orjson.loads(raw)
    except orjson.JSONDecodeError:
        return False
    return True


def malformed(detail: str) -> Refusal:
    """Return the 400."""
    return Refusal(ProblemCode.MALFORMED_REQUEST, detail)


def raw_object(raw: bytes) -> Mapping[str, Any]:
    """Return the top-level fields of a body that did not validate; nothing where it is no object."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}
