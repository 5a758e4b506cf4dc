"""Messages of inventory: what it can be asked, and what it says has happened."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from holdfast_contracts.enums import BookingType, HoldType
from holdfast_contracts.message import Actor, Command, Message, TenantFacts
from holdfast_contracts.public.bookings import AssignmentDto, CreateBookingDto, Quote
from holdfast_contracts.public.contents import (
    ContentResponseDto,
    ContentSnapshot,
    CreateContentDto,
    CreateSessionDto,
    SessionResponseDto,
)
from holdfast_contracts.public.holds import CreateHoldDto, ExtendHoldDto, HoldResponseDto
from holdfast_contracts.public.policies import Policies
from holdfast_contracts.public.resources import CreateResourceDto, ResourceResponseDto
from holdfast_contracts.values import Instant

# -- commands -------------------------------------------------------------------------------------------------


class PlaceClaim(Command):
    """Take the capacity that a booking needs, or say why not. `visitor` is the session a hold must belong to."""

    body: CreateBookingDto
    visitor: str


class ReleaseClaim(Message):
    """Give back what the claim took. Names the claim, so that it never frees a newer one of the booking."""

    claim_id: UUID
    booking_id: UUID
    reason: str


class PlaceHold(Command):
    """Set capacity aside for a visitor, or replace what the visitor holds of the same."""

    body: CreateHoldDto
    visitor: str


class ExtendHold(Command):
    """Give a live hold more time."""

    hold_id: UUID
    body: ExtendHoldDto


class ReleaseHold(Command):
    """Give a hold's capacity back."""

    hold_id: UUID


class ExpireHold(Message):
    """The time of a hold is up. Made by inventory's own sweeper; never travels."""

    hold_id: UUID


class CreateResource(Command):
    """Add a bookable resource."""

    body: CreateResourceDto


class CreateContent(Command):
    """Add a content with its tiers."""

    body: CreateContentDto


class ScheduleSession(Command):
    """Add a dated occurrence of a content."""

    content_id: UUID
    body: CreateSessionDto


# -- to booking only ------------------------------------------------------------------------------------------


class ClaimPlaced(Message):
    """Capacity is taken: everything that booking needs to record the booking. Carries personal data."""

    claim_id: UUID
    claim_key: str
    booking_id: UUID
    tenant: TenantFacts
    actor: Actor
    body: CreateBookingDto
    type: BookingType
    content: ContentSnapshot
    resource_id: UUID | None
    assignments: list[AssignmentDto]
    schedule_payload: dict[str, Any]
    starts_at: Instant
    ends_at: Instant
    duration_minutes: int
    timezone: str
    guest_count: int
    quote: Quote
    policy: Policies
    placed_at: Instant


# -- events, for everybody ------------------------------------------------------------------------------------


class ClaimRefused(Message):
    """A create was refused for capacity or by a rule of the content. No personal data."""

    booking_id: UUID
    content_id: UUID | None
    session_id: UUID | None
    resource_id: UUID | None
    code: str
    detail: str
    occurred_at: Instant


class ClaimReleased(Message):
    """What a claim held is free again."""

    claim_id: UUID
    booking_id: UUID
    session_id: UUID | None
    resource_ids: list[UUID]
    quantity: int
    occurred_at: Instant


class HoldPlaced(Message):
    """Capacity is set aside; also when a hold was replaced (its version then is above 1)."""

    hold: HoldResponseDto


class HoldExtended(Message):
    """A hold has more time."""

    hold: HoldResponseDto


class HoldEnded(Message):
    """A hold is gone, by whatever way."""

    hold_id: UUID
    hold_type: HoldType
    content_id: UUID | None
    occurrence_id: UUID | None
    resource_id: UUID | None
    quantity: int
    occurred_at: Instant


class HoldReleased(HoldEnded):
    """The visitor or staff gave it back."""


class HoldExpired(HoldEnded):
    """Its time was up."""


class HoldConverted(HoldEnded):
    """It became the claim of a booking."""

    booking_id: UUID


class ResourceCreated(Message):
    """A resource was added."""

    resource: ResourceResponseDto


class ContentCreated(Message):
    """A content was added."""

    content: ContentResponseDto


class SessionScheduled(Message):
    """A dated occurrence was added."""

    session: SessionResponseDto


COMMANDS: tuple[type[Message], ...] = (
    PlaceClaim,
    ReleaseClaim,
    PlaceHold,
    ExtendHold,
    ReleaseHold,
    CreateResource,
    CreateContent,
    ScheduleSession,
)
CLAIMS: tuple[type[Message], ...] = (ClaimPlaced,)
EVENTS: tuple[type[Message], ...] = (
    ClaimRefused,
    ClaimReleased,
    HoldPlaced,
    HoldExtended,
    HoldReleased,
    HoldExpired,
    HoldConverted,
    ResourceCreated,
    ContentCreated,
    SessionScheduled,
)
