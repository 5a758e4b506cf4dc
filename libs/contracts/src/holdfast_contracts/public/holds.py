"""Holds: capacity set aside for a visitor's session [spec/04, Holds and claims]."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field

from holdfast_contracts.enums import HoldType
from holdfast_contracts.public.availability import SlotPrice
from holdfast_contracts.public.base import Answer, Body
from holdfast_contracts.public.schedules import GuestCount, SchedulePayload
from holdfast_contracts.values import Instant, without_nul

VisitorSession = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(without_nul)]
"""A name that the storefront gives its visitor; taken as it is, since `sub` of a token may be the same."""


class CreateHoldDto(Body):
    """Body of `POST /bookings/holds`; the outer `sessionId` is the visitor's (default: `sub` of the token)."""

    content_id: UUID | None = None
    resource_id: UUID | None = None
    hold_type: HoldType = HoldType.CART
    session_id: VisitorSession | None = None
    schedule_payload: SchedulePayload
    guest_count: GuestCount | None = None
    expires_at: Instant | None = None


class ExtendHoldDto(Body):
    """Body of `PATCH /bookings/holds/:id`; without `expiresAt` (staff only) by the time of its type."""

    expires_at: Instant | None = None


class HoldResponseDto(Answer):
    """Capacity set aside until `expiresAt`."""

    id: UUID
    tenant_id: UUID
    content_id: UUID | None
    resource_id: UUID | None
    hold_type: HoldType
    session_id: str
    quantity: int
    schedule_payload: dict[str, Any]
    starts_at: Instant | None
    ends_at: Instant | None
    expires_at: Instant
    price: SlotPrice
    created_at: Instant
    updated_at: Instant
    version: int
