"""Questions about bookings: one, a list, its history, and many at once for callers that wait together."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import orjson

from holdfast_booking.domain.booking import Booking
from holdfast_booking.domain.history import Author
from holdfast_booking.domain.query import BookingQuery
from holdfast_booking.repositories.bookings import BookingRepository, ReadAt
from holdfast_booking.services.author import author_of
from holdfast_booking.services.showing import BookingShowing, history_body
from holdfast_contracts.internal import ReadBookingCall
from holdfast_contracts.problems import Refusal, not_found, problem_document
from holdfast_platform.units.messages import Answer


class GetBookingByIdUseCase:
    """Show one booking."""

    def __init__(self, bookings: BookingRepository, showing: BookingShowing) -> None:
        self._bookings = bookings
        self._showing = showing

    async def execute(self, tenant_id: UUID, booking_id: UUID, by: Author) -> Answer:
        """Return the booking. Raises NOT_FOUND, also for somebody else's."""
        return _shown(await self._bookings.find_by_tenant_and_id(tenant_id, booking_id), by, self._showing)


class GetBookingByNumberUseCase:
    """Show the booking of a number."""

    def __init__(self, bookings: BookingRepository, showing: BookingShowing) -> None:
        self._bookings = bookings
        self._showing = showing

    async def execute(self, tenant_id: UUID, number: str, by: Author) -> Answer:
        """Return the booking. Raises NOT_FOUND, also for somebody else's."""
        if "\x00" in number:  # no text of the database holds it, and asking for it would be an error
            raise not_found("booking")
        return _shown(await self._bookings.find_by_booking_number(tenant_id, number), by, self._showing)


class ListBookingsUseCase:
    """List a tenant's bookings."""

    def __init__(self, bookings: BookingRepository, showing: BookingShowing) -> None:
        self._bookings = bookings
        self._showing = showing

    async def execute(self, tenant_id: UUID, query: BookingQuery, zone: str | None) -> bytes:
        """Return the body of one page; local days are those of `zone`."""
        found = await self._bookings.list(tenant_id, query, zone)
        return self._showing.page(found.bookings, found.at, total=found.total, page=query.page, limit=query.limit)


class GetBookingHistoryUseCase:
    """Show every step of a booking: who, when, why."""

    def __init__(self, bookings: BookingRepository) -> None:
        self._bookings = bookings

    async def execute(self, tenant_id: UUID, booking_id: UUID, by: Author) -> bytes:
        """Return the plain array, oldest first. Raises NOT_FOUND."""
        booking, steps = await self._bookings.history(tenant_id, booking_id)
        _existing(booking).seen_by(by)
        return history_body(steps)


class ReadBookingsUseCase:
    """Show one booking to each of several callers, who may be of several tenants, with one statement."""

    def __init__(self, bookings: BookingRepository, showing: BookingShowing) -> None:
        self._bookings = bookings
        self._showing = showing

    async def execute(self, calls: Sequence[ReadBookingCall]) -> bytes:
        """Return the answers of all calls; each has its own status (I12)."""
        found = await self._bookings.find_many([(call.tenant, call.booking_id) for call in calls])
        return orjson.dumps(
            {"answers": [self._answer(call, found.get((call.tenant, call.booking_id))) for call in calls]}
        )

    def _answer(self, call: ReadBookingCall, read: ReadAt | None) -> dict[str, object]:
        try:
            answer = _shown(read, author_of(call.actor), self._showing)
        except Refusal as refusal:
            body = problem_document(refusal, call.instance)
            return {"id": call.id, "status": refusal.status, "etag": None, "body": body}
        return {
            "id": call.id,
            "status": answer.status,
            "etag": f'"{answer.etag}"',
            "body": orjson.Fragment(answer.body),
        }


def _shown(read: ReadAt | None, by: Author, showing: BookingShowing) -> Answer:
    if read is None:
        raise not_found("booking")
    return showing.answer(read.booking.seen_by(by), read.at)


def _existing(booking: Booking | None) -> Booking:
    if booking is None:
        raise not_found("booking")
    return booking
