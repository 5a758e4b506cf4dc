"""Free JSON of callers: bounded in every direction, cleaned like all texts, and never checked twice."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from holdfast_contracts.public.base import Body
from holdfast_contracts.public.faults import FAULTS, Fault
from holdfast_contracts.public.free_json import (
    DEEPEST,
    LARGEST_INTEGER,
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_VALUES,
    MOST_VALUES_OF_A_MAP,
    FreeJson,
    Metadata,
    SeatMap,
)
from holdfast_contracts.schema_documents import REQUESTS
from holdfast_contracts.values import CHECKED_AT_THE_EDGE

READER = TypeAdapter(Metadata)
GROWS = "\u0958"
"""One character that NFC makes two."""


def faults(
    value: dict[str, Any], reader: TypeAdapter[dict[str, Any]] = READER
) -> list[tuple[tuple[str | int, ...], str]]:
    with pytest.raises(ValidationError) as refused:
        reader.validate_python(value)
    (error,) = refused.value.errors()
    found: tuple[Fault, ...] = error["ctx"][FAULTS]
    return [(fault.field, fault.code) for fault in found]


def nested(levels: int, *, lists: bool) -> dict[str, Any]:
    value: Any = [] if lists else {}
    for _ in range(levels - 2):
        value = [value] if lists else {"a": value}
    return {"a": value}


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"": "empty", "a": [None, True, 1.5, "ü", -LARGEST_INTEGER, {"b": []}]},
        {"a" * LONGEST_NAME: "a" * LONGEST_TEXT},
        {"a": "x\n\ty"},
        {str(n): n for n in range(MOST_VALUES)},
        {"a": list(range(MOST_VALUES - 1))},
    ],
)
def test_what_fits_is_kept_as_it_was_sent(value) -> None:
    assert READER.validate_python(value) == value


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"e\u0301": "Mu\u0308ller "}, {"é": "Müller"}),
        ({"a\x07": ["b\x1b[31m", {"c\u202e": "\ud800d\u2066"}]}, {"a": ["b[31m", {"c": "d"}]}),
    ],
)
def test_names_and_texts_are_cleaned_like_all_others(sent, kept) -> None:
    assert READER.validate_python(sent) == kept
    assert READER.validate_python(kept) == kept


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": ["x\x00"]}, (("a", 0), "NUL_CHARACTER")),
        ({"a": {"\x00": 1}}, (("a",), "NUL_CHARACTER")),
        ({"a": "x" * (LONGEST_TEXT + 1)}, (("a",), "TOO_LONG")),
        ({"a": GROWS * (LONGEST_TEXT // 2 + 1)}, (("a",), "TOO_LONG")),
        ({"a": {"x" * (LONGEST_NAME + 1): 1}}, (("a",), "TOO_LONG")),
        ({GROWS * (LONGEST_NAME // 2 + 1): 1}, ((), "TOO_LONG")),
        ({"é": 1, "e\u0301": 2}, (("é",), "REPEATED")),
        ({"a": LARGEST_INTEGER + 1}, (("a",), "OUT_OF_RANGE")),
        ({"a": float("inf")}, (("a",), "OUT_OF_RANGE")),
        ({str(n): n for n in range(MOST_VALUES + 1)}, ((), "TOO_LONG")),
        ({"a": [[0] * 100 for _ in range(MOST_VALUES // 100)]}, ((), "TOO_LONG")),
    ],
)
def test_what_does_not_fit_is_refused_where_it_stands(value, expected) -> None:
    assert faults(value) == [expected]


def test_every_wrong_value_is_named() -> None:
    value = {"a": "\x00", "b": [2**60, {"c": "x" * 6000}], "\x00": {}}
    assert faults(value) == [
        (("a",), "NUL_CHARACTER"),
        (("b", 0), "OUT_OF_RANGE"),
        (("b", 1, "c"), "TOO_LONG"),
        ((), "NUL_CHARACTER"),
    ]


@pytest.mark.parametrize("lists", [True, False])
def test_depth_is_bounded(lists) -> None:
    deep = nested(DEEPEST, lists=lists)
    assert READER.validate_python(deep) == deep
    ((where, code),) = faults(nested(DEEPEST + 1, lists=lists))
    assert (len(where), code) == (DEEPEST, "TOO_DEEP")


def test_a_seat_map_may_have_a_seat_for_each_of_a_hall() -> None:
    rows = [{"row": str(row), "seats": list(range(30))} for row in range(500)]
    assert TypeAdapter(SeatMap).validate_python({"rows": rows}) == {"rows": rows}
    assert faults({"seats": [0] * MOST_VALUES_OF_A_MAP}, TypeAdapter(SeatMap)) == [((), "TOO_LONG")]


def test_a_message_is_read_whatever_the_bounds_were_when_it_was_sent() -> None:
    value = {"a": "x" * (LONGEST_TEXT + 1)}
    assert READER.validate_python(value, context=CHECKED_AT_THE_EDGE) == value


def test_no_body_takes_json_without_bounds() -> None:
    free = [(model, name) for body in REQUESTS for model in bodies(body) for name in unbounded(model)]
    assert free == []


def test_an_unbounded_field_would_be_found() -> None:
    class Careless(Body):
        notes: dict[str, Any] | None = None
        anything: Any = None

    assert list(unbounded(Careless)) == ["notes", "anything"]


def bodies(kind: Any, seen: set[Any] | None = None) -> set[Any]:
    """Return the body with all that stand in it."""
    seen = set() if seen is None else seen
    if isinstance(kind, type) and issubclass(kind, Body) and kind not in seen:
        seen.add(kind)
        for field in kind.model_fields.values():
            bodies(field.annotation, seen)
    for part in get_args(kind):
        bodies(part, seen)
    return seen


def unbounded(model: type[Body]) -> list[str]:
    """Return the fields that hold JSON of any kind and are not marked as free JSON."""
    schema = model.model_json_schema()["properties"]
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    return [name for name, field in fields.items() if _is_open(schema[name]) and not _is_marked(field)]


def _is_open(schema: dict[str, Any]) -> bool:
    if any(_is_open(one) for one in schema.get("anyOf", ())):
        return True
    return schema.get("additionalProperties") is True or not schema.keys() & {"type", "$ref", "anyOf", "oneOf", "enum"}


def _is_marked(field: Any) -> bool:
    marks = [*field.metadata, *_marks(field.annotation)]
    return any(isinstance(mark, FreeJson) for mark in marks)


def _marks(kind: Any) -> list[Any]:
    return [*getattr(kind, "__metadata__", ()), *(mark for part in get_args(kind) for mark in _marks(part))]
