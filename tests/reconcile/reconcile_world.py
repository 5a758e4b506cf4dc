"""A small, whole world in the databases of all five services: what every check must find in order.

Two tickets for a session, one hold for the same, one appointment, one scan at a door, a cancelled booking, a history
of two steps; written by SQL, so that a test can break any row of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import ARRAY, Boolean, DateTime, Integer, LargeBinary, Numeric, Table
from sqlalchemy.dialects.postgresql import JSONB

from holdfast_contracts.ids import command_id, derived_id
from holdfast_platform.database.migrate import metadata_of

NOW = datetime.now(UTC).replace(microsecond=0)
START, END = NOW + timedelta(days=30), NOW + timedelta(days=30, hours=2)

TENANT, OTHER = UUID(int=0xA1), UUID(int=0xB2)
CONTENT, SESSION, TIER, RESOURCE = UUID(int=0xC1), UUID(int=0xC2), UUID(int=0xC3), UUID(int=0xC4)
SUBJECT = "visitor-1"
TICKETS = (UUID(int=0xD1), UUID(int=0xD2))
HOLD, HOLD_CLAIM = UUID(int=0xE1), UUID(int=0xE2)


def command(key: str) -> UUID:
    return command_id(TENANT, SUBJECT, key)


def booking(key: str) -> UUID:
    return derived_id(command(key), "booking")


def claim(key: str) -> UUID:
    return derived_id(command(key), "claim")


CONCERT, APPOINTMENT, CANCELLED, REFUSED = "concert", "appointment", "cancelled", "refused"


def _blank(table: Table, given: Mapping[str, Any]) -> dict[str, Any]:
    """Values for the columns that must have one and were not given."""
    values = dict(given)
    for column in table.columns:
        if column.name in values or column.nullable or column.server_default is not None or column.identity is not None:
            continue
        kind = column.type
        if isinstance(kind, Boolean):
            values[column.name] = False
        elif isinstance(kind, Integer | Numeric):
            values[column.name] = 1
        elif isinstance(kind, DateTime):
            values[column.name] = NOW
        elif isinstance(kind, JSONB):
            values[column.name] = {}
        elif isinstance(kind, ARRAY):
            values[column.name] = []
        elif isinstance(kind, LargeBinary):
            values[column.name] = b"\x00" * 32
        elif column.name == "tenant_id":
            values[column.name] = TENANT
        else:
            values[column.name] = "-"
    return values


class Writer:
    """Inserts rows into one service's tables."""

    def __init__(self, service: str, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        self._tables = metadata_of(service).tables
        self._connection = connection

    async def insert(self, table: str, **given: Any) -> None:
        values = _blank(self._tables[table], given)
        places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
        sql = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})"
        await self._connection.execute(sql, *values.values())


async def fill(service: str, url: str) -> None:
    """Write a service's part of the world."""
    connection = await asyncpg.connect(url)
    try:
        await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
        await _PARTS[service](Writer(service, connection))
    finally:
        await connection.close()


async def _gateway(write: Writer) -> None:
    for tenant, slug in ((TENANT, "demo"), (OTHER, "second")):
        await write.insert("tenants", id=tenant, slug=slug, status="active")


async def _inventory(write: Writer) -> None:
    await write.insert("bookable_resources", id=RESOURCE, status="active", metadata={})
    await write.insert("contents", id=CONTENT, status="published")
    await write.insert("content_tiers", id=TIER, content_id=CONTENT, quantity=10)
    await write.insert(
        "sessions",
        id=SESSION,
        content_id=CONTENT,
        status="scheduled",
        starts_at=START,
        ends_at=END,
        capacity=10,
        taken=3,
    )
    await write.insert("session_tiers", session_id=SESSION, tier_id=TIER, quantity=10, taken=3)
    await _session_claim(write, claim(CONCERT), 2, booking_id=booking(CONCERT))
    await _session_claim(write, HOLD_CLAIM, 1, hold_id=HOLD)
    await _session_claim(write, claim(CANCELLED), 1, booking_id=booking(CANCELLED), status="released", ended_at=NOW)
    await write.insert(
        "inventory_holds",
        id=HOLD,
        claim_id=HOLD_CLAIM,
        occurrence_id=SESSION,
        hold_type="cart",
        quantity=1,
        starts_at=START,
        ends_at=END,
        expires_at=NOW + timedelta(minutes=55),
    )
    await write.insert("claim_seats", session_id=SESSION, label="A1", claim_id=claim(CONCERT), tier_id=TIER)
    await write.insert(
        "claims", id=claim(APPOINTMENT), booking_id=booking(APPOINTMENT), resource_id=RESOURCE, status="live"
    )
    await write.insert("claim_places", **place(claim(APPOINTMENT)))
    for key in (CONCERT, APPOINTMENT, CANCELLED):
        await write.insert("inbox", consumer="inventory.commands", id=command(key), type="PlaceClaim", outcome="placed")
    await write.insert(
        "inbox", consumer="inventory.commands", id=command(REFUSED), type="PlaceClaim", outcome="refused"
    )


