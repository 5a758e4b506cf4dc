"""Tickets of a booking: list, PDF, QR code. The gateway passes the bytes on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request, Response

from holdfast_contracts.problems import Refusal, invalid
from holdfast_platform.internal import InternalTokens, body_response
from holdfast_tickets.domain.printing import PaperSize
from holdfast_tickets.usecases.read_tickets import (
    Asker,
    GenerateTicketPdfUseCase,
    GetBookingTicketsUseCase,
    GetTicketQrUseCase,
    TicketDocument,
)

DEFAULT_SCALE, MOST_SCALE = 8, 20


@dataclass(frozen=True, slots=True)
class TicketQuestions:
    """The query use-cases behind the routes."""

    list: GetBookingTicketsUseCase
    pdf: GenerateTicketPdfUseCase
    qr: GetTicketQrUseCase


def bookings_router(questions: TicketQuestions, tokens: InternalTokens) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/internal/bookings")

    @router.get("/{booking_id}/tickets")
    async def list_tickets(request: Request, booking_id: UUID) -> Response:
        return body_response(await questions.list.execute(_asker(request, tokens), booking_id))

    @router.get("/{booking_id}/tickets/pdf")
    async def get_all(request: Request, booking_id: UUID) -> Response:
        asker = _asker(request, tokens)
        return _pdf(await questions.pdf.execute(asker, booking_id, None, _paper(request)))

    @router.get("/{booking_id}/tickets/{ticket_id}/pdf")
    async def get_one(request: Request, booking_id: UUID, ticket_id: UUID) -> Response:
        asker = _asker(request, tokens)
        return _pdf(await questions.pdf.execute(asker, booking_id, ticket_id, _paper(request)))

    @router.get("/{booking_id}/qr.png")
    async def get_qr(request: Request, booking_id: UUID) -> Response:
        asker = _asker(request, tokens)
        picture = await questions.qr.execute(asker, booking_id, _ticket_id(request), _scale(request))
        return Response(picture, media_type="image/png", headers={"etag": _etag(picture)})

    return router


def _asker(request: Request, tokens: InternalTokens) -> Asker:
    caller = tokens.caller(request)
    return Asker(caller.tenant_id, caller.subject, caller.staff)


def _paper(request: Request) -> PaperSize:
    try:
        return PaperSize(request.query_params.get("paper", PaperSize.A4))
    except ValueError as error:
        raise invalid("paper", f"must be one of {', '.join(PaperSize)}") from error


def _ticket_id(request: Request) -> UUID | None:
    given = request.query_params.get("ticketId")
    try:
        return None if given is None else UUID(given)
    except ValueError as error:
        raise invalid("ticketId", "must be a UUID") from error


def _scale(request: Request) -> int:
    given = request.query_params.get("scale", str(DEFAULT_SCALE))
    if given.isascii() and given.isdigit() and 1 <= int(given[:3]) <= MOST_SCALE:
        return int(given)
    raise _out_of_range()


def _out_of_range() -> Refusal:
    return invalid("scale", f"must be 1 to {MOST_SCALE}", "OUT_OF_RANGE")


def _pdf(document: TicketDocument) -> Response:
    headers = {
        "content-disposition": f'attachment; filename="{document.filename}"',
        "etag": _etag(document.content),
    }
    return Response(document.content, media_type="application/pdf", headers=headers)


def _etag(content: bytes) -> str:
    """Return a strong tag: the same ticket version has the same bytes."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'
