"""What stands on the bus, for tests: every record with a key, and what a group has committed."""

from __future__ import annotations

from typing import Any

from aiokafka import TopicPartition

from holdfast_contracts.topics import Topic
from holdfast_platform.messaging.factory import make_admin, make_reply_consumer
from holdfast_platform.settings import ServiceSettings


async def records_of(settings: ServiceSettings, topic: Topic, key: object) -> list[Any]:
    """Return every record of a topic with a key, from its beginning."""
    return [
        record
        for partition in range(topic.partitions)
        for record in await _records(settings, topic, partition)
        if record.key == str(key).encode()
    ]


async def _records(settings: ServiceSettings, topic: Topic, partition: int) -> list[Any]:
    consumer = await make_reply_consumer(settings, topic, partition)  # reads one partition, without a group
    where = TopicPartition(topic.name, partition)
    found: list[Any] = []
    try:
        end = (await consumer.end_offsets([where]))[where]
        await consumer.seek_to_beginning(where)
        while await consumer.position(where) < end:
            found += (await consumer.getmany(where)).get(where, [])
    finally:
        await consumer.stop()
    return found


async def committed_offsets(settings: ServiceSettings, group: str) -> dict[tuple[str, int], int]:
    """Return where a group would go on: topic and partition → offset of the next record."""
    admin = make_admin(settings)
    await admin.start()
    try:
        found = await admin.list_consumer_group_offsets(group)
    finally:
        await admin.close()
    return {(where.topic, where.partition): told.offset for where, told in found.items()}
