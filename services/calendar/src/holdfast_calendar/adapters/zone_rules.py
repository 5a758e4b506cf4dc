"""VTIMEZONE: the rules of a zone for the years of a calendar's events (RFC 5545, section 3.6.5).

The package can make them, too, but gives the onset of summer time in the new offset instead of the old.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_STEP: Final = timedelta(days=7)
"""Shorter than any time between two changes of a zone."""
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class _Observance:
    """A stretch of time with one offset; `onset` is the local time of its beginning by the offset before it."""

    onset: datetime
    offset_from: timedelta
    offset_to: timedelta
    name: str
    is_daylight: bool


@lru_cache(maxsize=1024)
def zone_rules(zone: str, first_year: int, last_year: int) -> Timezone:
    """Return the component of a zone for local times from the first to the last year, both inclusive."""
    component = Timezone()
    component.add("TZID", zone)
    for observance in _observances(ZoneInfo(zone), first_year, last_year):
        component.add_component(_component_of(observance))
    return component


def _observances(zone: ZoneInfo, first_year: int, last_year: int) -> Iterator[_Observance]:
    begin = datetime(first_year, 1, 1, tzinfo=zone).astimezone(UTC)
    end = datetime(last_year + 1, 1, 1, tzinfo=zone).astimezone(UTC)
    yield _observance(zone, begin, begin)
    for change in _changes(zone, begin, end):
        yield _observance(zone, change - _SECOND, change)


def _observance(zone: ZoneInfo, before: datetime, at: datetime) -> _Observance:
    offset_from, local = _offset(zone, before), at.astimezone(zone)
    onset = (at + offset_from).replace(tzinfo=None)
    return _Observance(onset, offset_from, _offset(zone, at), local.tzname() or "", bool(local.dst()))


def _changes(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    """Give each instant after `begin` and before `end` at which the zone's offset changes."""
    left = begin
    while left < end:
        right = min(left + _STEP, end)
        if _offset(zone, left) != _offset(zone, right):
            change = _change_between(zone, left, right)
            if change < end:
                yield change
        left = right


def _change_between(zone: ZoneInfo, left: datetime, right: datetime) -> datetime:
    """Return the one instant between two, to the second, from which the offset is that of `right`."""
    after = _offset(zone, right)
    while right - left > _SECOND:
        middle = left + timedelta(seconds=(right - left) // _SECOND // 2)
        if _offset(zone, middle) == after:
            right = middle
        else:
            left = middle
    return right


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _component_of(observance: _Observance) -> TimezoneStandard | TimezoneDaylight:
    component = TimezoneDaylight() if observance.is_daylight else TimezoneStandard()
    component.DTSTART = observance.onset
    component.TZOFFSETFROM = observance.offset_from
    component.TZOFFSETTO = observance.offset_to
    component.add("TZNAME", observance.name)
    return component
