"""Events of tickets: what others may know, without contact data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from holdfast_contracts.enums import BookingStatus, ScanDirection
from holdfast_contracts.message import Message
from holdfast_contracts.tickets import IssuedTicket, ScanCode, TicketsCancelled, TicketScanned, TicketsIssued
from holdfast_contracts.topics import TICKETS_EVENTS
from holdfast_platform.units.messages import Incoming, Outgoing
from holdfast_tickets.domain.admission import Admission
from holdfast_tickets.domain.scan import Scan
from holdfast_tickets.domain.ticket import Ticket


def issued(given: Incoming[Any], admission: Admission, tickets: Sequence[Ticket], now: datetime) -> Outgoing:
    """Tell that tickets exist."""
    listed = [
        IssuedTicket(id=t.id, ticket_code=t.ticket_code, tier_id=t.tier_id, seat_label=t.seat_label) for t in tickets
    ]
    event = TicketsIssued(
        booking_id=admission.booking_id, booking_version=admission.version, tickets=listed, occurred_at=now
    )
    return _outgoing(given, admission, event)


def cancelled(given: Incoming[Any], admission: Admission, tickets: Sequence[Ticket], now: datetime) -> Outgoing:
    """Tell that tickets admit nobody any more."""
    event = TicketsCancelled(
        booking_id=admission.booking_id,
        booking_version=admission.version,
        ticket_ids=[ticket.id for ticket in tickets],
        occurred_at=now,
    )
    return _outgoing(given, admission, event)


def scanned(given: Incoming[ScanCode], admission: Admission, scan: Scan, status: BookingStatus) -> Outgoing:
    """Tell of an attempt; booking hears of the first admission from it."""
    event = TicketScanned(
        scan_id=scan.id,
        booking_id=admission.booking_id,
        ticket_id=scan.ticket_id,
        result=scan.result,
        admitted=scan.admitted and scan.direction is ScanDirection.ENTRY,
        direction=scan.direction,
        forced=scan.overridden is not None,
        gate=scan.gate,
        device_id=scan.device_id,
        booking_status=status,
        actor=given.message.actor,
        occurred_at=scan.scanned_at,
    )
    return _outgoing(given, admission, event)


def _outgoing(given: Incoming[Any] | Incoming[ScanCode], admission: Admission, event: Message) -> Outgoing:
    return Outgoing(TICKETS_EVENTS, str(admission.booking_id), event, given.derive(event.type_name()))
