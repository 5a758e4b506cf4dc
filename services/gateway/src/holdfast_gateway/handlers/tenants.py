"""The gateway's side of a batch of changes to tenants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from holdfast_contracts.gateway import CreateTenant, UpdateTenant
from holdfast_contracts.message import Message
from holdfast_gateway.domain.registry import Registry
from holdfast_gateway.repositories.tenants import RegistryRepository, Wanted
from holdfast_gateway.usecases.change_tenants import (
    PLATFORM,
    CreateTenantUseCase,
    UpdateTenantUseCase,
    tenant_id_of,
)
from holdfast_platform.database.pool import Connection
from holdfast_platform.database.writing import Writes
from holdfast_platform.units.messages import Outgoing
from holdfast_platform.units.work import AnyIncoming, Decide


class TenantWork:
    """Hands batches to the repository and messages to their use-cases."""

    def __init__(self) -> None:
        self._repository = RegistryRepository()

    @property
    def usecases(self) -> Mapping[type[Message], Decide[Registry]]:
        """Who decides what."""
        return {CreateTenant: CreateTenantUseCase().execute, UpdateTenant: UpdateTenantUseCase().execute}

    async def lock(self, connection: Connection, batch: Sequence[AnyIncoming]) -> None:
        """Let the transaction see the tenants it is about, and lock them in order."""
        concerned = sorted({tenant_id_of(given) for given in batch})
        await self._repository.lock(connection, (PLATFORM, *concerned), concerned)

    async def load(self, connection: Connection, batch: Sequence[AnyIncoming], now: datetime, locked: None) -> Registry:
        """Read the tenants, and who has the slugs and domains that are wanted."""
        bodies = [given.message.body for given in batch]
        wanted = Wanted(
            tenants=[tenant_id_of(given) for given in batch],
            slugs=[body.slug for body in bodies if hasattr(body, "slug")],
            domains=[domain for body in bodies for domain in body.domains or ()],
        )
        return await self._repository.load(connection, wanted, now)

    def flush(self, writes: Writes, state: Registry) -> None:
        """Say what was decided."""
        self._repository.flush(writes, state)

    def measure(self, state: Registry) -> None:
        """Nothing besides what the unit of work counts."""

    def give_back(
        self, tenant_id: UUID, message_id: UUID, type_name: str, headers: Mapping[str, str]
    ) -> Sequence[Outgoing]:
        """Nothing is held by a command about tenants."""
        del tenant_id, message_id, type_name, headers
        return ()
