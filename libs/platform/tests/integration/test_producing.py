"""A producer with a gap in its sequence is refused for ever; a lasting one is replaced, and a closed one is silent."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError, OutOfOrderSequenceNumber
from aiokafka.protocol.produce import ProduceRequest

from holdfast_contracts.topics import TENANT_EVENTS
from holdfast_platform.messaging.factory import make_producer
from holdfast_platform.messaging.producing import LastingProducer, close_producer
from holdfast_platform.messaging.topics import ensure_topics
from holdfast_platform.settings import ServiceSettings
from holdfast_platform.testing.bus import records_of
from holdfast_platform.testing.crossing import until
from holdfast_platform.testing.databases import settings_for

pytestmark = pytest.mark.integration

PARTITION = 0
PATIENCE = 20.0


@pytest.fixture(scope="module")
async def settings(engines):
    await ensure_topics(engines.kafka.bootstrap, [TENANT_EVENTS])
    return settings_for(ServiceSettings, "postgresql://nobody@127.0.0.1/none", engines.kafka.bootstrap)


def tear_a_gap(producer):
    """Let the producer count records that were never sent, as one that failed in flight leaves it."""
    producer._txn_manager.increment_sequence_number(TopicPartition(TENANT_EVENTS.name, PARTITION), 5)


async def test_control_a_bare_producer_is_refused_after_a_gap_however_often_it_tries(settings):
    producer = make_producer(settings)
    await producer.start()
    try:
        await producer.send_and_wait(TENANT_EVENTS.name, b"1", partition=PARTITION, key=b"k")
        tear_a_gap(producer)
        for _ in range(3):
            with pytest.raises(OutOfOrderSequenceNumber):
                await producer.send_and_wait(TENANT_EVENTS.name, b"2", partition=PARTITION, key=b"k")
    finally:
        await producer.stop()


async def test_a_lasting_producer_is_replaced_after_a_record_failed(settings):
    producer = LastingProducer(lambda: make_producer(settings))
    await producer.start()
    try:
        await (await producer.send(TENANT_EVENTS.name, b"1", [], partition=PARTITION, key=b"k"))
        tear_a_gap(producer._producer)
        with pytest.raises(OutOfOrderSequenceNumber):
            await (await producer.send(TENANT_EVENTS.name, b"2", [], partition=PARTITION, key=b"k"))
        assert producer._renewal is not None
        await asyncio.wait_for(producer._renewal, PATIENCE)
        told = await (await producer.send(TENANT_EVENTS.name, b"3", [], partition=PARTITION, key=b"k"))
        assert told.offset >= 1
    finally:
        await producer.stop()


@dataclass
class Gate:
    """A bus that takes no record until it is opened."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    def stand_before(self, producer):
        send = producer.client.send

        async def wait(node, request, **more):
            if isinstance(request, ProduceRequest):
                self.reached.set()
                await self.opened.wait()
            return await send(node, request, **more)

        producer.client.send = wait


async def one_record_under_way(settings, gate):
    """A producer whose record waits before the gate, another record behind it, and their futures."""
    producer = make_producer(settings)
    await producer.start()
    key = str(uuid4()).encode()
    await producer.partitions_for(TENANT_EVENTS.name)
    gate.stand_before(producer)
    first = await producer.send(TENANT_EVENTS.name, b"1", key=key)
    await asyncio.wait_for(gate.reached.wait(), PATIENCE)
    second = await producer.send(TENANT_EVENTS.name, b"2", key=key)
    return producer, key.decode(), [first, second]


async def test_a_producer_that_is_closed_never_goes_on_sending(settings):
    """Its bus does not answer while it is closed, and is well again afterwards."""
    gate, before = Gate(), asyncio.all_tasks()
    producer, key, futures = await one_record_under_way(settings, gate)
    async with asyncio.timeout(5):
        await close_producer(producer, 0.1)
    gate.opened.set()
    await until(lambda: asyncio.sleep(0, asyncio.all_tasks() <= before))
    assert [isinstance(future.exception(), KafkaError) for future in futures] == [True, True]
    assert not [connection for connection in producer.client._conns.values() if connection.connected()]
    assert await records_of(settings, TENANT_EVENTS, key) == []


async def test_control_a_stop_that_is_cut_short_goes_on_sending(settings):
    gate = Gate()
    producer, key, _ = await one_record_under_way(settings, gate)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(producer.stop(), 0.1)
    gate.opened.set()

    async def both():
        return len(await records_of(settings, TENANT_EVENTS, key)) == 2

    await until(both, PATIENCE)
    await close_producer(producer, 0.1)
    producer._sender.sender_task.cancel()
    await producer.client.close()


async def test_closing_may_be_cancelled_and_leaves_nothing_either(settings):
    gate, before = Gate(), asyncio.all_tasks()
    producer, key, _ = await one_record_under_way(settings, gate)
    closing = asyncio.create_task(close_producer(producer, PATIENCE))
    await until(lambda: asyncio.sleep(0, producer._closed))
    closing.cancel()
    await asyncio.wait([closing], timeout=5)
    assert closing.cancelled()
    gate.opened.set()
    await until(lambda: asyncio.sleep(0, asyncio.all_tasks() <= before))
    assert await records_of(settings, TENANT_EVENTS, key) == []
