"""The calendar's side of every batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from prometheus_client import Histogram

from holdfast_calendar.domain.entries import Entries, Key
from holdfast_calendar.domain.entry import Entry
from holdfast_calendar.repositories.entries import EntryBatchRepository
from holdfast_contracts.message import Message
from holdfast_platform.database.pool import Connection
from holdfast_platform.database.writing import Writes
from holdfast_platform.units.messages import Outgoing
from holdfast_platform.units.work import AnyIncoming, Decide

LAG: Final = Histogram(
    "holdfast_calendar_lag_seconds",
    "From the change of a booking to its entry",
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600),
)


class EntriesWork:
    """Hands batches to the repository and messages to their use-cases."""

    def __init__(self, usecases: Mapping[type[Message], Decide[Entries]]) -> None:
        self._usecases = usecases
        self._repository = EntryBatchRepository()

    @property
    def usecases(self) -> Mapping[type[Message], Decide[Entries]]:
        """Which use-case decides which message."""
        return self._usecases

    async def lock(self, connection: Connection, batch: Sequence[AnyIncoming]) -> list[Entry]:
        """Lock the entries of the batch, and read them."""
        return await self._repository.lock(connection, _keys(batch))

    async def load(
        self, connection: Connection, batch: Sequence[AnyIncoming], now: datetime, locked: list[Entry]
    ) -> Entries:
        """Return the entries that were locked: there is nothing else to read."""
        return Entries(now, locked)

    def flush(self, writes: Writes, state: Entries) -> None:
        """Say what was decided."""
        self._repository.flush(writes, state)

    def measure(self, state: Entries) -> None:
        """Tell how far the entries are behind their bookings."""
        for entry in (*state.new, *state.changed):
            LAG.observe(max(0.0, (state.now - entry.changed_at).total_seconds()))

    def give_back(
        self, tenant_id: UUID, message_id: UUID, type_name: str, headers: Mapping[str, str]
    ) -> Sequence[Outgoing]:
        """Return nothing: what the calendar hears of holds nothing."""
        return ()


def _keys(batch: Sequence[AnyIncoming]) -> list[Key]:
    return [(given.tenant_id, given.message.booking_id) for given in batch]
