"""Routes on bookings. Answers are public bodies; the gateway passes the bytes on."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request, Response

from holdfast_booking.api.queries import booking_query
from holdfast_booking.domain.history import Author
from holdfast_booking.repositories.bookings import BookingRepository
from holdfast_booking.services.showing import BookingShowing
from holdfast_booking.usecases.read_bookings import (
    GetBookingByIdUseCase,
    GetBookingByNumberUseCase,
    GetBookingHistoryUseCase,
    ListBookingsUseCase,
    ReadBookingsUseCase,
)
from holdfast_contracts.enums import BookingActorType
from holdfast_contracts.internal import ReadBookings
from holdfast_contracts.problems import ProblemCode, Refusal
from holdfast_platform.internal import InternalCaller, InternalTokens, body_response, coalesced_calls
from holdfast_platform.units.messages import Answer


@dataclass(frozen=True, slots=True)
class BookingQuestions:
    """The query use-cases behind the routes."""

    by_id: GetBookingByIdUseCase
    by_number: GetBookingByNumberUseCase
    list: ListBookingsUseCase
    history: GetBookingHistoryUseCase
    many: ReadBookingsUseCase

    @classmethod
    def of(cls, bookings: BookingRepository, showing: BookingShowing) -> BookingQuestions:
        """Wire them to one repository."""
        return cls(
            GetBookingByIdUseCase(bookings, showing),
            GetBookingByNumberUseCase(bookings, showing),
            ListBookingsUseCase(bookings, showing),
            GetBookingHistoryUseCase(bookings),
            ReadBookingsUseCase(bookings, showing),
        )


def bookings_router(questions: BookingQuestions, tokens: InternalTokens) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/internal/bookings")

    @router.get("")
    async def list_bookings(request: Request) -> Response:
        caller = tokens.caller(request)
        if not caller.staff:
            raise Refusal(ProblemCode.FORBIDDEN, "Lists are for staff.")
        query, zone = booking_query(request.query_params.multi_items())
        return body_response(await questions.list.execute(caller.tenant_id, query, zone))

    @router.get("/number/{number}")
    async def get_by_number(request: Request, number: str) -> Response:
        caller = tokens.caller(request)
        return _response(await questions.by_number.execute(caller.tenant_id, number.upper(), _author(caller)))

    @router.get("/{booking_id}")
    async def get_by_id(request: Request, booking_id: UUID) -> Response:
        caller = tokens.caller(request)
        return _response(await questions.by_id.execute(caller.tenant_id, booking_id, _author(caller)))

    @router.get("/{booking_id}/history")
    async def get_history(request: Request, booking_id: UUID) -> Response:
        caller = tokens.caller(request)
        return body_response(await questions.history.execute(caller.tenant_id, booking_id, _author(caller)))

    @router.post("/read")
    async def read_bookings(request: Request) -> Response:
        caller, body = tokens.caller(request), await request.body()
        calls = coalesced_calls(lambda: ReadBookings.decode(body).calls, caller)
        return body_response(await questions.many.execute(calls))

    return router


def _author(caller: InternalCaller) -> Author:
    return Author(BookingActorType.STAFF if caller.staff else BookingActorType.GUEST, caller.subject, caller.staff)


def _response(answer: Answer) -> Response:
    return body_response(answer.body, etag=answer.etag, status=answer.status)
