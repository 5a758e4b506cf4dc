"""A toy service on real engines."""

from __future__ import annotations

from uuid import uuid4

import asyncpg
import pytest

from holdfast_contracts import registry
from holdfast_platform.database.pool import Database
from holdfast_platform.database.security import CONSUMER, SWEEPER, role_name
from holdfast_platform.settings import ServiceSettings
from holdfast_platform.testing import toy
from holdfast_platform.testing.databases import empty_database, settings_for
from holdfast_platform.testing.units import unit_for_test


@pytest.fixture(scope="session")
async def toy_url(engines):
    async with empty_database(engines.postgres.url(), toy.SERVICE) as url:
        connection = await asyncpg.connect(url)
        for statement in toy.schema():
            await connection.execute(statement)
        await connection.close()
        yield url


@pytest.fixture(scope="session")
def toy_settings(toy_url, engines):
    return settings_for(
        ServiceSettings,
        toy_url,
        engines.kafka.bootstrap,
        batch_backoff_seconds=0.01,
        infrastructure_backoff_seconds=0.2,
    )


@pytest.fixture
async def consumer_database(toy_settings):
    database = Database(toy_settings, role_name(toy.SERVICE, CONSUMER))
    await database.start()
    yield database
    await database.stop()


@pytest.fixture
async def sweeper_database(toy_settings):
    database = Database(toy_settings, role_name(toy.SERVICE, SWEEPER))
    await database.start()
    yield database
    await database.stop()


@pytest.fixture
async def admin(toy_url):
    connection = await asyncpg.connect(toy_url)
    await connection.execute("TRUNCATE inbox, outbox, outbox_dead, counters")
    yield connection
    await connection.close()


@pytest.fixture
def unit(consumer_database, toy_settings):
    return unit_for_test("toy.commands", toy.SERVICE, toy.ToyWork(), consumer_database, toy_settings)


@pytest.fixture
def new_counter(admin):
    async def make(capacity=100, tenant=None):
        tenant, counter = tenant or uuid4(), uuid4()
        await admin.execute("INSERT INTO counters VALUES ($1, $2, 0, $3)", tenant, counter, capacity)
        return tenant, counter

    return make


@pytest.fixture
def toy_messages(monkeypatch):
    monkeypatch.setitem(registry.MESSAGES, toy.COMMANDS.name, {"Take": toy.Take})
