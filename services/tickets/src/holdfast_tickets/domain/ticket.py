"""A ticket and what has been done with it at doors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from holdfast_contracts.enums import EntryPolicy, TicketStatus

LIVE = frozenset({TicketStatus.RESERVED, TicketStatus.VALID, TicketStatus.CHECKED_IN})
"""Statuses of a ticket that stands for a place (I6)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One admission: when, and at which gate by which device; staff who check in have neither."""

    at: datetime
    gate: str | None = None
    device_id: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """What a ticket has been used for: outside until admitted, and again after an exit."""

    entries: int = 0
    inside: bool = False
    first: Entry | None = None
    last_at: datetime | None = None
    by_staff: bool = False


@dataclass(frozen=True, slots=True)
class Ticket:
    """One admission of a booking. `position` counts from 1 within the party and never changes."""

    id: UUID
    tenant_id: UUID
    booking_id: UUID
    position: int
    ticket_code: str
    created_at: datetime
    updated_at: datetime
    key_number: int
    tier_id: UUID | None = None
    seat_label: str | None = None
    attendee_name: str | None = None
    attendee_email: str | None = None
    status: TicketStatus = TicketStatus.VALID
    entry_policy: EntryPolicy = EntryPolicy.ONCE
    code_version: int = 1
    version: int = 1
    passage: Passage = Passage()
    data: Mapping[str, object] = field(default_factory=dict)

    @property
    def live(self) -> bool:
        """Whether the ticket counts as an admission of its booking (I6)."""
        return self.status in LIVE

    @property
    def checked_in_at(self) -> datetime | None:
        """First admission, or None."""
        return self.passage.first.at if self.passage.first else None

    def admit(self, entry: Entry, now: datetime, *, by_staff: bool = False) -> Ticket:
        """Return the ticket with one more admission (I7: the caller has evaluated the policy)."""
        used = self.passage
        passage = Passage(used.entries + 1, True, used.first or entry, entry.at, used.by_staff or by_staff)
        return replace(self.touched(now), status=TicketStatus.CHECKED_IN, passage=passage)

    def let_out(self, now: datetime) -> Ticket:
        """Return the ticket with its holder outside."""
        return replace(self.touched(now), passage=replace(self.passage, inside=False))

    def take_back_staff_entry(self, now: datetime) -> Ticket:
        """Return the ticket as before a check-in by staff."""
        return replace(self.touched(now), status=TicketStatus.VALID, passage=Passage())

    def cancel(self, now: datetime, status: TicketStatus = TicketStatus.CANCELLED) -> Ticket:
        """Return the ticket as worthless; what it was used for stays known."""
        return replace(self.touched(now), status=status)

    def rename(self, name: str | None, email: str | None, now: datetime) -> Ticket:
        """Return the ticket for another name of the same holder; the code stays."""
        return replace(self.touched(now), attendee_name=name, attendee_email=email)

    def touched(self, now: datetime) -> Ticket:
        """Return the next version."""
        return replace(self, version=self.version + 1, updated_at=now)
