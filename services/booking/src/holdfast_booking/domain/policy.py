"""The policy that a booking was made under, read from its snapshot [spec/03, Policies; spec/10, Policy defaults].

The snapshot is the public body's JSON. What it leaves out has the defaults of the specification.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Self

Document = Mapping[str, object]
"""A JSON object as it is sent and stored."""


class FeeType(StrEnum):
    """How a fee is computed: a share of the total, a fixed amount, or the deposit."""

    PERCENT = "percent"
    FIXED = "fixed"
    DEPOSIT = "deposit"


class Approval(StrEnum):
    """Which bookings wait for staff."""

    NONE = "none"
    ALWAYS = "always"
    OVER_PARTY_SIZE = "over_party_size"


def part(document: Document, name: str) -> Document:
    """Return the object at `name`, or an empty one where there is none."""
    value = document.get(name)
    return value if isinstance(value, Mapping) else {}


def _number(document: Document, name: str) -> int | None:
    value = document.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _flag(document: Document, name: str, *, default: bool) -> bool:
    value = document.get(name)
    return value if isinstance(value, bool) else default


def _minutes(document: Document, name: str) -> timedelta | None:
    value = _number(document, name)
    return None if value is None else timedelta(minutes=value)


def _hours(document: Document, name: str, default: int) -> timedelta:
    value = _number(document, name)
    return timedelta(hours=default if value is None else value)


@dataclass(frozen=True, slots=True)
class FeeTier:
    """A fee that applies while at least `notice` is left to the start."""

    notice: timedelta
    type: FeeType
    value: Decimal

    @classmethod
    def read(cls, document: Document) -> Self:
        """Read one tier of the snapshot."""
        kind = FeeType(str(document["feeType"]))
        return cls(_hours(document, "hoursBefore", 0), kind, Decimal(str(document["value"])))


@dataclass(frozen=True, slots=True)
class CancellationPolicy:
    """Who may cancel until when, and for what fee. Tiers stand from the longest notice down."""

    customer_cancel: bool
    free_until: timedelta
    tiers: tuple[FeeTier, ...]

    @classmethod
    def read(cls, snapshot: Document) -> Self:
        """Read the part `cancellation` of a snapshot."""
        own = part(snapshot, "cancellation")
        listed = own.get("tiers")
        tiers = [FeeTier.read(tier) for tier in listed if isinstance(tier, Mapping)] if isinstance(listed, list) else []
        tiers.sort(key=lambda tier: tier.notice, reverse=True)
        return cls(
            _flag(own, "customerCancel", default=True),
            _hours(own, "freeUntilHours", 24),
            tuple(tiers),
        )

    @property
    def least_notice(self) -> timedelta:
        """The notice that a customer's cancellation needs: that of the last tier, or of the free window."""
        return min([self.free_until, *(tier.notice for tier in self.tiers)])

    def tier_at(self, left: timedelta) -> FeeTier | None:
        """Return the tier that applies with `left` to the start; None means free of charge."""
        if left >= self.free_until:
            return None
        return next((tier for tier in self.tiers if left >= tier.notice), None)


@dataclass(frozen=True, slots=True)
class ReschedulePolicy:
    """Who may move a booking, and until when."""

    customer_reschedule: bool
    notice: timedelta

    @classmethod
    def read(cls, snapshot: Document) -> Self:
        """Read the part `reschedule` of a snapshot."""
        own = part(snapshot, "reschedule")
        return cls(_flag(own, "customerReschedule", default=True), _hours(own, "noticeHours", 24))


@dataclass(frozen=True, slots=True)
class BookingPolicy:
    """How a booking begins and is checked in."""

    auto_confirm: bool
    approval: Approval
    approval_party_size: int | None
    pending: timedelta
    max_active_per_customer: int | None
    check_in_from: timedelta
    check_in_until: timedelta | None

    @classmethod
    def read(cls, snapshot: Document) -> Self:
        """Read the part `booking` of a snapshot."""
        own = part(snapshot, "booking")
        pending, check_in_from = _minutes(own, "pendingMinutes"), _minutes(own, "checkInFromMinutes")
        return cls(
            auto_confirm=_flag(own, "autoConfirm", default=True),
            approval=Approval(str(own.get("approval") or Approval.NONE)),
            approval_party_size=_number(own, "approvalPartySize"),
            pending=timedelta(minutes=30) if pending is None else pending,
            max_active_per_customer=_number(own, "maxActivePerCustomer"),
            check_in_from=timedelta(minutes=120) if check_in_from is None else check_in_from,
            check_in_until=_minutes(own, "checkInUntilMinutes"),
        )

    def needs_approval(self, guest_count: int) -> bool:
        """Tell whether staff must confirm a booking of so many guests."""
        if not self.auto_confirm or self.approval is Approval.ALWAYS:
            return True
        over = self.approval_party_size
        return self.approval is Approval.OVER_PARTY_SIZE and over is not None and guest_count > over


@dataclass(frozen=True, slots=True)
class Terms:
    """What a snapshot says of the life of a booking."""

    booking: BookingPolicy
    cancellation: CancellationPolicy
    reschedule: ReschedulePolicy

    @classmethod
    def read(cls, snapshot: Document) -> Self:
        """Read the snapshot."""
        return cls(BookingPolicy.read(snapshot), CancellationPolicy.read(snapshot), ReschedulePolicy.read(snapshot))
