"""`booking.commands.v1`: somebody wants a booking changed; and what the sweeper finds."""

from __future__ import annotations

from holdfast_booking.handlers.work import UseCases
from holdfast_booking.services.showing import BookingShowing
from holdfast_booking.usecases.cancel_booking import CancelBookingUseCase
from holdfast_booking.usecases.check_in_booking import CheckInBookingUseCase
from holdfast_booking.usecases.confirm_booking import ConfirmBookingUseCase
from holdfast_booking.usecases.expire_booking import ExpireBookingUseCase
from holdfast_contracts.booking import CancelBooking, CheckInBooking, ConfirmBooking, ExpireBooking


def on_commands(showing: BookingShowing) -> UseCases:
    """Return who decides the messages of the topic."""
    return {
        ConfirmBooking: ConfirmBookingUseCase(showing).execute,
        CancelBooking: CancelBookingUseCase(showing).execute,
        CheckInBooking: CheckInBookingUseCase(showing).execute,
    }


def on_time() -> UseCases:
    """Return who decides what the sweeper finds."""
    return {ExpireBooking: ExpireBookingUseCase().execute}
