"""Questions about the tickets of a booking: the list, the PDF, the QR code."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from holdfast_contracts.problems import ProblemCode, Refusal, not_found
from holdfast_tickets.domain.printing import PaperSize
from holdfast_tickets.domain.ticket import Ticket
from holdfast_tickets.ports import RenderingFailedError, TicketRenderer
from holdfast_tickets.repositories.parties import KnownParty, PartyRepository
from holdfast_tickets.services.printing import page_of, payload_text
from holdfast_tickets.services.showing import tickets_body


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: staff see every booking of the tenant, others those made with the same `sub`."""

    tenant_id: UUID
    subject: str
    staff: bool


@dataclass(frozen=True, slots=True)
class TicketDocument:
    """A document and how it may be called."""

    filename: str
    content: bytes


class GetBookingTicketsUseCase:
    """List the tickets of a booking."""

    def __init__(self, parties: PartyRepository) -> None:
        self._parties = parties

    async def execute(self, asker: Asker, booking_id: UUID) -> bytes:
        """Return the body. Raises Refusal: NOT_READY, NOT_FOUND (somebody else's)."""
        return tickets_body((await _party(self._parties, asker, booking_id)).tickets)


class GenerateTicketPdfUseCase:
    """Print one ticket of a booking, or all."""

    def __init__(self, parties: PartyRepository, renderer: TicketRenderer) -> None:
        self._parties = parties
        self._renderer = renderer

    async def execute(
        self, asker: Asker, booking_id: UUID, ticket_id: UUID | None = None, paper: PaperSize = PaperSize.A4
    ) -> TicketDocument:
        """Return the PDF. Raises Refusal: NOT_READY (no ticket yet), NOT_FOUND, COMMAND_FAILED (cannot be drawn)."""
        party = await _party(self._parties, asker, booking_id)
        chosen = _chosen(party, ticket_id)
        signers = await self._parties.signers(asker.tenant_id, chosen)
        pages = [page_of(ticket, party.admission, party.tickets, signers) for ticket in chosen]
        try:
            content = await self._renderer.pdf(pages, paper)
        except RenderingFailedError as error:
            raise Refusal(ProblemCode.COMMAND_FAILED, "This ticket cannot be drawn.") from error
        suffix = f"-{chosen[0].position}" if ticket_id else ""
        return TicketDocument(f"{party.admission.booking_number}{suffix}.pdf", content)


class GetTicketQrUseCase:
    """Draw the QR code of one ticket (its signed payload), or of a booking (the code for its whole party)."""

    def __init__(self, parties: PartyRepository, renderer: TicketRenderer) -> None:
        self._parties = parties
        self._renderer = renderer

    async def execute(self, asker: Asker, booking_id: UUID, ticket_id: UUID | None, scale: int) -> bytes:
        """Return the PNG. Raises Refusal: NOT_READY, NOT_FOUND, COMMAND_FAILED (cannot be drawn)."""
        party = await _party(self._parties, asker, booking_id)
        text = party.admission.ticket_code
        if ticket_id is not None:
            (ticket,) = _chosen(party, ticket_id)
            text = payload_text(ticket, party.admission, await self._parties.signers(asker.tenant_id, [ticket]))
        try:
            return await self._renderer.qr_png(text, scale)
        except RenderingFailedError as error:
            raise Refusal(ProblemCode.COMMAND_FAILED, "This code cannot be drawn.") from error


async def _party(parties: PartyRepository, asker: Asker, booking_id: UUID) -> KnownParty:
    """Return a booking that the asker may see. Whether one that is unknown here exists, only booking can tell."""
    party = await parties.find(asker.tenant_id, booking_id)
    if party is None:
        raise Refusal(ProblemCode.NOT_READY, "The tickets are being made; ask again in a moment.")
    if not asker.staff and party.admission.subject != asker.subject:
        raise not_found("booking")
    return party


def _chosen(party: KnownParty, ticket_id: UUID | None) -> list[Ticket]:
    chosen = [ticket for ticket in party.tickets if ticket_id in (None, ticket.id)]
    if chosen:
        return chosen
    if ticket_id is not None:
        raise not_found("ticket")
    raise Refusal(ProblemCode.NOT_READY, "This booking has no tickets yet.")
