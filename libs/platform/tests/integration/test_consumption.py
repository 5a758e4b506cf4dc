"""A consumer whose database takes no writes for a while: it says so, gives nothing up, and goes on later (M3)."""

from __future__ import annotations

from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY

from holdfast_contracts import envelope, registry
from holdfast_contracts.topics import Topic
from holdfast_platform.messaging.consumption import Consumption
from holdfast_platform.messaging.factory import make_producer
from holdfast_platform.messaging.topics import ensure_topics
from holdfast_platform.testing.crossing import until
from holdfast_platform.testing.toy import Take, ToyWork

pytestmark = pytest.mark.integration

COMMANDS = Topic("toy.outages.v1", partitions=1)


class CountingWork(ToyWork):
    """Counts the tries."""

    tries = 0

    async def lock(self, connection, batch):
        self.tries += 1
        await super().lock(connection, batch)


@pytest.fixture
async def sent(engines, toy_settings, monkeypatch):
    """Gives a function that sends a command with an address for its reply."""
    await ensure_topics(engines.kafka.bootstrap, [COMMANDS])
    monkeypatch.setitem(registry.MESSAGES, COMMANDS.name, {"Take": Take})
    producer = make_producer(toy_settings)
    await producer.start()

    async def send(tenant, counter, address):
        headers = {
            envelope.CE_ID: str(uuid4()),
            envelope.CE_TYPE: "Take",
            envelope.CE_TENANT: str(tenant),
            envelope.REPLY: address,
        }
        await producer.send_and_wait(
            COMMANDS.name,
            Take(counter_id=counter, amount=1).encode(),
            key=str(counter).encode(),
            headers=[(name, value.encode()) for name, value in headers.items()],
        )

    yield send
    await producer.stop()


@asynccontextmanager
async def writes_refused(admin, role):
    """The database is read-only, as a replica is, or a server whose disk is full."""
    name = await admin.fetchval("SELECT current_database()")

    async def hang_up():
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name = $1",
            role,
        )

    await admin.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    await hang_up()
    try:
        yield
    finally:
        await admin.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        await hang_up()


async def test_a_consumer_waits_for_a_database_that_takes_no_writes(new_owner, new_counter, admin, sent):
    work = CountingWork()
    owner = await new_owner(work, infrastructure_backoff_seconds=0.05)
    tenant, counter = await new_counter()
    settings = owner.unit._settings
    consumption = Consumption(settings, COMMANDS, f"toy.{uuid4().hex[:8]}", owner.unit, commands=True)
    await consumption.start()

    async def ready():
        return consumption.ready is None

    async def told_and_tried_often():
        waits = (consumption.ready or "").startswith("waits for the infrastructure")
        return waits and work.tries > 3 * settings.batch_tries

    async def behind_by_both():
        return REGISTRY.get_sample_value("holdfast_consumer_lag", {"consumer": consumption.group}) == 2

    async def both_done():
        return len(owner.told) == 2

    try:
        await until(ready, 20)
        async with writes_refused(admin, owner.database.role):
            await sent(tenant, counter, "0:r0")
            await sent(tenant, counter, "0:r1")
            await until(told_and_tried_often, 20)
            assert "read-only" in consumption.ready
            await until(behind_by_both, 20)
            assert await admin.fetchval("SELECT count(*) FROM inbox") == 0
            assert owner.told == []
        await until(both_done, 20)
        await until(ready)
        assert consumption.lag() == 0
    finally:
        await consumption.stop()
    assert owner.heard() == {"0:r0": [201], "0:r1": [201]}
    assert await admin.fetchval("SELECT taken FROM counters WHERE id = $1", counter) == 2
    assert await admin.fetchval("SELECT count(*) FROM outbox WHERE topic LIKE '%.dlq'") == 0
