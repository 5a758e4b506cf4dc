"""An admission: what tickets know of a booking, learnt from its events and never asked for elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from holdfast_contracts.enums import BookingMode, BookingStatus, EntryPolicy, PaymentStatus

CHECK_IN_FROM = timedelta(minutes=120)
"""How long before the start doors open, where neither tier nor policy says so [spec/03, Policies]."""

WITHOUT_TICKETS = frozenset({BookingMode.OPEN_DATE, BookingMode.REQUEST})
"""Modes that have no tickets at confirmation [spec/10, Tickets]."""

ADMITTING = frozenset(
    {BookingStatus.CONFIRMED, BookingStatus.CHECKED_IN, BookingStatus.COMPLETED, BookingStatus.NO_SHOW}
)
"""Statuses of a booking that has, or had, its tickets."""


@dataclass(frozen=True, slots=True)
class Window:
    """Instants between which a door lets in; None is no bound, the end is the first instant too late."""

    opens_at: datetime | None
    closes_at: datetime | None


@dataclass(frozen=True, slots=True)
class TierTerms:
    """What a tier says about its tickets."""

    id: UUID
    name: str
    admits: int = 1
    entry_policy: EntryPolicy = EntryPolicy.ONCE
    check_in_from: datetime | None = None
    check_in_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """So many of a tier, with the seats where they are numbered."""

    tier_id: UUID
    quantity: int
    seat_labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Guest:
    """Who comes; both may be unknown."""

    name: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Business:
    """The tenant as a ticket shows it."""

    name: str
    slug: str
    timezone: str
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class Admission:
    """One a booking. `version` is the booking's: an older event changes nothing."""

    booking_id: UUID
    tenant_id: UUID
    version: int
    status: BookingStatus
    booking_number: str
    ticket_code: str
    mode: BookingMode
    business: Business
    timezone: str
    changed_at: datetime
    subject: str | None = None
    content_id: UUID | None = None
    session_id: UUID | None = None
    title: str = ""
    venue: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    guest_count: int = 1
    customer: Guest = Guest()
    customer_note: str | None = None
    payment_status: PaymentStatus = PaymentStatus.NOT_REQUIRED
    blocked: bool = False
    check_in_from: timedelta = CHECK_IN_FROM
    check_in_until: timedelta | None = None
    tiers: Mapping[UUID, TierTerms] = field(default_factory=dict)
    items: tuple[Item, ...] = ()
    guests: tuple[Guest, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """Zone of the event, in which its days begin."""
        return ZoneInfo(self.timezone)

    def tier_name(self, tier_id: UUID | None) -> str | None:
        """Name of a tier, or None where the content has none."""
        terms = self.tiers.get(tier_id) if tier_id else None
        return terms.name if terms else None

    def window(self, tier_id: UUID | None) -> Window:
        """When the holder of a ticket of `tier_id` may come in: the tier's word, else the booking's policy."""
        terms = self.tiers.get(tier_id) if tier_id else None
        opens = terms.check_in_from if terms and terms.check_in_from else self._opens_at()
        closes = terms.check_in_until if terms and terms.check_in_until else self._closes_at()
        return Window(opens, closes)

    def _opens_at(self) -> datetime | None:
        return self.starts_at - self.check_in_from if self.starts_at else None

    def _closes_at(self) -> datetime | None:
        """`checkInUntilMinutes` counts from the start; without it the door closes with the end."""
        if self.check_in_until is not None and self.starts_at:
            return self.starts_at + self.check_in_until
        return self.ends_at
