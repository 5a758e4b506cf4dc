"""Baseline of P4: a door's scan decided in one call of one function, with its audit row, counter and outbox row."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson

from holdfast_contracts.ids import new_id
from holdfast_contracts.public.tickets import ScanDto
from holdfast_contracts.values import show_instant
from holdfast_gateway.domain.caller import Caller

SCHEMA: Final = """
CREATE TABLE door_bookings (tenant_id uuid NOT NULL, id uuid NOT NULL, booking_number text NOT NULL,
  status text NOT NULL, payment_status text NOT NULL, content_id uuid, title text NOT NULL, session_id uuid,
  starts_at timestamptz NOT NULL, opens_at timestamptz, closes_at timestamptz, customer_note text,
  admitted int NOT NULL DEFAULT 0, total int NOT NULL, PRIMARY KEY (tenant_id, id));
CREATE TABLE door_tickets (tenant_id uuid NOT NULL, id uuid NOT NULL, booking_id uuid NOT NULL,
  ticket_code text NOT NULL UNIQUE, status text NOT NULL, tier_id uuid, tier_name text, seat_label text,
  attendee_name text, first_at timestamptz, first_gate text, first_device text, version int NOT NULL DEFAULT 1,
  updated_at timestamptz, PRIMARY KEY (tenant_id, id));
CREATE INDEX ON door_tickets (tenant_id, booking_id);
CREATE TABLE door_scans (tenant_id uuid NOT NULL, id uuid NOT NULL, ticket_id uuid, booking_id uuid, device_id text,
  nonce text, gate text, direction text NOT NULL, result text NOT NULL, at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id));
CREATE UNIQUE INDEX ON door_scans (tenant_id, device_id, nonce) WHERE nonce IS NOT NULL;
CREATE INDEX ON door_scans (tenant_id, booking_id, at);
CREATE FUNCTION scan_ticket(p_tenant uuid, p_scan uuid, p_code text, p_device text, p_nonce text, p_gate text,
  p_direction text, p_session uuid, OUT result text, OUT scanned_at timestamptz, OUT ticket door_tickets,
  OUT booking door_bookings, OUT first_at timestamptz) LANGUAGE plpgsql AS $$
BEGIN
  scanned_at := clock_timestamp();
  SELECT * INTO ticket FROM door_tickets t WHERE t.ticket_code = p_code AND t.tenant_id = p_tenant FOR NO KEY UPDATE;
  IF NOT FOUND THEN result := 'not_found'; RETURN; END IF;
  SELECT * INTO booking FROM door_bookings b WHERE b.tenant_id = p_tenant AND b.id = ticket.booking_id;
  IF p_nonce IS NOT NULL THEN
    SELECT s.result INTO result FROM door_scans s
      WHERE s.tenant_id = p_tenant AND s.device_id = p_device AND s.nonce = p_nonce;
    IF FOUND THEN RETURN; END IF;
  END IF;
  result := CASE
    WHEN booking.status = 'cancelled' OR ticket.status = 'cancelled' THEN 'cancelled'
    WHEN p_session IS NOT NULL AND p_session <> booking.session_id THEN 'wrong_event'
    WHEN booking.payment_status IN ('unpaid', 'failed') THEN 'unpaid'
    WHEN booking.opens_at IS NOT NULL AND scanned_at < booking.opens_at THEN 'too_early'
    WHEN booking.closes_at IS NOT NULL AND scanned_at >= booking.closes_at THEN 'too_late'
    WHEN ticket.status = 'checked_in' THEN 'already_checked_in'
    ELSE 'valid' END;
  IF result = 'valid' THEN
    UPDATE door_tickets AS t SET status = 'checked_in', first_at = scan_ticket.scanned_at, first_gate = p_gate,
      first_device = p_device, version = version + 1, updated_at = scan_ticket.scanned_at
      WHERE t.tenant_id = p_tenant AND t.id = ticket.id RETURNING * INTO ticket;
    UPDATE door_bookings AS b SET admitted = admitted + 1, status = 'checked_in'
      WHERE b.tenant_id = p_tenant AND b.id = ticket.booking_id RETURNING * INTO booking;
  END IF;
  INSERT INTO door_scans (tenant_id, id, ticket_id, booking_id, device_id, nonce, gate, direction, result, at)
    VALUES (p_tenant, p_scan, ticket.id, ticket.booking_id, p_device, p_nonce, p_gate, p_direction, result, scanned_at);
  INSERT INTO outbox (tenant_id, topic, key, headers, payload) VALUES (p_tenant, 'tickets.events.v1',
    ticket.booking_id::text, jsonb_build_object('ce_id', p_scan, 'ce_type', 'TicketScanned', 'ce_tenantid', p_tenant),
    convert_to(json_build_object('scanId', p_scan, 'bookingId', ticket.booking_id, 'ticketId', ticket.id,
      'result', result, 'admitted', result = 'valid', 'gate', p_gate, 'deviceId', p_device,
      'occurredAt', scanned_at)::text, 'UTF8'));
END $$;
"""
_CALL: Final = "SELECT * FROM scan_ticket($1, $2, $3, $4, $5, $6, $7, $8)"


class Scans:
    """Evaluates scans, one call each."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def scan(self, caller: Caller, raw: bytes) -> bytes:
        """Return the answer as the API shows it. Raises pydantic.ValidationError."""
        asked = ScanDto.model_validate_json(raw, by_name=False, by_alias=True)
        told = await self._pool.fetchrow(
            _CALL, caller.tenant_id, new_id(), asked.code, asked.device_id, asked.nonce, asked.gate,
            str(asked.direction), asked.session_id,
        )  # fmt: skip
        return orjson.dumps(_shown(asked, told), default=str)


def _shown(asked: ScanDto, told: Any) -> dict[str, object]:
    ticket, booking = told["ticket"], told["booking"]
    found = ticket is not None and ticket["id"] is not None
    return {
        "result": told["result"],
        "admitted": told["result"] == "valid",
        "direction": asked.direction,
        "scannedAt": show_instant(told["scanned_at"]),
        "forced": False,
        "dryRun": asked.dry_run,
        "ticket": _ticket(ticket) if found else None,
        "booking": _booking(booking) if found else None,
        "event": _event(booking) if found else None,
        "firstAdmission": _first(ticket) if found and ticket["first_at"] is not None else None,
        "party": {"admitted": booking["admitted"], "total": booking["total"]} if found else None,
        "tickets": [],
    }


def _ticket(row: Any) -> dict[str, object]:
    return {
        "id": _text(row["id"]),
        "ticketCode": row["ticket_code"],
        "status": row["status"],
        "attendeeName": row["attendee_name"],
        "tierId": _text(row["tier_id"]),
        "tierName": row["tier_name"],
        "seatLabel": row["seat_label"],
    }


def _booking(row: Any) -> dict[str, object]:
    return {
        "id": _text(row["id"]),
        "bookingNumber": row["booking_number"],
        "status": row["status"],
        "customerNote": row["customer_note"],
    }


def _event(row: Any) -> dict[str, object]:
    return {
        "contentId": _text(row["content_id"]),
        "title": row["title"],
        "sessionId": _text(row["session_id"]),
        "startsAt": show_instant(row["starts_at"]),
    }


def _first(row: Any) -> dict[str, object]:
    return {"at": show_instant(row["first_at"]), "gate": row["first_gate"], "deviceId": row["first_device"]}


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
