"""Booking's side of every batch: the same ledger for claims, commands, scans and the sweeper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from holdfast_booking.domain.booking import Booking
from holdfast_booking.domain.ledger import Ledger
from holdfast_booking.repositories.ledger import LedgerRepository
from holdfast_booking.services.telling import release
from holdfast_contracts import envelope
from holdfast_contracts.ids import derived_id
from holdfast_contracts.message import Message
from holdfast_platform.database.pool import Connection
from holdfast_platform.database.writing import Writes
from holdfast_platform.units.messages import Outgoing
from holdfast_platform.units.work import AnyIncoming, Decide

UseCases = Mapping[type[Message], Decide[Ledger]]


class LedgerWork:
    """Hands batches to the repository and messages to their use-cases."""

    def __init__(self, usecases: UseCases, repository: LedgerRepository | None = None) -> None:
        self._usecases = usecases
        self._repository = repository or LedgerRepository()

    @property
    def usecases(self) -> UseCases:
        """Which use-case decides which message."""
        return self._usecases

    async def lock(self, connection: Connection, batch: Sequence[AnyIncoming]) -> list[Booking]:
        """Lock what the batch contends for; return the bookings."""
        return await self._repository.lock(connection, batch)

    async def load(
        self, connection: Connection, batch: Sequence[AnyIncoming], now: datetime, locked: list[Booking]
    ) -> Ledger:
        """Read what the batch needs."""
        return await self._repository.load(connection, batch, now, locked)

    def flush(self, writes: Writes, state: Ledger) -> None:
        """Say what was decided."""
        self._repository.flush(writes, state)

    def measure(self, state: Ledger) -> None:
        """Nothing besides what the unit of work counts."""

    def give_back(
        self, tenant_id: UUID, message_id: UUID, type_name: str, headers: Mapping[str, str]
    ) -> Sequence[Outgoing]:
        """Free the claim of a message that is given up. Its headers name the claim, so no payload is needed."""
        claim, key = headers.get(envelope.CLAIM), headers.get(envelope.CLAIM_KEY)
        claim_id = _uuid(claim)
        if claim_id is None or not key:
            return []
        return [release(claim_id, key, derived_id(message_id, "booking"), f"{type_name} was given up")]


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
