"""Tickets and doors [spec/05; spec/09, Tickets and doors]."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field

from holdfast_contracts.enums import BookingStatus, EntryPolicy, ScanDirection, ScanResult, TicketStatus
from holdfast_contracts.public.base import Answer, Body
from holdfast_contracts.values import CleanText, Instant, Label, not_blank


class TicketDto(Answer):
    """One admission of a booking."""

    id: UUID
    tenant_id: UUID
    booking_id: UUID
    ticket_code: str
    tier_id: UUID | None
    seat_label: str | None
    attendee_name: str | None
    attendee_email: str | None
    checked_in_at: Instant | None
    status: TicketStatus
    entry_policy: EntryPolicy
    code_version: int
    data: dict[str, Any]
    version: int
    created_at: Instant
    updated_at: Instant


class ScanDto(Body):
    """Body of `POST /bookings/scan` and `/scan/ticket`."""

    code: Annotated[str, Field(min_length=1), CleanText(1000), AfterValidator(not_blank)]
    direction: ScanDirection = ScanDirection.ENTRY
    gate: Label | None = None
    device_id: Label | None = None
    scanned_at: Instant | None = None
    nonce: Annotated[str, Field(min_length=1), CleanText(128), AfterValidator(not_blank)] | None = None
    force: bool = False
    dry_run: bool = False
    session_id: UUID | None = None
    tier_ids: Annotated[list[UUID], Field(max_length=100)] | None = None


class ScanBookingDto(ScanDto):
    """Body of `POST /bookings/scan/booking`: admits all of the party, or `count` of it."""

    count: Annotated[int, Field(ge=1, le=500)] | None = None


class ScannedTicket(Answer):
    """The ticket as a door shows it."""

    id: UUID
    ticket_code: str
    status: TicketStatus
    attendee_name: str | None
    tier_id: UUID | None
    tier_name: str | None
    seat_label: str | None


class ScannedBooking(Answer):
    """The booking as a door shows it; no contact data."""

    id: UUID
    booking_number: str
    status: BookingStatus
    customer_note: str | None


class ScannedEvent(Answer):
    """What the ticket is for."""

    content_id: UUID | None
    title: str
    session_id: UUID | None
    starts_at: Instant


class FirstAdmission(Answer):
    """When, at which gate and by which device the ticket was first admitted."""

    at: Instant
    gate: str | None
    device_id: str | None


class Party(Answer):
    """How many of the booking's tickets are in."""

    admitted: int
    total: int


class ScanTicketResult(Answer):
    """Answer of a scan that was evaluated: always 200, a refusal is a result."""

    result: ScanResult
    admitted: bool
    direction: ScanDirection
    scanned_at: Instant
    forced: bool
    dry_run: bool
    ticket: ScannedTicket | None
    booking: ScannedBooking | None
    event: ScannedEvent | None
    first_admission: FirstAdmission | None
    party: Party | None
    tickets: list[ScannedTicket]
