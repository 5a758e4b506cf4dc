"""A booking as the calendar keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from holdfast_calendar.domain.span import Span, span_of
from holdfast_contracts.enums import BookingMode, BookingStatus


class EventState(StrEnum):
    """STATUS of a VEVENT (RFC 5545, section 3.8.1.11)."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


EVENT_STATES: Final[Mapping[BookingStatus, EventState]] = {
    BookingStatus.PENDING: EventState.TENTATIVE,
    BookingStatus.WAITLISTED: EventState.TENTATIVE,
    BookingStatus.CONFIRMED: EventState.CONFIRMED,
    BookingStatus.CHECKED_IN: EventState.CONFIRMED,
    BookingStatus.COMPLETED: EventState.CONFIRMED,
    # Nobody came, but the time was kept free for them.
    BookingStatus.NO_SHOW: EventState.CONFIRMED,
    BookingStatus.CANCELLED: EventState.CANCELLED,
    BookingStatus.EXPIRED: EventState.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Business:
    """The tenant as its calendar names it; `timezone` is the one that the calendar as a whole has."""

    name: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Resource:
    """Who or what serves a booking."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What the calendar knows of one booking at one of its versions. Instants are UTC.

    `uid` and `sequence` are those of iCalendar (RFC 5545, sections 3.8.4.7 and 3.8.7.4), `changed_at` is when the
    version began, `subject` the `sub` with which the booking was made.
    """

    tenant_id: UUID
    booking_id: UUID
    version: int
    uid: str
    sequence: int
    subject: str
    booking_number: str
    status: BookingStatus
    booking_mode: BookingMode
    starts_at: datetime
    ends_at: datetime | None
    timezone: str
    title: str
    venue: str | None
    resources: tuple[Resource, ...]
    guest_count: int
    business: Business
    created_at: datetime
    changed_at: datetime

    @property
    def state(self) -> EventState:
        """What calendars show of the status."""
        return EVENT_STATES[self.status]

    @property
    def span(self) -> Span:
        """When it takes place."""
        return span_of(self.booking_mode, self.starts_at, self.ends_at, self.timezone)

    @property
    def description(self) -> str:
        """Return what a customer wants at hand: number, party, who or what serves them."""
        guests = "1 guest" if self.guest_count == 1 else f"{self.guest_count} guests"
        lines = [f"Booking {self.booking_number}", guests]
        if self.resources:
            lines.append("With " + ", ".join(resource.name for resource in self.resources))
        return "\n".join(lines)

    def following(self, known: Entry) -> Entry:
        """Return this version as successor of `known`: same UID for life, SEQUENCE one higher where it matters.

        It matters where a calendar shows another time, place or status (RFC 5546, section 2.1.4).
        """
        return replace(self, uid=known.uid, sequence=known.sequence + (self._matters != known._matters))

    @property
    def _matters(self) -> tuple[object, ...]:
        return self.span, self.venue, self.resources, self.state
