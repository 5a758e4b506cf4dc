"""What was booked, by whom and for whom: everything of a booking that its life does not change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from holdfast_booking.domain.customers import customer_keys
from holdfast_contracts.enums import BookingActorType, BookingMode, BookingOrigin, BookingType

if TYPE_CHECKING:
    from holdfast_booking.domain.policy import Document, Terms


@dataclass(frozen=True, slots=True)
class Customer:
    """Whose booking it is, and how to reach them. Personal data."""

    id: UUID | None
    name: str | None
    email: str | None
    phone: str | None
    note: str | None

    @property
    def keys(self) -> tuple[str, ...]:
        """What limits count this customer by; empty for somebody without contact."""
        return customer_keys(self.email, self.phone)


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when: the times that inventory derived, and what it took for them."""

    content_id: UUID | None
    resource_id: UUID | None
    resource_data: Document
    schedule_payload: Document
    starts_at: datetime
    ends_at: datetime | None
    duration_minutes: int | None
    timezone: str
    claim_id: UUID
    claim_key: str


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of a booking. `subject` made it and may see it; `content` and `tenant` are snapshots for readers.

    `terms` are what `policy`, a snapshot as well, says.
    """

    type: BookingType
    mode: BookingMode
    place: Place
    customer: Customer
    actor_type: BookingActorType
    origin: BookingOrigin
    subject: str
    order_id: UUID | None
    series_id: UUID | None
    guest_count: int
    guests: list[object]
    internal_note: str | None
    price: Document
    policy: Document
    terms: Terms
    data: Document
    content: Document
    tenant: Document
