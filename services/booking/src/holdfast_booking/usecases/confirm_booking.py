"""Confirming: staff approve what waits for them."""

from __future__ import annotations

from holdfast_booking.domain.ledger import Ledger
from holdfast_booking.services.author import author_of
from holdfast_booking.services.changing import answered
from holdfast_booking.services.showing import BookingShowing
from holdfast_contracts.booking import ConfirmBooking
from holdfast_platform.units.messages import Incoming, Outcome


class ConfirmBookingUseCase:
    """Confirm a pending booking. Its capacity is held, so this cannot collide."""

    def __init__(self, showing: BookingShowing) -> None:
        self._showing = showing

    def execute(self, given: Incoming[ConfirmBooking], ledger: Ledger) -> Outcome:
        """Decide one command. Raises NOT_FOUND, VERSION_MISMATCH, INVALID_TRANSITION."""
        command, by = given.message, author_of(given.message.actor)
        booking = ledger.booking(given.tenant_id, command.booking_id).seen_by(by).at_version(command.if_match)
        return answered(given, booking.confirm(by, ledger.now), ledger, self._showing)
