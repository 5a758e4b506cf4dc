"""The baselines' database: the same tables of bookings, sessions and outbox on the same server, without policies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import asyncpg
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable
from tests.load.direct.one_call import FUNCTION
from tests.load.direct.scans import SCHEMA as SCANS

from holdfast_booking import tables as booking
from holdfast_inventory import tables as inventory

_IDEMPOTENCY: Final = """
CREATE TABLE idempotency (id uuid PRIMARY KEY, request_hash text NOT NULL, status int, body bytea, etag text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp())
"""
_CATALOGUE: Final = (inventory.contents, inventory.content_tiers, inventory.sessions, inventory.session_tiers)
_TABLES: Final = (*_CATALOGUE, booking.bookings, booking.booking_history, booking.outbox)


async def make(admin_url: str, name: str) -> str:
    """Create an empty database with all tables; return its URL."""
    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {name} ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0")
    finally:
        await connection.close()
    url = f"{admin_url.rsplit('/', 1)[0]}/{name}"
    inside = await asyncpg.connect(url)
    try:
        for statement in _statements():
            await inside.execute(statement)
    finally:
        await inside.close()
    return url


def _statements() -> list[str]:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    made = [_IDEMPOTENCY]
    for table in _TABLES:
        made.append(str(CreateTable(table).compile(dialect=dialect)))
        made.extend(str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes)
    return [*made, FUNCTION, SCANS]


async def copy_catalogue(source_url: str, target_url: str, content_ids: Sequence[object]) -> None:
    """Copy contents with their tiers and sessions, so that the same requests can be sent."""
    source, target = await asyncpg.connect(source_url), await asyncpg.connect(target_url)
    conditions = {
        inventory.contents: "id = ANY($1)",
        inventory.content_tiers: "content_id = ANY($1)",
        inventory.sessions: "content_id = ANY($1)",
        inventory.session_tiers: "session_id IN (SELECT id FROM sessions WHERE content_id = ANY($1))",
    }
    try:
        for table, condition in conditions.items():
            await _copy(source, target, table, condition, content_ids)
    finally:
        await source.close()
        await target.close()


async def _copy(
    source: asyncpg.Connection, target: asyncpg.Connection, table: Table, condition: str, ids: Sequence[object]
) -> None:
    columns = [column.name for column in table.columns]
    rows = await source.fetch(f"SELECT {', '.join(columns)} FROM {table.name} WHERE {condition}", ids)
    fresh = [{**row, "taken": 0} if "taken" in columns else dict(row) for row in rows]
    await target.copy_records_to_table(
        table.name, records=[tuple(row[name] for name in columns) for row in fresh], columns=columns
    )
