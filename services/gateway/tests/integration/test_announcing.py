"""Tenants announced again while one of them changes: the topic never ends with an older version [O1, O5]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest

from holdfast_contracts.gateway import CreateTenant, UpdateTenant
from holdfast_contracts.public.tenants import CreateTenantDto, UpdateTenantDto
from holdfast_gateway.handlers.tenants import TenantWork
from holdfast_gateway.repositories import announcements
from holdfast_gateway.repositories.tenants import TenantRepository
from holdfast_gateway.services.keeping import TenantKeeping
from holdfast_gateway.services.tenants import TenantDirectory
from holdfast_gateway.usecases.change_tenants import PLATFORM
from holdfast_platform import checkpoints
from holdfast_platform.database.pool import Connection, Database
from holdfast_platform.database.writing import Writes
from holdfast_platform.testing.controls import UNLOCKED, rewritten
from holdfast_platform.testing.overlap import overlap
from holdfast_platform.testing.units import decide, unit_for_test
from holdfast_platform.units.messages import Incoming

pytestmark = pytest.mark.integration


@dataclass
class Office:
    unit: Any
    keeping: TenantKeeping
    admin: asyncpg.Connection
    tenant_id: UUID

    async def rename(self, name: str, *domains: str) -> int:
        body = UpdateTenantDto(name=name, domains=list(domains))
        given = Incoming(uuid4(), PLATFORM, UpdateTenant(tenant_id=self.tenant_id, body=body))
        (answer,) = await decide(self.unit, given)
        return answer.status

    async def told(self) -> list[tuple[int, str, list[str]]]:
        rows = await self.admin.fetch("SELECT payload FROM outbox ORDER BY id")
        tenants = [orjson.loads(row["payload"])["tenant"] for row in rows]
        return [(tenant["version"], tenant["name"], tenant["domains"]) for tenant in tenants]


@pytest.fixture
async def office(settings: Any, consumer: Database, sweeper: Database, admin: asyncpg.Connection) -> Office:
    unit = unit_for_test("gateway.tenants", "gateway", TenantWork(), consumer, settings)
    keeping = TenantKeeping(TenantRepository(sweeper), TenantDirectory(), consumer, lambda: None)
    body = CreateTenantDto(slug="harbour", name="One", domains=["one.example"])
    given = Incoming(uuid4(), PLATFORM, CreateTenant(body=body))
    (answer,) = await decide(unit, given)
    return Office(unit, keeping, admin, UUID(orjson.loads(answer.body)["id"]))


@pytest.fixture
def held_before_writing(monkeypatch: pytest.MonkeyPatch) -> str:
    """A point between reading tenants and announcing them, which the platform has no name for."""

    class Later(Writes):
        async def send(self, connection: Connection) -> None:
            await checkpoints.reach("announcing")
            await super().send(connection)

    monkeypatch.setattr(announcements, "Writes", Later)
    return "announcing"


ONE, TWO = (1, "One", ["one.example"]), (2, "Two", ["two.example"])


async def test_a_change_waits_for_the_announcement(office: Office, held_before_writing: str) -> None:
    met = await overlap(
        office.keeping.announce(), office.rename("Two", "two.example"), office.admin, held_before_writing
    )
    assert (met.waited, met.second) == (True, 200)
    assert await office.told() == [ONE, ONE, TWO]


async def test_the_announcement_waits_for_a_change_and_tells_what_it_became(office: Office) -> None:
    met = await overlap(office.rename("Two", "two.example"), office.keeping.announce(), office.admin)
    assert met.waited
    assert await office.told() == [ONE, TWO, TWO]


async def test_control_without_the_lock_the_topic_ends_with_the_older_version(
    office: Office, held_before_writing: str
) -> None:
    with rewritten(UNLOCKED):
        met = await overlap(
            office.keeping.announce(), office.rename("Two", "two.example"), office.admin, held_before_writing
        )
    assert not met.waited
    assert await office.told() == [ONE, TWO, ONE]
