"""Opening hours of a resource: weekly windows, exceptions, and the days for which they are valid."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from holdfast_inventory.domain.local_time import DAY_MINUTES, edge
from holdfast_inventory.domain.place import merged

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Window:
    """Open from `start` to `end`, minutes of wall clock after the midnight of the day it belongs to.

    An end beyond 1440 lies on the following day.
    """

    start: int
    end: int

    @classmethod
    def of(cls, start: str, end: str) -> "Window":
        """Window of two local times; an end that is not after the start crosses midnight, `24:00` is midnight."""
        opens, closes = minute_of_day(start), minute_of_day(end)
        return cls(opens, closes if closes > opens else closes + DAY_MINUTES)


@dataclass(frozen=True, slots=True)
class ExceptionalDays:
    """Days on which other hours hold: they replace the weekday's wholly. No windows: closed."""

    first: date
    last: date
    windows: tuple[Window, ...]

    def covers(self, day: date) -> bool:
        """Whether the day is one of these."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Schedule:
    """Opening hours; `weekly` has seven entries, Monday first."""

    weekly: tuple[tuple[Window, ...], ...]
    exceptions: tuple[ExceptionalDays, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None

    @classmethod
    def of(cls, data: Mapping[str, object]) -> "Schedule":
        """Schedule of its public form (which the gateway has validated)."""
        weekly = _mapping(data.get("weekly"))
        return cls(
            weekly=tuple(_windows(weekly.get(day)) for day in WEEKDAYS),
            exceptions=tuple(_exception(_mapping(entry)) for entry in _sequence(data.get("exceptions"))),
            valid_from=_day(data.get("validFrom")),
            valid_until=_day(data.get("validUntil")),
        )

    def is_valid_on(self, day: date) -> bool:
        """Whether the schedule says anything about the day; both bounds are inclusive."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )

    def windows_on(self, day: date) -> tuple[Window, ...]:
        """Windows that begin on the day; of several exceptions for it the last one holds."""
        if not self.is_valid_on(day):
            return ()
        for exception in reversed(self.exceptions):
            if exception.covers(day):
                return exception.windows
        return self.weekly[day.weekday()]

    def usual_windows_on(self, day: date) -> tuple[Window, ...]:
        """What the weekday would have without its exception; empty where no exception holds."""
        if self.is_valid_on(day) and any(exception.covers(day) for exception in self.exceptions):
            return self.weekly[day.weekday()]
        return ()


Opening = tuple[int, int]
"""A window in UTC: instants `[start, end)`."""


@lru_cache(maxsize=4_096)
def openings(schedule: Schedule, zone_name: str, first: date, last: date) -> tuple[Opening, ...]:
    """Windows of the local days from first to last and of the day before and after, in UTC, by their start.

    A window of the day before may run into the first day; seen from another zone so may one of the day after.
    """
    return _in_utc(schedule, zone_name, first, last, usual=False)


@lru_cache(maxsize=1_024)
def excepted(schedule: Schedule, zone_name: str, first: date, last: date) -> tuple[Opening, ...]:
    """The usual windows of the days on which an exception holds: shown as closed where that is asked for."""
    return _in_utc(schedule, zone_name, first, last, usual=True)


def _in_utc(schedule: Schedule, zone_name: str, first: date, last: date, *, usual: bool) -> tuple[Opening, ...]:
    found: list[Opening] = []
    for ordinal in range(first.toordinal() - 1, last.toordinal() + 2):
        day = date.fromordinal(ordinal)
        for window in schedule.usual_windows_on(day) if usual else schedule.windows_on(day):
            opens, closes = edge(day, window.start, zone_name), edge(day, window.end, zone_name)
            if opens < closes:  # a window that lies wholly in a gap does not happen
                found.append((opens, closes))
    return tuple(sorted(found))


@lru_cache(maxsize=4_096)
def stays(windows: tuple[Opening, ...]) -> tuple[tuple[int, int, int], ...]:
    """Tell of each window until when one that begins in it may stay.

    That is its end, or that of windows which overlap or adjoin it: a house open day and night has no closing time.
    """
    ends = [closes for _, closes in merged(windows)]
    return tuple((opens, closes, ends[bisect_left(ends, closes)]) for opens, closes in windows)


def minute_of_day(text: str) -> int:
    """Minutes after midnight of `HH:MM`; `24:00` is 1440."""
    return int(text[:2]) * 60 + int(text[3:5])


def _windows(value: object) -> tuple[Window, ...]:
    entries = [_mapping(entry) for entry in _sequence(value)]
    return tuple(Window.of(str(entry["start"]), str(entry["end"])) for entry in entries)


def _exception(entry: Mapping[str, object]) -> ExceptionalDays:
    first, last = _day(entry.get("date") or entry.get("from")), _day(entry.get("date") or entry.get("to"))
    if first is None or last is None:
        raise ValueError("an exception of a schedule names a date, or from and to")
    return ExceptionalDays(first, last, () if entry.get("closed") else _windows(entry.get("windows")))


def _day(value: object) -> date | None:
    return value if isinstance(value, date) else date.fromisoformat(str(value)) if value else None


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _sequence(value: object) -> Sequence[object]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()
