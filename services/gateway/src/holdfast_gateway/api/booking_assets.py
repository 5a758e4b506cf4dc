"""BookingAssetsController: links in mails and wallets."""

from __future__ import annotations

from typing import Final

from holdfast_gateway.api.queries import Link, PdfLink, Qr
from holdfast_gateway.api.vocabulary import C
from holdfast_gateway.pipeline.routes import Access, Controller, Owner, Read

_ERRORS: Final = (C.NOT_FOUND, C.NOT_READY)
_DRAWN: Final = (*_ERRORS, C.COMMAND_FAILED)
_NOTES: Final = (
    "Opened by `exp`, `kid` and `sig`; wrong, expired, unknown and cancelled all answer the same 404. A tenant whose "
    "`assetLinks` is `open` also serves the bare address."
)

BOOKING_ASSETS: Final = Controller(
    "booking_assets",
    "Booking assets",
    (
        Read(
            method="GET",
            path="/booking-assets/:id/calendar.ics",
            owner=Owner.CALENDAR,
            operation="GetAssetCalendar",
            summary="The booking as a calendar file",
            access=Access.LINK,
            internal="/internal/bookings/{id}/calendar.ics",
            query=Link,
            media_type="text/calendar",
            lagging=True,
            errors=_ERRORS,
            notes=_NOTES,
        ),
        Read(
            method="GET",
            path="/booking-assets/:id/qr.png",
            owner=Owner.TICKETS,
            operation="GetAssetQr",
            summary="The QR of the booking, or of one of its tickets",
            access=Access.LINK,
            internal="/internal/bookings/{id}/qr.png",
            query=Qr,
            media_type="image/png",
            lagging=True,
            errors=_DRAWN,
            notes=_NOTES,
        ),
        Read(
            method="GET",
            path="/booking-assets/:id/tickets/pdf",
            owner=Owner.TICKETS,
            operation="GetAssetTicketsPdf",
            summary="All tickets, a page each",
            access=Access.LINK,
            internal="/internal/bookings/{id}/tickets/pdf",
            query=PdfLink,
            media_type="application/pdf",
            lagging=True,
            errors=_DRAWN,
            notes=_NOTES,
        ),
    ),
)
