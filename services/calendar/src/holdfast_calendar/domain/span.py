"""When a calendar entry takes place: at times of the clock in a zone, or on whole days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from holdfast_contracts.enums import BookingMode

_WHOLE_DAYS: Final = frozenset({BookingMode.NIGHTS})
_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WholeDays:
    """From one local date up to, and without, another (RFC 5545, section 3.6.1)."""

    first: date
    after: date


@dataclass(frozen=True, slots=True)
class ClockTimes:
    """From one instant (UTC) to another, to be shown in a zone; `ends_at` None where nobody knows the end."""

    starts_at: datetime
    ends_at: datetime | None
    zone: str

    @property
    def is_plain_local(self) -> bool:
        """Whether local times of the zone tell the instants.

        A local time that exists twice means its first occurrence (RFC 5545, section 3.3.5), so an instant in the
        second cannot be told by local time and zone.
        """
        zone = ZoneInfo(self.zone)
        instants = (self.starts_at,) if self.ends_at is None else (self.starts_at, self.ends_at)
        return not any(instant.astimezone(zone).fold for instant in instants)


Span = WholeDays | ClockTimes


def span_of(mode: BookingMode, starts_at: datetime, ends_at: datetime | None, zone: str) -> Span:
    """Return how a calendar shows the times of a booking: nights as days, all else by the clock [spec/06, iCalendar].

    The day of departure is not part of a stay.
    """
    if mode not in _WHOLE_DAYS or ends_at is None:
        return ClockTimes(starts_at, ends_at, zone)
    place = ZoneInfo(zone)
    first, last = starts_at.astimezone(place).date(), ends_at.astimezone(place).date()
    return WholeDays(first, max(last, first + _A_DAY))
