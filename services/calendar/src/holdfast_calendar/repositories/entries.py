"""Entries in the database: a batch's by lock, load and flush, and one for a question. Guards I12."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from holdfast_calendar.domain.entries import Entries, Key
from holdfast_calendar.domain.entry import Entry
from holdfast_calendar.repositories.rows import COLUMNS, entry_row, read_entry
from holdfast_calendar.tables import entries as table
from holdfast_platform.database.pool import Connection, Database
from holdfast_platform.database.writing import Writes

_WANTED: Final = "unnest($1::uuid[], $2::uuid[]) AS w (tenant_id, booking_id)"
_LOCK: Final = f"""
SELECT {COLUMNS} FROM entries AS e JOIN {_WANTED} USING (tenant_id, booking_id)
ORDER BY e.booking_id, e.tenant_id FOR NO KEY UPDATE OF e
"""  # noqa: S608 - no value is part of the text
_ONE: Final = f"SELECT {COLUMNS} FROM entries WHERE tenant_id = $1 AND booking_id = $2"  # noqa: S608


class EntryBatchRepository:
    """The entries of a batch; as many statements for 500 events as for one."""

    async def lock(self, connection: Connection, keys: Iterable[Key]) -> list[Entry]:
        """Lock and read the entries that exist, sorted, in one statement."""
        return [read_entry(row) for row in await connection.fetch(_LOCK, *_columns(keys))]

    def flush(self, writes: Writes, entries: Entries) -> None:
        """Say what is new and what changed.

        Where somebody else recorded the same booking meanwhile, the counts differ and the batch is decided again.
        """
        writes.insert(table, [entry_row(entry) for entry in entries.new], on_conflict="ON CONFLICT DO NOTHING")
        changed = [entry_row(entry) for entry in entries.changed]
        writes.update(table, changed, keys=("tenant_id", "booking_id"), guard="t.version < r.version")


class EntryRepository:
    """Entries for questions of one tenant."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, tenant_id: UUID, booking_id: UUID) -> Entry | None:
        """Return the entry of a booking, None where the calendar has not heard of it."""
        async with self._database.tenant(tenant_id) as connection:
            row = await connection.fetchrow(_ONE, tenant_id, booking_id)
        return None if row is None else read_entry(row)


def _columns(keys: Iterable[Key]) -> tuple[list[UUID], list[UUID]]:
    listed = sorted(set(keys))
    return [tenant for tenant, _ in listed], [booking for _, booking in listed]
