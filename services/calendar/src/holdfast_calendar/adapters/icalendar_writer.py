"""Writes entries as iCalendar (RFC 5545, RFC 7986) [spec/06, iCalendar]."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone

from holdfast_calendar.adapters.safe_text import one_line, several_lines
from holdfast_calendar.adapters.zone_rules import zone_rules
from holdfast_calendar.domain.entry import Business, Entry
from holdfast_calendar.domain.span import ClockTimes

PRODUCT: Final = "-//Holdfast//Holdfast calendar//EN"
REFRESH: Final = timedelta(minutes=15)
_REFRESH_TEXT: Final = "PT15M"


class IcalendarWriter:
    """Writes calendars that are published: a download or a feed, nobody is invited."""

    def write(self, business: Business, entries: Sequence[Entry]) -> bytes:
        """Return one calendar with these entries, as UTF-8; nothing in it depends on the moment of writing."""
        calendar = _empty_calendar(business)
        for zone in _zones(entries):
            calendar.add_component(zone)
        for entry in entries:
            calendar.add_component(_event(entry))
        content: bytes = calendar.to_ical()
        return content


def _empty_calendar(business: Business) -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("NAME", one_line(business.name))
    calendar.add("X-WR-CALNAME", one_line(business.name))
    calendar.add("X-WR-TIMEZONE", one_line(business.timezone))
    calendar.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", _REFRESH_TEXT)
    return calendar


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("UID", one_line(entry.uid))
    event.add("SEQUENCE", entry.sequence)
    event.add("DTSTAMP", entry.changed_at)
    event.add("LAST-MODIFIED", entry.changed_at)
    event.add("CREATED", entry.created_at)
    event.add("STATUS", entry.state.value)
    event.add("SUMMARY", one_line(entry.title))
    event.add("DESCRIPTION", several_lines(entry.description))
    if entry.venue:
        event.add("LOCATION", one_line(entry.venue))
    _add_span(event, entry)
    return event


def _add_span(event: Event, entry: Entry) -> None:
    span = entry.span
    if not isinstance(span, ClockTimes):
        event.add("DTSTART", span.first)
        event.add("DTEND", span.after)
        return
    zone = ZoneInfo(span.zone) if _is_local(span) else UTC
    event.add("DTSTART", span.starts_at.astimezone(zone))
    if span.ends_at is not None:
        event.add("DTEND", span.ends_at.astimezone(zone))


def _is_local(span: ClockTimes) -> bool:
    """Whether times are written with their zone; else they are written in UTC."""
    return span.zone not in ("UTC", "Etc/UTC") and span.is_plain_local


def _zones(entries: Iterable[Entry]) -> list[Timezone]:
    """Return the rules of each zone that an event refers to, for the years concerned."""
    years: dict[str, set[int]] = {}
    for entry in entries:
        span = entry.span
        if isinstance(span, ClockTimes) and _is_local(span):
            years.setdefault(span.zone, set()).update(_years(span))
    return [zone_rules(name, min(found), max(found)) for name, found in sorted(years.items())]


def _years(span: ClockTimes) -> set[int]:
    zone = ZoneInfo(span.zone)
    instants: list[datetime] = [span.starts_at, span.ends_at or span.starts_at]
    return {instant.astimezone(zone).year for instant in instants}
