"""What a booking's history keeps: one step for each version, without gaps (I11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from holdfast_contracts.enums import BookingActorType, BookingStatus


@dataclass(frozen=True, slots=True)
class Author:
    """Who did it. `staff` tells whether they act for the business or for their own bookings only."""

    type: BookingActorType
    subject: str
    staff: bool

    @property
    def side(self) -> str:
        """Which side cancels when this author does: `cancelledBy`."""
        if self.type is BookingActorType.SYSTEM:
            return "system"
        return "business" if self.staff else "customer"


SYSTEM: Final = Author(BookingActorType.SYSTEM, "holdfast", staff=True)
"""Holdfast itself: sweepers."""


@dataclass(frozen=True, slots=True)
class Step:
    """How a booking came to a version. `source` equal to `target` is a change without a transition."""

    version: int
    at: datetime
    source: BookingStatus | None
    target: BookingStatus
    author: Author
    reason: str | None = None
    reason_code: str | None = None
    note: str | None = None
