"""What stands on a printed ticket, as text that is safe to draw."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

MAX_TEXT = 300
"""Characters of one user text that are printed at most; a name longer than this is no name."""

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


class PaperSize(StrEnum):
    """Paper of a ticket: a sheet, or the roll of a receipt printer (80 mm wide, as long as it needs)."""

    A4 = "a4"
    ROLL = "80mm"


@dataclass(frozen=True, slots=True)
class Page:
    """One ticket to be drawn; every text has passed `printable`."""

    business: str
    colour: str
    title: str
    day: str
    hours: str
    zone: str
    venue: str
    attendee: str
    tier: str
    seat: str
    position: int
    party: int
    booking_number: str
    code: str
    qr: str
    terms: str
    cancelled: bool

    def nameless(self) -> Page:
        """Return the same ticket without the texts its holder could choose."""
        return replace(self, attendee="")


def printable(text: str | None) -> str:
    """Return user text in NFC, on one line, without control, format, private and unassigned characters.

    That takes out the bidi overrides and isolates (UAX #9), with which a name could pretend to be another field.
    """
    composed = unicodedata.normalize("NFC", text or "")
    spaced = "".join(" " if c.isspace() else c for c in composed)
    kept = "".join(c for c in spaced if not unicodedata.category(c).startswith("C"))
    return " ".join(kept.split())[:MAX_TEXT]


def local_day(starts_at: datetime, zone: ZoneInfo) -> str:
    """Return the day of the start where the event is: `Saturday, 12 June 2027`."""
    local = starts_at.astimezone(zone)
    return f"{_DAYS[local.weekday()]}, {local.day} {_MONTHS[local.month - 1]} {local.year}"


def local_hours(starts_at: datetime, ends_at: datetime | None, zone: ZoneInfo) -> str:
    """Return start and end on the local clock; an end on a later day says which: `22:00 – 02:00 (+1 day)`."""
    start = starts_at.astimezone(zone)
    if ends_at is None:
        return f"{start:%H:%M}"
    end = ends_at.astimezone(zone)
    days = (end.date() - start.date()).days
    later = f" (+{days} day{'s' if days > 1 else ''})" if days else ""
    return f"{start:%H:%M} – {end:%H:%M}{later}"


def zone_name(starts_at: datetime, zone: ZoneInfo) -> str:
    """Return the zone with its offset at the start: `Europe/Berlin (UTC+02:00)`."""
    offset = starts_at.astimezone(zone).strftime("%z")
    return f"{zone.key} (UTC{offset[:3]}:{offset[3:5]})"
