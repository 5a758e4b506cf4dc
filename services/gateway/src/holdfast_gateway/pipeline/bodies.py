"""Reading a request's body: bounded, JSON, valid; each fault with its own status [spec/10, order of checks]."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson
from pydantic import ValidationError

from holdfast_contracts.problems import FieldError, ProblemCode, Refusal
from holdfast_contracts.public.base import Body
from holdfast_gateway.pipeline.field_errors import field_errors, field_path

_LARGEST_INTEGER: Final = 2**53 - 1
"""Beyond it JSON numbers lose digits in other readers (RFC 8259, section 6)."""
_DEEPEST: Final = 32

_FREE: Final = (b'"data"', b'"metadata"', b'"seatMap"')
"""Fields that hold any JSON: only there can numbers be none or huge, all others are bounded by their models."""
_NO_NUMBER: Final = re.compile(rb"NaN|Infinity")
_ODD_NUMBER: Final = re.compile(rb"NaN|Infinity|\d{16}|\d[eE]\+?\d{3,}(?=[\s,}\]])")


class NoBody(Body):
    """The body of a route that takes none: nothing, or `{}`."""


def parse_body(model: type[Body], raw: bytes) -> tuple[Body | None, list[FieldError]]:
    """Return the valid body, or what is wrong with it. Raises Refusal (400) for what is no JSON."""
    try:
        body = model.__pydantic_validator__.validate_json(raw, by_name=False, by_alias=True)
    except ValidationError as error:
        _refuse_malformed(error, raw)
        return None, _joined(_suspicions(raw), field_errors(error))
    suspicions = _suspicions(raw)
    return (None, suspicions) if suspicions else (body, [])


def _joined(first: list[FieldError], then: list[FieldError]) -> list[FieldError]:
    """Return every wrong field once, with what was said of it first."""
    told = {error.path for error in first}
    return [*first, *(error for error in then if error.path not in told)]


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


def _suspicions(raw: bytes) -> list[FieldError]:
    """Return what no field may hold, wherever it stands. Free JSON (`data`, `metadata`) is checked here only."""
    if not _is_suspect(raw):
        return []
    try:
        value = json.loads(raw, parse_constant=_no_constant)
    except ValueError:
        raise malformed("The body is not valid JSON.") from None
    except RecursionError:
        raise malformed("The body is nested too deeply.") from None
    return list(_walk(value, ()))


def _is_suspect(raw: bytes) -> bool:
    """Tell whether a strict look at the whole document is worth its time."""
    if b"\\u0000" in raw or raw.count(b"{") + raw.count(b"[") > _DEEPEST:
        return True
    return any(name in raw for name in _FREE) and _ODD_NUMBER.search(raw) is not None


def _no_constant(name: str) -> float:
    msg = f"{name} is no JSON"
    raise ValueError(msg)


def _walk(value: object, where: tuple[int | str, ...]) -> Iterator[FieldError]:
    if len(where) > _DEEPEST:
        yield FieldError(field_path(where[:2]), "TOO_DEEP", f"must not be nested deeper than {_DEEPEST}")
    elif isinstance(value, dict):
        for name, inner in value.items():
            if "\x00" in name:
                yield FieldError(field_path(where) if where else "$", "NUL_CHARACTER", "must not contain NUL")
            else:
                yield from _walk(inner, (*where, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _walk(inner, (*where, index))
    elif (wrong := _wrong_leaf(value)) is not None:
        yield FieldError(field_path(where), *wrong)


def _wrong_leaf(value: object) -> tuple[str, str] | None:
    if isinstance(value, str):
        return ("NUL_CHARACTER", "must not contain NUL") if "\x00" in value else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return "OUT_OF_RANGE", "is too large"
    if isinstance(value, int) and abs(value) > _LARGEST_INTEGER:
        return "OUT_OF_RANGE", "is too large"
    return None
