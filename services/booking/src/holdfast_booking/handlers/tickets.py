"""`tickets.events.v1`: somebody was let in at a door. What tickets issue or cancel does not change a booking."""

from __future__ import annotations

from holdfast_booking.handlers.work import UseCases
from holdfast_booking.usecases.check_in_booking import RecordAdmissionUseCase
from holdfast_contracts.tickets import TicketScanned


def on_tickets() -> UseCases:
    """Return who decides the messages of the topic; types that nobody decides are not taken."""
    return {TicketScanned: RecordAdmissionUseCase().execute}
