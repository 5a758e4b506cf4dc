"""From pydantic's errors to the `errors[]` of a problem: paths as `a.b[0].c`, stable codes, plain words [spec/09]."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from holdfast_contracts.problems import FieldError
from holdfast_contracts.public.faults import FAULTS, Fault

_MOST: Final = 100
"""Errors told of one request; who sends more wrong fields has no use for all of them."""

_TAGS: Final = frozenset({"session", "time_slot"})
_TAGGED: Final = "schedulePayload"
"""The union whose discriminator tag stands in the location of an error and is no part of the field's path."""

Context = Mapping[str, Any]
Location = tuple[int | str, ...]

_REQUIRED: Final = ("REQUIRED", "is required")
_WRONG: Final[Mapping[str, tuple[str, str]]] = {
    "missing": _REQUIRED,
    "extra_forbidden": ("UNKNOWN_FIELD", "is not a field of this request"),
    "greater_than_equal": ("OUT_OF_RANGE", "must be at least {ge}"),
    "less_than_equal": ("OUT_OF_RANGE", "must be at most {le}"),
    "greater_than": ("OUT_OF_RANGE", "must be greater than {gt}"),
    "less_than": ("OUT_OF_RANGE", "must be less than {lt}"),
    "out_of_range": ("OUT_OF_RANGE", "{message}"),
    "string_too_long": ("TOO_LONG", "must have at most {max_length} characters"),
    "string_too_short": ("TOO_SHORT", "must have at least {min_length} characters"),
    "too_long": ("TOO_LONG", "must have at most {max_length} items"),
    "too_short": ("TOO_SHORT", "must have at least {min_length} items"),
    "enum": ("UNKNOWN_VALUE", "must be one of {expected}"),
    "literal_error": ("UNKNOWN_VALUE", "must be one of {expected}"),
    "string_pattern_mismatch": ("INVALID_FORMAT", "must match {pattern}"),
    "uuid_parsing": ("INVALID_FORMAT", "must be a UUID"),
    "uuid_type": ("WRONG_TYPE", "must be a UUID"),
    "string_type": ("WRONG_TYPE", "must be a string"),
    "string_unicode": ("INVALID_FORMAT", "must be valid text"),
    "int_type": ("WRONG_TYPE", "must be a whole number"),
    "int_parsing": ("WRONG_TYPE", "must be a whole number"),
    "int_from_float": ("WRONG_TYPE", "must be a whole number"),
    "int_parsing_size": ("OUT_OF_RANGE", "is too large"),
    "float_type": ("WRONG_TYPE", "must be a number"),
    "bool_type": ("WRONG_TYPE", "must be true or false"),
    "bool_parsing": ("WRONG_TYPE", "must be true or false"),
    "list_type": ("WRONG_TYPE", "must be a list"),
    "dict_type": ("WRONG_TYPE", "must be an object"),
    "model_type": ("WRONG_TYPE", "must be an object"),
    "model_attributes_type": ("WRONG_TYPE", "must be an object"),
    "wrong_type": ("WRONG_TYPE", "{message}"),
    "is_instance_of": ("WRONG_TYPE", "has the wrong type"),
    "not_a_decimal_string": ("INVALID_FORMAT", "{message}"),
    "not_an_instant": ("INVALID_FORMAT", "{message}"),
    "not_a_date": ("INVALID_FORMAT", "{message}"),
    "not_a_time": ("INVALID_FORMAT", "{message}"),
    "not_an_offset": ("INVALID_FORMAT", "{message}"),
    "not_https": ("INVALID_FORMAT", "{message}"),
    "invalid_email": ("INVALID_FORMAT", "{message}"),
    "invalid_phone": ("INVALID_FORMAT", "{message}"),
    "invalid_format": ("INVALID_FORMAT", "{message}"),
    "blank": ("REQUIRED", "{message}"),
}


def field_errors(error: ValidationError) -> list[FieldError]:
    """Return the wrong fields that a validation found."""
    found = error.errors(include_url=False, include_input=False)
    told = (_told(one["type"], one["loc"], one["msg"], one.get("ctx", {})) for one in found[:_MOST])
    return [wrong for several in told for wrong in several][:_MOST]


def _told(kind: str, location: Location, message: str, context: Context) -> list[FieldError]:
    """Return what one error says: one wrong field, or each that does not go with the others of its object."""
    if kind == FAULTS:
        faults: tuple[Fault, ...] = context[FAULTS]
        return [FieldError(field_path((*location, *one.field)), one.code, one.message) for one in faults]
    return [_field_error(kind, location, message, context)]


def _field_error(kind: str, location: Location, message: str, context: Context) -> FieldError:
    code, words = _WRONG.get(kind, (kind.upper(), "{message}"))
    path = str(context["path"]) if "path" in context else field_path(location)
    return FieldError(path, code, words.format_map({**context, "message": message}))


def field_path(location: Location) -> str:
    """Return `a.b[0].c` of a location; the body itself is `$`."""
    path = ""
    before: int | str | None = None
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif not (before == _TAGGED and part in _TAGS):
            path += f".{part[:100]}" if path else part[:100]
        before = part
    return path or "$"
