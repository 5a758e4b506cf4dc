"""What is wished: `schedulePayload` of bookings and holds, one form for each mode that is built [spec/03, Modes]."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated
from uuid import UUID

from pydantic import Discriminator, Field, Tag, model_validator

from holdfast_contracts.public.base import Body, Minutes
from holdfast_contracts.public.faults import Fault, refuse
from holdfast_contracts.values import Instant, Label, LocalDate, LocalTime, UtcOffset, ZoneName

MOST_GUESTS = 500
"""Of one booking [spec/07, Input]."""

GuestCount = Annotated[int, Field(ge=1, le=MOST_GUESTS)]


class TierItem(Body):
    """So many units of one tier; seat labels, where given, one for each unit."""

    tier_id: UUID
    quantity: GuestCount
    seat_labels: Annotated[list[Label], Field(max_length=500)] | None = None

    @model_validator(mode="after")
    def _a_seat_each(self) -> TierItem:
        if self.seat_labels is not None and len(self.seat_labels) != self.quantity:
            refuse([Fault(("seatLabels",), "SEAT_LABELS", "must name one seat for each unit")])
        return self


class SessionSchedule(Body):
    """A wish in mode `session`: the dated occurrence, by id or by content and start, and units of its tiers."""

    session_id: UUID | None = None
    starts_at: Instant | None = None
    content_id: UUID | None = None
    items: Annotated[list[TierItem], Field(min_length=1, max_length=50)]

    @model_validator(mode="after")
    def _one_order(self) -> SessionSchedule:
        if (self.session_id is None) != (self.starts_at is None) and _is_plain(self.items):
            return self
        refuse([_session_fault(self), *_repeated(self.items)])
        return self


def _is_plain(items: Sequence[TierItem]) -> bool:
    """Tell whether nothing can stand twice: the orders of a rush."""
    return len(items) == 1 and items[0].seat_labels is None


def _session_fault(wish: SessionSchedule) -> Fault | None:
    if wish.session_id is None and wish.starts_at is None:
        return Fault(("sessionId",), "REQUIRED", "is required, or startsAt")
    if wish.session_id is not None and wish.starts_at is not None:
        return Fault(("startsAt",), "SESSION_REFERENCE", "must not stand beside sessionId")
    return None


def _repeated(items: Sequence[TierItem]) -> Iterator[Fault]:
    """Yield what stands twice in one order: a tier, and over all items a seat (unique per session [spec/04])."""
    tiers: set[UUID] = set()
    seats: set[str] = set()
    for number, item in enumerate(items):
        labels = set(item.seat_labels or ())
        if item.tier_id in tiers:
            yield Fault(("items", number, "tierId"), "TIER_TWICE", "must not name a tier twice")
        if len(labels) < len(item.seat_labels or ()) or labels & seats:
            yield Fault(("items", number, "seatLabels"), "SEAT_TWICE", "must not name a seat twice in one order")
        tiers.add(item.tier_id)
        seats |= labels


class TimeSlotSchedule(Body):
    """A wish in mode `time_slot`: a local date and time; `offset` chooses where the time exists twice."""

    date: LocalDate
    start_time: LocalTime
    timezone: ZoneName | None = None
    duration_minutes: Minutes | None = None
    slot_id: UUID | None = None
    offset: UtcOffset | None = None


_OF_A_SLOT = frozenset({"date", "startTime", "durationMinutes", "slotId", "offset", "timezone"})


def payload_kind(value: object) -> str:
    """Tell which schedule is meant by the fields that are there."""
    if isinstance(value, TimeSlotSchedule):
        return "time_slot"
    if isinstance(value, Mapping) and ("date" in value or "startTime" in value):
        return "time_slot"
    if isinstance(value, Mapping) and "items" not in value and not _OF_A_SLOT.isdisjoint(value):
        return "time_slot"
    return "session"


SchedulePayload = Annotated[
    Annotated[SessionSchedule, Tag("session")] | Annotated[TimeSlotSchedule, Tag("time_slot")],
    Discriminator(payload_kind),
]
"""The wish; the tag stands in the location of a validation error and is no part of the field's path."""
