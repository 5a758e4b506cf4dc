"""Calendar: builds and wires, decides nothing."""

from __future__ import annotations

from holdfast_calendar.adapters.icalendar_writer import IcalendarWriter
from holdfast_calendar.api.bookings import bookings_router
from holdfast_calendar.handlers.bookings import on_bookings
from holdfast_calendar.handlers.work import EntriesWork
from holdfast_calendar.repositories.entries import EntryRepository
from holdfast_calendar.settings import CalendarSettings
from holdfast_calendar.usecases.generate_booking_calendar import GenerateBookingCalendarUseCase
from holdfast_contracts.topics import BOOKING_EVENTS
from holdfast_platform.lifecycle import Service
from holdfast_platform.service import Frame, run
from holdfast_platform.settings import read_settings


def build(settings: CalendarSettings) -> Service:
    """Return the service, ready to run."""
    frame = Frame("calendar", settings)
    frame.consume(BOOKING_EVENTS, frame.unit("calendar.bookings", EntriesWork(on_bookings())), commands=False)
    generate = GenerateBookingCalendarUseCase(EntryRepository(frame.requests), IcalendarWriter())
    frame.serve(bookings_router(generate, frame.tokens))
    return frame.build()


if __name__ == "__main__":
    run(build(read_settings(CalendarSettings)))
