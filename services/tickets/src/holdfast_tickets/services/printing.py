"""From a ticket to the page that is drawn, and to the text of its QR code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from holdfast_tickets.domain.admission import Admission
from holdfast_tickets.domain.payload import TicketClaims
from holdfast_tickets.domain.printing import Page, local_day, local_hours, printable, zone_name
from holdfast_tickets.domain.ticket import Ticket
from holdfast_tickets.ports import PayloadSigner

COLOURS: Final = ("#0E5E6F", "#7A2E4D", "#2F4B8F", "#2E6B3F", "#8A4B14", "#4A3B78", "#9B2C2C", "#37474F")
"""Each tenant has one of these, always the same, until tenants can choose."""

TERMS: Final = (
    "This ticket admits the number of persons it was issued for, at the time and place printed above. Its code is "
    "valid once where the organiser has not said otherwise: whoever shows it first is let in, so keep it to yourself. "
    "The organiser's terms of booking and cancellation apply."
)

Signers = Mapping[int, PayloadSigner]


def colour_of(tenant_id: UUID) -> str:
    """Return a tenant's colour."""
    return COLOURS[tenant_id.int % len(COLOURS)]


def payload_text(ticket: Ticket, admission: Admission, signers: Signers) -> str:
    """Return the signed payload of a ticket; the same ticket version has the same text."""
    window = admission.window(ticket.tier_id)
    claims = TicketClaims(ticket.key_number, ticket.id, ticket.code_version, window.opens_at, window.closes_at)
    return signers[ticket.key_number].seal(claims).text()


def page_of(ticket: Ticket, admission: Admission, party: Sequence[Ticket], signers: Signers) -> Page:
    """Return all that stands on one ticket, as text that is safe to draw."""
    starts_at, zone = admission.starts_at, admission.zone
    return Page(
        business=printable(admission.business.name),
        colour=colour_of(admission.tenant_id),
        title=printable(admission.title) or printable(admission.business.name),
        day=local_day(starts_at, zone) if starts_at else "",
        hours=local_hours(starts_at, admission.ends_at, zone) if starts_at else "",
        zone=zone_name(starts_at, zone) if starts_at else zone.key,
        venue=printable(admission.venue),
        attendee=printable(ticket.attendee_name),
        tier=printable(admission.tier_name(ticket.tier_id)),
        seat=printable(ticket.seat_label),
        position=ticket.position,
        party=len(party),
        booking_number=admission.booking_number,
        code=ticket.ticket_code,
        qr=payload_text(ticket, admission, signers),
        terms=TERMS,
        cancelled=not ticket.live,
    )
