"""Bookings as they are read: by id, by number, in lists, with their history [the reference's BookingRepository].

Requests see one tenant and coalesced reads those of their callers, by row-level security and by the condition too.
Every filter is one that keeps its index under row-level security: `=` and `<` on uuid, text and instants.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from holdfast_booking.domain.booking import Booking
from holdfast_booking.domain.history import Step
from holdfast_booking.domain.ledger import Key
from holdfast_booking.domain.query import BookingQuery, SortField
from holdfast_booking.repositories.ledger import LOAD_MANY
from holdfast_booking.repositories.rows import COLUMNS, read_booking, read_step, sought
from holdfast_platform.database.pool import Database

_CLOCK: Final = "clock_timestamp() AS read_at"
_BY_ID: Final = f"SELECT {COLUMNS}, {_CLOCK} FROM bookings AS b WHERE b.tenant_id = $1 AND b.id = $2"  # noqa: S608
_BY_NUMBER: Final = f"SELECT {COLUMNS}, {_CLOCK} FROM bookings AS b WHERE b.tenant_id = $1 AND b.booking_number = $2"  # noqa: S608
_HISTORY: Final = """
SELECT version, at, from_status, to_status, actor_type, actor, reason, reason_code, note
FROM booking_history WHERE tenant_id = $1 AND booking_id = $2 ORDER BY version
"""
_ZONE: Final = """
SELECT tenant ->> 'timezone' FROM bookings WHERE tenant_id = $1 ORDER BY created_at DESC LIMIT 1
"""
_SORT: Final = {
    SortField.STARTS_AT: "b.starts_at",
    SortField.CREATED_AT: "b.created_at",
    SortField.CUSTOMER_NAME: "b.customer_name",
}


@dataclass(frozen=True, slots=True)
class ReadAt:
    """A booking as it was at an instant of the database's clock."""

    booking: Booking
    at: datetime


@dataclass(frozen=True, slots=True)
class BookingPage:
    """One page of a list, and how many there are in all."""

    bookings: list[Booking]
    at: datetime
    total: int


@dataclass(slots=True)
class _Conditions:
    """The WHERE of a list with its arguments."""

    arguments: list[object]
    parts: list[str] = field(default_factory=list)

    def add(self, condition: str, argument: object) -> None:
        """Add a condition; `?` stands for its argument. An empty argument asks for nothing."""
        if argument is None or argument == []:
            return
        self.arguments.append(argument)
        self.parts.append(condition.replace("?", f"${len(self.arguments)}"))

    @property
    def sql(self) -> str:
        """The conditions as SQL."""
        return " AND ".join(self.parts)


class BookingRepository:
    """Reads bookings. `requests` sees one tenant at a time, `batches` several."""

    def __init__(self, requests: Database, batches: Database) -> None:
        self._requests = requests
        self._batches = batches

    async def find_by_tenant_and_id(self, tenant_id: UUID, booking_id: UUID) -> ReadAt | None:
        """Return the booking, or None where the tenant has no such booking."""
        return await self._one(tenant_id, _BY_ID, booking_id)

    async def find_by_booking_number(self, tenant_id: UUID, number: str) -> ReadAt | None:
        """Return the booking of a number, or None."""
        return await self._one(tenant_id, _BY_NUMBER, number)

    async def find_many(self, keys: Sequence[Key]) -> dict[Key, ReadAt]:
        """Return all bookings that there are, also of several tenants, in one statement."""
        wanted = sorted(set(keys))
        tenants, ids = [tenant for tenant, _ in wanted], [booking for _, booking in wanted]
        async with self._batches.batch(tenants) as connection:
            rows = await connection.fetch(LOAD_MANY, tenants, ids)
        found = [_read_at(row) for row in rows]
        return {(read.booking.tenant_id, read.booking.id): read for read in found}

    async def history(self, tenant_id: UUID, booking_id: UUID) -> tuple[Booking | None, list[Step]]:
        """Return a booking with its steps, oldest first."""
        async with self._requests.tenant(tenant_id) as connection:
            row = await connection.fetchrow(_BY_ID, tenant_id, booking_id)
            steps = await connection.fetch(_HISTORY, tenant_id, booking_id)
        return None if row is None else read_booking(row), [read_step(step) for step in steps]

    async def list(self, tenant_id: UUID, query: BookingQuery, zone: str | None) -> BookingPage:
        """Return one page; without `zone` local days are those of the tenant's newest booking."""
        async with self._requests.tenant(tenant_id) as connection:
            if query.has_dates and zone is None:
                zone = await connection.fetchval(_ZONE, tenant_id)
            found = _conditions(tenant_id, query, zone or "UTC")
            (counted,) = await connection.fetch(
                f"SELECT count(*) AS total, {_CLOCK} FROM bookings AS b WHERE {found.sql}",  # noqa: S608
                *found.arguments,
            )
            rows = await connection.fetch(
                f"SELECT {COLUMNS} FROM bookings AS b WHERE {found.sql} "  # noqa: S608
                f"ORDER BY {_order(query)} LIMIT {query.limit} OFFSET {query.offset}",
                *found.arguments,
            )
        return BookingPage([read_booking(row) for row in rows], counted["read_at"], counted["total"])

    async def _one(self, tenant_id: UUID, sql: str, wanted: object) -> ReadAt | None:
        async with self._requests.tenant(tenant_id) as connection:
            row = await connection.fetchrow(sql, tenant_id, wanted)
        return None if row is None else _read_at(row)


def _read_at(row: asyncpg.Record) -> ReadAt:
    return ReadAt(read_booking(row), row["read_at"])


def _order(query: BookingQuery) -> str:
    direction = "DESC" if query.descending else "ASC"
    return f"{_SORT[query.sort]} {direction}, b.id {direction}"


def _conditions(tenant_id: UUID, query: BookingQuery, zone: str) -> _Conditions:
    found = _Conditions([tenant_id], ["b.tenant_id = $1"])
    starts_from, starts_before = query.starts_between(zone)
    found.add("b.status = ANY(?::text[])", [str(status) for status in query.statuses])
    found.add("b.type = ANY(?::text[])", [str(kind) for kind in query.types])
    found.add("b.booking_mode = ANY(?::text[])", [str(mode) for mode in query.modes])
    found.add("b.origin = ANY(?::text[])", [str(origin) for origin in query.origins])
    found.add("b.resource_id = ANY(?::uuid[])", list(query.resource_ids))
    found.add("b.content_id = ANY(?::uuid[])", list(query.content_ids))
    found.add("b.customer_id = ANY(?::uuid[])", list(query.customer_ids))
    found.add("b.starts_at >= ?", starts_from)
    found.add("b.starts_at < ?", starts_before)
    found.add("strpos(b.search_text, ?) > 0", sought(query.search) if query.search else None)
    return found
