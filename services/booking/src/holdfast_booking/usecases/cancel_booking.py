"""Cancelling: by the policy and for its fee; the capacity is on its way back."""

from __future__ import annotations

from holdfast_booking.domain.ledger import Ledger
from holdfast_booking.services.author import author_of
from holdfast_booking.services.changing import answered
from holdfast_booking.services.showing import BookingShowing
from holdfast_contracts.booking import CancelBooking
from holdfast_platform.units.messages import Incoming, Outcome


class CancelBookingUseCase:
    """Cancel a booking: customers as its policy allows, staff always."""

    def __init__(self, showing: BookingShowing) -> None:
        self._showing = showing

    def execute(self, given: Incoming[CancelBooking], ledger: Ledger) -> Outcome:
        """Decide one command. Raises NOT_FOUND, VERSION_MISMATCH, INVALID_TRANSITION, CANCEL_…, FORBIDDEN."""
        command, by = given.message, author_of(given.message.actor)
        booking = ledger.booking(given.tenant_id, command.booking_id).seen_by(by).at_version(command.if_match)
        change = booking.cancel(
            by,
            ledger.now,
            reason=command.body.reason,
            reason_code=command.body.reason_code,
            waive_fee=command.body.waive_fee,
        )
        return answered(given, change, ledger, self._showing)
