"""Expiring: a pending booking whose time is up gives its capacity back."""

from __future__ import annotations

from holdfast_booking.domain.ledger import Ledger
from holdfast_booking.services.changing import entered
from holdfast_contracts.booking import ExpireBooking
from holdfast_platform.units.messages import Incoming, Outcome


class ExpireBookingUseCase:
    """Expire what the sweeper found, unless it was confirmed or cancelled meanwhile."""

    def execute(self, given: Incoming[ExpireBooking], ledger: Ledger) -> Outcome:
        """Decide one finding, by the database's clock."""
        booking = ledger.find(given.tenant_id, given.message.booking_id)
        if booking is None:
            return Outcome()
        return Outcome(events=entered(given, booking.expire(ledger.now), ledger))
