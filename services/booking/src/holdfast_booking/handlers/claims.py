"""`inventory.claims.v1`: capacity is taken, a booking may be recorded."""

from __future__ import annotations

from holdfast_booking.handlers.work import UseCases
from holdfast_booking.services.showing import BookingShowing
from holdfast_booking.usecases.record_booking import RecordBookingUseCase
from holdfast_contracts.inventory import ClaimPlaced


def on_claims(showing: BookingShowing) -> UseCases:
    """Return who decides the messages of the topic."""
    return {ClaimPlaced: RecordBookingUseCase(showing).execute}
