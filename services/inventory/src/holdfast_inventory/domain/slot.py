"""Slots as availability shows them: what is left, and what that is called."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from holdfast_contracts.enums import SlotStatus
from holdfast_inventory.domain.local_time import utc
from holdfast_inventory.domain.place import Interval

LIMITED_COUNT = 3
LIMITED_SHARE = 5
"""A fifth, that is 20 %."""


class Reason(StrEnum):
    """Why a slot is refused."""

    CLOSED = "closed"
    BUFFER = "buffer"
    NOTICE = "notice"
    HELD = "held"
    BOOKED = "booked"
    PACING = "pacing"
    EXTERNAL_BUSY = "external_busy"
    BLOCKED = "blocked"


class Slot(NamedTuple):
    """One interval of the grid, instants `[start, end)`."""

    start: int
    end: int
    remaining: int
    status: SlotStatus
    reason: Reason | None = None

    @property
    def starts(self) -> datetime:
        """Its start in UTC."""
        return utc(self.start)

    @property
    def interval(self) -> Interval:
        """Its time."""
        return Interval(self.start, self.end)


def plenty(remaining: int | None, total: int | None) -> SlotStatus:
    """Status of what is left of a total (None: unlimited): limited means at most 20 % or 3 left [spec/10].

    Of a single unit there is never less than all, so it is available or full.
    """
    if remaining is None or total is None:
        return SlotStatus.AVAILABLE
    if remaining <= 0:
        return SlotStatus.FULL
    few = remaining <= LIMITED_COUNT or remaining * LIMITED_SHARE <= total
    return SlotStatus.LIMITED if total > 1 and few else SlotStatus.AVAILABLE
