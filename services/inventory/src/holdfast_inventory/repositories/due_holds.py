"""Which holds are due, for the sweeper."""

from typing import Final
from uuid import UUID

from holdfast_platform.database.pool import Database

_DUE: Final = """
SELECT tenant_id, id FROM inventory_holds WHERE expires_at <= clock_timestamp() ORDER BY expires_at LIMIT $1
"""
_COUNT: Final = """
SELECT count(*) FILTER (WHERE expires_at > clock_timestamp()) AS live,
       count(*) FILTER (WHERE expires_at <= clock_timestamp()) AS expired FROM inventory_holds
"""


class DueHoldRepository:
    """Finds expired holds of all tenants; the sweeper's role sees nothing else of them."""

    def __init__(self, sweeper: Database) -> None:
        self._sweeper = sweeper

    async def due(self, most: int) -> list[tuple[UUID, UUID]]:
        """(tenant, hold) of expired holds, the longest expired first."""
        async with self._sweeper.transaction() as connection:
            return [(row["tenant_id"], row["id"]) for row in await connection.fetch(_DUE, most)]

    async def count(self) -> tuple[int, int]:
        """How many holds of all tenants are live, and how many have expired and are still there."""
        async with self._sweeper.transaction() as connection:
            (row,) = await connection.fetch(_COUNT)
        return row["live"], row["expired"]
