"""Checking in: by staff for the whole party, or by the door with the first admission."""

from __future__ import annotations

from holdfast_booking.domain.ledger import Ledger
from holdfast_booking.services.author import author_of
from holdfast_booking.services.changing import answered, entered
from holdfast_booking.services.showing import BookingShowing
from holdfast_contracts.booking import CheckInBooking
from holdfast_contracts.enums import ScanDirection
from holdfast_contracts.tickets import TicketScanned
from holdfast_platform.units.messages import Incoming, Outcome


class CheckInBookingUseCase:
    """Staff check the whole party in."""

    def __init__(self, showing: BookingShowing) -> None:
        self._showing = showing

    def execute(self, given: Incoming[CheckInBooking], ledger: Ledger) -> Outcome:
        """Decide one command. Raises NOT_FOUND, VERSION_MISMATCH, INVALID_TRANSITION, TOO_EARLY, TOO_LATE."""
        command, by = given.message, author_of(given.message.actor)
        booking = ledger.booking(given.tenant_id, command.booking_id).seen_by(by).at_version(command.if_match)
        return answered(given, booking.check_in(by, ledger.now), ledger, self._showing)


class RecordAdmissionUseCase:
    """Take note of who was let in at a door: the first admission checks the booking in."""

    def execute(self, given: Incoming[TicketScanned], ledger: Ledger) -> Outcome:
        """Decide one scan. Never refuses: the door has opened already, by what tickets knew."""
        scan = given.message
        booking = ledger.find(given.tenant_id, scan.booking_id)
        if booking is None or not scan.admitted or scan.direction is not ScanDirection.ENTRY:
            return Outcome()
        where = ", ".join(part for part in (scan.gate, scan.device_id) if part) or "at the door"
        change = booking.admit_at_door(author_of(scan.actor), scan.occurred_at, ledger.now, where=where)
        return Outcome(events=entered(given, change, ledger))
