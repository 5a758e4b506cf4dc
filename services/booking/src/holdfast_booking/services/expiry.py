"""The sweeper of pending bookings: finds what is due and has it decided like any command."""

from __future__ import annotations

import asyncio
from uuid import UUID

from holdfast_booking.domain.ledger import Ledger
from holdfast_booking.repositories.pending import PendingRepository
from holdfast_contracts.booking import ExpireBooking
from holdfast_contracts.ids import new_id
from holdfast_platform.units.batcher import Batcher
from holdfast_platform.units.messages import Incoming


class PendingExpiryService:
    """Expires pending bookings through the unit of work, which leaves alone what a confirmation has locked.

    A sweep waits for nobody: what is locked, at the look-up or after it, is found again in the next round.
    """

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
            # Each finding has an id of its own: what was locked this time must not count as done the next. Of two
            # sweepers that found the same, one has the lock, and the booking is pending for one of them only (I5).
            Incoming(new_id(), tenant_id, ExpireBooking(booking_id=booking_id))
            for tenant_id, booking_id, _ in due
        ]
        await asyncio.gather(*(self._batcher.submit(finding) for finding in findings))
        return len(due) == self._most and due != before
