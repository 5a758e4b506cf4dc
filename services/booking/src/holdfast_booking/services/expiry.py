"""The sweeper of pending bookings: finds what is due and has it decided like any command."""

from __future__ import annotations

import asyncio
from uuid import UUID

from holdfast_booking.domain.ledger import Ledger
from holdfast_booking.repositories.pending import PendingRepository
from holdfast_contracts.booking import ExpireBooking
from holdfast_contracts.ids import derived_id
from holdfast_platform.units.batcher import Batcher
from holdfast_platform.units.messages import Incoming


class PendingExpiryService:
    """Expires pending bookings through the unit of work, whose lock decides against a confirmation under way."""

    def __init__(self, pending: PendingRepository, batcher: Batcher[Ledger], most: int = 500) -> None:
        self._pending = pending
        self._batcher = batcher
        self._most = most
        self._found: list[tuple[UUID, UUID, int]] = []

    async def sweep(self) -> bool:
        """Expire what is due; return whether there may be more.

        Bookings that are found again just as they were could not be expired: they wait for the next round.
        """
        before, due = self._found, await self._pending.due(self._most)
        self._found = due
        findings = [
            # The id is that of this version's end, so that two sweepers find the same (I5).
            Incoming(derived_id(booking_id, "expire", version), tenant_id, ExpireBooking(booking_id=booking_id))
            for tenant_id, booking_id, version in due
        ]
        await asyncio.gather(*(self._batcher.submit(finding) for finding in findings))
        return len(due) == self._most and due != before
