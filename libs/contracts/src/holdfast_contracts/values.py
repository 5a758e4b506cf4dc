"""Checked values of public bodies and messages: instants, local times, text, contacts, zones.

Every type refuses what would be wrong at any time with a clear message, and normalises the rest once, at the edge.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Annotated, Final, cast
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError, core_schema

MAX_YEAR: Final = 2200
MIN_YEAR: Final = 1970


CHECKED_AT_THE_EDGE: Final = {"checked": True}
"""Validation context of messages: what they carry was checked and normalised when it came in, once."""


def is_checked(info: ValidationInfo) -> bool:
    """Tell whether a message is read, not a body."""
    return info.context is CHECKED_AT_THE_EDGE


def _bad(code: str, message: str) -> PydanticCustomError:
    return PydanticCustomError(code, message)


# -- text ---------------------------------------------------------------------------------------------------

_KEEP_MULTILINE: Final = {"\n", "\t"}
_CONTROL_CATEGORIES: Final = {"Cc", "Cs"}
_BIDI_OVERRIDES: Final = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean_text(value: str) -> str:
    """Return the text in NFC without control characters and direction overrides; NUL is refused."""
    if value.isascii() and value.isprintable():
        return value.strip()
    without_nul(value)
    kept = "".join(c for c in value.replace("\r\n", "\n") if _is_kept(c))
    return unicodedata.normalize("NFC", kept).strip()


def without_nul(value: str) -> str:
    """Return the text; one with NUL, which PostgreSQL cannot keep, is refused."""
    if "\x00" in value:
        raise _bad("nul_character", "must not contain NUL")
    return value


@dataclass(frozen=True, slots=True)
class CleanText:
    """Marks a `str` as cleaned text of at most `most` characters, as it came and as it is kept.

    NFC can lengthen a text (U+0958 becomes two characters): what was bounded only as it came could be sent on, and
    be refused by the next reader of the same message.
    """

    most: int

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Bound, clean, bound."""
        text = cast("core_schema.StringSchema", handler(source))
        return core_schema.no_info_after_validator_function(self._clean, {**text, "max_length": self.most})

    def _clean(self, value: str) -> str:
        cleaned = clean_text(value)
        if len(cleaned) > self.most:
            raise PydanticKnownError("string_too_long", {"max_length": self.most})
        return cleaned


def _is_kept(char: str) -> bool:
    if char in _KEEP_MULTILINE:
        return True
    return char not in _BIDI_OVERRIDES and unicodedata.category(char) not in _CONTROL_CATEGORIES


def not_blank(value: str) -> str:
    """Return the text; one of which cleaning left nothing is refused."""
    if not value:
        raise _bad("blank", "must not be blank")
    return value


Name = Annotated[str, CleanText(200), AfterValidator(not_blank)]
"""A short text that must say something: titles, names, labels."""
OptionalText = Annotated[str, CleanText(200)]
LongText = Annotated[str, CleanText(5000)]
NoteText = Annotated[str, CleanText(2000)]
Label = Annotated[str, CleanText(64), AfterValidator(not_blank)]
"""Seat labels, skills, gates, devices, nonces."""


# -- instants, dates, local times -----------------------------------------------------------------------------


def to_instant(value: datetime) -> datetime:
    """Return the instant in UTC, whole seconds; a naive datetime is refused."""
    if value.tzinfo is None or value.utcoffset() is None:
        raise _bad("naive_datetime", "must have an offset, for example 2027-03-22T13:00:00Z")
    if not is_told(value):
        raise _bad("out_of_range", f"must lie between the years {MIN_YEAR} and {MAX_YEAR}")
    return value.astimezone(UTC).replace(microsecond=0)


def is_told(value: datetime) -> bool:
    """Tell whether an aware datetime lies in the years that bodies and messages carry, by UTC as they show it."""
    near = MIN_YEAR <= value.year <= MAX_YEAR  # years in which no offset leaves what a datetime can hold
    return near and MIN_YEAR < value.astimezone(UTC).year < MAX_YEAR


