"""What the calendar needs of the outside, as it wants it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from holdfast_calendar.domain.entry import Business, Entry


class CalendarWriter(Protocol):
    """Knows the format of calendar files."""

    def write(self, business: Business, entries: Sequence[Entry]) -> bytes:
        """Return one calendar with these entries; the same entries always make the same bytes."""
