"""Coalesced calls over internal HTTP: what was asked while one call was under way travels together in the next.

`POST /internal/bookings/read` takes ReadBookings, `POST /internal/scans` takes ScanCodes; both answer CallAnswers with
one answer for each call, told apart by the call's `id`. A `body` is the public body, or a problem document (its
`instance` is the call's).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from holdfast_contracts.message import Actor, Message
from holdfast_contracts.tickets import ScanCode


class ReadBookingCall(Message):
    """One caller wants one booking: any of the tenant for staff, else those made with the same `sub`."""

    id: str
    tenant: UUID
    actor: Actor
    booking_id: UUID
    instance: str


class ReadBookings(Message):
    """Body of `POST /internal/bookings/read`."""

    calls: list[ReadBookingCall]


class ScanCall(Message):
    """One attempt at a door. `command_id` and `hash` are those of the idempotency key, as on the bus."""

    id: str
    tenant: UUID
    command_id: UUID
    hash: str
    instance: str
    correlation: str | None
    command: ScanCode


class ScanCodes(Message):
    """Body of `POST /internal/scans`."""

    calls: list[ScanCall]


class CallAnswer(Message):
    """The answer of one call; `etag` with its quotes."""

    id: str
    status: int
    etag: str | None = None
    body: Any


class CallAnswers(Message):
    """Answer of a coalesced call; always 200, each call has its own status."""

    answers: list[CallAnswer]
