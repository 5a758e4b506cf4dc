"""The sweeper of holds: ends what has expired, in batches, on any number of replicas at once (I8)."""

import asyncio
from http import HTTPStatus
from typing import Final

from prometheus_client import Gauge

from holdfast_contracts.ids import new_id
from holdfast_contracts.inventory import ExpireHold
from holdfast_inventory.domain.stock import Stock
from holdfast_inventory.repositories.due_holds import DueHoldRepository
from holdfast_platform.units.batcher import Batcher
from holdfast_platform.units.messages import Incoming

HOLDS: Final = Gauge("holdfast_holds", "Holds of all tenants at the last sweep, live or expired", ["state"])


class InventoryHoldSchedulerService:
    """Looks for expired holds again and again; nothing is scheduled ahead.

    Each finding is a message of its own to the unit of work, where what others have locked is left for the next round.
    """

    def __init__(self, holds: DueHoldRepository, batcher: Batcher[Stock], most: int) -> None:
        self._holds = holds
        self._batcher = batcher
        self._most = most

    async def sweep(self) -> bool:
        """End the holds that are due; True where there may be more, and some could be ended."""
        live, expired = await self._holds.count()
        HOLDS.labels("live").set(live)
        HOLDS.labels("expired").set(expired)
        due = await self._holds.due(self._most)
        found = [Incoming(new_id(), tenant, ExpireHold(hold_id=hold_id)) for tenant, hold_id in due]
        answers = await asyncio.gather(*(self._batcher.submit(given) for given in found))
        ended = any(answer.status == HTTPStatus.OK for answer in answers)
        return ended and len(due) == self._most
