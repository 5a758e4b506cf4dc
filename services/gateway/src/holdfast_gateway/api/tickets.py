"""BookingController, the part about tickets, doors, wallets and public QR."""

from __future__ import annotations

from functools import partial
from typing import Final

from holdfast_contracts.public.tickets import ScanBookingDto, ScanDto, ScanTicketResult, TicketDto
from holdfast_gateway.api import examples
from holdfast_gateway.api.queries import Paper
from holdfast_gateway.api.vocabulary import ANY, READ_OWN, SCAN, WRITE_CATALOG, C, planned
from holdfast_gateway.pipeline.routes import Controller, ListOf, Owner, Read, Scan

_LAGGING: Final = (C.NOT_FOUND, C.NOT_READY)
_DRAWN: Final = (*_LAGGING, C.COMMAND_FAILED)


def _scan(path: str, operation: str, summary: str, target: str, body: type[ScanDto]) -> Scan:
    return Scan(
        method="POST",
        path=path,
        owner=Owner.TICKETS,
        operation=operation,
        summary=summary,
        notes="200 for every scan that was evaluated: a refusal is a result.",
        scopes=SCAN,
        body=body,
        target=target,
        shape=ScanTicketResult,
        example=examples.SCAN,
        answer_example=examples.SCAN_ANSWER,
    )


_planned: Final = partial(planned, Owner.TICKETS)


TICKETS: Final = Controller(
    "tickets",
    "Tickets and doors",
    (
        Read(
            method="GET",
            path="/bookings/:id/calendar.ics",
            owner=Owner.CALENDAR,
            operation="GetBookingCalendar",
            summary="The booking as a calendar file",
            scopes=READ_OWN,
            internal="/internal/bookings/{id}/calendar.ics",
            media_type="text/calendar",
            lagging=True,
            errors=_LAGGING,
        ),
        Read(
            method="GET",
            path="/bookings/:id/tickets",
            owner=Owner.TICKETS,
            operation="GetBookingTickets",
            summary="The tickets of a booking",
            notes="Right after the booking the array may still be empty.",
            scopes=READ_OWN,
            internal="/internal/bookings/{id}/tickets",
            shape=ListOf(TicketDto),
            lagging=True,
            errors=(C.NOT_FOUND,),
            answer_example=examples.TICKETS,
        ),
        Read(
            method="GET",
            path="/bookings/:id/tickets/pdf",
            owner=Owner.TICKETS,
            operation="GetTicketsPdf",
            summary="All tickets, a page each",
            scopes=READ_OWN,
            internal="/internal/bookings/{id}/tickets/pdf",
            query=Paper,
            media_type="application/pdf",
            lagging=True,
            errors=_DRAWN,
        ),
        Read(
            method="GET",
            path="/bookings/:id/tickets/:ticketId/pdf",
            owner=Owner.TICKETS,
            operation="GetTicketPdf",
            summary="One ticket",
            scopes=READ_OWN,
            internal="/internal/bookings/{id}/tickets/{ticketId}/pdf",
            query=Paper,
            media_type="application/pdf",
            lagging=True,
            errors=_DRAWN,
        ),
        _scan("/bookings/scan", "ScanCode", "Admit whatever the code is", "any", ScanDto),
        _scan("/bookings/scan/ticket", "ScanTicket", "Admit one ticket", "ticket", ScanDto),
        _scan("/bookings/scan/booking", "ScanBooking", "Admit a party, or part of it", "booking", ScanBookingDto),
        _planned(
            "GET",
            "/bookings/:id/tickets/:ticketId/wallet/apple",
            "GetAppleWalletPass",
            "A pass for Apple Wallet",
            READ_OWN,
        ),
        _planned(
            "GET",
            "/bookings/:id/tickets/:ticketId/wallet/google",
            "GetGoogleWalletUrl",
            "A link for Google Wallet",
            READ_OWN,
        ),
        _planned(
            "GET", "/bookings/:id/tickets/wallet/availability", "GetWalletAvailability", "Which wallets work", READ_OWN
        ),
        _planned("GET", "/bookings/qr/resolve", "ResolvePublicQr", "What a public QR means", ANY),
        _planned("POST", "/bookings/qr/generate", "GeneratePublicQr", "Make a public QR", WRITE_CATALOG),
        _planned("GET", "/bookings/scan/bundle", "GetScanBundle", "What an offline door needs", SCAN, ours=True),
        _planned("POST", "/bookings/scan/batch", "UploadScans", "What an offline door saw", SCAN, ours=True),
    ),
)
