"""How messages come together into batches: what comes while one is under way is the next, and events rest."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise
from uuid import uuid4

import pytest

from holdfast_contracts import envelope, registry
from holdfast_contracts.topics import Topic
from holdfast_platform.messaging import factory
from holdfast_platform.messaging.consumption import Consumption
from holdfast_platform.messaging.factory import PatientConsumer, make_producer
from holdfast_platform.messaging.topics import ensure_topics
from holdfast_platform.testing.crossing import until
from holdfast_platform.testing.toy import Take

pytestmark = pytest.mark.integration

SPREAD = Topic("toy.gathering.v1", partitions=3)
AWAITED = replace(SPREAD, awaited=True)
REST_MS, LONGEST_MS = 200, 600


class Recorder:
    """Stands where the unit of work stands: notes when which batch came, and holds it up if it is told to."""

    decides = (Take,)

    def __init__(self):
        self.batches = []
        self.open = asyncio.Event()
        self.open.set()

    async def run(self, batch):
        if batch:
            self.batches.append((time.monotonic(), len(batch)))
            await self.open.wait()

    @property
    def sizes(self):
        return [size for _, size in self.batches]

    @property
    def pauses(self):
        return [later - earlier for (earlier, _), (later, _) in pairwise(self.batches)]


@pytest.fixture
async def send(engines, toy_settings, monkeypatch):
    """Gives a function that sends a message to a partition."""
    await ensure_topics(engines.kafka.bootstrap, [SPREAD])
    monkeypatch.setitem(registry.MESSAGES, SPREAD.name, {"Take": Take})
    producer = make_producer(toy_settings)
    await producer.start()
    tenant = str(uuid4())

    async def one(partition):
        headers = {envelope.CE_ID: str(uuid4()), envelope.CE_TYPE: "Take", envelope.CE_TENANT: tenant}
        pairs = [(name, value.encode()) for name, value in headers.items()]
        body = Take(counter_id=uuid4(), amount=1).encode()
        await producer.send_and_wait(SPREAD.name, body, key=b"any", partition=partition, headers=pairs)

    yield one
    await producer.stop()


@asynccontextmanager
async def consuming(settings, send, topic):
    """A consumer of a new group, which has seen all that was sent before."""
    recorder = Recorder()
    consumption = Consumption(settings, topic, f"toy.{uuid4().hex[:8]}", recorder, commands=False)
    await consumption.start()

    async def quiet():
        return consumption.ready is None and consumption.lag() == 0 and recorder.batches

    try:
        await send(0)
        await until(quiet, 20)
        await asyncio.sleep(2 * LONGEST_MS / 1000)
        recorder.batches.clear()
        yield recorder
    finally:
        recorder.open.set()
        await consumption.stop()


async def sizes_after_a_long_batch(settings, send):
    """Three messages come, in one partition, while a batch of one is under way."""
    async with consuming(settings, send, AWAITED) as recorder:
        recorder.open.clear()
        await send(0)

        async def begun():
            return recorder.batches

        async def all_came():
            return sum(recorder.sizes) == 4

        await until(begun, 20)
        for _ in range(3):
            await send(0)
            await asyncio.sleep(0.05)  # long enough for a fetch of this one alone
        recorder.open.set()
        await until(all_came, 20)
        return recorder.sizes


async def test_what_comes_during_a_batch_is_the_next_batch(toy_settings, send):
    assert await sizes_after_a_long_batch(toy_settings, send) == [1, 3]


async def test_control_fetching_ahead_tears_it_apart(toy_settings, send, monkeypatch):
    monkeypatch.setattr(factory, "ThriftyConsumer", PatientConsumer)
    assert await sizes_after_a_long_batch(toy_settings, send) != [1, 3]


async def stream(settings, send, topic, *, count=20, every=0.05):
    """So many messages, one after the other."""
    async with consuming(settings, send, topic) as recorder:
        for number in range(count):
            await send(number % 3)
            await asyncio.sleep(every)

        async def all_came():
            return sum(recorder.sizes) == count

        await until(all_came, 20)
        return recorder


async def test_events_gather_between_batches(toy_settings, send):
    settings = toy_settings.model_copy(update={"event_rest_ms": REST_MS, "event_gather_ms": LONGEST_MS})
    recorder = await stream(settings, send, SPREAD)
    assert recorder.sizes[0] == 1  # nobody rests before the first
    assert len(recorder.sizes) <= 5  # 1, then what came in 0.2 s, then in 0.6 s each
    for size, pause in zip(recorder.sizes, recorder.pauses, strict=False):
        assert pause >= min(size * REST_MS, LONGEST_MS) / 1000


async def test_what_somebody_waits_for_never_rests(toy_settings, send):
    settings = toy_settings.model_copy(update={"event_rest_ms": REST_MS, "event_gather_ms": LONGEST_MS})
    recorder = await stream(settings, send, AWAITED)
    assert len(recorder.sizes) > 5


async def test_a_rest_does_not_delay_the_end(toy_settings, send):
    settings = toy_settings.model_copy(update={"event_rest_ms": 1_000, "event_gather_ms": 5_000})
    recorder = Recorder()
    consumption = Consumption(settings, SPREAD, f"toy.{uuid4().hex[:8]}", recorder, commands=False)
    await consumption.start()
    for partition in (0, 1, 2, 0, 1, 2):
        await send(partition)

    async def begun():
        return recorder.batches

    await until(begun, 20)
    began = time.monotonic()
    await consumption.stop()
    assert time.monotonic() - began < 1
