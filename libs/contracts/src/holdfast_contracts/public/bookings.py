"""Bookings: what is sent, and the booking as it is shown everywhere [spec/03, spec/09]."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, ValidationError, ValidationInfo, ValidatorFunctionWrapHandler, field_validator
from pydantic_core import PydanticCustomError

from holdfast_contracts.contacts import Email, Phone
from holdfast_contracts.enums import (
    BookingActorType,
    BookingMode,
    BookingOrigin,
    BookingStatus,
    BookingType,
    PaymentStatus,
)
from holdfast_contracts.money import Difference, Money, SignedDecimal, Total
from holdfast_contracts.public.base import Answer, Body
from holdfast_contracts.public.free_json import Metadata
from holdfast_contracts.public.holds import VisitorSession
from holdfast_contracts.public.policies import Policies
from holdfast_contracts.public.schedules import (
    GuestCount,
    SchedulePayload,
    SessionSchedule,
    TimeSlotSchedule,
    payload_kind,
)
from holdfast_contracts.values import Instant, Label, Name, NoteText, OptionalText

_SCHEDULES: Final[dict[BookingMode, type[Body]]] = {
    BookingMode.SESSION: SessionSchedule,
    BookingMode.TIME_SLOT: TimeSlotSchedule,
}


def _form_of_the_mode(schema: dict[str, Any]) -> None:
    """Tell in the JSON Schema which form of `schedulePayload` a mode has; forms are closed, so a field names one."""
    of_one = {BookingMode.SESSION: ["items"], BookingMode.TIME_SLOT: ["date", "startTime"]}
    forms = [
        {"properties": {"bookingMode": {"const": str(mode)}, "schedulePayload": {"required": names}}}
        for mode, names in of_one.items()
    ]
    others = [str(mode) for mode in BookingMode if mode not in of_one]
    schema["oneOf"] = [*forms, {"properties": {"bookingMode": {"enum": others}}}]


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

    model_config = ConfigDict(json_schema_extra=_form_of_the_mode)

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
    data: Metadata = Field(default_factory=dict)
    origin: Literal["phone", "pos", "dashboard"] | None = None
    hold_id: UUID | None = None
    session_id: VisitorSession | None = None
    order_id: UUID | None = None

    @field_validator("schedule_payload", mode="wrap")
    @classmethod
    def _of_the_mode(cls, value: object, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> object:
        """See that the payload is the mode's; what is wrong with it is told of the form that the mode has."""
        mode = info.data.get("booking_mode")
        try:
            found = handler(value)
        except ValidationError:
            if mode in _SCHEDULES:
                _SCHEDULES[mode].model_validate_json(json.dumps(value, default=str), by_name=False, by_alias=True)
            raise
        if mode is not None and mode != payload_kind(found):
            raise PydanticCustomError("payload_of_another_mode", "does not have the fields of this bookingMode")
        return found


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
    total: Total


class QuoteRule(Answer):
    """A price rule that applied."""

    name: str
    effect: Literal["replace", "percent", "fixed"]
    value: SignedDecimal
    amount: Difference


class QuoteFee(Answer):
    """A fee on top."""

    name: str
    amount: Total


class Quote(Answer):
    """A price, line by line and rule by rule."""

    base: Total
    lines: list[QuoteLine]
    rules: list[QuoteRule]
    fees: list[QuoteFee]
    tax: Total
    total: Total
    currency: str
    deposit: Total
    quoted_at: Instant


class AssignmentDto(Answer):
    """A resource that serves a booking, and why it was chosen [spec/04, Assignment].

    `chosen` is the resource once more; messages of before it was told read without it.
    """

    resource_id: UUID
    name: str
    unit: int
    strategy: str
    candidates: int
    chosen: UUID | None = None
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
    pending_change: bool = False
    """Whether a change waits for approval; events of before it was told read without it."""


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
    cancellation_fee_now: Total
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