async def _session_claim(write: Writer, claim_id: UUID, quantity: int, **given: Any) -> None:
    given.setdefault("status", "live")
    await write.insert("claims", id=claim_id, session_id=SESSION, content_id=CONTENT, quantity=quantity, **given)
    await write.insert("claim_tiers", claim_id=claim_id, session_id=SESSION, tier_id=TIER, quantity=quantity)


def place(claim_id: UUID) -> dict[str, Any]:
    return {
        "claim_id": claim_id,
        "resource_id": RESOURCE,
        "unit": 0,
        "starts_at": START,
        "ends_at": END,
        "free_from": END,
        "during": asyncpg.Range(START, END),
        "guests": 1,
    }


async def _booking(write: Writer) -> None:
    for key, status, mode in (
        (CONCERT, "checked_in", "session"),
        (APPOINTMENT, "confirmed", "time_slot"),
        (CANCELLED, "cancelled", "session"),
    ):
        version = 1 if status == "confirmed" else 2
        await write.insert(
            "bookings",
            id=booking(key),
            booking_number=f"BK-{key}",
            ticket_code=key,
            version=version,
            status=status,
            booking_mode=mode,
            type="event",
            payment_status="not_required",
            guest_count=2 if key == CONCERT else 1,
            claim_id=claim(key),
            starts_at=START,
            cancelled_at=NOW if status == "cancelled" else None,
            tenant={"id": str(TENANT)},
            subject=SUBJECT,
            created_at=NOW,
        )
        await write.insert(
            "booking_history", booking_id=booking(key), version=1, from_status=None, to_status="confirmed"
        )
        if version == 2:
            await write.insert(
                "booking_history", booking_id=booking(key), version=2, from_status="confirmed", to_status=status
            )
        await write.insert(
            "inbox", consumer="booking.claims", id=command(key), type="ClaimPlaced", outcome="done", received_at=NOW
        )


async def _tickets(write: Writer) -> None:
    for key, status, version in (
        (CONCERT, "checked_in", 2),
        (APPOINTMENT, "confirmed", 1),
        (CANCELLED, "cancelled", 2),
    ):
        facts = {"timezone": "Europe/Berlin"}
        await write.insert("admissions", booking_id=booking(key), status=status, version=version, facts=facts)
    for number, ticket in enumerate(TICKETS, 1):
        await _ticket(write, ticket, CONCERT, number, status="checked_in" if number == 1 else "valid")
    await _ticket(write, UUID(int=0xD3), APPOINTMENT, 1)
    await _ticket(write, UUID(int=0xD4), CANCELLED, 1, status="cancelled")
    await write.insert(
        "scans",
        id=UUID(int=0xF1),
        booking_id=booking(CONCERT),
        ticket_id=TICKETS[0],
        passed=[TICKETS[0]],
        direction="entry",
        result="valid",
        admitted=True,
    )


async def _ticket(write: Writer, ticket: UUID, key: str, position: int, status: str = "valid") -> None:
    await write.insert(
        "tickets",
        id=ticket,
        booking_id=booking(key),
        position=position,
        ticket_code=f"{key}-{position}",
        entry_policy="once",
        status=status,
        entries=1 if status == "checked_in" else 0,
        first_at=NOW if status == "checked_in" else None,
    )


async def _calendar(write: Writer) -> None:
    await write.insert("entries", booking_id=booking(CONCERT), status="checked_in", booking_mode="session")


_PARTS = {
    "gateway": _gateway,
    "inventory": _inventory,
    "booking": _booking,
    "tickets": _tickets,
    "calendar": _calendar,
}
