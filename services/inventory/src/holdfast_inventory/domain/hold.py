"""Holds: capacity set aside for a visitor until it expires by the database clock (I8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from holdfast_contracts.enums import HoldType
from holdfast_contracts.problems import ProblemCode, Refusal, invalid
from holdfast_inventory.domain.claim import Claim
from holdfast_inventory.domain.wish import Wish

MINUTE = 60


@dataclass(frozen=True, slots=True)
class HoldTimes:
    """How long holds live, in seconds; `longest` counts from creation and not for staff."""

    cart: int = 10 * MINUTE
    checkout: int = 15 * MINUTE
    payment: int = 30 * MINUTE
    staff: int = 60 * MINUTE
    longest: int = 60 * MINUTE

    def of(self, kind: HoldType) -> int:
        """Time of a type of hold."""
        by_type = {HoldType.CART: self.cart, HoldType.CHECKOUT: self.checkout, HoldType.PAYMENT: self.payment}
        return by_type.get(kind, self.staff)

    def first_end(self, kind: HoldType, asked: int | None, now: int) -> int:
        """When a new hold expires: as asked for one of staff, else by its type."""
        return asked if asked is not None else now + self.of(kind)

    def later_end(self, kind: HoldType, end: int, created: int) -> int:
        """When a hold expires that had `end` and is given the time of its type once more."""
        return max(end, self.within(kind, end + self.of(kind), created))

    def within(self, kind: HoldType, end: int, created: int) -> int:
        """The end, but not later than the longest time from creation (staff are not bound by it)."""
        return end if kind == HoldType.STAFF else min(end, created + self.longest)


@dataclass(frozen=True, slots=True)
class HoldKey:
    """One live hold per visitor's session, content, resource and interval."""

    tenant_id: UUID
    visitor: str
    content_id: UUID | None
    resource_id: UUID | None
    session_id: UUID | None
    starts_at: int
    ends_at: int


@dataclass(slots=True)
class Hold:
    """Capacity set aside; all instants in seconds. `quote` is the price as it was told, and stands until the end."""

    id: UUID
    key: HoldKey
    kind: HoldType
    subject: str
    claim: Claim
    payload: Mapping[str, object]
    quote: Mapping[str, object]
    created_at: int
    updated_at: int
    expires_at: int
    version: int = 1

    def live(self, now: int) -> bool:
        """Whether its time is not yet up."""
        return self.expires_at > now

    def belongs_to(self, subject: str) -> bool:
        """Whether this is the caller's own: made by them, or for their session."""
        return subject in (self.subject, self.key.visitor)

    def check_replaceable(self, subject: str, *, staff: bool) -> None:
        """Raise HOLD_MISMATCH where it is not the caller's: whoever guesses a session must not get what it holds."""
        if not staff and not self.belongs_to(subject):
            raise Refusal(ProblemCode.HOLD_MISMATCH, "The hold belongs to another visitor's session.")

    def check_conversion(self, visitor: str, content_id: UUID | None, wish: Wish) -> None:
        """Raise HOLD_MISMATCH where a booking is another visitor's or wants something else."""
        if visitor != self.key.visitor:
            raise Refusal(ProblemCode.HOLD_MISMATCH, "The hold belongs to another visitor's session.")
        if content_id != self.key.content_id or not wish.fulfils(self.claim.wish):
            raise Refusal(ProblemCode.HOLD_MISMATCH, "The hold is for something else than the booking.")


def expired() -> Refusal:
    """The hold is gone (its time was up, or it has become a booking), or it was up and its capacity is taken."""
    return Refusal(ProblemCode.HOLD_EXPIRED, "The hold is over: its time is up, or it has become a booking.")


def check_hold_type(kind: HoldType, *, staff: bool, end_given: bool) -> None:
    """Raise 422 for a type that the caller cannot make, and for an end of another type than `staff`."""
    if kind == HoldType.WAITLIST_OFFER or (kind == HoldType.STAFF and not staff):
        raise invalid("holdType", "cannot be made by this caller", "NOT_ALLOWED")
    if end_given and kind != HoldType.STAFF:
        raise invalid("expiresAt", "can be given for holds of type staff only", "NOT_ALLOWED")


def check_end(end: int, now: int) -> None:
    """Raise 422 for an end that has passed."""
    if end <= now:
        raise invalid("expiresAt", "must lie in the future", "OUT_OF_RANGE")
