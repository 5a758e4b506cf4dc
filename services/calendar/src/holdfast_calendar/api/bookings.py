"""Calendar files of bookings; the gateway passes the bytes on."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request, Response

from holdfast_calendar.usecases.generate_booking_calendar import GenerateBookingCalendarUseCase
from holdfast_platform.internal import InternalTokens

MEDIA_TYPE = "text/calendar; charset=utf-8; method=PUBLISH"
"""RFC 5545, section 8.1, and RFC 5546, section 3.2.1."""


def bookings_router(generate: GenerateBookingCalendarUseCase, tokens: InternalTokens) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/internal/bookings")

    @router.get("/{booking_id}/calendar.ics")
    async def get_calendar(request: Request, booking_id: UUID) -> Response:
        caller = tokens.caller(request)
        only_of = None if caller.staff else caller.subject
        made = await generate.execute(caller.tenant_id, booking_id, only_of)
        headers = {
            "content-type": MEDIA_TYPE,
            "content-disposition": f'attachment; filename="{made.filename}"',
            "etag": f'"{made.version}"',
        }
        return Response(made.content, headers=headers)

    return router
