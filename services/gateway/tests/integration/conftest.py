"""The gateway's own tables on a real PostgreSQL."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from gateway_doubles import gateway_settings

from holdfast_gateway.settings import GatewaySettings
from holdfast_platform.database.pool import Database
from holdfast_platform.database.security import CONSUMER, REQUESTS, SWEEPER, role_name
from holdfast_platform.testing.databases import migrated_database


@pytest.fixture
async def gateway_url(postgres_url: str) -> AsyncIterator[str]:
    async with migrated_database(postgres_url, "gateway") as url:
        yield url


@pytest.fixture
def settings(gateway_url: str) -> GatewaySettings:
    return gateway_settings(database_url=gateway_url, batch_backoff_seconds=0.01)


async def _opened(settings: GatewaySettings, role: str) -> AsyncIterator[Database]:
    database = Database(settings, role_name("gateway", role))
    await database.start()
    yield database
    await database.stop()


@pytest.fixture
async def consumer(settings: GatewaySettings) -> AsyncIterator[Database]:
    async for database in _opened(settings, CONSUMER):
        yield database


@pytest.fixture
async def requests(settings: GatewaySettings) -> AsyncIterator[Database]:
    async for database in _opened(settings, REQUESTS):
        yield database


@pytest.fixture
async def sweeper(settings: GatewaySettings) -> AsyncIterator[Database]:
    async for database in _opened(settings, SWEEPER):
        yield database


@pytest.fixture
async def admin(gateway_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(gateway_url)
    yield connection
    await connection.close()
