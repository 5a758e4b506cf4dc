"""Availability [spec/04, Availability; spec/09, Looking and holding]."""

from __future__ import annotations

from uuid import UUID

from holdfast_contracts.enums import SlotStatus
from holdfast_contracts.money import Total
from holdfast_contracts.public.base import Answer
from holdfast_contracts.public.contents import SessionTierResponseDto
from holdfast_contracts.values import Instant


class ResourceReference(Answer):
    """A resource that can serve a slot."""

    id: UUID
    name: str


class SlotPrice(Answer):
    """What one booking of the slot costs now."""

    total: Total
    currency: str


class SlotDto(Answer):
    """One bookable interval, or with `include=unavailable` one that is not, and why."""

    start: Instant
    end: Instant
    local_start: str
    offset: str
    remaining: int | None
    resources: list[ResourceReference]
    price: SlotPrice | None
    status: SlotStatus
    reason: str | None
    session_id: UUID | None
    tiers: list[SessionTierResponseDto]


class AvailabilityResponseDto(Answer):
    """Answer of `GET /bookings/availability`; advice only, a claim is checked again when taken."""

    slots: list[SlotDto]
    next_available: Instant | None
    waitlist: bool
    timezone: str
