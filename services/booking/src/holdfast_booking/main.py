"""Booking: builds and wires, decides nothing."""

from __future__ import annotations

from holdfast_booking.api.bookings import BookingQuestions, bookings_router
from holdfast_booking.handlers.claims import on_claims
from holdfast_booking.handlers.commands import on_commands, on_time
from holdfast_booking.handlers.tickets import on_tickets
from holdfast_booking.handlers.work import LedgerWork
from holdfast_booking.repositories.bookings import BookingRepository
from holdfast_booking.repositories.ledger import SweepingLedgerRepository
from holdfast_booking.repositories.pending import PendingRepository
from holdfast_booking.services.expiry import PendingExpiryService
from holdfast_booking.services.showing import BookingShowing
from holdfast_booking.settings import BookingSettings
from holdfast_contracts.topics import BOOKING_COMMANDS, INVENTORY_CLAIMS, TICKETS_EVENTS
from holdfast_platform.lifecycle import Service
from holdfast_platform.links import LinkSigner
from holdfast_platform.service import Frame, run
from holdfast_platform.settings import read_settings


def build(settings: BookingSettings) -> Service:
    """Return the service, ready to run."""
    frame = Frame("booking", settings)
    signer = LinkSigner(settings.asset_link_key.get_secret_value(), settings.public_url, settings.asset_link_days)
    showing = BookingShowing(signer)
    frame.consume(INVENTORY_CLAIMS, frame.unit("booking.claims", LedgerWork(on_claims(showing))), commands=True)
    frame.consume(BOOKING_COMMANDS, frame.unit("booking.commands", LedgerWork(on_commands(showing))), commands=True)
    frame.consume(TICKETS_EVENTS, frame.unit("booking.tickets", LedgerWork(on_tickets())), commands=False)
    _sweep_pending(frame, settings)
    bookings = BookingRepository(frame.requests, frame.consumer)
    frame.serve(bookings_router(BookingQuestions.of(bookings, showing), frame.tokens))
    return frame.build()


def _sweep_pending(frame: Frame, settings: BookingSettings) -> None:
    batcher = frame.batcher(frame.unit("booking.expiry", LedgerWork(on_time(), SweepingLedgerRepository())))
    expiry = PendingExpiryService(PendingRepository(frame.sweeper), batcher, settings.pending_sweep_most)
    frame.sweep_every("pending-bookings", settings.pending_sweep_seconds, expiry.sweep)


if __name__ == "__main__":
    run(build(read_settings(BookingSettings)))
