"""Admissions, tickets and scans as rows, and back."""

from __future__ import annotations

from typing import Final

import asyncpg
from pydantic import TypeAdapter

from holdfast_contracts.enums import EntryPolicy, TicketStatus
from holdfast_tickets.domain.admission import Admission
from holdfast_tickets.domain.scan import Scan
from holdfast_tickets.domain.ticket import Entry, Passage, Ticket
from holdfast_tickets.tables import tickets

TICKET_COLUMNS: Final = ", ".join(f"t.{column.name}" for column in tickets.columns)
_FACTS: Final = TypeAdapter(Admission)


def admission_row(admission: Admission) -> dict[str, object]:
    """Return the row of an admission; columns are what rows are found and counted by, `facts` is all of it."""
    return {
        "tenant_id": admission.tenant_id,
        "booking_id": admission.booking_id,
        "version": admission.version,
        "status": admission.status,
        "booking_number": admission.booking_number,
        "ticket_code": admission.ticket_code,
        "session_id": admission.session_id,
        "content_id": admission.content_id,
        "facts": _FACTS.dump_python(admission, mode="json"),
        "changed_at": admission.changed_at,
    }


def read_admission(row: asyncpg.Record) -> Admission:
    """Return the admission of a row."""
    return _FACTS.validate_python(row["facts"])


def ticket_row(ticket: Ticket) -> dict[str, object]:
    """Return the row of a ticket."""
    first = ticket.passage.first
    return {
        "tenant_id": ticket.tenant_id,
        "id": ticket.id,
        "booking_id": ticket.booking_id,
        "position": ticket.position,
        "ticket_code": ticket.ticket_code,
        "key_number": ticket.key_number,
        "tier_id": ticket.tier_id,
        "seat_label": ticket.seat_label,
        "attendee_name": ticket.attendee_name,
        "attendee_email": ticket.attendee_email,
        "status": ticket.status,
        "entry_policy": ticket.entry_policy,
        "code_version": ticket.code_version,
        "version": ticket.version,
        "entries": ticket.passage.entries,
        "inside": ticket.passage.inside,
        "first_at": first.at if first else None,
        "first_gate": first.gate if first else None,
        "first_device": first.device_id if first else None,
        "last_at": ticket.passage.last_at,
        "by_staff": ticket.passage.by_staff,
        "data": dict(ticket.data),
        "created_at": ticket.created_at,
        "updated_at": ticket.updated_at,
    }


def read_ticket(row: asyncpg.Record) -> Ticket:
    """Return the ticket of a row."""
    first = Entry(row["first_at"], row["first_gate"], row["first_device"]) if row["first_at"] else None
    return Ticket(
        id=row["id"],
        tenant_id=row["tenant_id"],
        booking_id=row["booking_id"],
        position=row["position"],
        ticket_code=row["ticket_code"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        key_number=row["key_number"],
        tier_id=row["tier_id"],
        seat_label=row["seat_label"],
        attendee_name=row["attendee_name"],
        attendee_email=row["attendee_email"],
        status=TicketStatus(row["status"]),
        entry_policy=EntryPolicy(row["entry_policy"]),
        code_version=row["code_version"],
        version=row["version"],
        passage=Passage(row["entries"], row["inside"], first, row["last_at"], row["by_staff"]),
        data=row["data"],
    )


def scan_row(scan: Scan) -> dict[str, object]:
    """Return the row of a scan; a device without a name is the empty one, so that nonces stay unique."""
    return {
        "tenant_id": scan.tenant_id,
        "id": scan.id,
        "booking_id": scan.booking_id,
        "ticket_id": scan.ticket_id,
        "passed": list(scan.passed),
        "session_id": scan.session_id,
        "device_id": scan.device_id or "",
        "gate": scan.gate,
        "nonce": scan.nonce,
        "wish": scan.wish,
        "direction": scan.direction,
        "result": scan.result,
        "admitted": scan.admitted,
        "overridden": scan.overridden,
        "dry_run": scan.dry_run,
        "subject": scan.subject,
        "scanned_at": scan.scanned_at,
        "recorded_at": scan.recorded_at,
        "answer": scan.answer,
    }
