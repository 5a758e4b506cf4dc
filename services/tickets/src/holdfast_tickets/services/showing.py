"""Public bodies of tickets and scans, built as the contract has them and encoded once [spec/09, Tickets and doors]."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import orjson

from holdfast_contracts.enums import BookingStatus
from holdfast_contracts.values import show_instant
from holdfast_tickets.domain.admission import Admission
from holdfast_tickets.domain.party import count_party
from holdfast_tickets.domain.scan import Scan
from holdfast_tickets.domain.ticket import Entry, Ticket

Json = dict[str, object]


def tickets_body(tickets: Iterable[Ticket]) -> bytes:
    """Return the plain array of a booking's tickets."""
    return orjson.dumps([_ticket(ticket) for ticket in tickets], default=str)


def shown_status(admission: Admission, party: Sequence[Ticket]) -> BookingStatus:
    """Return the booking's status as a door sees it: checked in with the first admission, before booking says so."""
    used = any(ticket.passage.entries for ticket in party)
    return BookingStatus.CHECKED_IN if used and admission.status is BookingStatus.CONFIRMED else admission.status


def scan_body(
    scan: Scan,
    admission: Admission | None = None,
    party: Sequence[Ticket] = (),
    ticket: Ticket | None = None,
    first: Entry | None = None,
    concerned: Sequence[Ticket] = (),
) -> bytes:
    """Return the answer of a scan: `first` is what was known before it, everything else is as it is after it."""
    body: Json = {
        "result": scan.result,
        "admitted": scan.admitted,
        "direction": scan.direction,
        "scannedAt": show_instant(scan.scanned_at),
        "forced": scan.overridden is not None,
        "dryRun": scan.dry_run,
        "ticket": _scanned(ticket, admission) if ticket and admission else None,
        "booking": _booking(admission, party) if admission else None,
        "event": _event(admission) if admission else None,
        "firstAdmission": _first(first) if first else None,
        "party": _party(party) if admission else None,
        "tickets": [_scanned(one, admission) for one in concerned] if admission else [],
    }
    return orjson.dumps(body, default=str)


def _ticket(ticket: Ticket) -> Json:
    return {
        "id": ticket.id,
        "tenantId": ticket.tenant_id,
        "bookingId": ticket.booking_id,
        "ticketCode": ticket.ticket_code,
        "tierId": ticket.tier_id,
        "seatLabel": ticket.seat_label,
        "attendeeName": ticket.attendee_name,
        "attendeeEmail": ticket.attendee_email,
        "checkedInAt": _shown(ticket.checked_in_at),
        "status": ticket.status,
        "entryPolicy": ticket.entry_policy,
        "codeVersion": ticket.code_version,
        "data": ticket.data,
        "version": ticket.version,
        "createdAt": show_instant(ticket.created_at),
        "updatedAt": show_instant(ticket.updated_at),
    }


def _scanned(ticket: Ticket, admission: Admission) -> Json:
    return {
        "id": ticket.id,
        "ticketCode": ticket.ticket_code,
        "status": ticket.status,
        "attendeeName": ticket.attendee_name,
        "tierId": ticket.tier_id,
        "tierName": admission.tier_name(ticket.tier_id),
        "seatLabel": ticket.seat_label,
    }


def _booking(admission: Admission, party: Sequence[Ticket]) -> Json:
    return {
        "id": admission.booking_id,
        "bookingNumber": admission.booking_number,
        "status": shown_status(admission, party),
        "customerNote": admission.customer_note,
    }


def _event(admission: Admission) -> Json:
    return {
        "contentId": admission.content_id,
        "title": admission.title,
        "sessionId": admission.session_id,
        "startsAt": _shown(admission.starts_at),
    }


def _first(entry: Entry) -> Json:
    return {"at": show_instant(entry.at), "gate": entry.gate, "deviceId": entry.device_id}


def _party(party: Sequence[Ticket]) -> Json:
    count = count_party(party)
    return {"admitted": count.admitted, "total": count.total}


def _shown(instant: datetime | None) -> str | None:
    return None if instant is None else show_instant(instant)
