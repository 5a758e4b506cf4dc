"""A producer with a gap in its sequence is refused for ever; a lasting one is replaced."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import OutOfOrderSequenceNumber

from holdfast_contracts.topics import TENANT_EVENTS
from holdfast_platform.messaging.factory import make_producer
from holdfast_platform.messaging.producing import LastingProducer
from holdfast_platform.messaging.topics import ensure_topics
from holdfast_platform.settings import ServiceSettings
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
