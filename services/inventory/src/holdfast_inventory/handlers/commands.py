"""`inventory.commands.v1`: each batch is decided against the stock that it contends for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from prometheus_client import Counter

from holdfast_contracts.inventory import (
    CreateContent,
    CreateResource,
    ExpireHold,
    ExtendHold,
    PlaceClaim,
    PlaceHold,
    ReleaseClaim,
    ReleaseHold,
    ScheduleSession,
)
from holdfast_contracts.message import Message
from holdfast_inventory.domain.hold import HoldTimes
from holdfast_inventory.domain.stock import Stock
from holdfast_inventory.repositories.stock import StockRepository
from holdfast_inventory.repositories.wanted import Wanted
from holdfast_inventory.usecases.create_content import CreateContentUseCase
from holdfast_inventory.usecases.create_resource import CreateResourceUseCase
from holdfast_inventory.usecases.extend_hold import ExtendHoldUseCase
from holdfast_inventory.usecases.place_claim import PlaceClaimUseCase
from holdfast_inventory.usecases.place_hold import PlaceHoldUseCase
from holdfast_inventory.usecases.release_claim import ReleaseClaimUseCase
from holdfast_inventory.usecases.release_expired_holds import ReleaseExpiredHoldsUseCase
from holdfast_inventory.usecases.release_hold import ReleaseHoldUseCase
from holdfast_inventory.usecases.schedule_session import ScheduleSessionUseCase
from holdfast_platform.database.pool import Connection
from holdfast_platform.database.writing import Writes
from holdfast_platform.units.messages import Outgoing
from holdfast_platform.units.work import AnyIncoming, Decide

REFUSED: Final = Counter("holdfast_claims_refused_total", "Claims and holds that were refused, by reason", ["reason"])


class InventoryWork:
    """Inventory's side of the unit of work: its stock, and who decides what."""

    def __init__(self, repository: StockRepository, times: HoldTimes) -> None:
        self._repository = repository
        self.usecases: Mapping[type[Message], Decide[Stock]] = {
            PlaceClaim: PlaceClaimUseCase().execute,
            ReleaseClaim: ReleaseClaimUseCase().execute,
            PlaceHold: PlaceHoldUseCase(times).execute,
            ExtendHold: ExtendHoldUseCase(times).execute,
            ReleaseHold: ReleaseHoldUseCase().execute,
            ExpireHold: ReleaseExpiredHoldsUseCase().execute,
            CreateResource: CreateResourceUseCase().execute,
            CreateContent: CreateContentUseCase().execute,
            ScheduleSession: ScheduleSessionUseCase().execute,
        }

    async def lock(self, connection: Connection, batch: Sequence[AnyIncoming]) -> Wanted:
        """Lock the sessions and resources of the batch, sorted; return what the batch names."""
        return await self._repository.lock(connection, batch)

    async def load(self, connection: Connection, batch: Sequence[AnyIncoming], now: datetime, locked: Wanted) -> Stock:
        """Read the stock that the batch contends for."""
        return await self._repository.load(connection, now, locked)

    def flush(self, writes: Writes, state: Stock) -> None:
        """Say what the batch has decided."""
        self._repository.flush(writes, state)

    def measure(self, state: Stock) -> None:
        """Count who was refused, and why."""
        for code, times in state.refused.items():
            REFUSED.labels(code).inc(times)

    def give_back(
        self, tenant_id: UUID, message_id: UUID, type_name: str, headers: Mapping[str, str]
    ) -> Sequence[Outgoing]:
        """Nothing: a command that is given up has taken nothing yet."""
        return ()
