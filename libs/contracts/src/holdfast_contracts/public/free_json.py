"""JSON that callers shape as they like: bounded, and its texts cleaned like those of all other fields.

What is kept here travels in commands, events and answers, and is read again by PostgreSQL and by readers we do not
know. The bounds are generous for a person's notes and small for a machine's dump.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from pydantic import Field, GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from holdfast_contracts.public.faults import Fault, refuse
from holdfast_contracts.values import clean_text, is_checked

DEEPEST: Final = 10
"""Objects and lists in each other, the field's own object included."""
LONGEST_NAME: Final = 100
"""Characters of a name, as it came and as it is kept."""
LONGEST_TEXT: Final = 5000
"""Characters of a text, as it came and as it is kept; like a description."""
MOST_VALUES: Final = 1000
"""Fields and items of all objects and lists together."""
MOST_VALUES_OF_A_MAP: Final = 20_000
"""The same of a seat map: a hall has thousands of seats."""
LARGEST_INTEGER: Final = 2**53 - 1
"""Beyond it JSON numbers lose digits in other readers (RFC 8259, section 6)."""

Where = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class FreeJson:
    """Marks a `dict[str, Any]` as free JSON with at most so many values; told with the path of each wrong one.

    Messages are not checked again: what they carry was bounded when it came in, by the bounds of that time.
    """

    most: int

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read, then bound and clean."""
        return core_schema.with_info_after_validator_function(self._checked, handler(source))

    def _checked(self, value: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        if not value or is_checked(info):
            return value
        cleaning = _Cleaning(self.most)
        cleaned = cleaning.object_of(value, ())
        refuse(cleaning.found())
        return cleaned


@dataclass(slots=True)
class _Cleaning:
    """One walk through a value; `faults` are what it found wrong on the way."""

    most: int
    seen: int = 0
    faults: list[Fault] = field(default_factory=list)

    def found(self) -> list[Fault]:
        """Return what is wrong: of a value that is too large nothing else, since it was not looked through."""
        if self.seen > self.most:
            return [Fault((), "TOO_LONG", f"must have at most {self.most} values in all")]
        return self.faults

    def object_of(self, value: dict[str, Any], where: Where) -> dict[str, Any]:
        """Return the object cleaned."""
        cleaned: dict[str, Any] = {}
        if not self._enters(len(value), where):
            return cleaned
        for name, inner in value.items():
            kept = self._text(name, LONGEST_NAME, where, " in a name")
            if kept is None:
                continue
            if kept in cleaned:
                self._refuse((*where, kept), "REPEATED", "must be given once")
            cleaned[kept] = self._value(inner, (*where, kept))
        return cleaned

    def _list(self, value: list[Any], where: Where) -> list[Any]:
        if not self._enters(len(value), where):
            return []
        return [self._value(inner, (*where, index)) for index, inner in enumerate(value)]

    def _enters(self, values: int, where: Where) -> bool:
        """Tell whether what stands here is looked at: not below the deepest level, nor beyond the most values."""
        self.seen += values
        if len(where) >= DEEPEST:
            self._refuse(where, "TOO_DEEP", f"must not be nested deeper than {DEEPEST} levels")
            return False
        return self.seen <= self.most

    def _value(self, value: object, where: Where) -> object:
        if isinstance(value, str):
            return self._text(value, LONGEST_TEXT, where)
        if isinstance(value, dict):
            return self.object_of(value, where)
        if isinstance(value, list):
            return self._list(value, where)
        if _is_too_large(value):
            self._refuse(where, "OUT_OF_RANGE", "is too large")
        return value

    def _text(self, text: str, most: int, where: Where, of: str = "") -> str | None:
        """Return the text cleaned, None where it is refused; a wrong name is told of its object: no path shows it."""
        if "\x00" in text:
            self._refuse(where, "NUL_CHARACTER", f"must not contain NUL{of}")
            return None
        cleaned = clean_text(text) if len(text) <= most else text
        if len(cleaned) > most:
            self._refuse(where, "TOO_LONG", f"must have at most {most} characters{of}")
            return None
        return cleaned

    def _refuse(self, where: Where, code: str, message: str) -> None:
        self.faults.append(Fault(where, code, message))


def _is_too_large(value: object) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    return isinstance(value, int) and abs(value) > LARGEST_INTEGER


def _told(most: int) -> str:
    return (
        f"Any JSON, at most {DEEPEST} levels deep, with at most {most} values in all, names of at most {LONGEST_NAME} "
        f"and texts of at most {LONGEST_TEXT} characters; control characters are taken out of both."
    )


Metadata = Annotated[dict[str, Any], FreeJson(MOST_VALUES), Field(description=_told(MOST_VALUES))]
"""What a business or its caller keeps with a thing."""
SeatMap = Annotated[dict[str, Any], FreeJson(MOST_VALUES_OF_A_MAP), Field(description=_told(MOST_VALUES_OF_A_MAP))]
"""How seats stand in a hall; kept and shown, and read by nobody here."""
