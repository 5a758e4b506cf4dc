"""Tickets: builds and wires, decides nothing."""

from __future__ import annotations

from holdfast_contracts.topics import BOOKING_EVENTS
from holdfast_platform.lifecycle import Service
from holdfast_platform.service import Frame, run
from holdfast_platform.settings import read_settings
from holdfast_tickets.adapters.ed25519 import Ed25519Verifier, KeyVault
from holdfast_tickets.adapters.studio import Studio
from holdfast_tickets.api.bookings import TicketQuestions, bookings_router
from holdfast_tickets.api.scans import scans_router
from holdfast_tickets.handlers.bookings import on_bookings
from holdfast_tickets.handlers.scans import on_scans
from holdfast_tickets.handlers.work import RosterWork
from holdfast_tickets.repositories.keys import SigningKeyRepository
from holdfast_tickets.repositories.parties import PartyRepository
from holdfast_tickets.repositories.roster import RosterRepository
from holdfast_tickets.settings import TicketsSettings
from holdfast_tickets.usecases.read_tickets import (
    GenerateTicketPdfUseCase,
    GetBookingTicketsUseCase,
    GetTicketQrUseCase,
)


def build(settings: TicketsSettings) -> Service:
    """Return the service, ready to run."""
    frame = Frame("tickets", settings)
    keys = SigningKeyRepository(KeyVault(settings.key_secret))
    rosters = RosterRepository(keys)
    frame.consume(BOOKING_EVENTS, frame.unit("tickets.bookings", RosterWork(on_bookings(), rosters)), commands=False)
    doors = frame.batcher(frame.unit("tickets.scans", RosterWork(on_scans(Ed25519Verifier()), rosters)))
    studio = Studio(settings.render_workers, settings.render_seconds, settings.render_page_seconds)
    frame.add_front(studio)
    parties = PartyRepository(frame.requests, keys)
    questions = TicketQuestions(
        GetBookingTicketsUseCase(parties),
        GenerateTicketPdfUseCase(parties, studio),
        GetTicketQrUseCase(parties, studio),
    )
    frame.serve(bookings_router(questions, frame.tokens))
    frame.serve(scans_router(doors, frame.tokens))
    return frame.build()


if __name__ == "__main__":
    run(build(read_settings(TicketsSettings)))
