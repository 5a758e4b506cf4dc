"""A toy service on real engines."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import structlog

from holdfast_contracts import registry
from holdfast_platform.database.pool import Database
from holdfast_platform.database.security import CONSUMER, SWEEPER, role_name
from holdfast_platform.messaging.factory import make_producer
from holdfast_platform.messaging.topics import ensure_topics
from holdfast_platform.outbox.relay import Relay
from holdfast_platform.settings import ServiceSettings
from holdfast_platform.testing import toy
from holdfast_platform.testing.databases import empty_database, settings_for
from holdfast_platform.testing.units import unit_for_test
from holdfast_platform.units.messages import Answer
from holdfast_platform.units.unit import Unit

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session", autouse=True)
def plain_traces():
    """To draw the trace of a message that is given up, with all its variables, takes longer than a test."""
    before = structlog.get_config()
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, plain])
    yield
    structlog.configure(**before)


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


@dataclass
class Owner:
    """A member of the group with a pool of its own, and what it told to gateways: addresses and answer."""

    unit: Unit[Any]
    database: Database
    told: list[tuple[list[str], Answer]]

    def heard(self):
        """What each address was answered, in order."""
        found: dict[str, list[int]] = {}
        for addresses, answer in self.told:
            for address in addresses:
                found.setdefault(address, []).append(answer.status)
        return found


@pytest.fixture
async def new_owner(toy_settings):
    """Gives a function that makes a further owner of the same commands; settings by name."""
    made = []

    async def make(work=None, *, consumer="toy.commands", idle_ms=None, **settings):
        own = toy_settings.model_copy(update=settings)
        database = Database(own, role_name(toy.SERVICE, CONSUMER), idle_ms=idle_ms)
        await database.start()
        made.append(database)
        told: list[tuple[list[str], Answer]] = []
        unit = unit_for_test(
            consumer,
            toy.SERVICE,
            work or toy.ToyWork(),
            database,
            own,
            reply=lambda addresses, answer: told.append((list(addresses), answer)),
        )
        return Owner(unit, database, told)

    yield make
    for database in made:
        await database.stop()


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


@pytest.fixture(scope="session")
async def toy_topics(engines):
    await ensure_topics(engines.kafka.bootstrap, (toy.COMMANDS, toy.COMMANDS.dead_letters, toy.EVENTS))


@pytest.fixture
async def new_relay(sweeper_database, toy_settings):
    """Gives a function that starts a relay; `producers` are what it gets one after the other, the last for good."""
    running = []

    async def start(producers=None, **settings):
        own = toy_settings.model_copy(update=settings)
        waiting = list(producers or ())

        def make():
            if not waiting:
                return make_producer(own)
            return waiting.pop(0) if len(waiting) > 1 else waiting[0]

        relay = Relay(sweeper_database, make, own)
        await relay.start()
        running.append(relay)
        return relay

    yield start
    for relay in running:
        await relay.stop()
