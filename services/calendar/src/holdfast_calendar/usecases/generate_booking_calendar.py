"""One booking as a calendar file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from prometheus_client import Histogram

from holdfast_calendar.ports import CalendarWriter
from holdfast_calendar.repositories.entries import EntryRepository
from holdfast_contracts.problems import ProblemCode, Refusal, not_found

RENDERING: Final = Histogram("holdfast_calendar_render_seconds", "Time to write a calendar file")


@dataclass(frozen=True, slots=True)
class BookingCalendarResult:
    """A calendar file, how it may be called, and the version of the booking that it shows."""

    filename: str
    content: bytes
    version: int


class GenerateBookingCalendarUseCase:
    """Write the file that a customer opens in a calendar, cancelled or not."""

    def __init__(self, entries: EntryRepository, writer: CalendarWriter) -> None:
        self._entries = entries
        self._writer = writer

    async def execute(self, tenant_id: UUID, booking_id: UUID, only_of: str | None = None) -> BookingCalendarResult:
        """Return the file; with `only_of` only of a booking that was made with that `sub`.

        Raises Refusal: NOT_READY where the calendar has not heard of the booking (whether it exists, only booking
        knows), NOT_FOUND where it is somebody else's.
        """
        entry = await self._entries.find(tenant_id, booking_id)
        if entry is None:
            raise Refusal(ProblemCode.NOT_READY, "The calendar file is being made; ask again in a moment.")
        if only_of is not None and entry.subject != only_of:
            raise not_found("booking")
        with RENDERING.time():
            content = self._writer.write(entry.business, [entry])
        return BookingCalendarResult(f"{entry.booking_number}.ics", content, entry.version)
