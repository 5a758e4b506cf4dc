"""The ledger of a sweep: what somebody else has locked is left to the next round [interleavings, "Lock order"]."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from holdfast_booking.domain.ledger import Key, Ledger
from holdfast_booking.repositories.ledger import LedgerRepository
from holdfast_platform.database.pool import Connection
from holdfast_platform.units.work import AnyIncoming

_LOCK_FREE: Final = """
SELECT locked.* FROM unnest($1::uuid[], $2::uuid[]) AS w (tenant_id, id) CROSS JOIN LATERAL (
  SELECT b.tenant_id, b.id FROM bookings AS b
  WHERE b.tenant_id = w.tenant_id AND b.id = w.id FOR NO KEY UPDATE SKIP LOCKED
) AS locked
"""


class SweepingLedgerRepository(LedgerRepository):
    """Locks and loads only what is free; the rest is to the batch as if it were not there. For one batch at a time."""

    def __init__(self) -> None:
        self._obtained: frozenset[Key] = frozenset()

    async def lock(self, connection: Connection, batch: Sequence[AnyIncoming]) -> None:
        """Lock those bookings of the batch that are free, sorted; waits for nobody."""
        keys = sorted({_key(given) for given in batch})
        rows = await connection.fetch(_LOCK_FREE, [tenant for tenant, _ in keys], [booking for _, booking in keys])
        self._obtained = frozenset((row["tenant_id"], row["id"]) for row in rows)

    async def load(self, connection: Connection, batch: Sequence[AnyIncoming], now: datetime) -> Ledger:
        """Read the bookings that were obtained."""
        return await super().load(connection, [given for given in batch if _key(given) in self._obtained], now)


def _key(given: AnyIncoming) -> Key:
    return given.tenant_id, given.message.booking_id