def show_instant(value: datetime) -> str:
    """Return `YYYY-MM-DDTHH:MM:SSZ` of an aware datetime."""
    return value.astimezone(UTC).isoformat()[:19] + "Z"


_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})?", re.ASCII)


def _instant(value: object) -> datetime:
    if isinstance(value, str):
        return _read_instant(value)
    if isinstance(value, datetime):
        return to_instant(value)
    raise _bad("not_an_instant", "must be an instant such as 2027-03-22T13:00:00Z")


@lru_cache(maxsize=4096)
def _read_instant(text: str) -> datetime:
    """Remembered: the messages of a rush name the same few instants again and again."""
    try:
        found = datetime.fromisoformat(text.upper()) if _INSTANT.fullmatch(text) else None
    except ValueError:
        found = None  # a day or an hour that does not exist
    if found is None:
        raise _bad("not_an_instant", "must be an instant such as 2027-03-22T13:00:00Z")
    return to_instant(found)


Instant = Annotated[
    datetime,
    PlainValidator(_instant),
    PlainSerializer(show_instant, return_type=str),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "pattern": r"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$",
        }
    ),
]
"""An instant; UTC with `Z` and whole seconds in JSON."""

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _parse_date(value: object) -> object:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise _bad("not_a_date", "must be a date such as 2027-03-22")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise _bad("not_a_date", "must be a date that exists, such as 2027-03-22") from error


def _date_range(value: date) -> date:
    if not MIN_YEAR < value.year < MAX_YEAR:
        raise _bad("out_of_range", f"must lie between the years {MIN_YEAR} and {MAX_YEAR}")
    return value


LocalDate = Annotated[date, BeforeValidator(_parse_date), AfterValidator(_date_range)]
"""A calendar date in some zone, `YYYY-MM-DD`."""

_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


def _check_time(value: str) -> str:
    if not _TIME.fullmatch(value):
        raise _bad("not_a_time", "must be a local time such as 09:30")
    return value


LocalTime = Annotated[
    str, AfterValidator(_check_time), WithJsonSchema({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$"})
]
"""A wall-clock time `HH:MM`."""


def _check_end_time(value: str) -> str:
    return value if value == "24:00" else _check_time(value)


LocalEndTime = Annotated[
    str,
    AfterValidator(_check_end_time),
    WithJsonSchema({"type": "string", "pattern": r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$"}),
]
"""A wall-clock end, which may be `24:00`."""

_OFFSET: Final = re.compile(r"[+-]([01]\d|2[0-3]):[0-5]\d", re.ASCII)


def _check_offset(value: str) -> str:
    if not _OFFSET.fullmatch(value):
        raise _bad("not_an_offset", "must be an offset such as -04:00")
    return value


UtcOffset = Annotated[
    str, AfterValidator(_check_offset), WithJsonSchema({"type": "string", "pattern": r"^[+-]([01]\d|2[0-3]):[0-5]\d$"})
]
"""An offset from UTC, `±HH:MM`."""


def parse_time(value: str) -> time:
    """Return the `time` of a checked `HH:MM`."""
    return time(int(value[:2]), int(value[3:]))


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - {"localtime", "Factory"})


def _check_zone(value: str) -> str:
    if value not in _zones():
        raise _bad("unknown_zone", "must be an IANA time zone such as Europe/Berlin")
    return value


ZoneName = Annotated[str, Field(max_length=64), AfterValidator(_check_zone)]
"""The name of an IANA time zone."""


@lru_cache(maxsize=600)
def zone(name: str) -> ZoneInfo:
    """Return the zone of a checked name."""
    return ZoneInfo(name)


def show_local(instant: datetime, zone_name: str) -> tuple[str, str]:
    """Return (`localStart`, `offset`) of an instant in a zone, such as `2027-06-12T20:00:00+02:00`, `+02:00`."""
    text = instant.astimezone(zone(zone_name)).replace(microsecond=0).isoformat()
    return text, text[19:25]
