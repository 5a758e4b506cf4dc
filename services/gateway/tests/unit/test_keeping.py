"""The directory of tenants is read by one at a time: an older reading never replaces a newer one (I13)."""

from __future__ import annotations

import asyncio
from uuid import UUID

from gateway_doubles import OTHER, TENANT, tenant

from holdfast_contracts.public.tenants import TenantDto
from holdfast_gateway.services.keeping import TenantKeeping
from holdfast_gateway.services.tenants import TenantDirectory


class SlowOnce:
    """A repository whose first reading takes as long as it is told, while a tenant is added."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.begun = asyncio.Event()
        self.states = [tenant()]

    async def all(self) -> list[TenantDto]:
        seen = list(self.states)
        if not self.begun.is_set():
            self.begun.set()
            await self.go.wait()
        return seen


async def known_after_both(slow: SlowOnce, *, locked: bool) -> set[UUID]:
    directory = TenantDirectory()
    keeping = TenantKeeping(slow, directory, None, lambda: None)  # type: ignore[arg-type]
    if not locked:
        keeping._reading = asyncio.Semaphore(2)  # type: ignore[assignment]
    sweep = asyncio.create_task(keeping.refresh())
    await slow.begun.wait()
    slow.states.append(tenant(OTHER, "other"))
    change = asyncio.create_task(keeping.refresh())
    await asyncio.sleep(0.01)
    slow.go.set()
    await asyncio.gather(sweep, change)
    return {one.id for one in directory.all()}


async def test_a_tenant_that_was_just_added_stays_known() -> None:
    assert await known_after_both(SlowOnce(), locked=True) == {TENANT, OTHER}


async def test_control_readings_that_overlap_lose_it() -> None:
    assert await known_after_both(SlowOnce(), locked=False) == {TENANT}
