"""The booking: one customer's reservation, and everything that can happen to it [spec/03]. Guards I11.

Nothing here changes in place. Each method returns a `Change`: the booking afterwards, and the step that led there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Self
from uuid import UUID

from holdfast_booking.domain.facts import Facts
from holdfast_booking.domain.fees import (
    Price,
    cancellable_until,
    cancellation_fee,
    refuse_late_cancel,
    reschedulable_until,
)
from holdfast_booking.domain.history import SYSTEM, Author, Step
from holdfast_booking.domain.states import (
    ACTIVE,
    CANCELLABLE,
    RESCHEDULABLE,
    Happening,
    Trigger,
    invalid_transition,
    transition,
)
from holdfast_booking.domain.windows import check_in_window
from holdfast_contracts.enums import BookingStatus, CheckInVia, PaymentStatus
from holdfast_contracts.problems import ProblemCode, Refusal, not_found


@dataclass(frozen=True, slots=True)
class Change:
    """A booking after something was asked of it. Without a step nothing changed, and nothing is told."""

    booking: Booking
    step: Step | None = None
    happening: Happening = Happening.UPDATED
    via: CheckInVia | None = None

    @property
    def ends_claim(self) -> bool:
        """Whether capacity has to be given back: once, by the step that ended the booking."""
        return self.step is not None and self.step.target != self.step.source and self.booking.has_ended

    def told(self, *, reason: str | None = None, reason_code: str | None = None, note: str | None = None) -> Self:
        """Return the change with what its history should tell."""
        if self.step is None:
            return self
        return replace(self, step=replace(self.step, reason=reason, reason_code=reason_code, note=note))

    def checked_in(self, at: datetime, via: CheckInVia) -> Self:
        """Return the change as a check-in: when and by whom stands in the booking, and in what is told."""
        return replace(self, booking=replace(self.booking, checked_in_at=at, checked_in_via=via), via=via)


@dataclass(frozen=True, slots=True)
class Booking:
    """A booking as it is at one version. All instants are aware and of the database's clock."""

    id: UUID
    tenant_id: UUID
    number: str
    ticket_code: str
    version: int
    status: BookingStatus
    payment_status: PaymentStatus
    facts: Facts
    created_at: datetime
    updated_at: datetime
    pending_expires_at: datetime | None = None
    confirmed_at: datetime | None = None
    checked_in_at: datetime | None = None
    checked_in_via: CheckInVia | None = None
    cancelled_at: datetime | None = None
    cancelled_by: str | None = None
    reason_code: str | None = None
    fee_charged: Decimal | None = None
    pending_change: bool = False

    # -- the beginning -----------------------------------------------------------------------------------------

    @classmethod
    def begin(
        cls, ids: tuple[UUID, UUID], codes: tuple[str, str], facts: Facts, *, payable: bool, by: Author, now: datetime
    ) -> Change:
        """Begin a booking whose capacity is taken: confirmed, or pending approval or payment.

        `ids` are the booking's and its tenant's, `codes` its number and its ticket code. `payable`: the tenant has
        a payment provider; without one a priced booking is paid outside [spec/10, Bookings].
        """
        policy = facts.terms.booking
        price = Price.read(facts.price)
        unpaid = payable and (price.total > 0 or price.deposit > 0)
        pending = unpaid or policy.needs_approval(facts.guest_count)
        booking = cls(
            id=ids[0],
            tenant_id=ids[1],
            number=codes[0],
            ticket_code=codes[1],
            version=1,
            status=BookingStatus.PENDING if pending else BookingStatus.CONFIRMED,
            payment_status=PaymentStatus.UNPAID if unpaid else PaymentStatus.NOT_REQUIRED,
            facts=facts,
            created_at=now,
            updated_at=now,
            pending_expires_at=now + policy.pending if pending else None,
            confirmed_at=None if pending else now,
        )
        edge = transition(None, booking.status, Trigger.CREATE)
        return Change(booking, Step(1, now, None, booking.status, by), edge.happening)

    # -- who may, and on which version -----------------------------------------------------------------------------

    def seen_by(self, by: Author) -> Self:
        """Return the booking if `by` may see it: staff all, others what they made. Else `NOT_FOUND`."""
        if by.staff or by.subject == self.facts.subject:
            return self
        raise not_found("booking")

    def at_version(self, if_match: int | None) -> Self:
        """Return the booking if it has the version that the caller expects, else `VERSION_MISMATCH`."""
        if if_match is None or if_match == self.version:
            return self
        raise Refusal(
            ProblemCode.VERSION_MISMATCH, f"The booking has version {self.version}.", {"version": self.version}
        )

    # -- what can happen ---------------------------------------------------------------------------------------------

    def confirm(self, by: Author, now: datetime) -> Change:
        """Confirm a pending booking. It holds its capacity, so this cannot collide."""
        if self.status is BookingStatus.CONFIRMED:
            return Change(self)
        change = self._move(BookingStatus.CONFIRMED, Trigger.CONFIRM, by, now)
        return replace(change, booking=replace(change.booking, confirmed_at=now, pending_expires_at=None))

    def cancel(
        self,
        by: Author,
        now: datetime,
        *,
        reason: str | None = None,
        reason_code: str | None = None,
        waive_fee: bool = False,
    ) -> Change:
        """Cancel: customers as the policy allows and for its fee, staff always; each waiver is in the history."""
        if waive_fee and not by.staff:
            raise Refusal(ProblemCode.FORBIDDEN, "Only staff may waive a fee.")
        if self.status is BookingStatus.CANCELLED:
            return Change(self)
        if self.status not in CANCELLABLE:
            raise invalid_transition(self.status, BookingStatus.CANCELLED)
        if not by.staff:
            refuse_late_cancel(self.facts.terms.cancellation, self.facts.place.starts_at, now)
        fee = self._fee_at(now)
        change = self._move(BookingStatus.CANCELLED, Trigger.CANCEL, by, now)
        cancelled = replace(
            change.booking,
            cancelled_at=now,
            cancelled_by=by.side,
            reason_code=reason_code,
            pending_expires_at=None,
            fee_charged=fee * 0 if waive_fee else fee,
        )
        change = replace(change, booking=cancelled)
        return change.told(reason=reason, reason_code=reason_code, note=self._fee_note(fee, waived=waive_fee))

    def check_in(self, by: Author, now: datetime) -> Change:
        """Staff check the whole party in, inside the check-in window.

        Where a door has let the first of it in, the rest follow, once, and the status stays [spec/10, Bookings].
        """
        begun = self.status is BookingStatus.CHECKED_IN
        if begun and self.checked_in_via is not CheckInVia.DOOR:
            return Change(self)
        if not begun:
            transition(self.status, BookingStatus.CHECKED_IN, Trigger.CHECK_IN)
        place = self.facts.place
        window = check_in_window(self.facts.terms.booking, place.starts_at, place.ends_at)
        window.refuse_outside("Check-in", now, (self.status, BookingStatus.CHECKED_IN))
        if begun:
            return self._rest_admitted(by, now)
        change = self._move(BookingStatus.CHECKED_IN, Trigger.CHECK_IN, by, now)
        return change.checked_in(now, CheckInVia.STAFF)

    def admit_at_door(self, by: Author, at: datetime, now: datetime, *, where: str) -> Change:
        """Take note of an admission that has happened: the first makes the booking `checked_in`.

        The door has let somebody in by what tickets knew, so nothing is refused here: the first admission of a booking
        that cannot be checked in (cancelled meanwhile) is noted in its history, and its status stays as it is.
        `checked_in_at` remembers it, so that a scan which comes again changes nothing, however late (I5).
        """
        if self.status in (BookingStatus.CONFIRMED, BookingStatus.NO_SHOW):
            change = self._move(BookingStatus.CHECKED_IN, Trigger.CHECK_IN, by, now).told(note=where)
            return change.checked_in(at, CheckInVia.DOOR)
        if self.checked_in_at is not None or self.status in (BookingStatus.CHECKED_IN, BookingStatus.COMPLETED):
            return Change(self)
        change = self._noted(by, now, f"Admitted although {self.status}: {where}")
        return replace(change, booking=replace(change.booking, checked_in_at=at))

    def expire(self, now: datetime) -> Change:
        """End a pending booking whose time is up; any other stays as it is."""
        if self.status is not BookingStatus.PENDING or self.pending_expires_at is None:
            return Change(self)
        if self.pending_expires_at > now:
            return Change(self)
        change = self._move(BookingStatus.EXPIRED, Trigger.TIME_UP, SYSTEM, now).told(reason="Not confirmed in time")
        return replace(change, booking=replace(change.booking, pending_expires_at=None))

    # -- what is computed at the moment of reading -------------------------------------------------------------------

    @property
    def has_ended(self) -> bool:
        """Whether its capacity has been given back."""
        return self.status in (BookingStatus.CANCELLED, BookingStatus.EXPIRED)

    def is_active(self, now: datetime) -> bool:
        """Whether it counts for the limit of active bookings."""
        ends_at = self.facts.place.ends_at
        return self.status in ACTIVE and (ends_at is None or ends_at > now)

    @property
    def cancellable_until(self) -> datetime | None:
        """Until when a customer may cancel; None where that is not possible."""
        if self.status not in CANCELLABLE:
            return None
        return cancellable_until(self.facts.terms.cancellation, self.facts.place.starts_at)

    @property
    def reschedulable_until(self) -> datetime | None:
        """Until when a customer may move it; None where that is not possible."""
        if self.status not in RESCHEDULABLE:
            return None
        return reschedulable_until(self.facts.terms.reschedule, self.facts.place.starts_at)

    def cancellation_fee_at(self, now: datetime) -> Decimal:
        """What cancelling costs at `now`; of a cancelled booking what it did cost; else 0."""
        if self.fee_charged is not None:
            return self.fee_charged
        fee = self._fee_at(now)
        return fee if self.status in CANCELLABLE else fee * 0

    # -- inside ------------------------------------------------------------------------------------------------------

    def _fee_at(self, now: datetime) -> Decimal:
        return cancellation_fee(
            self.facts.terms.cancellation, Price.read(self.facts.price), self.facts.place.starts_at, now
        )

    def _fee_note(self, fee: Decimal, *, waived: bool) -> str | None:
        if not fee:
            return None
        amount = f"{fee} {self.facts.price['currency']}"
        return f"Fee of {amount} waived" if waived else f"Fee of {amount}"

    def _move(self, target: BookingStatus, trigger: Trigger, by: Author, now: datetime) -> Change:
        edge = transition(self.status, target, trigger)
        version = self.version + 1
        booking = replace(self, status=target, version=version, updated_at=now)
        return Change(booking, Step(version, now, self.status, target, by), edge.happening)

    def _rest_admitted(self, by: Author, now: datetime) -> Change:
        change = replace(self._noted(by, now, "The rest of the party"), happening=Happening.CHECKED_IN)
        return change.checked_in(self.checked_in_at or now, CheckInVia.STAFF)

    def _noted(self, by: Author, now: datetime, note: str) -> Change:
        version = self.version + 1
        booking = replace(self, version=version, updated_at=now)
        return Change(booking, Step(version, now, self.status, self.status, by, note=note))
