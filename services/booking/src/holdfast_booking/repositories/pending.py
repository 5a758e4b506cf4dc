"""What the sweeper looks for: pending bookings whose time is up."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from holdfast_platform.database.pool import Database

_DUE: Final = """
SELECT tenant_id, id, version FROM bookings
WHERE status = 'pending' AND pending_expires_at <= clock_timestamp()
ORDER BY pending_expires_at LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED
"""


class PendingRepository:
    """Finds due bookings across tenants, with a role that sees little else."""

    def __init__(self, sweeper: Database) -> None:
        self._sweeper = sweeper

    async def due(self, most: int) -> list[tuple[UUID, UUID, int]]:
        """Return (tenant, booking, version) of what is due by the database's clock, and not locked by others now."""
        async with self._sweeper.transaction() as connection:
            rows = await connection.fetch(_DUE, most)
        return [(row["tenant_id"], row["id"], row["version"]) for row in rows]
