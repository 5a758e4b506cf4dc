"""Faults that are done to a running stack from outside."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from holdfast_contracts.topics import CONSUMED, Topic
from holdfast_local.stack import Stack

SESSION_SECONDS = 6.0
"""Silence after which a consumer group gives a member up (KAFKA_SESSION_TIMEOUT_MS)."""


async def until_dead(stack: Stack, part: str, patience: float = 60.0) -> None:
    """Wait for a process to have ended by itself: a checkpoint was reached. Raises TimeoutError."""
    deadline = asyncio.get_running_loop().time() + patience
    while stack.process(part).alive:
        if asyncio.get_running_loop().time() > deadline:
            msg = f"{part} never reached the point where it should be killed"
            raise TimeoutError(msg)
        await asyncio.sleep(0.05)


async def cut_connections(stack: Stack) -> int:
    """End every connection of every service to PostgreSQL; return how many."""
    connection = await asyncpg.connect(stack.engines.postgres.url())
    try:
        rows = await connection.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname LIKE 'holdfast%'"
        )
    finally:
        await connection.close()
    return len(rows)


async def everything_again(stack: Stack, topics: Sequence[Topic] = CONSUMED) -> int:
    """Publish again every message of every consumed topic, each twice in a row, where it was; return how many.

    So each is delivered three times in all, and batches hold it twice.
    """
    producer = AIOKafkaProducer(bootstrap_servers=stack.bootstrap, acks="all", linger_ms=5)
    await producer.start()
    try:
        return sum([await _topic_again(stack, producer, topic) for topic in topics])
    finally:
        await producer.stop()


async def _topic_again(stack: Stack, producer: AIOKafkaProducer, topic: Topic) -> int:
    consumer = AIOKafkaConsumer(bootstrap_servers=stack.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    count = 0
    try:
        places = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        await consumer.seek_to_beginning(*places)
        while any([await consumer.position(where) < end for where, end in ends.items()]):
            for where, records in (await consumer.getmany(timeout_ms=1000)).items():
                for record in records:
                    if record.offset < ends[where]:
                        count += 1
                        await _twice(producer, record)
    finally:
        await consumer.stop()
    await producer.flush()
    return count


async def _twice(producer: AIOKafkaProducer, record: object) -> None:
    for _ in range(2):
        await producer.send(
            record.topic, record.value, key=record.key, partition=record.partition, headers=list(record.headers)
        )


async def without_inbox(stack: Stack) -> None:
    """Let inventory and booking forget what they have done: their inboxes are emptied."""
    for service in ("inventory", "booking"):
        connection = await asyncpg.connect(stack.database_url(service))
        try:
            await connection.execute("TRUNCATE inbox")
        finally:
            await connection.close()
