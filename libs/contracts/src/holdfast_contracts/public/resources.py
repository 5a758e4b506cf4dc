"""Resources and their schedules [spec/04, Fields and Schedule; spec/09]."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, model_validator

from holdfast_contracts.contacts import HttpsUrl
from holdfast_contracts.enums import ResourceStatus, ResourceType
from holdfast_contracts.money import Currency, Money
from holdfast_contracts.public.base import Answer, Body
from holdfast_contracts.public.faults import Fault, refuse
from holdfast_contracts.public.free_json import Metadata
from holdfast_contracts.values import (
    Instant,
    Label,
    LocalDate,
    LocalEndTime,
    LocalTime,
    LongText,
    Name,
    OptionalText,
    ZoneName,
)


class Window(Body):
    """Opening hours of one day: `[start, end)`, local; an end at or before the start crosses midnight."""

    start: LocalTime
    end: LocalEndTime


Windows = Annotated[list[Window], Field(max_length=24)]


class Week(Body):
    """Windows of each weekday; a day left out is closed."""

    mon: Windows = []
    tue: Windows = []
    wed: Windows = []
    thu: Windows = []
    fri: Windows = []
    sat: Windows = []
    sun: Windows = []


class ScheduleException(Body):
    """A date or a range of dates (inclusive) that replaces its weekdays wholly."""

    date: LocalDate | None = None
    from_: LocalDate | None = Field(default=None, alias="from")
    to: LocalDate | None = None
    closed: bool = False
    windows: Windows | None = None
    label: OptionalText | None = None

    @model_validator(mode="after")
    def _one_meaning(self) -> ScheduleException:
        refuse([*self._day_faults(), self._hours_fault()])
        return self

    def _day_faults(self) -> Iterator[Fault]:
        if self.date is not None:
            for name, value in (("from", self.from_), ("to", self.to)):
                if value is not None:
                    yield Fault((name,), "EXCEPTION_DATES", "must not stand beside date")
        elif self.from_ is None and self.to is None:
            yield Fault(("date",), "REQUIRED", "is required, or from and to")
        elif self.from_ is None or self.to is None:
            yield Fault(("from" if self.from_ is None else "to",), "REQUIRED", "is required: from and to go together")
        elif self.to < self.from_:
            yield Fault(("to",), "EXCEPTION_DATES", "must not be before from")

    def _hours_fault(self) -> Fault | None:
        if self.closed and self.windows is not None:
            return Fault(("windows",), "EXCEPTION_HOURS", "must not stand beside closed")
        if not self.closed and self.windows is None:
            return Fault(("windows",), "REQUIRED", "is required unless closed")
        return None

    def covers(self, day: datetime.date) -> bool:
        """Tell whether the exception replaces the weekday of this local date."""
        first, last = self.date or self.from_, self.date or self.to
        return first is not None and last is not None and first <= day <= last


class ResourceSchedule(Body):
    """When a resource is open, in its own zone."""

    weekly: Week = Week()
    exceptions: Annotated[list[ScheduleException], Field(max_length=1000)] = []
    valid_from: LocalDate | None = None
    valid_until: LocalDate | None = None

    @model_validator(mode="after")
    def _from_before_until(self) -> ResourceSchedule:
        if self.valid_from is not None and self.valid_until is not None and self.valid_until < self.valid_from:
            refuse([Fault(("validUntil",), "OUT_OF_ORDER", "must not be before validFrom")])
        return self


class CreateResourceDto(Body):
    """Body of `POST /bookings/resources`; zone and currency come from the tenant unless given."""

    category_id: UUID | None = None
    type: ResourceType
    status: ResourceStatus = ResourceStatus.ACTIVE
    name: Name
    short_name: OptionalText | None = None
    description: LongText | None = None
    image_url: HttpsUrl | None = None
    timezone: ZoneName | None = None
    schedule: ResourceSchedule | None = None
    default_duration_minutes: Annotated[int, Field(ge=1, le=89280)] = 60
    slot_interval_minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    buffer_minutes: Annotated[int, Field(ge=0, le=1440)] = 0
    buffer_before_minutes: Annotated[int, Field(ge=0, le=1440)] = 0
    advance_booking_days: Annotated[int, Field(ge=0, le=3650)] | None = None
    min_notice_hours: Annotated[int, Field(ge=0, le=8760)] | None = None
    max_bookings_per_slot: Annotated[int, Field(ge=1, le=100_000)] | None = None
    capacity: Annotated[int, Field(ge=1, le=100_000)] = 1
    units: Annotated[int, Field(ge=1, le=10_000)] = 1
    price: Money | None = None
    price_per_hour: Money | None = None
    currency: Currency | None = None
    skills: Annotated[list[Label], Field(max_length=100)] = []
    metadata: Metadata = {}
    sort_order: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class ResourceResponseDto(Answer):
    """A bookable resource."""

    id: UUID
    tenant_id: UUID
    category_id: UUID | None
    type: ResourceType
    status: ResourceStatus
    name: str
    short_name: str | None
    description: str | None
    image_url: str | None
    timezone: str
    schedule: ResourceSchedule | None
    default_duration_minutes: int
    slot_interval_minutes: int | None
    buffer_minutes: int
    buffer_before_minutes: int
    advance_booking_days: int | None
    min_notice_hours: int | None
    max_bookings_per_slot: int | None
    capacity: int
    units: int
    price: Money | None
    price_per_hour: Money | None
    currency: str
    skills: list[str]
    metadata: dict[str, Any]
    sort_order: int
    created_at: Instant
    updated_at: Instant
    deleted_at: Instant | None
    version: int
