"""Tickets' side of every batch, from the bus or from doors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from prometheus_client import Counter

from holdfast_contracts.message import Message
from holdfast_contracts.tickets import ScanCode
from holdfast_platform.database.pool import Connection
from holdfast_platform.database.writing import Writes
from holdfast_platform.units.messages import Outgoing
from holdfast_platform.units.work import AnyIncoming, Decide
from holdfast_tickets.domain.admission import Admission
from holdfast_tickets.domain.roster import Roster
from holdfast_tickets.repositories.roster import RosterRepository
from holdfast_tickets.repositories.wanted import Wanted, wanted_by

SCANS: Final = Counter("holdfast_scans_total", "Scans by result", ["result", "direction"])
ISSUED: Final = Counter("holdfast_tickets_issued_total", "Tickets issued")


class RosterWork:
    """Hands batches to the repository and messages to their use-cases."""

    def __init__(self, usecases: Mapping[type[Message], Decide[Roster]], repository: RosterRepository) -> None:
        self._usecases = usecases
        self._repository = repository

    @property
    def usecases(self) -> Mapping[type[Message], Decide[Roster]]:
        """Which use-case decides which message."""
        return self._usecases

    async def lock(self, connection: Connection, batch: Sequence[AnyIncoming]) -> list[Admission]:
        """Lock the bookings of the batch, and read them."""
        return await self._repository.lock(connection, _wanted(batch))

    async def load(
        self, connection: Connection, batch: Sequence[AnyIncoming], now: datetime, locked: list[Admission]
    ) -> Roster:
        """Read all that belongs to the bookings that were locked."""
        return await self._repository.load(connection, _wanted(batch), now, locked)

    def flush(self, writes: Writes, state: Roster) -> None:
        """Say what was decided."""
        self._repository.flush(writes, state)

    def measure(self, state: Roster) -> None:
        """Count tickets that were issued, and scans by what they came to."""
        ISSUED.inc(len(state.new_tickets))
        for scan in state.scans:
            SCANS.labels(scan.result, scan.direction).inc()

    def give_back(
        self, tenant_id: UUID, message_id: UUID, type_name: str, headers: Mapping[str, str]
    ) -> Sequence[Outgoing]:
        """Return nothing: what tickets hear of holds nothing."""
        return ()


def _wanted(batch: Sequence[AnyIncoming]) -> Wanted:
    wanted = Wanted()
    for given in batch:
        message = given.message
        if isinstance(message, ScanCode):
            wanted_by(wanted, given.tenant_id, message.body)
        else:
            wanted.bookings.add((given.tenant_id, message.booking_id))
            wanted.issuers.add(given.tenant_id)
    return wanted
