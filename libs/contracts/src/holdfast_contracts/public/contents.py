"""Contents with tiers, price rules and policies; sessions [spec/04, spec/09]."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, model_validator

from holdfast_contracts.contacts import HttpsUrl
from holdfast_contracts.enums import (
    BookingMode,
    BookingType,
    ContentStatus,
    EntryPolicy,
    SessionStatus,
    TierKind,
    TierVisibility,
)
from holdfast_contracts.money import Currency, Money
from holdfast_contracts.public.base import Answer, Body
from holdfast_contracts.public.faults import Fault, refuse
from holdfast_contracts.public.free_json import SeatMap
from holdfast_contracts.public.policies import Policies
from holdfast_contracts.public.price_rules import PriceRule, faults_of
from holdfast_contracts.values import (
    Instant,
    LocalDate,
    LocalTime,
    LongText,
    Name,
    OptionalText,
    ZoneName,
)

Quantity = Annotated[int, Field(ge=0, le=1_000_000)]
OrderLimit = Annotated[int, Field(ge=1, le=500)]


class TierDto(Body):
    """A class of ticket as it is sent; `id` is the server's, and sent only to name an existing tier."""

    id: UUID | None = None
    name: Name
    kind: TierKind = TierKind.PAID
    price: Money | None = None
    currency: Currency | None = None
    quantity: Quantity | None = None
    sales_start: Instant | None = None
    sales_end: Instant | None = None
    min_per_order: OrderLimit = 1
    max_per_order: OrderLimit | None = None
    visibility: TierVisibility = TierVisibility.PUBLIC
    requires_attendee: bool = False
    seat_map: SeatMap | None = None
    admits: Annotated[int, Field(ge=1, le=100)] = 1
    check_in_from: Instant | None = None
    check_in_until: Instant | None = None
    entry_policy: EntryPolicy = EntryPolicy.ONCE
    shared_capacity_ids: Annotated[list[UUID], Field(max_length=20)] = []

    @model_validator(mode="after")
    def _consistent(self) -> TierDto:
        few, free = self.max_per_order, self.kind is TierKind.FREE
        refuse(
            [
                Fault(("maxPerOrder",), "ORDER_LIMITS", "must be at least minPerOrder")
                if few is not None and few < self.min_per_order
                else None,
                Fault(("price",), "FREE_WITH_PRICE", "is none for a free tier") if free and self.price else None,
                _in_order(self.sales_start, self.sales_end, "salesEnd", "must be after salesStart"),
                _in_order(self.check_in_from, self.check_in_until, "checkInUntil", "must be after checkInFrom"),
            ]
        )
        return self


def _in_order(first: datetime | None, second: datetime | None, field: str, message: str) -> Fault | None:
    late = first is not None and second is not None and second <= first
    return Fault((field,), "OUT_OF_ORDER", message) if late else None


class Restrictions(Body):
    """Clock times and stay rules."""

    check_in_time: LocalTime | None = None
    check_out_time: LocalTime | None = None
    min_stay_through: Annotated[int, Field(ge=1, le=365)] | None = None
    min_stay_arrival: Annotated[int, Field(ge=1, le=365)] | None = None
    max_stay: Annotated[int, Field(ge=1, le=365)] | None = None
    closed_to_arrival: Annotated[list[LocalDate], Field(max_length=400)] = []
    closed_to_departure: Annotated[list[LocalDate], Field(max_length=400)] = []
    stop_sell: Annotated[list[LocalDate], Field(max_length=400)] = []


class CreateContentDto(Body):
    """Body of `POST /contents`; the zone comes from the tenant unless given."""

    kind: BookingType
    mode: BookingMode
    title: Name
    description: LongText | None = None
    image_url: HttpsUrl | None = None
    venue: OptionalText | None = None
    timezone: ZoneName | None = None
    duration_minutes: Annotated[int, Field(ge=1, le=89280)] | None = None
    status: ContentStatus = ContentStatus.DRAFT
    tiers: Annotated[list[TierDto], Field(max_length=100)] = []
    price_rules: Annotated[list[PriceRule], Field(max_length=100)] = []
    policies: Policies = Policies()
    restrictions: Restrictions = Restrictions()

    @model_validator(mode="after")
    def _rules_can_apply(self) -> CreateContentDto:
        refuse(faults_of(self.price_rules))
        return self


class TierResponseDto(Answer):
    """A tier of a content."""

    id: UUID
    name: str
    kind: TierKind
    price: Money
    currency: str
    quantity: int | None
    sales_start: Instant | None
    sales_end: Instant | None
    min_per_order: int
    max_per_order: int | None
    visibility: TierVisibility
    requires_attendee: bool
    seat_map: dict[str, Any] | None
    admits: int
    check_in_from: Instant | None
    check_in_until: Instant | None
    entry_policy: EntryPolicy
    shared_capacity_ids: list[UUID]


class ContentResponseDto(Answer):
    """A content: what a customer chooses."""

    id: UUID
    tenant_id: UUID
    kind: BookingType
    mode: BookingMode
    title: str
    description: str | None
    image_url: str | None
    venue: str | None
    timezone: str
    duration_minutes: int | None
    status: ContentStatus
    tiers: list[TierResponseDto]
    price_rules: list[PriceRule]
    policies: Policies
    restrictions: Restrictions
    created_at: Instant
    updated_at: Instant
    version: int


class SessionTierDto(Body):
    """A tier's quantity for one session only; `null` means unlimited."""

    tier_id: UUID
    quantity: Quantity | None


class CreateSessionDto(Body):
    """Body of `POST /contents/:id/sessions`."""

    starts_at: Instant
    ends_at: Instant | None = None
    capacity: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    tiers: Annotated[list[SessionTierDto], Field(max_length=100)] = []

    @model_validator(mode="after")
    def _consistent(self) -> CreateSessionDto:
        seen: set[UUID] = set()
        faults = [_in_order(self.starts_at, self.ends_at, "endsAt", "must be after startsAt")]
        for number, tier in enumerate(self.tiers):
            if tier.tier_id in seen:
                faults.append(Fault(("tiers", number, "tierId"), "TIER_TWICE", "must not name a tier twice"))
            seen.add(tier.tier_id)
        refuse(faults)
        return self


class SessionTierResponseDto(Answer):
    """A tier as it stands in one session."""

    tier_id: UUID
    name: str
    quantity: int | None
    remaining: int | None
    price: Money
    currency: str


class SessionResponseDto(Answer):
    """A dated occurrence of a content."""

    id: UUID
    tenant_id: UUID
    content_id: UUID
    starts_at: Instant
    ends_at: Instant
    timezone: str
    local_start: str
    offset: str
    status: SessionStatus
    capacity: int | None
    remaining: int | None
    tiers: list[SessionTierResponseDto]
    created_at: Instant
    updated_at: Instant
    version: int


class TierSnapshot(Answer):
    """What a door and a ticket need to know of a tier."""

    id: UUID
    name: str
    admits: int
    entry_policy: EntryPolicy
    check_in_from: Instant | None
    check_in_until: Instant | None


class ContentSnapshot(Answer):
    """What travels with a claim and a booking of its content, so that nobody needs to ask for it."""

    id: UUID | None
    title: str
    venue: str | None
    timezone: str
    tiers: list[TierSnapshot]
