"""The query of a list, checked value by value: nothing is clamped silently [spec/10, Requests and answers]."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from enum import StrEnum
from typing import Any, Final, TypeVar
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from holdfast_booking.domain.query import BookingQuery, SortField
from holdfast_contracts.enums import BookingMode, BookingOrigin, BookingStatus, BookingType
from holdfast_contracts.problems import FieldError, invalid_fields
from holdfast_contracts.values import LocalDate, ZoneName, clean_text

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

MOST_PER_PAGE: Final = 100
MOST_PAGES: Final = 1_000_000
LONGEST_SEARCH: Final = 200
_DATE: Final[TypeAdapter[date]] = TypeAdapter(LocalDate)
_ZONE: Final[TypeAdapter[str]] = TypeAdapter(ZoneName)


class _WrongValueError(ValueError):
    """A value that is wrong at any time."""


def _one_of(kind: type[E]) -> Callable[[str], E]:
    def parse(text: str) -> E:
        try:
            return kind(text)
        except ValueError as error:
            listed = ", ".join(kind)
            msg = f"must be one of {listed}"
            raise _WrongValueError(msg) from error

    return parse


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        msg = "must be a UUID"
        raise _WrongValueError(msg) from error


def _whole(most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most):
            msg = f"must be a whole number from 1 to {most}"
            raise _WrongValueError(msg)
        return int(text)

    return parse


def _checked(adapter: TypeAdapter[T]) -> Callable[[str], T]:
    def parse(text: str) -> T:
        try:
            return adapter.validate_python(text)
        except ValidationError as error:
            raise _WrongValueError(error.errors(include_url=False)[0]["msg"]) from error

    return parse


def _sort(text: str) -> tuple[SortField, bool]:
    return _one_of(SortField)(text.removeprefix("-")), text.startswith("-")


def _search(text: str) -> str:
    if "\x00" in text or len(text) > LONGEST_SEARCH:
        msg = f"must be at most {LONGEST_SEARCH} characters without NUL"
        raise _WrongValueError(msg)
    return clean_text(text)


_SEVERAL: Final[dict[str, tuple[str, Callable[[str], Any]]]] = {
    "status": ("statuses", _one_of(BookingStatus)),
    "type": ("types", _one_of(BookingType)),
    "bookingMode": ("modes", _one_of(BookingMode)),
    "origin": ("origins", _one_of(BookingOrigin)),
    "resourceId": ("resource_ids", _uuid),
    "contentId": ("content_ids", _uuid),
    "customerId": ("customer_ids", _uuid),
}
_ONCE: Final[dict[str, tuple[str, Callable[[str], Any]]]] = {
    "dateFrom": ("date_from", _checked(_DATE)),
    "dateTo": ("date_to", _checked(_DATE)),
    "search": ("search", _search),
    "page": ("page", _whole(MOST_PAGES)),
    "limit": ("limit", _whole(MOST_PER_PAGE)),
    "timezone": ("zone", _checked(_ZONE)),
}


def booking_query(parameters: Iterable[tuple[str, str]]) -> tuple[BookingQuery, str | None]:
    """Return the query of a list, and the tenant's zone where the gateway tells it (`timezone`).

    Raises VALIDATION_FAILED with every wrong parameter by its name.
    """
    found: dict[str, Any] = {}
    errors: list[FieldError] = []
    for name, text in parameters:
        try:
            _take(found, name, text)
        except _WrongValueError as bad:
            errors.append(FieldError(name, "INVALID_VALUE", str(bad)))
    zone = found.pop("zone", None)
    if not errors and "date_from" in found and "date_to" in found and found["date_to"] < found["date_from"]:
        errors.append(FieldError("dateTo", "OUT_OF_ORDER", "must not be before dateFrom"))
    if errors:
        raise invalid_fields(errors)
    return BookingQuery(**found), zone


def _take(found: dict[str, Any], name: str, text: str) -> None:
    if name in _SEVERAL:
        target, parse = _SEVERAL[name]
        found[target] = (*found.get(target, ()), parse(text))
    elif name == "sort":
        found["sort"], found["descending"] = _sort(text)
    elif name in _ONCE:
        target, parse = _ONCE[name]
        found[target] = parse(text)
    else:
        msg = "is not a parameter of this request"
        raise _WrongValueError(msg)
