"""When the relay publishes: at once what somebody waits for, together what nobody does (decision 0015)."""

from __future__ import annotations

import asyncio
import time
from uuid import uuid4

import pytest

from holdfast_platform.messaging.factory import make_producer
from holdfast_platform.messaging.topics import ensure_topics
from holdfast_platform.outbox.relay import Relay
from holdfast_platform.testing import toy
from holdfast_platform.testing.crossing import until
from holdfast_platform.testing.units import decide, unit_for_test
from holdfast_platform.units.messages import Incoming

pytestmark = pytest.mark.integration

REST_SECONDS = 1.5
SOON = 0.75 * REST_SECONDS


@pytest.fixture
async def rested(engines, sweeper_database, toy_settings):
    """A relay whose last round is long ago; its slow poll stays out of the way."""
    await ensure_topics(engines.kafka.bootstrap, [toy.EVENTS])
    settings = toy_settings.model_copy(update={"relay_rest_ms": int(REST_SECONDS * 1000), "relay_poll_seconds": 60.0})
    relay = Relay(sweeper_database, lambda: make_producer(settings), settings)
    await relay.start()
    await until(lambda: asyncio.sleep(0, relay.healthy), 10)
    await asyncio.sleep(REST_SECONDS)
    yield relay
    await relay.stop()


@pytest.fixture
async def published(rested, admin):
    """Gives a function that commits a row, wakes the relay, and returns the seconds until the row is gone."""

    async def publish(*, awaited):
        began = time.monotonic()
        await admin.execute(
            "INSERT INTO outbox (tenant_id, topic, key, headers, payload) VALUES ($1, $2, 'any', '{}', '{}')",
            uuid4(), toy.EVENTS.name,
        )  # fmt: skip
        rested.wake(awaited)
        await until(lambda: admin.fetchval("SELECT NOT EXISTS (SELECT FROM outbox)"), 20)
        return time.monotonic() - began

    return publish


async def test_a_row_is_published_at_once_after_a_quiet_time(published):
    assert await published(awaited=False) < SOON


async def test_the_next_one_gathers_while_the_relay_rests(published):
    await published(awaited=False)
    assert await published(awaited=False) > SOON


async def test_nobody_who_waits_is_kept_waiting_by_a_rest(published):
    await published(awaited=False)
    assert await published(awaited=True) < SOON


@pytest.mark.parametrize("awaited", [True, False])
async def test_the_unit_says_whether_somebody_waits(consumer_database, toy_settings, new_counter, monkeypatch, awaited):
    """By the topics of what it has committed."""
    monkeypatch.setattr(toy, "EVENTS", toy.Topic(toy.EVENTS.name, awaited=awaited))
    unit = unit_for_test("toy.commands", toy.SERVICE, toy.ToyWork(), consumer_database, toy_settings)
    told = []
    unit._committed = told.append
    tenant, counter = await new_counter(capacity=1)
    for _ in range(2):
        await decide(unit, Incoming(uuid4(), tenant, toy.Take(counter_id=counter, amount=1), key=str(counter)))
    assert told == [awaited]  # the second was refused: nothing is to be published
