"""Messages of tickets: what was issued, cancelled and scanned. No contact data."""

from __future__ import annotations

from uuid import UUID

from holdfast_contracts.enums import BookingStatus, ScanDirection, ScanResult
from holdfast_contracts.message import Actor, Command, Message
from holdfast_contracts.public.tickets import ScanBookingDto
from holdfast_contracts.values import Instant


class ScanCode(Command):
    """One attempt at a door. Travels over internal HTTP, not over the bus; `target` is the route's kind of code."""

    body: ScanBookingDto
    target: str


class IssuedTicket(Message):
    """A ticket as others may know it."""

    id: UUID
    ticket_code: str
    tier_id: UUID | None
    seat_label: str | None


class TicketsIssued(Message):
    """The tickets of a confirmed booking exist."""

    booking_id: UUID
    booking_version: int
    tickets: list[IssuedTicket]
    occurred_at: Instant


class TicketsCancelled(Message):
    """The tickets of a booking admit nobody any more."""

    booking_id: UUID
    booking_version: int
    ticket_ids: list[UUID]
    occurred_at: Instant


class TicketScanned(Message):
    """One attempt to let a ticket in or out was evaluated."""

    scan_id: UUID
    booking_id: UUID
    ticket_id: UUID | None
    result: ScanResult
    admitted: bool
    direction: ScanDirection
    forced: bool
    gate: str | None
    device_id: str | None
    booking_status: BookingStatus
    actor: Actor
    occurred_at: Instant


EVENTS: tuple[type[Message], ...] = (TicketsIssued, TicketsCancelled, TicketScanned)
