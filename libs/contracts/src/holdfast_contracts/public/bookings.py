"""Bookings: what is sent, and the booking as it is shown everywhere [spec/03, spec/09]."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Discriminator, Field, Tag, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from holdfast_contracts.enums import (
    BookingActorType,
    BookingMode,
    BookingOrigin,
    BookingStatus,
    BookingType,
    PaymentStatus,
)
from holdfast_contracts.public.base import Answer, Body, Minutes
from holdfast_contracts.public.policies import Policies
from holdfast_contracts.values import (
    Email,
    Instant,
    Label,
    LocalDate,
    LocalTime,
    Money,
    Name,
    NoteText,
    OptionalText,
    Phone,
    SignedDecimal,
    UtcOffset,
    ZoneName,
)

GuestCount = Annotated[int, Field(ge=1, le=500)]


class TierItem(Body):
    """So many units of one tier; seat labels, where given, one for each unit."""

    tier_id: UUID
    quantity: GuestCount
    seat_labels: Annotated[list[Label], Field(max_length=500)] | None = None

    @model_validator(mode="after")
    def _a_seat_each(self) -> TierItem:
        labels = self.seat_labels
        if labels is not None and (len(labels) != self.quantity or len(set(labels)) != len(labels)):
            raise PydanticCustomError("seat_labels", "seatLabels must name one different seat for each unit")
        return self


class SessionSchedule(Body):
    """A wish in mode `session`: the dated occurrence, by id or by content and start, and units of its tiers."""

    session_id: UUID | None = None
    starts_at: Instant | None = None
    content_id: UUID | None = None
    items: Annotated[list[TierItem], Field(min_length=1, max_length=50)]

    @model_validator(mode="after")
    def _names_a_session(self) -> SessionSchedule:
        if (self.session_id is None) == (self.starts_at is None):
            raise PydanticCustomError("session_reference", "must have either sessionId or startsAt")
        tiers = [item.tier_id for item in self.items]
        if len(set(tiers)) != len(tiers):
            raise PydanticCustomError("tier_twice", "items must name each tier once")
        return self


class TimeSlotSchedule(Body):
    """A wish in mode `time_slot`: a local date and time; `offset` chooses where the time exists twice."""

    date: LocalDate
    start_time: LocalTime
    timezone: ZoneName | None = None
    duration_minutes: Minutes | None = None
    slot_id: UUID | None = None
    offset: UtcOffset | None = None


def _payload_kind(value: object) -> str:
    """Tell which schedule is meant by the fields that are there."""
    if isinstance(value, TimeSlotSchedule):
        return "time_slot"
    if isinstance(value, Mapping) and ("date" in value or "startTime" in value):
        return "time_slot"
    return "session"


SchedulePayload = Annotated[
    Annotated[SessionSchedule, Tag("session")] | Annotated[TimeSlotSchedule, Tag("time_slot")],
    Discriminator(_payload_kind),
]
"""The wish; the tag stands in the location of a validation error and is no part of the field's path."""


class GuestDto(Body):
    """One guest of a party."""

    name: OptionalText | None = None
    email: Email | None = None
    phone: Phone | None = None
    kind: Literal["adult", "child", "infant"] = "adult"
    age: Annotated[int, Field(ge=0, le=130)] | None = None
    note: NoteText | None = None


class CreateBookingDto(Body):
    """Body of `POST /bookings`. Which schedule is meant is told by `bookingMode`."""

    content_id: UUID | None = None
    resource_id: UUID | None = None
    booking_mode: BookingMode
    schedule_payload: SchedulePayload
    guest_count: GuestCount | None = None
    guests: Annotated[list[GuestDto], Field(max_length=500)] = Field(default_factory=list)
    customer_id: UUID | None = None
    customer_name: Name | None = None
    customer_email: Email | None = None
    customer_phone: Phone | None = None
    customer_note: NoteText | None = None
    internal_note: NoteText | None = None
    data: dict[str, Any] = Field(default_factory=dict)
    origin: Literal["phone", "pos", "dashboard"] | None = None
    hold_id: UUID | None = None
    session_id: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    order_id: UUID | None = None

    @field_validator("schedule_payload", mode="after")
    @classmethod
    def _fits_the_mode(cls, value: SessionSchedule | TimeSlotSchedule, info: ValidationInfo) -> object:
        if info.data.get("booking_mode", "") not in ("", _payload_kind(value)):
            raise PydanticCustomError("payload_of_another_mode", "does not have the fields of this bookingMode")
        return value


class CancelBookingDto(Body):
    """Body of `PATCH /bookings/:id/cancel`; all of it may be missing."""

    reason: NoteText | None = None
    reason_code: Label | None = None
    waive_fee: bool = False


class QuoteLine(Answer):
    """One line of a price."""

    label: str
    tier_id: UUID | None
    quantity: int
    unit_price: Money
    total: Money


class QuoteRule(Answer):
    """A price rule that applied."""

    name: str
    effect: Literal["replace", "percent", "fixed"]
    value: SignedDecimal
    amount: SignedDecimal


class QuoteFee(Answer):
    """A fee on top."""

    name: str
    amount: Money


class Quote(Answer):
    """A price, line by line and rule by rule."""

    base: Money
    lines: list[QuoteLine]
    rules: list[QuoteRule]
    fees: list[QuoteFee]
    tax: Money
    total: Money
    currency: str
    deposit: Money
    quoted_at: Instant


class AssignmentDto(Answer):
    """A resource that serves a booking, and why it was chosen."""

    resource_id: UUID
    name: str
    unit: int
    strategy: str
    candidates: int
    reason: str


class ResourceData(Answer):
    """What is assigned to a booking."""

    assignments: list[AssignmentDto]


class BookingState(Answer):
    """A booking as events carry it: all it is, without links and what is computed at the moment of reading."""

    id: UUID
    tenant_id: UUID
    version: int
    booking_number: str
    ticket_code: str
    status: BookingStatus
    type: BookingType
    booking_mode: BookingMode
    content_id: UUID | None
    resource_id: UUID | None
    resource_data: ResourceData
    schedule_payload: dict[str, Any]
    starts_at: Instant
    ends_at: Instant | None
    duration_minutes: int | None
    timezone: str
    local_start: str
    offset: str
    actor_type: BookingActorType
    origin: BookingOrigin
    customer_id: UUID | None
    order_id: UUID | None
    series_id: UUID | None
    guest_count: int
    guests: list[GuestDto]
    customer_name: str | None
    customer_email: str | None
    customer_phone: str | None
    customer_note: str | None
    internal_note: str | None
    price: Quote
    payment_status: PaymentStatus
    policy: Policies
    data: dict[str, Any]
    pending_expires_at: Instant | None
    confirmed_at: Instant | None
    checked_in_at: Instant | None
    cancelled_at: Instant | None
    cancelled_by: Literal["customer", "business", "system"] | None
    reason_code: str | None
    created_at: Instant
    updated_at: Instant


class BookingLinks(Answer):
    """Signed links to what a customer takes along."""

    calendar: str
    qr: str
    tickets_pdf: str


class BookingResponseDto(BookingState):
    """A booking as everywhere it is shown."""

    pending_change: bool
    cancellable_until: Instant | None
    reschedulable_until: Instant | None
    cancellation_fee_now: Money
    links: BookingLinks


class HistoryEntryDto(Answer):
    """One transition of a booking: who, when, from, to, why."""

    version: int
    at: Instant
    from_: BookingStatus | None = Field(alias="from")
    to: BookingStatus
    actor_type: BookingActorType
    actor: str
    reason: str | None
    reason_code: str | None
    note: str | None
