"""Query parameters: declared as a model, read strictly, and passed on in one canonical spelling."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated, Any, Final, get_args, get_origin
from urllib.parse import unquote, unquote_to_bytes, urlencode

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from holdfast_contracts.problems import FieldError
from holdfast_contracts.values import clean_text
from holdfast_gateway.pipeline.field_errors import field_errors

_NUMBER: Final = re.compile(r"\d{1,9}", re.ASCII)
_MOST_PARAMETERS: Final = 200


class Query(BaseModel):
    """Parameters of a read: camelCase, unknown ones refused, a list where a name may be repeated."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)


def _digits(value: object) -> object:
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise PydanticCustomError("wrong_type", "must be a whole number")
    return value


Digits: Final = BeforeValidator(_digits)
"""Marks a whole number that is written in digits only."""


_WORDS: Final = re.compile(r"^[^\x00-\x1f\x7f-\x9f]*$")
"""Of any language; what joins letters and nobody sees (U+200C in Persian) is part of a word."""


def _text(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not _WORDS.fullmatch(value):
        raise PydanticCustomError("invalid_format", "must not contain control characters")
    return clean_text(value)


Search = Annotated[
    str,
    Field(max_length=200),
    BeforeValidator(_text),
    WithJsonSchema({"type": "string", "maxLength": 200, "pattern": _WORDS.pattern}),
]
"""Words to look for."""


class Paged(Query):
    """Which part of a list."""

    page: Annotated[int, Field(ge=1, le=1_000_000), Digits] = 1
    limit: Annotated[int, Field(ge=1, le=100), Digits] = 20


class NoQuery(Query):
    """No parameters at all."""


@lru_cache(maxsize=64)
def _lists(model: type[Query]) -> dict[str, bool]:
    """Tell for each parameter whether it may be repeated."""
    return {(info.alias or name): _is_list(info.annotation) for name, info in model.model_fields.items()}


def _is_list(annotation: object) -> bool:
    return get_origin(annotation) is list or any(_is_list(part) for part in get_args(annotation))


class BadQuery(ValueError):  # noqa: N818 - an outcome, told to the caller
    """The parameters are not valid; `errors` says which."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__("the query is not valid")
        self.errors = errors


@lru_cache(maxsize=4096)
def read_query(model: type[Query], query: bytes) -> tuple[Query, str]:
    """Return the parameters and their canonical spelling for an owner. Raises BadQuery."""
    values, errors = _collect(model, query)
    told = {error.path for error in errors}
    try:
        parsed = model.model_validate(values, by_name=False, by_alias=True)
    except ValidationError as error:
        errors += [one for one in map(_by_name, field_errors(error)) if one.path not in told]
    if errors:
        raise BadQuery(errors)
    return parsed, _spelled(parsed)


def _collect(model: type[Query], query: bytes) -> tuple[dict[str, Any], list[FieldError]]:
    known = _lists(model)
    values: dict[str, Any] = {}
    errors: list[FieldError] = []
    for name, value in _pairs(query):
        if value is None:
            errors.append(FieldError(name[:100], "INVALID_FORMAT", "must be percent-encoded UTF-8"))
        elif name not in known:
            errors.append(FieldError(name[:100], "UNKNOWN_FIELD", "is not a parameter of this request"))
        elif known[name]:
            values.setdefault(name, []).append(value)
        elif name in values:
            errors.append(FieldError(name, "REPEATED", "must be given once"))
        else:
            values[name] = value
    return values, errors


def _pairs(query: bytes) -> list[tuple[str, str | None]]:
    """Return names and values; None for a value that is no text."""
    pieces = query.decode("latin-1").split("&")
    if len(pieces) > _MOST_PARAMETERS:
        raise BadQuery([FieldError("query", "TOO_LONG", f"must have at most {_MOST_PARAMETERS} parameters")])
    return [_pair(piece) for piece in pieces if piece]


def _pair(piece: str) -> tuple[str, str | None]:
    name, _, value = piece.replace("+", " ").partition("=")
    try:
        return unquote(name), unquote_to_bytes(value.encode("ascii")).decode()
    except UnicodeError:
        return unquote(name), None


def _by_name(error: FieldError) -> FieldError:
    return FieldError(error.path.partition("[")[0], error.code, error.message)


def _spelled(parsed: Query) -> str:
    return urlencode(parsed.model_dump(mode="json", by_alias=True, exclude_unset=True), doseq=True)
