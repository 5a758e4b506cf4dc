"""Keeps the directory of tenants fresh, and the topic of tenants whole."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from holdfast_gateway.repositories.announcements import announce_again
from holdfast_gateway.repositories.tenants import TenantRepository
from holdfast_gateway.services.tenants import TenantDirectory
from holdfast_platform.database.pool import Database

_AT_ONCE = 200
"""Tenants announced in one transaction."""


class TenantKeeping:
    """Reads all tenants at the start, after each change, and every few seconds for what other replicas changed."""

    def __init__(
        self,
        repository: TenantRepository,
        directory: TenantDirectory,
        consumer: Database,
        wake_relay: Callable[[], None],
    ) -> None:
        self._repository = repository
        self._directory = directory
        self._consumer = consumer
        self._wake_relay = wake_relay
        self._read_once = False
        self._reading = asyncio.Lock()

    @property
    def problem(self) -> str | None:
        """None once the tenants are known."""
        return None if self._read_once else "tenants are not read yet"

    async def start(self) -> None:
        """Read the tenants before the first request comes."""
        await self.refresh()

    async def stop(self) -> None:
        """Nothing to end."""

    async def refresh(self) -> None:
        """Read all tenants, one reading after the other: an older one never replaces a newer (I13)."""
        async with self._reading:
            self._directory.replace(await self._repository.all())
            self._read_once = True

    async def refresh_again(self) -> bool:
        """Read all tenants, as a sweeper does it."""
        await self.refresh()
        return False

    async def announce(self) -> bool:
        """Publish every tenant's state again [spec/10, Events]."""
        tenant_ids = await self._repository.ids()
        for first in range(0, len(tenant_ids), _AT_ONCE):
            await announce_again(self._consumer, "gateway", tenant_ids[first : first + _AT_ONCE])
        self._wake_relay()
        return False
